/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)

bool
input_open(struct input *in, const char *path)
{
	struct input fresh = {.buf = in->buf, .cap = in->cap};

	*in = fresh;
	in->fd =
	    strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	in->error = in->fd < 0 ? errno : 0;
	return in->fd >= 0;
}

void
input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

void
input_free(struct input *in)
{
	free(in->buf);
}

static bool
make_room(struct input *in)
{
	size_t cap = in->cap ? 2 * in->cap : 2 * READ_SIZE;
	char *bigger;

	if (in->start > 0) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->cap - in->end >= READ_SIZE)
		return true;
	bigger = realloc(in->buf, cap);
	if (bigger == NULL) {
		in->error = ENOMEM;
		return false;
	}
	in->buf = bigger;
	in->cap = cap;
	return true;
}

/* More bytes behind those that are there. False at the end. */
static bool
fill(struct input *in)
{
	ssize_t n;

	if (in->eof || in->error || !make_room(in))
		return false;
	fflush(stdout); /* what was found so far, before a wait for more */
	do
		n = read(in->fd, in->buf + in->end, in->cap - in->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		in->error = errno;
	if (n <= 0)
		in->eof = true;
	else
		in->end += (size_t)n;
	return n > 0;
}

/* Up to the next line end, or to the end of what is allowed. */
static bool
find_end(struct input *in, size_t *len)
{
	size_t seen = 0;
	const char *newline;

	for (;;) {
		newline = in->end > in->start + seen
		    ? memchr(
			  in->buf + in->start + seen, '\n', in->end - in->start - seen)
		    : NULL;
		*len = newline ? (size_t)(newline - (in->buf + in->start))
			       : in->end - in->start;
		if (newline || *len >= INPUT_LINE_MAX)
			return newline != NULL;
		seen = *len;
		if (!fill(in))
			return false;
	}
}

/* The rest of a line whose start was enough. */
static void
skip_rest(struct input *in)
{
	size_t len;
	bool ended;

	do {
		ended = find_end(in, &len);
		in->start += len + (ended ? 1 : 0);
	} while (!ended && len > 0);
	in->skipping = false;
}

bool
input_line(struct input *in, struct vpn_text *line)
{
	size_t len;
	bool ended;

	if (in->skipping)
		skip_rest(in);
	ended = find_end(in, &len);
	if (in->error || (!ended && len == 0))
		return false;
	*line = (struct vpn_text){in->buf + in->start, len};
	in->start += len + (ended ? 1 : 0);
	in->number++;
	in->skipping = !ended && len >= INPUT_LINE_MAX;
	if (line->len > INPUT_LINE_MAX || in->skipping) {
		line->len = line->len > INPUT_LINE_MAX ? INPUT_LINE_MAX : line->len;
		in->cut = in->cut ? in->cut : in->number;
	}
	return true;
}

/* Where an object is at some byte of it. */
struct nesting {
	int depth;
	bool quoted, escaped;
};

/* Returns true with the bracket that closes the object. */
static bool
nest(struct nesting *at, char c)
{
	if (at->quoted) {
		if (!at->escaped && c == '"')
			at->quoted = false;
		at->escaped = !at->escaped && c == '\\';
		return false;
	}
	at->quoted = c == '"';
	if (c == '{' || c == '[')
		at->depth++;
	if (c != '}' && c != ']')
		return false;
	return --at->depth == 0;
}

/* Blanks before the object; false when something else stands there. */
static bool
find_brace(struct input *in, size_t *offset)
{
	for (*offset = 0; *offset < INPUT_LINE_MAX; (*offset)++) {
		if (in->start + *offset == in->end && !fill(in))
			return false;
		switch (in->buf[in->start + *offset]) {
		case '{':
			return true;
		case ' ':
		case '\t':
			break;
		default:
			return false;
		}
	}
	return false;
}

bool
input_object(struct input *in, struct vpn_text *object)
{
	struct nesting at = {0, false, false};
	size_t first, n;

	if (in->no_objects || in->skipping || !find_brace(in, &first))
		return false;
	for (n = first; n < INPUT_OBJECT_MAX; n++) {
		if (in->start + n == in->end && !fill(in))
			break;
		if (!nest(&at, in->buf[in->start + n]))
			continue;
		*object = (struct vpn_text){in->buf + in->start + first, n + 1 - first};
		return true;
	}
	in->no_objects = true;
	return false;
}

void
input_skip(struct input *in, struct vpn_text object)
{
	const char *end = object.at + object.len, *p = in->buf + in->start;

	for (; p < end; p++)
		in->number += *p == '\n';
	in->start = (size_t)(end - in->buf);
}

static size_t
controls(struct vpn_text raw)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++)
		n += (unsigned char)raw.at[i] < 0x20;
	return n;
}

struct vpn_text
input_escape(struct escaped *out, struct vpn_text raw)
{
	size_t n, need;
	char *p;

	if (raw.len > 0 && raw.at[raw.len - 1] == '\0')
		raw.len--;
	n = controls(raw);
	if (n == 0)
		return raw;
	need = raw.len + 3 * n;
	if (need > out->cap) {
		free(out->at);
		out->cap = 2 * need;
		out->at = malloc(out->cap);
	}
	if (out->at == NULL) {
		out->cap = 0;
		return (struct vpn_text){NULL, 0};
	}
	p = out->at;
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.at[i];

		if (c >= 0x20) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '#';
		*p++ = '0';
		*p++ = (char)('0' + (c >> 3));
		*p++ = (char)('0' + (c & 7));
	}
	return (struct vpn_text){out->at, need};
}
