/* SPDX-License-Identifier: Apache-2.0
 * The overrides file. packaging/samples/overrides.yaml explains its keys. */
#include <stdio.h>
#include <stdlib.h>

#include "core/address.h"
#include "core/policy.h"
#include "core/stamp.h"
#include "load/document.h"
#include "load/load.h"

#define TEXT_MAX 1024 /* bytes */
#define HOLD_MOST 86400
#define AFTER_MOST 604800

/* The doc that readers are handed is the first member of this. */
struct overrides {
	struct load_doc doc;
	const struct vpn_rules *rules;
	struct vpn_policy *policy;
	struct vpn_index clusters; /* by name, to find one that is there twice */
};

static struct overrides *
overrides(struct load_doc *doc)
{
	return (struct overrides *)doc;
}

static void *
member(void *target, const struct load_key *key)
{
	return (char *)target + (key ? key->offset : 0);
}

/* Take the character at the front; YAML made sure that it is UTF-8. */
static uint32_t
take_character(struct vpn_text *text)
{
	unsigned char c = (unsigned char)*text->at;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t value = len == 1 ? c : c & (0xffu >> (len + 1));

	for (size_t i = 1; i < len && i < text->len; i++)
		value = value << 6 | ((unsigned char)text->at[i] & 0x3f);
	len = len < text->len ? len : text->len;
	text->at += len;
	text->len -= len;
	return value;
}

/* What commands a terminal, or makes a text look like another one. */
static const struct {
	uint32_t from, to;
} hidden[] = {
    {0, 0x1f},        /* C0 */
    {0x7f, 0x9f},     /* DEL, C1 */
    {0x200b, 0x200b}, /* zero width space */
    {0x200e, 0x200f}, /* marks of direction */
    {0x2028, 0x202e}, /* ends of lines, changes of direction */
    {0x2060, 0x2069}, /* likewise */
    {0xfeff, 0xfeff}, /* byte order mark */
};

static bool
has_hidden(struct vpn_text text)
{
	while (text.len > 0) {
		uint32_t c = take_character(&text);

		for (size_t i = 0; i < LOAD_COUNT(hidden); i++)
			if (c >= hidden[i].from && c <= hidden[i].to)
				return true;
	}
	return false;
}

static int
read_text(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text *text = member(target, key);

	if (load_text(doc, node, target, key) < 0)
		return -1;
	if (has_hidden(*text))
		return load_wrong(
		    doc, node, "a control character is hidden in this text");
	if (text->len > TEXT_MAX)
		return load_wrong(doc, node, "a text has at most %d bytes", TEXT_MAX);
	return 0;
}

/* The key of a name or an address, kept. */
static int
keep_key(struct load_doc *doc, const yaml_node_t *node, struct vpn_text name,
    struct vpn_text *key)
{
	char buf[VPN_NAME_MAX];

	if (name.len > VPN_NAME_MAX)
		return load_wrong(
		    doc, node, "a name has at most %d bytes", VPN_NAME_MAX);
	*key = vpn_arena_text(doc->arena, vpn_policy_key(name, buf));
	return key->at ? 0 : load_memory(doc);
}

/* A name that stands for one device, and its key. */
static int
read_name(struct load_doc *doc, yaml_node_t *node, struct vpn_text *name,
    struct vpn_text *key)
{
	if (read_text(doc, node, name, NULL) < 0)
		return -1;
	if (memchr(name->at, '*', name->len))
		return load_wrong(
		    doc, node, "a '*' has no meaning here: name one device");
	return keep_key(doc, node, *name, key);
}

static int
read_runbook(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	static const struct vpn_text schemes[] = {{"https://", 8}, {"http://", 7}};
	struct vpn_text *url = member(target, key);
	bool fine = false;

	if (read_text(doc, node, target, key) < 0)
		return -1;
	for (size_t i = 0; i < LOAD_COUNT(schemes); i++)
		fine = fine ||
		    (url->len > schemes[i].len &&
			memcmp(url->at, schemes[i].at, schemes[i].len) == 0 &&
			url->at[schemes[i].len] != '/');
	for (size_t i = 0; i < url->len; i++)
		fine = fine && url->at[i] > ' ' && url->at[i] <= '~' &&
		    !strchr("\"<>\\", url->at[i]);
	return fine ? 0
		    : load_wrong(doc, node,
			  "a runbook is an address that begins with https:// or "
			  "http://, in ASCII, without blanks and quotes");
}

