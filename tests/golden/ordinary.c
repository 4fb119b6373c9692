/* SPDX-License-Identifier: Apache-2.0
 * Makes lines. */
#include "golden/ordinary.h"

#include <stdio.h>
#include <time.h>

#include "golden/templates.h"

#define TAG_MAX 32 /* rsyslog's own forwarding formats cut a tag there */

/* The lines' clock: a year goes by in a million of them, with its short days. */
#define FIRST_S INT64_C(1767225600)
#define STEP_S 31

/* A line that is being made. */
struct made {
	const struct ordinary *from;
	const struct line *line;
	char *out;
	size_t n;
	uint64_t random;
	struct tm tm;
};

/* splitmix64 */
static uint64_t
next_random(struct made *made)
{
	uint64_t z = made->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
put(struct made *made, const char *at, size_t len)
{
	if (len > ORDINARY_MAX - made->n)
		len = ORDINARY_MAX - made->n;
	memcpy(made->out + made->n, at, len);
	made->n += len;
}

static void
put_number(struct made *made, const struct piece *piece)
{
	uint64_t range = piece->high - piece->low + 1;
	char text[32];
	int n;

	n = snprintf(text, sizeof(text), "%0*llu", piece->width,
	    (unsigned long long)(piece->low + next_random(made) % range));
	put(made, text, (size_t)n);
}

static void
put_hex(struct made *made, size_t digits)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < digits; i++) {
		if (i % 16 == 0)
			bits = next_random(made);
		put(made, &"0123456789abcdef"[bits & 15], 1);
		bits >>= 4;
	}
}

static void
put_time(struct made *made, const char *format)
{
	char text[64];

	put(made, text, strftime(text, sizeof(text), format, &made->tm));
}

static void put_pattern(struct made *, const struct pattern *);

static void
put_list(struct made *made, const struct list *list)
{
	put_pattern(made, &list->entry[next_random(made) % list->n]);
}

/* The tag and its colon, as they are left when a relay cuts them. */
static void
put_cut(struct made *made)
{
	size_t start = made->n;

	put_pattern(made, &made->line->tag);
	put(made, ":", 1);
	if (made->n - start > TAG_MAX)
		made->n = start + TAG_MAX;
}

static void
put_piece(struct made *made, const struct piece *piece)
{
	switch (piece->kind) {
	case LITERAL:
		put(made, piece->text.at, piece->text.len);
		break;
	case LIST:
		put_list(made, &made->from->list[piece->list]);
		break;
	case NUMBER:
		put_number(made, piece);
		break;
	case HEX:
		put_hex(made, piece->low);
		break;
	case TIME:
		put_time(made, piece->format);
		break;
	case TAG:
		put_pattern(made, &made->line->tag);
		break;
	case CUT:
		put_cut(made);
		break;
	case TEXT:
		put_pattern(made, &made->line->text);
		break;
	case LINE:
		put_pattern(made, &made->line->whole);
		break;
	}
}

static void
put_pattern(struct made *made, const struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->n; i++)
		put_piece(made, &pattern->piece[i]);
}

struct vpn_text
ordinary_class(const struct ordinary *ordinary, uint64_t n)
{
	return ordinary->line[n % ordinary->nlines].class;
}

size_t
ordinary_make(const struct ordinary *ordinary, uint64_t n, char *out)
{
	const struct line *line = &ordinary->line[n % ordinary->nlines];
	const struct list *forms = &ordinary->list[line->forms];
	time_t at = FIRST_S + (time_t)n * STEP_S;
	struct made made = {.from = ordinary, .line = line, .out = out, .random = n};

	gmtime_r(&at, &made.tm);
	put_pattern(&made,
	    &forms->entry[(n % ordinary->nlines + n / ordinary->nlines) % forms->n]);
	return made.n;
}
