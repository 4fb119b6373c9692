/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint.h"

/* "HQ/6/10/203.0.113.7" -> "HQ". Absent when names in it were escaped. */
static struct vpn_text
device_of(struct vpn_text tunnel)
{
	const char *slash = memchr(tunnel.at, '/', tunnel.len);

	if (slash == NULL || memchr(tunnel.at, '%', (size_t)(slash - tunnel.at)))
		return (struct vpn_text){NULL, 0};
	return (struct vpn_text){tunnel.at, (size_t)(slash - tunnel.at)};
}

/* Does the entry name a device that is not the tunnel's? */
static bool
other_device(const struct vpn_policy *policy, const struct vpn_match *match)
{
	struct vpn_text device = match->device.text, own, cluster;
	char own_key[VPN_NAME_MAX], cluster_key[VPN_NAME_MAX];

	if (match->tunnel.wild || match->tunnel.text.len == 0)
		return false;
	own = device_of(match->tunnel.text);
	if (own.len == 0 || device.len == 0)
		return false;
	cluster = vpn_policy_key(vpn_policy_device(policy, own), cluster_key);
	own = vpn_policy_key(own, own_key);
	if (match->device.wild && own.len > device.len)
		own.len = device.len;
	if (match->device.wild && cluster.len > device.len)
		cluster.len = device.len;
	return !vpn_text_same(own, device) && !vpn_text_same(cluster, device);
}

void
lint_overrides(struct lint *lint, const char *file, const struct vpn_policy *policy)
{
	for (size_t i = 0; i < policy->nentries; i++) {
		const struct vpn_entry *entry = &policy->entries[i];
		struct vpn_text slug = entry->match.code;
		const struct vpn_code *code =
		    vpn_rules_by_slug(lint->rules, slug, VPN_TEXT(""));
		struct place place = {file, entry->row};

		if (code && code->class == VPN_CLASS_SYMPTOM)
			lint_problem(lint, place,
			    "'%.*s' is a symptom, which no line reports: this never "
			    "matches",
			    (int)slug.len, slug.at);
		if (other_device(policy, &entry->match))
			lint_problem(lint, place,
			    "the device is not the tunnel's: this never matches");
	}
}
