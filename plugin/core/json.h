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

static inline bool
vpn_json_has_room(struct vpn_json *js, size_t n)
{
	if ((size_t)(js->end - js->at) >= n)
		return true;
	js->full = true;
	return false;
}

void vpn_json_raw(struct vpn_json *, struct vpn_text);

/* Bytes of text as the inside of a JSON string: always valid UTF-8, what is
 * not becomes U+FFFD, and what could command a terminal is spelled out. */
void vpn_json_escape(struct vpn_json *, struct vpn_text);
/* The same, and the quote that ends the string. */
void vpn_json_string(struct vpn_json *, struct vpn_text);

#define VPN_JSON_KEY_MAX 40 /* bytes of the longest key with all that is around it */

/* A member's key, and the mark that its value begins with; '\0': it has none. key is a
 * plain literal; NULL inside an array. Inline: to copy one of known length is a store
 * or two. */
static inline void
vpn_json_begin(struct vpn_json *js, const char *key, char mark)
{
	char *at = js->at;

	if (!vpn_json_has_room(js, VPN_JSON_KEY_MAX))
		return;
	if (js->comma)
		*at++ = ',';
	js->comma = true;
	if (key) {
		size_t n = strlen(key);

		*at++ = '"';
		memcpy(at, key, n);
		at += n;
		*at++ = '"';
		*at++ = ':';
	}
	if (mark)
		*at++ = mark;
	js->at = at;
}

static inline void
vpn_json_open(struct vpn_json *js, const char *key, char bracket)
{
	vpn_json_begin(js, key, bracket);
	js->comma = false;
}
void vpn_json_close(struct vpn_json *, char bracket);

/* A string that is written in parts with vpn_json_escape; the caller closes it
 * with a quote. */
static inline void
vpn_json_quote(struct vpn_json *js, const char *key)
{
	vpn_json_begin(js, key, '"');
}

static inline void
vpn_json_text(struct vpn_json *js, const char *key, struct vpn_text text)
{
	vpn_json_quote(js, key);
	vpn_json_string(js, text);
}

/* Nothing for an empty text. */
static inline void
vpn_json_some(struct vpn_json *js, const char *key, struct vpn_text text)
{
	if (text.len > 0)
		vpn_json_text(js, key, text);
}

void vpn_json_number(struct vpn_json *, const char *key, int64_t);
void vpn_json_null(struct vpn_json *, const char *key);
void vpn_json_bool(struct vpn_json *, const char *key, bool);
void vpn_json_hex(struct vpn_json *, const char *key, const uint8_t *bytes, size_t n);

/* Members that are written already; nothing for an empty text. */
void vpn_json_members(struct vpn_json *, struct vpn_text);

#endif
