/* SPDX-License-Identifier: Apache-2.0
 * vpnlog check: are the rules right? Every problem is one line. */
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

static enum cli_exit
report(const struct lint *lint, const char *dir)
{
	printf("%s: %zu codes, %zu checks, %zu vendors, %zu messages, %zu examples: ",
	    dir, vpn_rules_codes(lint->rules), vpn_rules_checks(lint->rules),
	    vpn_rules_vendors(lint->rules), lint->messages, lint->examples);
	if (lint->problems == 0)
		puts("no problem");
	else
		printf(
		    "%zu problem%s\n", lint->problems, lint->problems == 1 ? "" : "s");
	return lint->problems ? CLI_PROBLEM : CLI_FINE;
}

static enum cli_exit
check(const struct cli_command *cmd, const char *dir)
{
	char err[2048];
	struct vpn_rules *rules = vpn_rules_load(dir, err, sizeof(err));
	struct places *places = rules ? places_new(dir) : NULL;
	struct lint lint = {.rules = rules, .places = places, .page = {.out = stdout}};
	enum cli_exit result = CLI_PROBLEM;

	if (rules == NULL) {
		printf("%s\n%s: the rules cannot be loaded: 1 problem\n", err, dir);
	} else if (places == NULL) {
		cli_complain(cmd, "out of memory");
	} else {
		lint_codes(&lint);
		lint_examples(&lint);
		result = report(&lint, dir);
	}
	places_free(places);
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
		return check(cmd, opt->words[0]);
	return check(cmd, opt->rules ? opt->rules : VPN_RULES_DIR);
}
