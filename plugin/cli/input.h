/* SPDX-License-Identifier: Apache-2.0
 * Lines of a file or of standard input, of any length and any bytes. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdint.h>

#include "vpn/text.h"

#define INPUT_LINE_MAX (1024 * 1024)        /* longer lines are cut */
#define INPUT_OBJECT_MAX (64 * 1024 * 1024) /* longer answers are lines */

struct input {
	int fd;
	char *buf;
	size_t cap, start, end; /* buf[start..end) is not read yet */
	uint64_t number;        /* of the line read last, from 1 */
	uint64_t cut;           /* number of the first line that was too long */
	bool eof, skipping;
	bool no_objects; /* what looked like one was none: do not look on */
	int error;       /* errno of what went wrong; 0 */
};

/* "-" is standard input. The struct may be used again for another file; zero
 * it before the first. False with error set. */
bool input_open(struct input *, const char *path);

/* The next line without its line end; a file's last may have none. False at
 * the end, or with error set. The slice holds until the next call. */
bool input_line(struct input *, struct vpn_text *);

/* A JSON object that begins with the next line, over as many lines as it has.
 * It stays unread until input_skip. */
bool input_object(struct input *, struct vpn_text *);
void input_skip(struct input *, struct vpn_text object);

void input_close(struct input *);
void input_free(struct input *);

/* As rsyslog writes a line that it receives: bytes below 0x20 as "#ooo", one
 * NUL at the end dropped; 0x7f and above stay. */
struct escaped {
	char *at;
	size_t cap;
};

/* raw itself when nothing has to be done; at NULL when memory is out. */
struct vpn_text input_escape(struct escaped *, struct vpn_text raw);

#endif
