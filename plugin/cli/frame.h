/* SPDX-License-Identifier: Apache-2.0
 * What every page of ours has: it needs nothing from anywhere, and what is in it
 * twice for two languages is switched without a script. */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

#include "cli/cli.h"
#include "cli/html.h"

/* One part of the page, in the language of html. */
typedef void frame_part(struct html *, const void *arg);

struct frame {
	enum vpn_language language;
	frame_part *title; /* plain text */
	frame_part *head, *main, *foot;
	const void *arg;
};

/* To parts of the page. */
struct frame_link {
	const char *id;
	html_words word;
};
void frame_nav(struct html *, const struct frame_link *, size_t n, const bool *there);

void frame_write(FILE *, const struct frame *);

#endif
