/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RENDER_H
#define CORE_RENDER_H

#include "core/json.h"
#include "vpn/render.h"

#define VPN_ECS_VERSION "9.4.0"
#define VPN_OCSF_VERSION "1.8.0"

/* What of a code is the same in each of its events, as JSON members; empty where the
 * format has no such part. */
struct vpn_static {
	struct vpn_text policy;      /* inside "omipsec": what the event is worth */
	struct vpn_text omipsec;     /* ECS, inside "omipsec": what it means */
	struct vpn_text rule;        /* ECS, inside "rule" */
	struct vpn_text enrichments; /* OCSF: what it means */
	struct vpn_text finding;     /* OCSF, of an alert's: "desc" */
	struct vpn_text remediation; /* OCSF, inside an alert's "remediation": "desc" */
	struct vpn_text reference;   /* address of its page, no JSON; may be empty */
};

/* The same of a vendor. */
struct vpn_static_vendor {
	struct vpn_text observer; /* ECS, inside "observer" */
	struct vpn_text network;  /* ECS: "network" */
	struct vpn_text id;       /* inside "omipsec.vendor" */
};

#define VPN_PRIORITIES 192 /* of syslog: 24 facilities, 8 severities */

struct vpn_render {
	const struct vpn_rules *rules;
	enum vpn_format format;
	enum vpn_language language;
	struct vpn_text runbook;           /* what stands before the name of a page */
	struct vpn_static *codes;          /* by vpn_code.index */
	struct vpn_static_vendor *vendors; /* by vpn_vendor.index */
	struct vpn_text syslog[VPN_PRIORITIES]; /* inside "log.syslog" */
	char *text;                             /* owns what they point into */
};

/* The members of an event's object. */
void vpn_ecs(const struct vpn_render *, struct vpn_json *, const struct vpn_event *);
void vpn_ocsf(const struct vpn_render *, struct vpn_json *, const struct vpn_event *);

/* The language of texts that are not given in both. */
enum vpn_lang vpn_render_lang(const struct vpn_render *);

#endif
