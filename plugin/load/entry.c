/* SPDX-License-Identifier: Apache-2.0
 * What the overrides say about tunnels. */
#include "core/stamp.h"
#include "load/overrides.h"

#define HOLD_MOST 86400 /* seconds */

/* "HQ-*" */
static int
read_like(struct load_doc *doc, yaml_node_t *node, struct vpn_like *like)
{
	struct vpn_text *text = &like->text;
	const char *star;

	if (load_plain(doc, node, text, NULL) < 0)
		return -1;
	star = memchr(text->at, '*', text->len);
	if (star && star + 1 != text->at + text->len)
		return load_wrong(doc, node, "a '*' stands at the end or not at all");
	if (star) {
		like->wild = true;
		text->len--;
	}
	return 0;
}

static int
read_tunnel(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return read_like(doc, node, load_field(target, key));
}

static int
read_device(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_like *like = load_field(target, key);

	return read_like(doc, node, like) < 0
	    ? -1
	    : load_keep_key(doc, node, like->text, &like->text);
}

/* "203.0.113.7", "203.0.113.0/24", "203.0.113.*" */
static int
read_peer(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_match *match = target;
	struct vpn_text *text = &match->peer.text;
	struct vpn_net net;
	const char *slash;

	(void)unused;
	if (read_like(doc, node, &match->peer) < 0)
		return -1;
	if (match->peer.wild)
		return load_keep_key(doc, node, *text, text);
	if (!vpn_net_read(*text, &net))
		return load_wrong(doc, node,
		    "'%.*s' is neither an address nor a network such as "
		    "203.0.113.0/24 (with no bits beyond its length)",
		    (int)text->len, text->at);
	if (net.bits == 8 * net.len) {
		slash = memchr(text->at, '/', text->len);
		text->len = slash ? (size_t)(slash - text->at) : text->len;
		return load_keep_key(doc, node, *text, text);
	}
	*text = (struct vpn_text){NULL, 0};
	match->net = net;
	return 0;
}

static int
read_slug(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text *slug = load_field(target, key);

	if (load_plain(doc, node, target, key) < 0)
		return -1;
	if (vpn_rules_by_slug(overrides(doc)->rules, *slug, VPN_TEXT("")))
		return 0;
	return load_wrong(doc, node,
	    "no code is called '%.*s'; `vpnlog codes` lists them", (int)slug->len,
	    slug->at);
}

static const struct load_key match_keys[] = {
    LOAD_KEY(struct vpn_match, "device", read_device, device, false),
    LOAD_KEY(struct vpn_match, "peer", read_peer, peer, false),
    LOAD_KEY(struct vpn_match, "tunnel", read_tunnel, tunnel, false),
    LOAD_KEY(struct vpn_match, "code", read_slug, code, false),
};

static int
read_match(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	if (load_map(doc, node, match_keys, LOAD_COUNT(match_keys),
		load_field(target, key)) < 0)
		return -1;
	if (node->data.mapping.pairs.top == node->data.mapping.pairs.start)
		return load_wrong(
		    doc, node, "name at least one of device, peer, tunnel, code");
	return 0;
}

/* "2026-11-24T01:00:00+08:00". Written again it must be the same: there is no
 * 31 February. */
static int
read_time(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	static const struct vpn_line no_line;
	enum { SECONDS = 19 }; /* "2026-11-24T01:00:00" */
	char again[VPN_STAMP_LEN];
	struct vpn_stamp stamp;
	struct vpn_text text;
	int64_t ms;

	if (load_text(doc, node, &text, NULL) < 0)
		return -1;
	if (vpn_stamp_read(text, &stamp) != text.len || text.len <= SECONDS ||
	    !stamp.has_zone || memchr(text.at + SECONDS, ' ', text.len - SECONDS))
		return load_wrong(doc, node,
		    "expected a time with its offset, such as "
		    "2026-11-24T01:00:00+08:00 or 2026-11-23T17:00:00Z");
	ms = vpn_stamp_ms(&stamp, &no_line);
	vpn_stamp_write(ms + stamp.zone_minutes * INT64_C(60000), again);
	if (memcmp(text.at, again, SECONDS) != 0)
		return load_wrong(
		    doc, node, "there is no time '%.*s'", (int)text.len, text.at);
	*(int64_t *)load_field(target, key) = ms;
	return 0;
}

static const struct load_key mute_keys[] = {
    LOAD_KEY(struct vpn_entry, "from", read_time, mute_from_ms, false),
    LOAD_KEY(struct vpn_entry, "until", read_time, mute_until_ms, true),
};

static int
read_mute(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	const struct vpn_entry *entry = target;

	(void)unused;
	if (load_map(doc, node, mute_keys, LOAD_COUNT(mute_keys), target) < 0)
		return -1;
	return entry->mute_until_ms > entry->mute_from_ms
	    ? 0
	    : load_wrong(doc, node, "'until' must come after 'from'");
}

static int
read_choice(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	bool yes;

	if (load_bool(doc, node, &yes, NULL) < 0)
		return -1;
	*(enum vpn_choice *)load_field(target, key) = yes ? VPN_YES : VPN_NO;
	return 0;
}

static int
read_hold(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_range(doc, node, 0, HOLD_MOST, load_field(target, key));
}

#define E struct vpn_entry

static const struct load_key entry_keys[] = {
    LOAD_KEY(E, "match", read_match, match, true),
    LOAD_KEY(E, "page", read_choice, page, false),
    LOAD_KEY(E, "hold", read_hold, hold, false),
    LOAD_WORD(E, "mode", mode, false, VPN_WORDS_MODE),
    LOAD_KEY(E, "dynamic", read_choice, dynamic, false),
    LOAD_KEY(E, "decommissioned", read_choice, decommissioned, false),
    LOAD_KEY(E, "mute", read_mute, mute_from_ms, false),
    LOAD_KEY(E, "name", load_plain, name, false),
    LOAD_KEY(E, "owner", load_plain, owner, false),
    LOAD_KEY(E, "site", load_plain, site, false),
    LOAD_KEY(E, "runbook", load_url, runbook, false),
};

int
load_entry(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	struct vpn_entry *entry = item;

	(void)unused;
	entry->hold = -1;
	entry->mode = -1;
	entry->row = load_row(node);
	if (load_map(doc, node, entry_keys, LOAD_COUNT(entry_keys), item) < 0)
		return -1;
	return vpn_policy_add(overrides(doc)->policy, entry) ? 0 : load_memory(doc);
}
