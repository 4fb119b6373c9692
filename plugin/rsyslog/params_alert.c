/* SPDX-License-Identifier: Apache-2.0
 * The parameters of tunnels and alerts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "params.h"

#define DAY_S 86400
#define TIMEOUT_MAX_MS 300000

/* Numbers: where the words are, where the number goes, what it may be. */
static const struct {
	const char *name;
	size_t words, number;
	long min, max;
} numbers[] = {
#define ENGINE(field) offsetof(struct params, engine.field)
#define WORDS(field) offsetof(struct params, field)
    {"holdDown", WORDS(hold_down), ENGINE(hold_down), 0, DAY_S},
    {"holdUp", WORDS(hold_up), ENGINE(hold_up), 0, DAY_S},
    {"gatewayHold", WORDS(gateway_hold), ENGINE(gateway_hold), 1, 3600},
    {"flapCount", WORDS(flap_count), ENGINE(flap_count), 2, 12},
    {"flapWindow", WORDS(flap_window), ENGINE(flap_window), 10, DAY_S},
    {"maxAge", WORDS(max_age), ENGINE(max_age), 10, DAY_S},
    {"maxFiring", WORDS(max_firing), ENGINE(max_firing), 60, 365 * DAY_S},
    {"resendInterval", WORDS(resend_interval), offsetof(struct params, resend_s), 1,
	DAY_S},
    {"requestTimeout", WORDS(request_timeout), offsetof(struct params, conf.timeout_ms),
	100, TIMEOUT_MAX_MS},
};

/* 0, or -1: then it has been told. */
static int
read_number(const struct params *par, const char *name, const char *words, long min,
    long max, long *number)
{
	char wanted[100], *end;

	errno = 0;
	*number = strtol(words, &end, 10);
	if (!errno && *words && !*end && *number >= min && *number <= max)
		return 0;
	snprintf(wanted, sizeof(wanted), "a number from %ld to %ld", min, max);
	return params_wrong(par, name, words, wanted);
}

static int
read_numbers(struct params *par)
{
	int result = 0;
	long number;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *words = *(char **)((char *)par + numbers[i].words);

		if (!words)
			continue;
		if (read_number(par, numbers[i].name, words, numbers[i].min,
			numbers[i].max, &number) != 0)
			result = -1;
		else
			*(int *)((char *)par + numbers[i].number) = (int)number;
	}
	if (!par->max_tunnels)
		return result;
	if (read_number(par, "maxTunnels", par->max_tunnels, 100, 10000000, &number) !=
	    0)
		return -1;
	par->engine.max_tunnels = (size_t)number;
	return result;
}

/* Alerts are written to a file instead, by the output that does just that. */
static int
rehearse(struct params *par)
{
	size_t need = strlen(par->state_dir) + strlen(par->name) + 20;

	par->dry_path = malloc(need);
	if (!par->dry_path)
		return -1;
	snprintf(par->dry_path, need, "%s/%s.dryrun.jsonl", par->state_dir, par->name);
	par->ops = vpn_sink_find("file");
	par->conf.file = par->dry_path;
	return 0;
}

int
params_alert(struct params *par)
{
	bool track, dry;

	vpn_engine_defaults(&par->engine);
	if (read_numbers(par) |
	    params_switch(par, "tunnelState", par->tunnel_state, &track) |
	    params_switch(par, "dryRun", par->dry_run, &dry))
		return -1;
	par->pages = par->ops->pages;
	par->tracks = par->pages || track;
	if (par->tracks && !par->state_dir) {
		params_complain(par,
		    "tunnels and alerts must outlive a restart: set stateDir=, a "
		    "folder "
		    "that the user of rsyslogd may write to");
		return -1;
	}
	if (!par->tracks && par->overrides) {
		params_complain(
		    par, "overrides= needs tunnelState=\"on\", or an output of alerts");
		return -1;
	}
	return dry ? rehearse(par) : 0;
}
