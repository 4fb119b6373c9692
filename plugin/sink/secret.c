/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOSE (S_IWGRP | S_IRWXO)
#define SHORTEST 4 /* bytes; what is shorter is in every text */

/* Root may be about to become another user, and is asked again as that one. */
static bool
is_trusted(uid_t owner)
{
	return owner == 0 || geteuid() == 0 || owner == geteuid();
}

/* NULL: such a file may hold a secret. */
static const char *
fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is no file";
	if (st->st_mode & LOOSE)
		return "can be read by everybody, or written by its group; "
		       "chmod g-w,o-rwx it";
	if (!is_trusted(st->st_uid))
		return "belongs to another user; chown it to root, or to the user "
		       "that rsyslogd runs as";
	return NULL;
}

/* -1: it has been told. Of a symbolic link, what it leads to is asked. A pipe without
 * a writer would not open. */
static int
open_secret(const char *option, const char *path, char *err, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *wrong;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(err, cap, "%s=\"%s\" cannot be read: %s", option, path,
		    strerror(errno));
	} else {
		wrong = fault(&st);
		if (wrong == NULL)
			return fd;
		snprintf(err, cap, "%s=\"%s\" %s", option, path, wrong);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int
secret_check(const char *option, const char *path, char *err, size_t cap)
{
	int fd = open_secret(option, path, err, cap);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Of n bytes from the file, the first line. NULL: it is a secret. */
static const char *
cut(char secret[SECRET_SIZE], ssize_t n)
{
	size_t len;

	secret[n > 0 ? n : 0] = '\0';
	len = strcspn(secret, "\r\n");
	if (len == SECRET_SIZE - 1)
		return "is too long on its first line";
	secret[len] = '\0';
	for (const char *at = secret; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
			len = 0;
	return len > 0 ? NULL
		       : "has no secret of printable characters on its first line";
}

int
secret_read(const char *option, const char *path, char secret[SECRET_SIZE], char *err,
    size_t cap)
{
	int fd = open_secret(option, path, err, cap);
	const char *wrong;

	if (fd < 0)
		return -1;
	wrong = cut(secret, read(fd, secret, SECRET_SIZE - 1));
	close(fd);
	if (wrong)
		snprintf(err, cap, "%s=\"%s\" %s", option, path, wrong);
	return wrong ? -1 : 0;
}

void
secret_hide(char *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0, left, same;

	if (len < SHORTEST)
		return;
	for (left = strlen(text); left >= SHORTEST; text++, left--) {
		same = left < len ? left : len;
		if (memcmp(text, secret, same) == 0)
			memset(text, '*', same);
	}
}
