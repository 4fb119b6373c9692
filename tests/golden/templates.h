/* SPDX-License-Identifier: Apache-2.0
 * What ordinary.txt is in memory. */
#ifndef TEMPLATES_H
#define TEMPLATES_H

#include "golden/ordinary.h"

#define LISTS_MAX 512

enum kind { LITERAL, LIST, NUMBER, HEX, TIME, TAG, CUT, TEXT, LINE };

struct piece {
	enum kind kind;
	struct vpn_text text; /* LITERAL */
	const char *format;   /* TIME */
	size_t list;          /* LIST */
	uint64_t low, high;   /* NUMBER; HEX: low digits */
	int width;            /* NUMBER */
};

struct pattern {
	struct piece *piece;
	size_t n;
};

struct list {
	struct vpn_text name; /* empty: alternatives inside a template */
	struct pattern *entry;
	size_t n;
};

struct line {
	struct vpn_text class;
	size_t forms;                    /* the list of its headers */
	struct pattern whole, tag, text; /* tag and text: around the first ": " */
};

struct ordinary {
	struct list list[LISTS_MAX];
	size_t nlists;
	struct line *line;
	size_t nlines;
};

#endif
