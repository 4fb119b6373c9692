/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHORTEST 4 /* bytes; what is shorter is in every text */

int
secret_read(const char *option, const char *path, char secret[SECRET_SIZE], char *err,
    size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(err, cap, "%s=\"%s\" cannot be read: %s", option, path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	n = (st.st_mode & 07) ? -1 : read(fd, secret, SECRET_SIZE - 1);
	close(fd);
	if (st.st_mode & 07) {
		snprintf(err, cap, "%s=\"%s\" can be read by everybody; chmod o-rwx it",
		    option, path);
		return -1;
	}
	secret[n > 0 ? n : 0] = '\0';
	secret[strcspn(secret, "\r\n")] = '\0';
	for (const char *at = secret; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
			n = 0;
	if (n > 0 && *secret)
		return 0;
	snprintf(err, cap,
	    "%s=\"%s\" has no secret of printable characters on its first "
	    "line",
	    option, path);
	return -1;
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
