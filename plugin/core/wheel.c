/* SPDX-License-Identifier: Apache-2.0
 * A hashed wheel of seconds: setting and removing cost the same however many
 * links wait. */
#include "core/estate.h"

void
vpn_wheel_remove(struct vpn_engine *eng, struct link *link)
{
	if (!link->queued)
		return;
	if (link->wheel_prev)
		link->wheel_prev->wheel_next = link->wheel_next;
	else
		eng->wheel[link->wheel_s % WHEEL] = link->wheel_next;
	if (link->wheel_next)
		link->wheel_next->wheel_prev = link->wheel_prev;
	link->queued = false;
}

static void
insert(struct vpn_engine *eng, struct link *link, uint32_t s)
{
	struct link **first = &eng->wheel[s % WHEEL];

	link->wheel_s = s;
	link->wheel_prev = NULL;
	link->wheel_next = *first;
	if (*first)
		(*first)->wheel_prev = link;
	*first = link;
	link->queued = true;
}

void
vpn_wheel_set(struct vpn_engine *eng, struct link *link, enum due due, uint32_t due_s)
{
	uint32_t next = 0;

	/* A second that was ticked already will not come again. */
	if (due_s > 0 && due_s <= eng->ticked_s)
		due_s = eng->ticked_s + 1;
	link->due_s[due] = due_s;
	for (size_t i = 0; i < DUES; i++)
		if (link->due_s[i] > 0 && (next == 0 || link->due_s[i] < next))
			next = link->due_s[i];
	if (link->queued && next == link->wheel_s)
		return;
	vpn_wheel_remove(eng, link);
	if (next > 0)
		insert(eng, link, next);
}

struct link *
vpn_wheel_next(struct vpn_engine *eng, uint32_t s)
{
	struct link *link = eng->wheel[s % WHEEL];

	while (link && link->wheel_s > s)
		link = link->wheel_next;
	return link;
}
