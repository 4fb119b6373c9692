/* SPDX-License-Identifier: Apache-2.0
 * Log lines, played through the engine on their own time. */
#ifndef CLI_PLAY_H
#define CLI_PLAY_H

#include "cli/cli.h"
#include "cli/input.h"
#include "vpn/engine.h"

struct played; /* a line of a VPN event, and when it is played */

struct play {
	const struct cli_command *cmd;
	const struct cli_options *opt;
	/* Who listens: conf's callbacks, and each event with what it did. Its line
	 * lives as long as the play. */
	struct vpn_engine_conf conf;
	void (*event)(const struct vpn_event *, const struct vpn_turn *, void *arg);
	void *arg; /* of event */
	struct vpn_rules *rules;
	struct vpn_policy *policy;
	struct vpn_engine *engine;
	struct vpn_join *join;
	struct vpn_now now;
	int64_t start_ms, end_ms; /* of the log; 0 without an event */
	size_t read, events;      /* lines; those that are events */
	struct input in;
	struct escaped escaped;
	struct played *lines;
	size_t nlines;
	int64_t last_ms; /* of the line before */
	bool starved;
};

/* Rules and overrides are read; conf has its defaults, and may be changed until
 * play_files. Not CLI_FINE: it has been said why. */
enum cli_exit play_open(
    struct play *, const struct cli_command *, const struct cli_options *);
/* The files that the options name, or standard input; an hour of silence after
 * them, for what is pending. */
enum cli_exit play_files(struct play *);
void play_close(struct play *);

#endif
