/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "core/address.h"

struct vpn_text
vpn_policy_key(struct vpn_text text, char buf[VPN_NAME_MAX])
{
	char address[VPN_IP_MAX];

	text = vpn_canonical(text, address);
	if (text.len > VPN_NAME_MAX)
		return (struct vpn_text){NULL, 0};
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		buf[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	return (struct vpn_text){buf, text.len};
}

static size_t
address_read(struct vpn_text text, uint8_t bytes[16])
{
	char copy[VPN_IP_MAX];

	if (text.len == 0 || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (strlen(copy) != text.len)
		return 0;
	if (inet_pton(AF_INET, copy, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, copy, bytes) == 1 ? 16 : 0;
}

static bool
bits_read(struct vpn_text text, unsigned most, unsigned *bits)
{
	*bits = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(text.at[i] - '0');
	}
	return text.len >= 1 && text.len <= 3 && *bits <= most;
}

/* The i-th byte of a network's mask. */
static uint8_t
mask_at(const struct vpn_net *net, size_t i)
{
	size_t bits = net->bits > 8 * i ? net->bits - 8 * i : 0;

	return bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
}

bool
vpn_net_read(struct vpn_text text, struct vpn_net *net)
{
	const char *slash = text.len > 0 ? memchr(text.at, '/', text.len) : NULL;
	struct vpn_text address = text, bits = {NULL, 0};

	if (slash) {
		address.len = (size_t)(slash - text.at);
		bits = (struct vpn_text){slash + 1, text.len - address.len - 1};
	}
	net->len = address_read(address, net->bytes);
	net->bits = (unsigned)(8 * net->len);
	if (net->len == 0 || (slash && !bits_read(bits, net->bits, &net->bits)))
		return false;
	for (size_t i = 0; i < net->len; i++)
		if (net->bytes[i] & ~mask_at(net, i))
			return false;
	return true;
}

static bool
said(const struct vpn_like *like)
{
	return like->text.len > 0 || like->wild;
}

static bool
exact(const struct vpn_like *like)
{
	return like->text.len > 0 && !like->wild;
}

/* The chain of a word: a new one the first time. NULL when memory is out. */
static struct vpn_chain *
chain_of(struct vpn_policy *policy, struct vpn_index *index, struct vpn_text word)
{
	struct vpn_chain *chain = (struct vpn_chain *)vpn_index_get(index, word);

	if (chain)
		return chain;
	chain = vpn_arena_take(&policy->arena, sizeof(*chain));
	if (chain == NULL ||
	    vpn_index_put(index, &policy->arena, word, chain) != VPN_WORD_NEW)
		return NULL;
	return chain;
}

bool
vpn_policy_add(struct vpn_policy *policy, struct vpn_entry *entry)
{
	const struct vpn_match *match = &entry->match;
	struct vpn_chain *chain = &policy->others;

	if (exact(&match->tunnel))
		chain = chain_of(policy, &policy->by_tunnel, match->tunnel.text);
	else if (exact(&match->peer))
		chain = chain_of(policy, &policy->by_peer, match->peer.text);
	else if (exact(&match->device))
		chain = chain_of(policy, &policy->by_device, match->device.text);
	if (chain == NULL)
		return false;
	if (chain->last)
		chain->last->next = entry;
	else
		chain->first = entry;
	chain->last = entry;
	return true;
}

/* Whom an entry is asked for, as entries are compared. */
struct asked {
	struct vpn_text device, cluster, peer, tunnel, code;
	struct vpn_net net; /* of the peer */
	char bytes[2][VPN_NAME_MAX];
};

static void
ask(const struct vpn_policy *policy, const struct vpn_whom *whom, struct asked *asked)
{
	const struct vpn_cluster *cluster;

	asked->device = vpn_policy_key(whom->device, asked->bytes[0]);
	asked->peer = vpn_policy_key(whom->peer, asked->bytes[1]);
	asked->tunnel = whom->tunnel;
	asked->code = whom->code ? whom->code->slug : (struct vpn_text){NULL, 0};
	cluster = vpn_index_get(&policy->by_member, asked->device);
	asked->cluster = cluster ? cluster->key : (struct vpn_text){NULL, 0};
	asked->net.len = address_read(asked->peer, asked->net.bytes);
}

static bool
fits(const struct vpn_like *like, struct vpn_text text)
{
	if (!said(like))
		return true;
	if (text.len < like->text.len || text.len == 0)
		return false;
	if (like->wild)
		text.len = like->text.len;
	return vpn_text_same(text, like->text);
}

static bool
within(const struct vpn_net *net, const struct vpn_net *address)
{
	if (net->len == 0)
		return true;
	if (net->len != address->len)
		return false;
	for (size_t i = 0; i < net->len; i++)
		if ((address->bytes[i] & mask_at(net, i)) != net->bytes[i])
			return false;
	return true;
}

static bool
matches(const struct vpn_match *match, const struct asked *asked)
{
	return (fits(&match->device, asked->device) ||
		   fits(&match->device, asked->cluster)) &&
	    fits(&match->peer, asked->peer) && fits(&match->tunnel, asked->tunnel) &&
	    within(&match->net, &asked->net) &&
	    (match->code.len == 0 || vpn_text_same(match->code, asked->code));
}

static void
put_choice(enum vpn_choice *to, enum vpn_choice choice)
{
	if (choice != VPN_UNSAID)
		*to = choice;
}

static void
put_text(struct vpn_text *to, struct vpn_text text)
{
	if (text.len > 0)
		*to = text;
}

static void
apply(const struct vpn_entry *entry, struct vpn_ruling *ruling)
{
	ruling->named =
	    ruling->named || exact(&entry->match.peer) || exact(&entry->match.tunnel);
	put_choice(&ruling->page, entry->page);
	put_choice(&ruling->dynamic, entry->dynamic);
	if (entry->decommissioned != VPN_UNSAID)
		ruling->decommissioned = entry->decommissioned == VPN_YES;
	if (entry->mode >= 0)
		ruling->mode = (enum vpn_mode)entry->mode;
	if (entry->hold >= 0)
		ruling->hold = entry->hold;
	if (entry->mute_until_ms != 0) {
		ruling->mute_from_ms = entry->mute_from_ms;
		ruling->mute_until_ms = entry->mute_until_ms;
	}
	put_text(&ruling->name, entry->name);
	put_text(&ruling->owner, entry->owner);
	put_text(&ruling->site, entry->site);
	put_text(&ruling->runbook, entry->runbook);
}

#define CHAINS 5

static const struct vpn_entry *
chain_first(const struct vpn_index *index, struct vpn_text word)
{
	const struct vpn_chain *chain = word.len ? vpn_index_get(index, word) : NULL;

	return chain ? chain->first : NULL;
}

/* The entry that comes first in the file, which is the order of the array that
 * all are in. NULL when every chain is at its end. */
static const struct vpn_entry *
take(const struct vpn_entry *chain[CHAINS])
{
	const struct vpn_entry *first = NULL;
	size_t place = 0;

	for (size_t i = 0; i < CHAINS; i++) {
		if (chain[i] && (first == NULL || chain[i] < first)) {
			first = chain[i];
			place = i;
		}
	}
	if (first)
		chain[place] = first->next;
	return first;
}

void
vpn_policy_rule(const struct vpn_policy *policy, const struct vpn_whom *whom,
    struct vpn_ruling *ruling)
{
	const struct vpn_entry *chain[CHAINS], *entry;
	struct asked asked;

	*ruling = (struct vpn_ruling){.hold = -1};
	if (policy == NULL || policy->nentries == 0)
		return;
	ask(policy, whom, &asked);
	chain[0] = chain_first(&policy->by_tunnel, asked.tunnel);
	chain[1] = chain_first(&policy->by_peer, asked.peer);
	chain[2] = chain_first(&policy->by_device, asked.device);
	chain[3] = vpn_text_same(asked.cluster, asked.device)
	    ? NULL
	    : chain_first(&policy->by_device, asked.cluster);
	chain[4] = policy->others.first;
	while ((entry = take(chain)) != NULL)
		if (matches(&entry->match, &asked))
			apply(entry, ruling);
}

struct vpn_text
vpn_policy_device(const struct vpn_policy *policy, struct vpn_text device)
{
	const struct vpn_cluster *cluster;
	char buf[VPN_NAME_MAX];

	if (policy == NULL)
		return device;
	cluster = vpn_index_get(&policy->by_member, vpn_policy_key(device, buf));
	return cluster ? cluster->name : device;
}

/* The device's own gateway, else its cluster's. */
static const struct vpn_gateway *
gateway_of(const struct vpn_policy *policy, struct vpn_text device)
{
	char buf[VPN_NAME_MAX];
	struct vpn_text key = vpn_policy_key(device, buf);
	const struct vpn_gateway *gateway = vpn_index_get(&policy->by_gateway, key);
	const struct vpn_cluster *cluster;

	if (gateway)
		return gateway;
	cluster = vpn_index_get(&policy->by_member, key);
	return cluster ? vpn_index_get(&policy->by_gateway, cluster->key) : NULL;
}

struct vpn_text
vpn_policy_address(
    const struct vpn_policy *policy, struct vpn_text device, struct vpn_text address)
{
	const struct vpn_gateway *gateway;
	char buf[VPN_NAME_MAX];

	if (policy == NULL)
		return address;
	gateway = address.len == 0
	    ? gateway_of(policy, device)
	    : vpn_index_get(&policy->by_address, vpn_policy_key(address, buf));
	return gateway ? gateway->addresses[0] : address;
}

size_t
vpn_policy_silences(const struct vpn_policy *policy)
{
	return policy ? policy->nsilences : 0;
}

const struct vpn_silence *
vpn_policy_silence(const struct vpn_policy *policy, size_t i)
{
	return &policy->silences[i];
}

int
vpn_policy_heard(const struct vpn_policy *policy, struct vpn_text device)
{
	const struct vpn_silence *silence;
	char buf[VPN_NAME_MAX];

	if (policy == NULL || policy->nsilences == 0)
		return -1;
	silence = vpn_index_get(&policy->by_silence, vpn_policy_key(device, buf));
	return silence ? (int)(silence - policy->silences) : -1;
}

void
vpn_policy_free(struct vpn_policy *policy)
{
	if (policy == NULL)
		return;
	vpn_arena_free(&policy->arena);
	free(policy);
}
