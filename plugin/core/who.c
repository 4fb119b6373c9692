/* SPDX-License-Identifier: Apache-2.0 */
#include "core/who.h"

#include <stdlib.h>

bool
vpn_who_is_any(struct vpn_text ip)
{
	return vpn_text_same(ip, VPN_TEXT("0.0.0.0")) ||
	    vpn_text_same(ip, VPN_TEXT("::"));
}

static int
compare(struct vpn_text a, struct vpn_text b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static void
set_subject(struct who *who)
{
	struct vpn_text a = who->part[END_LOCAL], b = who->part[END_PEER];

	who->subject = who->part[END_ID];
	if (!vpn_is_ip(a) || !vpn_is_ip(b) || a.len + b.len >= sizeof(who->pair))
		return;
	if (compare(a, b) > 0) {
		a = who->part[END_PEER];
		b = who->part[END_LOCAL];
	}
	memcpy(who->pair, a.at, a.len);
	who->pair[a.len] = '~';
	memcpy(who->pair + a.len + 1, b.at, b.len);
	who->subject = (struct vpn_text){who->pair, a.len + 1 + b.len};
}

static void
set_hashes(const struct vpn_event *ev, struct who *who)
{
	struct vpn_text device = who->part[END_DEVICE], flow = ev->field[VPN_FLOW],
			interface = ev->field[VPN_IF_INDEX],
			sequence = ev->field[VPN_SEQUENCE];

	who->id = vpn_hash(0, who->part[END_ID]);
	who->kin = vpn_hash(vpn_hash(3, device), who->part[END_PEER]);
	for (size_t i = 0; i < ev->vendor->ntunnel; i++)
		if (ev->vendor->tunnel[i] != VPN_IF_INDEX &&
		    ev->vendor->tunnel[i] != VPN_PEER)
			who->kin = vpn_hash(who->kin, ev->field[ev->vendor->tunnel[i]]);
	if (interface.len + sequence.len > 0)
		who->slot =
		    vpn_hash(vpn_hash(vpn_hash(5, device), interface), sequence);
	if (who->slot && flow.len > 0)
		who->place = vpn_hash(who->slot, flow);
}

void
vpn_who(const struct vpn_engine *eng, const struct vpn_event *ev, struct who *who)
{
	struct vpn_text none = {NULL, 0}, local = none, peer, connection;

	if (ev->local_is_ip && !vpn_who_is_any(ev->field[VPN_LOCAL]))
		local = vpn_canonical(ev->field[VPN_LOCAL], who->local);
	local = vpn_policy_address(eng->policy, ev->device, local);
	peer = vpn_canonical(ev->field[VPN_PEER], who->peer);
	connection = ev->field[VPN_CONNECTION];
	if (connection.len == 0)
		connection = ev->field[VPN_POLICY];
	who->part[END_ID] = (struct vpn_text){ev->tunnel, ev->tunnel_len};
	who->part[END_DEVICE] = vpn_policy_device(eng->policy, ev->device);
	who->part[END_LOCAL] = local;
	who->part[END_PEER] = vpn_policy_address(eng->policy, none, peer);
	who->part[END_INTERFACE] = ev->field[VPN_INTERFACE];
	who->part[END_CONNECTION] = connection;
	set_subject(who);
	who->slot = who->place = 0;
	set_hashes(ev, who);
}

static void
learn_role(struct end *end, const struct vpn_event *ev)
{
	struct vpn_text role = ev->field[VPN_ROLE];

	if (role.len > 0)
		end->role = role.at[0] == 'R' || role.at[0] == 'r' ? ROLE_RESPONDER
								   : ROLE_INITIATOR;
}

void
vpn_who_learn(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev)
{
	bool fresh = false;

	learn_role(end, ev);
	for (int i = 0; i < END_TEXTS; i++) {
		struct vpn_text old = vpn_end_text(end, (enum end_text)i);

		/* Found by its kin, it has another id than the event. */
		if (who->part[i].len == 0 || old.len > 0)
			who->part[i] = old;
		else
			fresh = true;
	}
	set_subject(who);
	if (!fresh || !vpn_end_rename(end, who->part))
		return;
	/* They may have pointed into the old text. */
	for (int i = 0; i < END_TEXTS; i++)
		who->part[i] = vpn_end_text(end, (enum end_text)i);
	set_subject(who);
	vpn_group_leave(eng, end);
	vpn_group_join(eng, end, ev->field[VPN_SEQUENCE]);
}

void
vpn_who_rehome(struct vpn_engine *eng, struct end *end, struct vpn_text subject)
{
	struct link *link = end->link, *to;

	if (vpn_text_same(link->subject, subject) || link->alarm != VPN_ALARM_NONE ||
	    link->state == VPN_STATE_DOWN)
		return;
	to = vpn_link_find(eng, subject);
	if (to && to->nends >= ENDS_MAX)
		return;
	if (to == NULL) {
		to = vpn_link_new(eng, subject, link);
		if (to == NULL)
			return;
		to->state = link->state;
		to->since_ms = link->since_ms;
		to->up_ms = link->up_ms;
		to->down_ms = link->down_ms;
		to->dynamic = link->dynamic;
		memcpy(to->cause, link->cause, sizeof(to->cause));
		vpn_link_list(eng, to);
	}
	vpn_moved(eng, to, to->since_ms, link->subject);
	vpn_end_move(eng, end, to);
}

struct end *
vpn_who_make(struct vpn_engine *eng, const struct who *who, const struct vpn_event *ev)
{
	struct vpn_text subject = who->subject;
	struct link *link = vpn_link_find(eng, subject);
	struct end *end;

	if (link && link->nends >= ENDS_MAX) {
		subject = who->part[END_ID];
		link = vpn_link_find(eng, subject);
	}
	if (link == NULL)
		link = vpn_link_new(eng, subject, NULL);
	if (link == NULL)
		return NULL;
	end = vpn_end_new(eng, link, who->part);
	if (end == NULL) {
		if (link->ends == NULL)
			vpn_link_free(eng, link);
		return NULL;
	}
	end->recovers = ev->vendor->recovery;
	learn_role(end, ev);
	end->device = vpn_device_of(eng, ev->device);
	if (end->device)
		end->device->ends++;
	vpn_end_kin(eng, end, who->kin);
	vpn_group_join(eng, end, ev->field[VPN_SEQUENCE]);
	return end;
}

bool
vpn_who_is_named(const struct vpn_event *ev)
{
	for (size_t i = 0; i < ev->vendor->ntunnel; i++)
		if (ev->field[ev->vendor->tunnel[i]].len > 0)
			return true;
	return false;
}

/* The device's end of the same pair of gateways, for a line that does not say which
 * connection it is about. */
static struct end *
find_in_pair(const struct vpn_engine *eng, const struct who *who)
{
	struct link *link =
	    who->subject.at == who->pair ? vpn_link_find(eng, who->subject) : NULL;

	for (struct end *end = link ? link->ends : NULL; end; end = end->next)
		if (vpn_text_same(vpn_end_text(end, END_DEVICE), who->part[END_DEVICE]))
			return end;
	return NULL;
}

/* By its id, else by its kin, else by its gateways. */
struct end *
vpn_who_find(struct vpn_engine *eng, const struct who *who, const struct vpn_event *ev)
{
	struct end *end = vpn_end_find(eng, who->part[END_ID], who->id);
	struct node *node;

	if (end == NULL && ev->class == VPN_CLASS_NEGOTIATION &&
	    (node = vpn_table_get(&eng->kin, who->kin)) != NULL)
		end = HOLDER(struct end, by_kin, node);
	if (end == NULL && who->part[END_CONNECTION].len == 0 && who->slot == 0)
		end = find_in_pair(eng, who);
	return end;
}
