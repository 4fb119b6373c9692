/* SPDX-License-Identifier: Apache-2.0
 * A file that is only appended to, whole lines or nothing. */
#ifndef APPEND_H
#define APPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct vpn_append {
	const char *path; /* the caller's */
	mode_t mode;
	int fd; /* -1: not open */
};

/* 0 when path can be the path of such a file: absolute, in a folder that
 * exists, and no folder, socket or pipe itself. Else -1 and a sentence that
 * begins with the parameter's name. Creates nothing. */
int vpn_append_check(const char *parameter, const char *path, char *err, size_t cap);

/* Open, or open again after log rotation: the old file stays open when the new
 * one cannot be had. 0, or -1 and errno. */
int vpn_append_open(struct vpn_append *);

/* Append all or, as far as the file system lets us, nothing. 0, or -1 and
 * errno. The caller sees to it that no other thread does the same; the parts are
 * changed. */
int vpn_append_write(struct vpn_append *, struct iovec *parts, size_t n);

/* On the disk. 0, also for what is no disk; or -1 and errno. It is open. */
int vpn_append_sync(struct vpn_append *);

void vpn_append_close(struct vpn_append *);

#endif
