/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "append.h"
#include "unsent.h"

#define NSLICES 4
#define ASIDE_MAX 1000 /* damaged files that are kept */

/* Before each record. The checksum is over the body, so that a torn tail (a
 * crash, a full disk) is seen. */
struct head {
	char magic[4];
	uint32_t len; /* of the body: fixed part, then the slices */
	uint64_t sum;
};

struct fixed {
	uint8_t id[16];
	int64_t time_ms;
	uint32_t len[NSLICES]; /* key, type, source, value */
};

static const char magic[4] = {'O', 'I', 'U', '1'};

static uint64_t
checksum(const char *at, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)at[i]) * 0x100000001b3u;
	return sum;
}

/* An action's name may hold any byte; a file's may not. */
static int
file_name(const struct vpn_sink_conf *conf, const char *suffix, char *path, size_t cap)
{
	int dir = snprintf(path, cap, "%s/", conf->state_dir);
	int len =
	    snprintf(path, cap, "%s/%s.unsent%s", conf->state_dir, conf->name, suffix);

	if (len < 0 || (size_t)len >= cap)
		return -1;
	for (char *p = path + dir; *p; p++)
		if (*p == '/' || (unsigned char)*p < ' ')
			*p = '_';
	return 0;
}

static void
slices_of(const struct vpn_record *rec, struct vpn_text out[NSLICES])
{
	out[0] = rec->key;
	out[1] = rec->type;
	out[2] = rec->source;
	out[3] = rec->value;
}

static size_t
encoded_size(const struct vpn_record *rec)
{
	return sizeof(struct head) + sizeof(struct fixed) + rec->key.len +
	    rec->type.len + rec->source.len + rec->value.len;
}

static char *
encode(const struct vpn_record *rec, char *at)
{
	struct head head = {.sum = 0};
	struct fixed fixed = {.time_ms = rec->time_ms};
	struct vpn_text slice[NSLICES];
	char *body = at + sizeof(head), *p = body + sizeof(fixed);

	slices_of(rec, slice);
	memcpy(fixed.id, rec->id, sizeof(fixed.id));
	for (size_t i = 0; i < NSLICES; i++) {
		fixed.len[i] = (uint32_t)slice[i].len;
		if (slice[i].len)
			memcpy(p, slice[i].at, slice[i].len);
		p += slice[i].len;
	}
	memcpy(body, &fixed, sizeof(fixed));
	memcpy(head.magic, magic, sizeof(magic));
	head.len = (uint32_t)(p - body);
	head.sum = checksum(body, head.len);
	memcpy(at, &head, sizeof(head));
	return p;
}

/* Decode one record at *at. 0, or -1 when it is damaged; *at is moved. */
static int
decode(const char **at, const char *end, struct vpn_record *rec)
{
	struct head head;
	struct fixed fixed;
	struct vpn_text slice[NSLICES];
	const char *body = *at + sizeof(head), *p = body + sizeof(fixed);
	size_t left = (size_t)(end - *at), total = sizeof(fixed);

	if (left < sizeof(head) + sizeof(fixed))
		return -1;
	memcpy(&head, *at, sizeof(head));
	memcpy(&fixed, body, sizeof(fixed));
	for (size_t i = 0; i < NSLICES; i++)
		total += fixed.len[i];
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.len != total ||
	    head.len > left - sizeof(head) || checksum(body, head.len) != head.sum)
		return -1;
	for (size_t i = 0; i < NSLICES; i++) {
		slice[i] = (struct vpn_text){p, fixed.len[i]};
		p += fixed.len[i];
	}
	*rec = (struct vpn_record){.key = slice[0],
	    .type = slice[1],
	    .source = slice[2],
	    .value = slice[3],
	    .time_ms = fixed.time_ms};
	memcpy(rec->id, fixed.id, sizeof(rec->id));
	*at = p;
	return 0;
}

static int
decode_all(struct vpn_unsent *un, size_t len)
{
	const char *at = un->bytes, *end = un->bytes + len;
	struct vpn_record rec;
	size_t cap = 0;

	while (at < end && decode(&at, end, &rec) == 0) {
		if (un->n == cap) {
			size_t more = cap ? 2 * cap : 256;
			void *grown = realloc(un->records, more * sizeof(rec));

			if (!grown)
				return -1;
			un->records = grown;
			cap = more;
		}
		un->records[un->n++] = rec;
	}
	un->damaged = (size_t)(end - at);
	return 0;
}

