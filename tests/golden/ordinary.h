/* SPDX-License-Identifier: Apache-2.0
 * Lines of ordinary syslog, made of the templates in ordinary.txt. */
#ifndef ORDINARY_H
#define ORDINARY_H

#include <stdint.h>

#include "vpn/text.h"

#define ORDINARY_MAX 16384 /* bytes of a line */

struct ordinary;

/* Read templates; they stay until the program ends. NULL when any is wrong,
 * with "file:line: sentence" in err. */
const struct ordinary *ordinary_read(const char *path, char *err, size_t cap);

/* Whose the nth line is: the class that its template stands in. */
struct vpn_text ordinary_class(const struct ordinary *, uint64_t n);

/* The nth line, the same at every run: the templates take turns, and so do the
 * headers of each. Returns its length; out holds ORDINARY_MAX bytes. */
size_t ordinary_make(const struct ordinary *, uint64_t n, char *out);

#endif
