/* SPDX-License-Identifier: Apache-2.0
 * What was read, for the person who waits: a line of progress on standard
 * error, and a summary at the end. Nothing where that is no terminal. */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "vpn/event.h"

struct tally {
	uint64_t lines, events, unknown;
	uint64_t of[VPN_CLASS_COUNT];
	int64_t next_ms;      /* when the progress line is due */
	bool shown;           /* the progress line stands there */
	bool terminal, plain; /* standard error is one; one without escapes */
};

void tally_init(struct tally *, int64_t now_ms);
void tally_line(struct tally *, int64_t now_ms);
void tally_event(struct tally *, const struct vpn_event *);
/* Take the progress line away, before something else is printed. */
void tally_clear(struct tally *);
void tally_print(struct tally *);

#endif
