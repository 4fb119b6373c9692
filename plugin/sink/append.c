/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "append.h"

/* Does the folder that path lies in exist? */
static bool
has_folder(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if ((size_t)(slash - path) >= sizeof(folder))
		return false;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	return stat(*folder ? folder : "/", &st) == 0 && S_ISDIR(st.st_mode);
}

int
vpn_append_check(const char *parameter, const char *path, char *err, size_t cap)
{
	struct stat st;

	if (path[0] != '/') {
		/* rsyslogd changes to / when it goes to the background */
		snprintf(
		    err, cap, "%s=\"%s\" is not an absolute path", parameter, path);
		return -1;
	}
	if (!has_folder(path)) {
		snprintf(err, cap,
		    "%s=\"%s\": the folder that it is to lie in does not exist",
		    parameter, path);
		return -1;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
		snprintf(err, cap, "%s=\"%s\" is not a file", parameter, path);
		return -1;
	}
	return 0;
}

int
vpn_append_open(struct vpn_append *out)
{
	int fd = open(
	    out->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, out->mode);

	if (fd < 0)
		return -1;
	vpn_append_close(out);
	out->fd = fd;
	return 0;
}

/* Take back the part of a line that did arrive, if it is still the last. */
static void
undo(int fd, off_t before, size_t written)
{
	struct stat st;
	int saved = errno;

	if (written > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == before + (off_t)written && ftruncate(fd, before) != 0)
		saved = errno;
	errno = saved;
}

int
vpn_append_write(struct vpn_append *out, const char *at, size_t len)
{
	struct stat st;
	size_t done = 0;

	if ((out->fd < 0 && vpn_append_open(out) != 0) || fstat(out->fd, &st) != 0)
		return -1;
	while (done < len) {
		ssize_t n = write(out->fd, at + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			undo(out->fd, st.st_size, done);
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

int
vpn_append_sync(struct vpn_append *out)
{
	if (fdatasync(out->fd) == 0 || errno == EINVAL || errno == EROFS)
		return 0; /* the latter two: a device such as /dev/null */
	return -1;
}

void
vpn_append_close(struct vpn_append *out)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
}
