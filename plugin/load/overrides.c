/* SPDX-License-Identifier: Apache-2.0
 * The overrides file. packaging/samples/overrides.yaml explains its keys. */
#include "load/overrides.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/address.h"
#include "load/load.h"

#define AFTER_MOST 604800 /* seconds */

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

		if (load_name(doc, item, &name, &key) < 0 ||
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
	if (load_name(doc, node, &cluster->name, &cluster->key) < 0)
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
	if (load_name(doc, node, &name, &gateway->device) < 0)
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
	if (load_plain(doc, node, address, NULL) < 0)
		return -1;
	if (!vpn_is_ip(*address))
		return load_wrong(doc, node, "'%.*s' is not an address",
		    (int)address->len, address->at);
	return load_keep_key(doc, node, *address, address);
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
	if (load_name(doc, node, &silence->device, &key) < 0)
		return -1;
	return load_claim(
	    doc, node, &overrides(doc)->policy->by_silence, key, silence, "the device");
}

static int
read_after(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_range(doc, node, 1, AFTER_MOST, load_field(target, key));
}

static const struct load_key silence_keys[] = {
    LOAD_KEY(struct vpn_silence, "device", read_silent_device, device, true),
    LOAD_KEY(struct vpn_silence, "after", read_after, after, true),
    LOAD_KEY(struct vpn_silence, "owner", load_plain, owner, false),
    LOAD_KEY(struct vpn_silence, "site", load_plain, site, false),
    LOAD_KEY(struct vpn_silence, "runbook", load_url, runbook, false),
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
    LOAD_ARRAY(P, "tunnels", entries, nentries, load_entry, false),
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
