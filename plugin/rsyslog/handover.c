/* SPDX-License-Identifier: Apache-2.0 */
#include "handover.h"

/* Before the host, the address and the line itself. */
struct head {
	int64_t received_ms;
	size_t host_len, ip_len;
	int pri;
};

size_t
handover_size(const struct vpn_line *ln)
{
	return sizeof(struct head) + ln->host.len + ln->ip.len + ln->raw.len;
}

static char *
put(char *out, struct vpn_text text)
{
	if (text.len > 0)
		memcpy(out, text.at, text.len);
	return out + text.len;
}

void
handover_write(const struct vpn_line *ln, char *out)
{
	struct head head = {ln->received_ms, ln->host.len, ln->ip.len, ln->pri};

	memcpy(out, &head, sizeof(head));
	put(put(put(out + sizeof(head), ln->host), ln->ip), ln->raw);
}

static struct vpn_text
take(struct vpn_text *text, size_t n)
{
	struct vpn_text taken = {text->at, n};

	text->at += n;
	text->len -= n;
	return taken;
}

bool
handover_read(struct vpn_text text, struct vpn_line *ln)
{
	struct head head;

	if (text.len < sizeof(head))
		return false;
	memcpy(&head, text.at, sizeof(head));
	take(&text, sizeof(head));
	ln->received_ms = head.received_ms;
	ln->pri = head.pri;
	ln->host = take(&text, head.host_len);
	ln->ip = take(&text, head.ip_len);
	ln->raw = text;
	return true;
}