/* match */

/* "HQ-*" */
static int
read_like(struct load_doc *doc, yaml_node_t *node, struct vpn_like *like)
{
	struct vpn_text *text = &like->text;
	const char *star;

	if (read_text(doc, node, text, NULL) < 0)
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
	return read_like(doc, node, member(target, key));
}

static int
read_device(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_like *like = member(target, key);

	return read_like(doc, node, like) < 0
	    ? -1
	    : keep_key(doc, node, like->text, &like->text);
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
		return keep_key(doc, node, *text, text);
	if (!vpn_net_read(*text, &net))
		return load_wrong(doc, node,
		    "'%.*s' is neither an address nor a network such as "
		    "203.0.113.0/24 (with no bits beyond its length)",
		    (int)text->len, text->at);
	if (net.bits == 8 * net.len) {
		slash = memchr(text->at, '/', text->len);
		text->len = slash ? (size_t)(slash - text->at) : text->len;
		return keep_key(doc, node, *text, text);
	}
	*text = (struct vpn_text){NULL, 0};
	match->net = net;
	return 0;
}

static int
read_slug(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text *slug = member(target, key);

	if (read_text(doc, node, target, key) < 0)
		return -1;
	if (vpn_rules_by_slug(overrides(doc)->rules, *slug, VPN_TEXT("")))
		return 0;
	return load_wrong(
	    doc, node, "no code is called '%.*s'", (int)slug->len, slug->at);
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
	if (load_map(
		doc, node, match_keys, LOAD_COUNT(match_keys), member(target, key)) < 0)
		return -1;
	if (node->data.mapping.pairs.top == node->data.mapping.pairs.start)
		return load_wrong(
		    doc, node, "name at least one of device, peer, tunnel, code");
	return 0;
}

/* tunnels */

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
	*(int64_t *)member(target, key) = ms;
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
	*(enum vpn_choice *)member(target, key) = yes ? VPN_YES : VPN_NO;
	return 0;
}

static int
read_hold(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_range(doc, node, 0, HOLD_MOST, member(target, key));
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
    LOAD_KEY(E, "name", read_text, name, false),
    LOAD_KEY(E, "owner", read_text, owner, false),
    LOAD_KEY(E, "site", read_text, site, false),
    LOAD_KEY(E, "runbook", read_runbook, runbook, false),
};

static int
read_entry(
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

/* clusters */

static int
read_members(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_index *members = &overrides(doc)->policy->by_member;
	struct vpn_text name, key;
	size_t n;

	(void)unused;
	if (node->type != YAML_SEQUENCE_NODE)
		return load_wrong(doc, node, "expected a list here");
	n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (n == 0)
		return load_wrong(doc, node, "a cluster has at least one member");
	for (size_t i = 0; i < n; i++) {
		yaml_node_t *item = load_item(doc, node, i);

		if (read_name(doc, item, &name, &key) < 0 ||
		    load_claim(doc, item, members, key, target, "the member") < 0)
			return -1;
	}
	return 0;
}

static int
read_cluster_name(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_cluster *cluster = target;

	(void)unused;
	if (read_name(doc, node, &cluster->name, &cluster->key) < 0)
		return -1;
	return load_claim(
	    doc, node, &overrides(doc)->clusters, cluster->key, cluster, "the cluster");
}

static const struct load_key cluster_keys[] = {
    LOAD_KEY(struct vpn_cluster, "name", read_cluster_name, name, true),
    LOAD_KEY(struct vpn_cluster, "members", read_members, name, true),
};

static int
read_cluster(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, cluster_keys, LOAD_COUNT(cluster_keys), item);
}

static int
read_clusters(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	static const struct load_key clusters = LOAD_ARRAY(
	    struct vpn_policy, "clusters", clusters, nclusters, read_cluster, false);
	const struct vpn_policy *policy = target;
	const struct vpn_cluster *cluster, *other;

	(void)key;
	if (load_array(doc, node, target, &clusters) < 0)
		return -1;
	for (size_t i = 0; i < policy->nclusters; i++) {
		cluster = &policy->clusters[i];
		other = vpn_index_get(&policy->by_member, cluster->key);
		if (other && other != cluster)
			return load_wrong(doc, load_item(doc, node, i),
			    "the cluster '%.*s' is a member of '%.*s'",
			    (int)cluster->name.len, cluster->name.at,
			    (int)other->name.len, other->name.at);
	}
	return 0;
}

