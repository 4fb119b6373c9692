/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "load/load.h"
#include "vpn/runbook.h"
#include "vpn/words.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define FIRST 256 /* value of the first long option, past every character */
#define OUTPUT 13 /* its row, for -o */

typedef bool setter(struct cli_options *, const char *value);

static bool
set_help(struct cli_options *opt, const char *value)
{
	(void)value;
	opt->help = true;
	return true;
}

static bool
set_rules(struct cli_options *opt, const char *value)
{
	opt->rules = value;
	return *value != '\0';
}

static bool
set_json(struct cli_options *opt, const char *value)
{
	(void)value;
	opt->format = CLI_FORMAT_JSON;
	return true;
}

static bool
set_card(struct cli_options *opt, const char *value)
{
	(void)value;
	opt->format = CLI_FORMAT_CARD;
	return true;
}

static bool
set_schema(struct cli_options *opt, const char *value)
{
	int schema = vpn_word_value(VPN_WORDS_FORMAT, vpn_text(value));

	opt->schema = (enum vpn_format)schema;
	return schema >= 0 && set_json(opt, value);
}

static bool
set_language(struct cli_options *opt, const char *value)
{
	opt->language = vpn_word_value(VPN_WORDS_LANGUAGE, vpn_text(value));
	return opt->language >= 0;
}

static bool
set_color(struct cli_options *opt, const char *value)
{
	static const char *const words[] = {[CLI_COLOUR_AUTO] = "auto",
	    [CLI_COLOUR_ALWAYS] = "always",
	    [CLI_COLOUR_NEVER] = "never"};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		opt->colour = (enum cli_colour)i;
		return true;
	}
	return false;
}

/* "+08:00", as the time stamps have it */
static bool
set_timezone(struct cli_options *opt, const char *value)
{
	int hours, minutes, used = 0;
	char sign;

	if (strlen(value) != 6 || strspn(value + 1, "0123456789:") != 5 ||
	    sscanf(value, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 ||
	    used != 6 || (sign != '+' && sign != '-') || hours > 14 || minutes > 59)
		return false;
	opt->has_zone = true;
	opt->zone_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	return true;
}

static bool
set_connection(struct cli_options *opt, const char *value)
{
	opt->connection = value;
	return *value != '\0';
}

static bool
set_class(struct cli_options *opt, const char *value)
{
	opt->class = vpn_word_value(VPN_WORDS_CLASS, vpn_text(value));
	return opt->class >= 0;
}

static bool
set_overrides(struct cli_options *opt, const char *value)
{
	opt->overrides = value;
	return *value != '\0';
}

static bool
set_received(struct cli_options *opt, const char *value)
{
	(void)value;
	opt->received = true;
	return true;
}

static bool
set_state(struct cli_options *opt, const char *value)
{
	opt->state = value;
	return *value != '\0';
}

static bool
set_vendors(struct cli_options *opt, const char *value)
{
	(void)value;
	opt->vendors = true;
	return true;
}

static bool
set_output(struct cli_options *opt, const char *value)
{
	opt->output = value;
	return *value != '\0';
}

static bool
set_folder(struct cli_options *opt, const char *value)
{
	opt->folder = value;
	return *value != '\0';
}

static bool
set_runbook(struct cli_options *opt, const char *value)
{
	opt->runbook = value;
	return vpn_is_folder_url(vpn_text(value));
}

/* In the order of enum cli_option. */
static const struct {
	const char *name, *value;
	setter *set;
	const char *sentence;
} rows[] = {
    {"help", NULL, set_help, "this text"},
    {"rules", "DIR", set_rules, "the folder of the rules (" VPN_RULES_DIR ")"},
    {"json", NULL, set_json, "JSON Lines, also on a terminal"},
    {"card", NULL, set_card, "cards, also into a pipe"},
    {"language", "en|zh|both", set_language,
	"language of the texts (JSON: both; else from LANG)"},
    {"color", "always|never|auto", set_color,
	"colour (auto: on a terminal, without NO_COLOR)"},
    {"timezone", "+08:00", set_timezone,
	"offset of times that name none (this machine's)"},
    {"connection", "ID", set_connection,
	"who speaks, instead of the name in the lines"},
    {"class", "CLASS", set_class, "only negotiation, disconnect, client or symptom"},
    {"overrides", "FILE", set_overrides, "what is said about the own tunnels"},
    {"received", NULL, set_received,
	"each line begins with its time of reception and a blank"},
    {"state", "FILE", set_state, "the module's state file, <stateDir>/<name>.state"},
    {"vendors", NULL, set_vendors, "which message of which vendor carries each"},
    {"output", "FILE", set_output, "where the page goes, also -o (standard output)"},
    {"html", "DIR", set_folder, "the folder of the pages; it is made if need be"},
    {"runbook", "https://../", set_runbook,
	"address of a folder with the pages of 'vpnlog runbook'"},
    {"format", "ecs|ocsf", set_schema, "schema of the JSON Lines (ecs)"},
};

static bool
takes(const struct cli_command *cmd, size_t row)
{
	return (cmd->options & 1u << row) != 0;
}

void
cli_options_help(const struct cli_command *cmd)
{
	printf("Usage: vpnlog %s [OPTION..] %s\n\n%s\n\n", cmd->name, cmd->arguments,
	    cmd->sentence);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[40];

		if (!takes(cmd, i))
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", rows[i].name,
		    rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
		printf("  %-27s%s\n", name, rows[i].sentence);
	}
}

