/* SPDX-License-Identifier: Apache-2.0
 * The parameters whose values are more than words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "params.h"

#define SHUTDOWN_MS 5000
#define SHUTDOWN_MAX_MS 600000
#define ZONE_MAX_MINUTES (15 * 60)

/* "Z", "+08:00", "-03:30". */
int
params_timezone(struct params *par)
{
	unsigned hours = 0, minutes = 0;
	char sign = '+', rest;

	if (!par->timezone)
		return 0;
	if (strcmp(par->timezone, "Z") != 0 &&
	    (strlen(par->timezone) != 6 ||
		sscanf(par->timezone, "%c%2u:%2u%c", &sign, &hours, &minutes, &rest) !=
		    3 ||
		(sign != '+' && sign != '-') || minutes > 59 ||
		hours * 60 + minutes > ZONE_MAX_MINUTES))
		return params_wrong(par, "timezone", par->timezone,
		    "an offset from UTC such as \"+08:00\", \"-03:30\" or \"Z\"");
	par->zoned = true;
	par->zone_minutes = (int)(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	return 0;
}

static int
check_shutdown(struct params *par)
{
	char *end = NULL;
	long ms = SHUTDOWN_MS;

	errno = 0;
	if (par->shutdown_timeout)
		ms = strtol(par->shutdown_timeout, &end, 10);
	if (errno || (end && (*end || end == par->shutdown_timeout)) || ms < 0 ||
	    ms > SHUTDOWN_MAX_MS)
		return params_wrong(par, "shutdownTimeout", par->shutdown_timeout,
		    "a number of milliseconds from 0 to 600000");
	par->shutdown_ms = (int)ms;
	return 0;
}

static bool
is_file_name(const char *name)
{
	for (; *name; name++)
		if (*name == '/' || (unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

/* The name that rsyslog gives to an action changes with its place in the
 * configuration; the file in stateDir must be found again. */
static int
check_state_dir(const struct params *par)
{
	struct stat st;

	if (!par->state_dir)
		return 0;
	if (par->state_dir[0] != '/' || stat(par->state_dir, &st) != 0 ||
	    !S_ISDIR(st.st_mode))
		return params_wrong(par, "stateDir", par->state_dir,
		    "the absolute path of a folder that exists");
	/* Where everybody may put a link, a file of ours may be another's. */
	if (st.st_mode & S_IWOTH)
		return params_wrong(par, "stateDir", par->state_dir,
		    "a folder of rsyslogd's own, everybody may write to it: chmod o-w "
		    "it");
	if (!par->named) {
		params_complain(par,
		    "stateDir= needs name=: the action's name is that of its file "
		    "there");
		return -1;
	}
	if (is_file_name(par->name))
		return 0;
	params_complain(par,
	    "with stateDir=, name= is that of a file there: no \"/\" and no control "
	    "character");
	return -1;
}

int
params_switch(const struct params *par, const char *name, const char *words, bool *on)
{
	*on = words && strcasecmp(words, "on") == 0;
	if (!words || *on || strcasecmp(words, "off") == 0)
		return 0;
	return params_wrong(par, name, words, "\"on\" or \"off\"");
}

int
params_values(struct params *par)
{
	return params_timezone(par) | check_shutdown(par) | check_state_dir(par);
}