/* The whole file in un->bytes. Returns its length, or -1 and errno. */
static ssize_t
slurp(const char *path, struct vpn_unsent *un)
{
	struct stat st;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, &st) == 0 && (un->bytes = malloc((size_t)st.st_size + 1)) != NULL)
		n = read(fd, un->bytes, (size_t)st.st_size);
	close(fd);
	return n;
}

int
vpn_unsent_load(
    const struct vpn_sink_conf *conf, struct vpn_unsent *un, char *err, size_t cap)
{
	char path[4096];
	ssize_t len;

	*un = (struct vpn_unsent){0};
	if (file_name(conf, "", path, sizeof(path)) != 0) {
		snprintf(
		    err, cap, "stateDir and the action's name are too long together");
		return -1;
	}
	len = slurp(path, un);
	if (len < 0 || decode_all(un, (size_t)len) != 0) {
		snprintf(err, cap,
		    "cannot read \"%s\", which holds events of the last run: %s", path,
		    strerror(errno));
		vpn_unsent_free(un);
		return -1;
	}
	return 0;
}

/* Make a rename or a new name in the folder last. */
static int
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return result;
}

/* Encode and append to path, all or nothing, and fsync. */
static int
write_out(const char *path, const struct vpn_record *records, size_t n)
{
	struct vpn_append out = {.path = path, .mode = 0600, .fd = -1};
	size_t size = 0;
	char *bytes, *end;
	int result = -1;

	for (size_t i = 0; i < n; i++)
		size += encoded_size(&records[i]);
	bytes = end = malloc(size ? size : 1);
	if (!bytes)
		return -1;
	for (size_t i = 0; i < n; i++)
		end = encode(&records[i], end);
	if (vpn_append_write(&out, &(struct iovec){bytes, size}, size > 0) == 0)
		result = fsync(out.fd);
	vpn_append_close(&out);
	free(bytes);
	return result;
}

static int
failed(const char *path, char *err, size_t cap)
{
	snprintf(err, cap, "cannot write \"%s\": %s", path, strerror(errno));
	return -1;
}

int
vpn_unsent_append(const struct vpn_sink_conf *conf, const struct vpn_record *records,
    size_t n, char *err, size_t cap)
{
	char path[4096];

	if (file_name(conf, "", path, sizeof(path)) != 0)
		errno = ENAMETOOLONG;
	else if (write_out(path, records, n) == 0 && sync_folder(conf->state_dir) == 0)
		return 0;
	return failed(path, err, cap);
}

/* A second name for the file, without harm to what was put aside before; where
 * there are no links, another name. */
static void
set_aside(const struct vpn_sink_conf *conf, const char *path)
{
	char suffix[32] = ".damaged", aside[4096];

	for (unsigned i = 1; i <= ASIDE_MAX; i++) {
		if (file_name(conf, suffix, aside, sizeof(aside)) != 0)
			return;
		if (link(path, aside) == 0)
			return;
		if (errno != EEXIST && access(aside, F_OK) != 0)
			break;
		snprintf(suffix, sizeof(suffix), ".damaged.%u", i);
	}
	rename(path, aside);
}

int
vpn_unsent_replace(const struct vpn_sink_conf *conf, const struct vpn_unsent *old,
    const struct vpn_record *records, size_t n, char *err, size_t cap)
{
	char path[4096], fresh[4096];

	if (file_name(conf, "", path, sizeof(path)) != 0 ||
	    file_name(conf, ".new", fresh, sizeof(fresh)) != 0) {
		errno = ENAMETOOLONG;
		return failed(path, err, cap);
	}
	unlink(fresh);
	if (write_out(fresh, records, n) == 0) {
		/* damaged bytes that cannot be kept must not cost whole records */
		if (old->damaged)
			set_aside(conf, path);
		if (rename(fresh, path) == 0 && sync_folder(conf->state_dir) == 0)
			return 0;
	}
	return failed(fresh, err, cap);
}

void
vpn_unsent_done(const struct vpn_sink_conf *conf, const struct vpn_unsent *un)
{
	char path[4096];

	if (file_name(conf, "", path, sizeof(path)) != 0)
		return;
	if (un->damaged)
		set_aside(conf, path);
	unlink(path);
	sync_folder(conf->state_dir);
}

void
vpn_unsent_free(struct vpn_unsent *un)
{
	free(un->records);
	free(un->bytes);
	*un = (struct vpn_unsent){0};
}
