/* SPDX-License-Identifier: Apache-2.0
 * The parameters of the output. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rsyslog.h"

#include "params.h"
#include "resubmit.h"

/* Those of plugin/sink, and the one that is rsyslog's own. */
static const char *
output_name(size_t i)
{
	if (vpn_sink_name(i))
		return vpn_sink_name(i);
	return i == 0 || vpn_sink_name(i - 1) ? omipsec_ruleset.name : NULL;
}

static int
check_output(struct params *par)
{
	char known[200] = "one of: ";
	size_t len = strlen(known);

	for (size_t i = 0; output_name(i); i++)
		params_add_word(known + len, sizeof(known) - len, output_name(i));
	if (!par->output) {
		char sentence[300];

		snprintf(sentence, sizeof(sentence), "output= is missing; set it to %s",
		    known);
		params_complain(par, sentence);
		return -1;
	}
	par->ops = strcasecmp(par->output, omipsec_ruleset.name) == 0
	    ? &omipsec_ruleset
	    : vpn_sink_find(par->output);
	return par->ops ? 0 : params_wrong(par, "output", par->output, known);
}

/* What is set, as the sink's own words; then its opinion. */
static int
check_sink(struct params *par)
{
	char err[700];

	par->conf = (struct vpn_sink_conf){.name = par->name,
	    .file = par->file,
	    .broker = (const char *const *)par->broker.at,
	    .nbroker = par->broker.n,
	    .topic = par->topic,
	    .conf_param = (const char *const *)par->conf_param.at,
	    .nconf_param = par->conf_param.n,
	    .topic_conf_param = (const char *const *)par->topic_conf_param.at,
	    .ntopic_conf_param = par->topic_conf_param.n,
	    .error_file = par->error_file,
	    .url = (const char *const *)par->url.at,
	    .nurl = par->url.n,
	    .key_file =
		par->routing_key_file ? par->routing_key_file : par->hmac_key_file,
	    .token_file = par->token_file,
	    .ca_file = par->ca_file,
	    .cert_file = par->cert_file,
	    .cert_key_file = par->cert_key_file,
	    .ruleset = par->ruleset,
	    .state_dir = par->state_dir,
	    .shutdown_ms = par->shutdown_ms};
	if (par->ops && par->ops->check(&par->conf, err, sizeof(err)) != 0) {
		params_complain(par, err);
		return -1;
	}
	return 0;
}

int
params_read(struct params *par, struct nvlst *lst, const char *default_name)
{
	int result = params_take(par, lst, default_name);

	result |= check_output(par) | params_belong(par) | params_values(par);
	if (result == 0)
		result = params_input(par);
	if (result == 0)
		result = check_sink(par);
	return result == 0 ? params_alert(par) : result;
}
