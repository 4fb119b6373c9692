/* SPDX-License-Identifier: Apache-2.0 */
#include "core/identity.h"

#include "core/address.h"
#include "vpn/hex.h"

#include <nettle/sha2.h>

#define DIGEST_LEN 16 /* bytes of SHA-256 that are used */

static bool
is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-';
}

/* Append text, escaped; returns false when it does not fit. */
static bool
put_escaped(struct vpn_event *ev, struct vpn_text text)
{
	char canonical[VPN_IP_MAX];
	size_t n = ev->tunnel_len;

	text = vpn_canonical(text, canonical);
	if (text.len == 0)
		text = VPN_TEXT("-");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (n + 5 > sizeof(ev->tunnel))
			return false;
		if (is_plain(c)) {
			ev->tunnel[n++] = (char)c;
			continue;
		}
		ev->tunnel[n++] = '%';
		vpn_hex_write(ev->tunnel + n, &c, 1);
		n += 2;
	}
	ev->tunnel_len = n;
	return true;
}

/* Too long an id ends in the digest of all its parts instead. */
static void
put_digest(struct vpn_event *ev)
{
	struct sha256_ctx sha;
	uint8_t digest[DIGEST_LEN];
	char *out = ev->tunnel + sizeof(ev->tunnel) - 2 * DIGEST_LEN - 2;

	sha256_init(&sha);
	sha256_update(&sha, ev->device.len, (const uint8_t *)ev->device.at);
	for (size_t i = 0; i < ev->vendor->ntunnel; i++) {
		struct vpn_text part = ev->field[ev->vendor->tunnel[i]];

		sha256_update(&sha, 1, (const uint8_t *)"/");
		sha256_update(&sha, part.len, (const uint8_t *)part.at);
	}
	sha256_digest(&sha, sizeof(digest), digest);
	if (ev->tunnel + ev->tunnel_len < out)
		out = ev->tunnel + ev->tunnel_len;
	*out++ = '~';
	out = vpn_hex_write(out, digest, sizeof(digest));
	ev->tunnel_len = (size_t)(out - ev->tunnel);
}

void
vpn_identity_tunnel(struct vpn_event *ev)
{
	bool fits;

	ev->tunnel_len = 0;
	fits = put_escaped(ev, ev->device);
	for (size_t i = 0; fits && i < ev->vendor->ntunnel; i++) {
		ev->tunnel[ev->tunnel_len++] = '/';
		fits = put_escaped(ev, ev->field[ev->vendor->tunnel[i]]);
	}
	if (!fits)
		put_digest(ev);
	ev->tunnel[ev->tunnel_len] = '\0';
}

static void
update(struct sha256_ctx *sha, struct vpn_text part)
{
	sha256_update(sha, part.len, (const uint8_t *)part.at);
	sha256_update(sha, 1, (const uint8_t *)"");
}

/* The day and time that the device wrote, without year and offset, which
 * relays drop or add; else the reception time. */
static void
update_time(
    struct sha256_ctx *sha, const struct vpn_stamp *stamp, const struct vpn_line *ln)
{
	int64_t when = ln->received_ms;
	uint8_t bytes[8];

	if (stamp->text.len > 0)
		when = (stamp->month * 32 + stamp->day) * INT64_C(100000000) +
		    stamp->day_ms;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint64_t)when >> 8 * i);
	sha256_update(sha, sizeof(bytes), bytes);
}

void
vpn_identity_event(struct vpn_event *ev, const struct vpn_stamp *stamp,
    struct vpn_text tag, struct vpn_text body)
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	update(&sha, ev->device);
	update_time(&sha, stamp, ev->line);
	update(&sha, tag);
	update(&sha, body);
	sha256_digest(&sha, sizeof(ev->id), ev->id);
}
