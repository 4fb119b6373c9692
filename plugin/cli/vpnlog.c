/* SPDX-License-Identifier: Apache-2.0
 * vpnlog: the same engine as the rsyslog module, for people and pipes. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/glyph.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const struct cli_command commands[] = {
    {"explain", cli_explain,
	"Read log lines; print each VPN event with its cause and its fix.", "[FILE..]",
	CLI_HELP | CLI_RULES | CLI_JSON | CLI_CARD | CLI_LANGUAGE | CLI_COLOR |
	    CLI_TIMEZONE | CLI_CONNECTION | CLI_RUNBOOK | CLI_SCHEMA},
    {"lookup", cli_lookup,
	"Say what a code, a ReasonCode, a wording or a message means and what to do.",
	"WORDS..",
	CLI_HELP | CLI_RULES | CLI_JSON | CLI_CARD | CLI_LANGUAGE | CLI_COLOR},
    {"codes", cli_codes, "List every code.", "",
	CLI_HELP | CLI_RULES | CLI_JSON | CLI_LANGUAGE | CLI_COLOR | CLI_CLASS |
	    CLI_VENDORS},
    {"check", cli_check,
	"Check the rules and run their examples, or check an overrides file.", "[DIR]",
	CLI_HELP | CLI_RULES | CLI_OVERRIDES},
    {"replay", cli_replay,
	"Play log lines on their own time; print what would have been alerted.",
	"[FILE..]",
	CLI_HELP | CLI_RULES | CLI_JSON | CLI_TIMEZONE | CLI_OVERRIDES | CLI_RECEIVED},
    {"tunnels", cli_tunnels, "Say who is down, since when, why, and what to do.", "",
	CLI_HELP | CLI_RULES | CLI_JSON | CLI_LANGUAGE | CLI_COLOR | CLI_STATE},
    {"report", cli_report,
	"Make a page of HTML of what happened: who was down, when, why, what to do.",
	"[FILE..]",
	CLI_HELP | CLI_RULES | CLI_LANGUAGE | CLI_TIMEZONE | CLI_OVERRIDES |
	    CLI_RECEIVED | CLI_STATE | CLI_OUTPUT | CLI_RUNBOOK},
    {"runbook", cli_runbook, "Make a page of HTML for every code, and an index.", "",
	CLI_HELP | CLI_RULES | CLI_HTML},
    {"forget", cli_forget, "Have the module forget a tunnel, and close its alert.",
	"TUNNEL", CLI_HELP | CLI_STATE},
};

static const char head[] = "Usage: vpnlog COMMAND [OPTION..] [ARGUMENT..]\n"
			   "\n"
			   "What a VPN gateway's log lines mean, and what to do.\n"
			   "\n";

static const char tail[] =
    "\n"
    "  vpnlog COMMAND --help  says more; vpnlog --version names the version.\n"
    "\n"
    "Exit status: 0 fine, 1 a problem was found, 2 wrong usage.\n";

/* Names of files and words of users are as hostile as log lines. */
static void
put_safely(struct vpn_text text)
{
	struct glyph glyph;

	for (size_t n; text.len > 0; text.at += n, text.len -= n) {
		n = glyph_read(text, &glyph);
		fwrite(glyph.out, 1, glyph.len, stderr);
	}
}

void
cli_complain(const struct cli_command *cmd, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "vpnlog: %s%s", cmd ? cmd->name : "", cmd ? ": " : "");
	put_safely(vpn_text(text));
	putc('\n', stderr);
}

void *
cli_grow(void *list, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? realloc(list, (n ? 2 * n : 1) * size) : list;
}

static void
print_help(FILE *out)
{
	fputs(head, out);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(out, "  %-9s%s\n", commands[i].name, commands[i].sentence);
	fputs(tail, out);
}

static const struct cli_command *
command_find(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static enum cli_exit
run(const struct cli_command *cmd, int argc, char **argv)
{
	struct cli_options opt;

	if (cli_options_read(cmd, argc, argv, &opt) < 0)
		return CLI_USAGE;
	if (!opt.help)
		return cmd->run(cmd, &opt);
	cli_options_help(cmd);
	return CLI_FINE;
}

static enum cli_exit
dispatch(int argc, char **argv)
{
	const struct cli_command *cmd;

	if (argc < 2) {
		print_help(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return CLI_FINE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("vpnlog " VPN_VERSION);
		return CLI_FINE;
	}
	cmd = command_find(argv[1]);
	if (cmd)
		return run(cmd, argc - 1, argv + 1);
	cli_complain(
	    NULL, "there is no command '%s'; 'vpnlog --help' lists them", argv[1]);
	return CLI_USAGE;
}

/* Nobody reads any more: not worth a word. */
static enum cli_exit
finish(enum cli_exit result)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return result;
	if (errno != EPIPE)
		cli_complain(
		    NULL, "standard output cannot be written: %s", strerror(errno));
	return CLI_PROBLEM;
}

int
main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8"); /* for wcwidth; the output is UTF-8 */
	signal(SIGPIPE, SIG_IGN);       /* a closed pipe is a write error */
	return finish(dispatch(argc, argv));
}