/* gateways */

static int
read_gateway_device(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_gateway *gateway = target;
	struct vpn_text name;

	(void)unused;
	if (read_name(doc, node, &name, &gateway->device) < 0)
		return -1;
	return load_claim(doc, node, &overrides(doc)->policy->by_gateway,
	    gateway->device, gateway, "the gateway");
}

static int
read_address(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	struct vpn_text *address = item;

	(void)unused;
	if (read_text(doc, node, address, NULL) < 0)
		return -1;
	if (!vpn_is_ip(*address))
		return load_wrong(doc, node, "'%.*s' is not an address",
		    (int)address->len, address->at);
	return keep_key(doc, node, *address, address);
}

static int
read_addresses(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	static const struct load_key addresses = LOAD_ARRAY(
	    struct vpn_gateway, "addresses", addresses, naddresses, read_address, true);
	struct vpn_index *by_address = &overrides(doc)->policy->by_address;
	const struct vpn_gateway *gateway = target;

	(void)key;
	if (load_array(doc, node, target, &addresses) < 0)
		return -1;
	if (gateway->naddresses == 0)
		return load_wrong(doc, node, "a gateway has at least one address");
	for (size_t i = 0; i < gateway->naddresses; i++)
		if (load_claim(doc, load_item(doc, node, i), by_address,
			gateway->addresses[i], gateway, "the address") < 0)
			return -1;
	return 0;
}

static const struct load_key gateway_keys[] = {
    LOAD_KEY(struct vpn_gateway, "device", read_gateway_device, device, true),
    LOAD_KEY(struct vpn_gateway, "addresses", read_addresses, addresses, true),
};

static int
read_gateway(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, gateway_keys, LOAD_COUNT(gateway_keys), item);
}

/* silence */

static int
read_silent_device(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_silence *silence = target;
	struct vpn_text key;

	(void)unused;
	if (read_name(doc, node, &silence->device, &key) < 0)
		return -1;
	return load_claim(
	    doc, node, &overrides(doc)->policy->by_silence, key, silence, "the device");
}

static int
read_after(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_range(doc, node, 1, AFTER_MOST, member(target, key));
}

static const struct load_key silence_keys[] = {
    LOAD_KEY(struct vpn_silence, "device", read_silent_device, device, true),
    LOAD_KEY(struct vpn_silence, "after", read_after, after, true),
    LOAD_KEY(struct vpn_silence, "owner", read_text, owner, false),
    LOAD_KEY(struct vpn_silence, "site", read_text, site, false),
    LOAD_KEY(struct vpn_silence, "runbook", read_runbook, runbook, false),
};

static int
read_silence(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, silence_keys, LOAD_COUNT(silence_keys), item);
}

#define P struct vpn_policy

static const struct load_key file_keys[] = {
    LOAD_ARRAY(P, "tunnels", entries, nentries, read_entry, false),
    LOAD_KEY(P, "clusters", read_clusters, clusters, false),
    LOAD_ARRAY(P, "gateways", gateways, ngateways, read_gateway, false),
    LOAD_ARRAY(P, "silence", silences, nsilences, read_silence, false),
};

struct vpn_policy *
vpn_policy_load(const char *path, const struct vpn_rules *rules, char *err, size_t cap)
{
	struct vpn_policy *policy = calloc(1, sizeof(*policy));
	struct overrides file = {.doc = {.err = err, .cap = cap}, .rules = rules};
	struct load_doc *doc = &file.doc;
	int result;

	if (policy == NULL) {
		snprintf(err, cap, "%s: out of memory", path);
		return NULL;
	}
	file.policy = policy;
	doc->arena = &policy->arena;
	result = load_open(doc, path);
	if (result == 0) {
		result = load_map(
		    doc, load_root(doc), file_keys, LOAD_COUNT(file_keys), policy);
		load_close(doc);
	}
	if (result == 0)
		return policy;
	vpn_policy_free(policy);
	return NULL;
}
