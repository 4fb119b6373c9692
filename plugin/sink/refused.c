/* SPDX-License-Identifier: Apache-2.0 */
#include "refused.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"
#include "vpn/instant.h"

void
vpn_refused_open(struct vpn_refused *refused, const char *path)
{
	*refused = (struct vpn_refused){.file = {.path = path, .mode = 0640, .fd = -1}};
	pthread_mutex_init(&refused->lock, NULL);
}

void
vpn_refused_close(struct vpn_refused *refused)
{
	vpn_append_close(&refused->file);
	pthread_mutex_destroy(&refused->lock);
}

void
vpn_refused_hup(struct vpn_refused *refused)
{
	pthread_mutex_lock(&refused->lock);
	vpn_append_close(&refused->file);
	pthread_mutex_unlock(&refused->lock);
}

static void
put_line(struct vpn_json *js, const char *reason, struct vpn_text key,
    const uint8_t *id, struct vpn_text value)
{
	struct timespec now;
	char when[VPN_STAMP_LEN];

	clock_gettime(CLOCK_REALTIME, &now);
	vpn_stamp_write(now.tv_sec * 1000 + now.tv_nsec / 1000000, when);
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "time", (struct vpn_text){when, sizeof(when)});
	vpn_json_text(js, "reason", vpn_text(reason));
	vpn_json_some(js, "key", key);
	if (id)
		vpn_json_hex(js, "event.id", id, 16);
	vpn_json_text(js, "value", value);
	vpn_json_close(js, '}');
	vpn_json_raw(js, VPN_TEXT("\n"));
}

static int
write_line(struct vpn_refused *refused, char *line, size_t len)
{
	int result;

	pthread_mutex_lock(&refused->lock);
	result = vpn_append_write(&refused->file, &(struct iovec){line, len}, 1);
	if (result == 0)
		result = vpn_append_sync(&refused->file);
	pthread_mutex_unlock(&refused->lock);
	return result;
}

int
vpn_refused_put(struct vpn_refused *refused, const char *reason, struct vpn_text key,
    const uint8_t *id, struct vpn_text value)
{
	/* An escaped byte takes six. */
	size_t room = 6 * (strlen(reason) + key.len + value.len) + 256;
	char *line = refused->file.path ? malloc(room) : NULL;
	struct vpn_json js;
	int result;

	if (line == NULL) {
		errno = refused->file.path ? ENOMEM : 0;
		return -1;
	}
	js = (struct vpn_json){line, line + room, false, false};
	put_line(&js, reason, key, id, value);
	result = write_line(refused, line, (size_t)(js.at - line));
	free(line);
	return result;
}
