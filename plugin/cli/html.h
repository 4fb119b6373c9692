/* SPDX-License-Identifier: Apache-2.0
 * Writing HTML. What is text is escaped, here and nowhere else, for content and for
 * attributes between double quotes alike; what could command a browser or hide from
 * the reader (control characters, marks of direction) is spelled out. */
#ifndef CLI_HTML_H
#define CLI_HTML_H

#include <stdint.h>
#include <stdio.h>

#include "cli/amount.h"

struct html {
	FILE *out;
	enum vpn_lang lang;
};

/* A text that we wrote, in each language. */
typedef const char *const html_words[VPN_LANG_COUNT];

/* Markup, as it stands. Never anything from a log, the rules or the user. */
void html_raw(struct html *, const char *markup);
void html_text(struct html *, struct vpn_text);
void html_word(struct html *, const char *);
/* Prose of the rules: what stands between `backticks` is code. */
void html_prose(struct html *, struct vpn_text);
/* A sentence with its holes, '@0' to '@9', filled. */
void html_say(struct html *, html_words, const char *const *filling);
/* <name>text</name>; name may have attributes. */
void html_tag(struct html *, const char *name, struct vpn_text);
void html_tag_word(struct html *, const char *name, const char *);
/* An id, or what refers to one: parts in two languages have their own. */
void html_id(struct html *, const char *id);
/* A row of a <dl>; nothing for an empty value. */
void html_fact(struct html *, html_words name, struct vpn_text value);
/* <time datetime="..">; to the second, UTC */
void html_time(struct html *, int64_t ms);
void html_duration(struct html *, int64_t ms);
void html_count(struct html *, uint64_t, const struct noun *);

#endif
