/* SPDX-License-Identifier: Apache-2.0
 * Writing JSON straight into a buffer: an event costs a fraction of what a
 * tree of objects does. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdint.h>

#include "vpn/text.h"

struct vpn_json {
	char *at, *end;
	bool comma; /* a value stands before: the next one needs a comma */
	bool full;  /* something did not fit */
};

void vpn_json_raw(struct vpn_json *, struct vpn_text);

/* Members of an object. key is a plain literal; NULL inside an array. */
void vpn_json_open(struct vpn_json *, const char *key, char bracket);
void vpn_json_close(struct vpn_json *, char bracket);
void vpn_json_text(struct vpn_json *, const char *key, struct vpn_text);
void vpn_json_number(struct vpn_json *, const char *key, int64_t);
void vpn_json_null(struct vpn_json *, const char *key);
void vpn_json_bool(struct vpn_json *, const char *key, bool);
void vpn_json_hex(struct vpn_json *, const char *key, const uint8_t *bytes, size_t n);

/* Members that are written already; nothing for an empty text. */
void vpn_json_members(struct vpn_json *, struct vpn_text);

/* A string that is written in parts with vpn_json_escape; the caller closes it
 * with a quote. */
void vpn_json_quote(struct vpn_json *, const char *key);

/* As vpn_json_text, but nothing for an empty text. */
void vpn_json_some(struct vpn_json *, const char *key, struct vpn_text);

/* Bytes of text as the inside of a JSON string: always valid UTF-8, what is
 * not becomes U+FFFD, and what could command a terminal is spelled out. */
void vpn_json_escape(struct vpn_json *, struct vpn_text);

#endif
