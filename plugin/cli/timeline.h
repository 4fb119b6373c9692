/* SPDX-License-Identifier: Apache-2.0
 * A period as a strip: what a tunnel was, from left to right. Heights say it as well
 * as colours do. */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include "cli/html.h"

#define TIMELINE_CELLS 480

/* What is painted; a later one covers an earlier. */
enum look { LOOK_NONE, LOOK_UP, LOOK_OFF, LOOK_FLAPPING, LOOK_DOWN, LOOK_COUNT };

struct timeline {
	int64_t from_ms, to_ms;
	unsigned char look[TIMELINE_CELLS];
	bool failed[TIMELINE_CELLS]; /* a negotiation, then */
};

/* However short, it can be seen. */
void timeline_paint(struct timeline *, int64_t from_ms, int64_t to_ms, enum look);
void timeline_mark(struct timeline *, int64_t ms);

/* The strip; label says in words what it shows. */
void timeline_write(struct html *, const struct timeline *, const char *label);
/* The scale above strips, and what the looks mean. */
void timeline_axis(struct html *, int64_t from_ms, int64_t to_ms);
void timeline_key(struct html *);
/* A bar of part of whole, with nothing to say. */
void timeline_bar(struct html *, int64_t part, int64_t whole);

#endif
