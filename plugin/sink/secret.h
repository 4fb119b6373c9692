/* SPDX-License-Identifier: Apache-2.0
 * Keys and tokens of receivers: read from files, never told. */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

#define SECRET_SIZE 4096 /* bytes of a key or a token, with its NUL */

/* A file that only its owner, who is root or this process's user, may write, and others
 * than its group may not read. 0, or -1 with a sentence that names the option. */
int secret_check(const char *option, const char *path, char *err, size_t cap);

/* The first line of such a file. */
int secret_read(const char *option, const char *path, char secret[SECRET_SIZE],
    char *err, size_t cap);

/* Blots the secret out of the text, also one that the text's end cuts; nothing
 * for one of fewer than four bytes or NULL. */
void secret_hide(char *text, const char *secret);

#endif
