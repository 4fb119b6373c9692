/* SPDX-License-Identifier: Apache-2.0 */
#include "joiner.h"

bool
joiner_open(struct joiner *joiner)
{
	pthread_mutex_init(&joiner->lock, NULL);
	joiner->join = vpn_join_new();
	return joiner->join != NULL;
}

void
joiner_close(struct joiner *joiner)
{
	vpn_join_free(joiner->join);
	pthread_mutex_destroy(&joiner->lock);
}

enum vpn_joined
joiner_line(struct joiner *joiner, struct vpn_event *ev)
{
	enum vpn_joined joined;

	if (!vpn_join_wants(ev))
		return VPN_JOINED_EVENT;
	pthread_mutex_lock(&joiner->lock);
	joined = vpn_join_line(joiner->join, ev);
	pthread_mutex_unlock(&joiner->lock);
	return joined;
}
