/* SPDX-License-Identifier: Apache-2.0
 * Lines that belong together. charon, pluto and others name the peer in one line and
 * the reason in another, and say one fault in several: what earlier lines of the
 * same IKE SA, job or connection told fills what an event lacks, and what only says
 * the same again is told apart. Bounded in memory and time; pure: time comes with
 * the line; its user locks. */
#ifndef VPN_JOIN_H
#define VPN_JOIN_H

#include "vpn/rules.h"

struct vpn_join;

enum vpn_joined {
	VPN_JOINED_EVENT,
	VPN_JOINED_REPEAT, /* the same again: the tunnel has to hear it, people do not
			    */
	VPN_JOINED_NOTHING /* no event: context, or a copy of another line */
};

/* NULL when memory is out. */
struct vpn_join *vpn_join_new(void);
void vpn_join_free(struct vpn_join *);

/* A recognised line is an event, or it only tells something about others. */
static inline bool
vpn_is_event(const struct vpn_event *ev)
{
	return ev->class < VPN_CLASS_SYMPTOM;
}

/* Is it anything to join? If not, it is an event as it stands. */
static inline bool
vpn_join_wants(const struct vpn_event *ev)
{
	return ev->vendor->joins || !vpn_is_event(ev);
}

/* What vpn_recognise found, in the order of the lines: fields, class and code may
 * change. A line that comes again, as after an outage, is judged as before. */
enum vpn_joined vpn_join_line(struct vpn_join *, struct vpn_event *);

#endif
