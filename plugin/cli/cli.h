/* SPDX-License-Identifier: Apache-2.0
 * What the subcommands of vpnlog share. A subcommand is a function in a file
 * of its own and a row in vpnlog.c. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "vpn/render.h"

enum cli_exit { CLI_FINE, CLI_PROBLEM, CLI_USAGE };

enum cli_format { CLI_FORMAT_AUTO, CLI_FORMAT_JSON, CLI_FORMAT_CARD };

enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* What the user asked for; -1 and NULL where nothing was said. */
struct cli_options {
	const char *rules;
	const char *connection;
	const char *overrides;
	const char *state;
	const char *output;
	const char *folder;  /* of pages */
	const char *runbook; /* its address */
	enum cli_format format;
	enum vpn_format schema; /* of events in JSON */
	enum cli_colour colour;
	int language; /* enum vpn_language */
	int class;    /* enum vpn_class */
	bool has_zone;
	int zone_minutes; /* east of UTC */
	bool received;    /* each line begins with the time of its reception */
	bool vendors;     /* a table of who says what */
	bool help;
	char **words; /* what is no option */
	int nwords;
};

/* One bit per row of the table in options.c. */
enum cli_option {
	CLI_HELP = 1 << 0,
	CLI_RULES = 1 << 1,
	CLI_JSON = 1 << 2,
	CLI_CARD = 1 << 3,
	CLI_LANGUAGE = 1 << 4,
	CLI_COLOR = 1 << 5,
	CLI_TIMEZONE = 1 << 6,
	CLI_CONNECTION = 1 << 7,
	CLI_CLASS = 1 << 8,
	CLI_OVERRIDES = 1 << 9,
	CLI_RECEIVED = 1 << 10,
	CLI_STATE = 1 << 11,
	CLI_VENDORS = 1 << 12,
	CLI_OUTPUT = 1 << 13,
	CLI_HTML = 1 << 14,
	CLI_RUNBOOK = 1 << 15,
	CLI_SCHEMA = 1 << 16
};

struct cli_command {
	const char *name;
	enum cli_exit (*run)(const struct cli_command *, const struct cli_options *);
	const char *sentence;  /* what it does */
	const char *arguments; /* what is no option, for the usage line */
	unsigned options;      /* enum cli_option */
};

/* vpnlog.c */

/* "vpnlog: NAME: ..." on standard error, control bytes neutralised. */
void cli_complain(const struct cli_command *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for one more in a list of n; NULL when memory is out, and the list stays. */
void *cli_grow(void *list, size_t n, size_t size);

/* options.c */

/* 0, or -1 when the usage is wrong: then it has been said. */
int cli_options_read(
    const struct cli_command *, int argc, char **argv, struct cli_options *);
void cli_options_help(const struct cli_command *);
/* The rules, or NULL: then it has been said why. */
struct vpn_rules *cli_options_rules(
    const struct cli_command *, const struct cli_options *);
/* The language for people: as asked for, else the environment's. */
enum vpn_language cli_options_language(const struct cli_options *);
bool cli_options_json(const struct cli_options *);

enum cli_exit cli_explain(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_lookup(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_codes(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_check(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_replay(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_tunnels(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_forget(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_report(const struct cli_command *, const struct cli_options *);
enum cli_exit cli_runbook(const struct cli_command *, const struct cli_options *);

#endif
