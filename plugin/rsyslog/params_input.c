/* SPDX-License-Identifier: Apache-2.0
 * The parameters of what the module is given. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "params.h"
#include "sink/append.h"

#define CONTAINER "$!vpn"
#define RAW "rawmsg"
#define NAME_MAX_BYTES 200

/* "!vpn!more" behind the '$' */
static bool
is_path(const char *path)
{
	for (const char *at = path; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_-!.", *at))
			return false;
	return strlen(path) > 1 && strlen(path) < NAME_MAX_BYTES &&
	    (*path == '!' || *path == '.') && isalnum((unsigned char)path[1]);
}

int
params_container(struct params *par)
{
	if (!par->container)
		par->container = strdup(CONTAINER);
	if (!par->container)
		return -1;
	if (par->container[0] == '$' && is_path(par->container + 1))
		return 0;
	return params_wrong(par, "container", par->container,
	    "a variable of the message such as \"$!vpn\" or \"$.vpn\"");
}

static int
unfit(const struct params *par, const char *why)
{
	params_complain(par, why);
	return -1;
}

int
params_input(struct params *par)
{
	char err[700];

	par->made = par->input && strcasecmp(par->input, "event") == 0;
	if (par->input && !par->made && strcasecmp(par->input, "line") != 0)
		return params_wrong(par, "input", par->input, "\"line\" or \"event\"");
	if (par->container && !par->made)
		return unfit(par, "container= is for input=\"event\" only; remove it");
	if (par->error_file && !par->made && strcmp(par->ops->name, "kafka") != 0)
		return unfit(par,
		    "errorFile= is for output=\"kafka\" and input=\"event\" only; "
		    "remove it");
	if (par->made && par->timezone)
		return unfit(par,
		    "timezone= is for input=\"line\" only, events have their offset; "
		    "remove it");
	if (params_switch(par, "repeats", par->repeats, &par->echoes) != 0)
		return -1;
	if (!par->made)
		return 0;
	if (par->error_file &&
	    vpn_append_check("errorFile", par->error_file, err, sizeof(err)) != 0)
		return unfit(par, err);
	if (par->container && strcmp(par->container, RAW) == 0)
		return 0;
	return params_container(par);
}