/* What getopt_long did not like. */
static int
wrong(const struct cli_command *cmd, int what, const char *word)
{
	cli_complain(cmd, "%s '%s'; see 'vpnlog %s --help'",
	    what == ':' ? "a value is missing after" : "unknown option", word,
	    cmd->name);
	return -1;
}

static size_t
row_of(int value)
{
	return value == 'h' ? 0 : value == 'o' ? OUTPUT : (size_t)(value - FIRST);
}

static int
set(const struct cli_command *cmd, size_t row, const char *value,
    struct cli_options *opt)
{
	if (rows[row].set(opt, value))
		return 0;
	cli_complain(cmd, "--%s: '%s' is not %s%s", rows[row].name, value,
	    strchr(rows[row].value, '|') ? "one of " : "a value of the form ",
	    rows[row].value);
	return -1;
}

int
cli_options_read(
    const struct cli_command *cmd, int argc, char **argv, struct cli_options *opt)
{
	struct option list[COUNT(rows) + 1] = {{NULL, 0, NULL, 0}};
	int value, n = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (takes(cmd, i))
			list[n++] = (struct option){rows[i].name,
			    rows[i].value ? required_argument : no_argument, NULL,
			    FIRST + (int)i};
	*opt = (struct cli_options){.language = -1, .class = -1};
	opterr = 0;
	while ((value = getopt_long(argc, argv, takes(cmd, OUTPUT) ? ":ho:" : ":h",
		    list, NULL)) != -1) {
		if (value == ':' || value == '?')
			return wrong(cmd, value, argv[optind - 1]);
		if (set(cmd, row_of(value), optarg, opt) < 0)
			return -1;
	}
	opt->words = argv + optind;
	opt->nwords = argc - optind;
	return 0;
}

struct vpn_rules *
cli_options_rules(const struct cli_command *cmd, const struct cli_options *opt)
{
	char err[2048];
	struct vpn_rules *rules =
	    vpn_rules_load(opt->rules ? opt->rules : VPN_RULES_DIR, err, sizeof(err));

	if (rules == NULL)
		cli_complain(cmd, "%s%s", err,
		    opt->rules ? "" : " (--rules DIR names another folder)");
	return rules;
}

enum vpn_language
cli_options_language(const struct cli_options *opt)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value;

	if (opt->language >= 0)
		return (enum vpn_language)opt->language;
	for (size_t i = 0; i < COUNT(names); i++) {
		value = getenv(names[i]);
		if (value && *value)
			return strncmp(value, "zh", 2) == 0 ? VPN_LANGUAGE_ZH
							    : VPN_LANGUAGE_EN;
	}
	return VPN_LANGUAGE_EN;
}

bool
cli_options_json(const struct cli_options *opt)
{
	switch (opt->format) {
	case CLI_FORMAT_JSON:
		return true;
	case CLI_FORMAT_CARD:
		return false;
	case CLI_FORMAT_AUTO:
		return !isatty(STDOUT_FILENO);
	}
	return true;
}
