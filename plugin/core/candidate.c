/* SPDX-License-Identifier: Apache-2.0 */
#include "core/candidate.h"

static void
add(struct vpn_candidate *to, const struct vpn_message *message,
    const struct vpn_pattern *pattern)
{
	*to = (struct vpn_candidate){.message = message, .pattern = pattern};
	if (pattern) {
		struct vpn_text first = pattern->piece[0].literal;
		size_t len =
		    first.len < sizeof(to->mask) ? first.len : sizeof(to->mask);

		to->bytes = vpn_candidate_head(first);
		memset(&to->mask, 0xff, len);
	}
}

/* Messages that are known by the sentence before a field list, or by its fields
 * alone, are not looked for here. */
static size_t
collect(struct vpn_candidate *to, const struct vpn_vendor *vendor)
{
	size_t n = 0;

	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		if (message->text.len > 0)
			continue;
		for (size_t j = 0; j < message->npatterns; j++)
			add(&to[n++], message, &message->patterns[j]);
		if (message->npatterns == 0 && message->nnames + message->nwhere > 0)
			add(&to[n++], message, NULL);
	}
	return n;
}

static size_t
count(const struct vpn_vendor *vendor)
{
	size_t n = 0;

	for (size_t i = 0; i < vendor->nmessages; i++)
		n += 1 + vendor->messages[i].npatterns;
	return n;
}

/* The numbers of those that may begin with each byte; returns how many there are.
 * order may be NULL. */
static unsigned
put_in_order(struct vpn_candidates *set, size_t n, uint16_t *order)
{
	unsigned used = 0;

	for (unsigned byte = 0; byte < 256; byte++) {
		set->start[byte] = used;
		for (size_t i = 0; i < n; i++) {
			const struct vpn_pattern *pattern = set->at[i].pattern;

			if (pattern && !vpn_pattern_may_begin(pattern, (char)byte))
				continue;
			if (order)
				order[used] = (uint16_t)i;
			used++;
		}
	}
	set->start[256] = used;
	return used;
}

int
vpn_candidates_build(struct vpn_candidates *set, struct vpn_arena *arena,
    const struct vpn_vendor *vendor)
{
	size_t n;

	set->at = vpn_arena_take(arena, count(vendor) * sizeof(*set->at));
	if (set->at == NULL)
		return -1;
	n = collect(set->at, vendor);
	set->order = vpn_arena_take(
	    arena, (put_in_order(set, n, NULL) + 1) * sizeof(*set->order));
	if (set->order == NULL)
		return -1;
	put_in_order(set, n, set->order);
	return 0;
}
