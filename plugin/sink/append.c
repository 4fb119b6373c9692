/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

/* How many of the parts are written when so many bytes of them are; the next one
 * may begin later then. */
static size_t
written_of(struct iovec *parts, size_t n, size_t bytes)
{
	size_t i = 0;

	while (i < n && bytes >= parts[i].iov_len)
		bytes -= parts[i++].iov_len;
	if (bytes > 0) {
		parts[i].iov_base = (char *)parts[i].iov_base + bytes;
		parts[i].iov_len -= bytes;
	}
	return i;
}

int
vpn_append_write(struct vpn_append *out, struct iovec *parts, size_t n)
{
	struct stat st;
	size_t written = 0;

	if ((out->fd < 0 && vpn_append_open(out) != 0) || fstat(out->fd, &st) != 0)
		return -1;
	for (size_t i = 0; i < n;) {
		size_t some = n - i < IOV_MAX ? n - i : IOV_MAX;
		ssize_t bytes = writev(out->fd, parts + i, (int)some);

		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes <= 0) {
			if (bytes == 0)
				errno = ENOSPC;
			undo(out->fd, st.st_size, written);
			return -1;
		}
		written += (size_t)bytes;
		i += written_of(parts + i, some, (size_t)bytes);
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
