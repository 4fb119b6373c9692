/* SPDX-License-Identifier: Apache-2.0
 * vpnlog check: are the rules right, and the overrides? Every problem is one
 * line. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/lint.h"
#include "load/load.h"

void
lint_problem(struct lint *lint, struct place place, const char *format, ...)
{
	char text[1024], row[16] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	page_word(&lint->page, place.file);
	if (place.row > 0)
		snprintf(row, sizeof(row), ":%u", place.row);
	page_word(&lint->page, row);
	page_word(&lint->page, ": ");
	page_word(&lint->page, text);
	page_end(&lint->page);
	lint->problems++;
}

/* What may quote a file, or name one. */
static void
say(struct lint *lint, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	page_word(&lint->page, text);
}

static enum cli_exit
verdict(struct lint *lint)
{
	if (lint->problems == 0)
		say(lint, "no problem");
	else
		say(lint, "%zu problem%s", lint->problems,
		    lint->problems == 1 ? "" : "s");
	page_end(&lint->page);
	return lint->problems ? CLI_PROBLEM : CLI_FINE;
}

static enum cli_exit
check_rules(const struct cli_command *cmd, struct lint *lint, const char *dir)
{
	struct places *places = places_new(dir);
	enum cli_exit result = CLI_PROBLEM;

	lint->places = places;
	if (places == NULL) {
		cli_complain(cmd, "out of memory");
	} else {
		lint_codes(lint);
		lint_examples(lint);
		say(lint,
		    "%s: %zu codes, %zu checks, %zu vendors, %zu messages, "
		    "%zu examples: ",
		    dir, vpn_rules_codes(lint->rules), vpn_rules_checks(lint->rules),
		    vpn_rules_vendors(lint->rules), lint->messages, lint->examples);
		result = verdict(lint);
	}
	places_free(places);
	return result;
}

static enum cli_exit
check_overrides(struct lint *lint, const char *file)
{
	char err[2048];
	struct vpn_policy *policy =
	    vpn_policy_load(file, lint->rules, err, sizeof(err));
	enum cli_exit result;
	size_t n;

	if (policy == NULL) {
		say(lint, "%s", err);
		page_end(&lint->page);
		say(lint, "%s: the overrides cannot be loaded: 1 problem", file);
		page_end(&lint->page);
		return CLI_PROBLEM;
	}
	lint_overrides(lint, file, policy);
	n = policy->nentries + policy->nclusters + policy->ngateways +
	    policy->nsilences;
	say(lint,
	    "%s: %zu entr%s (tunnels %zu, clusters %zu, gateways %zu, silence "
	    "%zu): ",
	    file, n, n == 1 ? "y" : "ies", policy->nentries, policy->nclusters,
	    policy->ngateways, policy->nsilences);
	result = verdict(lint);
	vpn_policy_free(policy);
	return result;
}

static enum cli_exit
check(const struct cli_command *cmd, const char *dir, const char *overrides)
{
	char err[2048];
	struct vpn_rules *rules = vpn_rules_load(dir, err, sizeof(err));
	struct lint lint = {.rules = rules, .page = {.out = stdout}};
	enum cli_exit result;

	if (rules == NULL) {
		say(&lint, "%s", err);
		page_end(&lint.page);
		say(&lint, "%s: the rules cannot be loaded: 1 problem", dir);
		page_end(&lint.page);
		return CLI_PROBLEM;
	}
	result = overrides ? check_overrides(&lint, overrides)
			   : check_rules(cmd, &lint, dir);
	vpn_rules_free(rules);
	return result;
}

enum cli_exit
cli_check(const struct cli_command *cmd, const struct cli_options *opt)
{
	if (opt->nwords > 1) {
		cli_complain(cmd, "one folder at a time: what is '%s'?", opt->words[1]);
		return CLI_USAGE;
	}
	if (opt->nwords == 1)
		return check(cmd, opt->words[0], opt->overrides);
	return check(cmd, opt->rules ? opt->rules : VPN_RULES_DIR, opt->overrides);
}
