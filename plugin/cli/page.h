/* SPDX-License-Identifier: Apache-2.0
 * Text for people: coloured, aligned and wrapped to the terminal, safe
 * whatever the text holds. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stdio.h>

#include "cli/cli.h"

enum page_style {
	PAGE_PLAIN,
	PAGE_BOLD,
	PAGE_DIM,
	PAGE_RED,
	PAGE_YELLOW,
	PAGE_GREEN,
	PAGE_CYAN
};

struct page {
	FILE *out;
	int width;  /* columns; 0: lines are not wrapped */
	int column; /* where the next character goes */
	int indent; /* where a wrapped line goes on */
	int blanks; /* that wait for what follows them */
	bool colour;
};

/* A page on standard output. */
void page_init(struct page *, const struct cli_options *);
/* A style holds until the next one. */
void page_style(struct page *, enum page_style);
/* Go to that column of the line; what is wrapped goes on there. */
void page_tab(struct page *, int column);
/* Text at the place; wraps. */
void page_put(struct page *, struct vpn_text);
void page_word(struct page *, const char *);
void page_end(struct page *);

#endif
