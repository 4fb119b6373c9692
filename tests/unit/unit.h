/* SPDX-License-Identifier: Apache-2.0
 * What the unit tests share: the real rules, lines, and comparisons that say
 * which row of a table failed. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "load/load.h"
#include "vpn/recognise.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* 2026-11-23T09:00:00Z: when every test line is received. */
#define UNIT_NOW INT64_C(1795424400000)

#define GUARD_SIZE ((size_t)128 * 1024)

/* A copy that ends where readable memory does: one byte too far is a crash.
 * The next call takes it back. */
static inline struct vpn_text
unit_guard(struct vpn_text text)
{
	static char *area;
	char *copy;

	if (area == NULL) {
		area = mmap(NULL, 2 * GUARD_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(area != MAP_FAILED);
		assert_int_equal(mprotect(area + GUARD_SIZE, GUARD_SIZE, PROT_NONE), 0);
	}
	assert_true(text.len <= GUARD_SIZE);
	copy = area + GUARD_SIZE - text.len;
	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	return (struct vpn_text){copy, text.len};
}

/* n times the byte, at the end of readable memory. */
static inline struct vpn_text
unit_fill(unsigned char byte, size_t n)
{
	char *bytes = malloc(n + 1);
	struct vpn_text copy;

	assert_non_null(bytes);
	memset(bytes, byte, n);
	copy = unit_guard((struct vpn_text){bytes, n});
	free(bytes);
	return copy;
}

/* Is the slice a part of the whole, or absent? */
static inline bool
unit_inside(struct vpn_text whole, struct vpn_text part)
{
	return part.len == 0 ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static inline void
unit_same(const char *row, const char *what, struct vpn_text got, const char *want)
{
	if (!vpn_text_same(got, vpn_text(want)))
		fail_msg("%s\n  %s: '%.*s' instead of '%s'", row, what, (int)got.len,
		    got.at ? got.at : "", want ? want : "");
}

static inline void
unit_number(const char *row, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("%s\n  %s: %lld instead of %lld", row, what, (long long)got,
		    (long long)want);
}

static inline struct vpn_line
unit_line(const char *raw)
{
	return (struct vpn_line){.raw = vpn_text(raw),
	    .host = VPN_TEXT("collector-saw"),
	    .ip = VPN_TEXT("192.0.2.9"),
	    .pri = -1,
	    .received_ms = UNIT_NOW};
}

/* The rules that ship, as cmocka's group state. */
static inline int
unit_setup(void **state)
{
	char err[512] = "";

	*state = vpn_rules_load(RULES_DIR, err, sizeof(err));
	if (*state == NULL)
		print_error("%s\n", err);
	return *state ? 0 : -1;
}

static inline int
unit_teardown(void **state)
{
	vpn_rules_free(*state);
	return 0;
}

static inline const struct vpn_vendor *
unit_vendor(const struct vpn_rules *rules, const char *id)
{
	for (size_t i = 0; i < vpn_rules_vendors(rules); i++)
		if (vpn_text_same(vpn_rules_vendor(rules, i)->id, vpn_text(id)))
			return vpn_rules_vendor(rules, i);
	fail_msg("no vendor %s", id);
	return NULL;
}

#endif
