/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RENDER_H
#define CORE_RENDER_H

#include "core/json.h"
#include "vpn/render.h"

#define VPN_ECS_VERSION "9.4.0"

/* What of a code is the same in each of its events, as JSON members. */
struct vpn_static {
	struct vpn_text rule;      /* inside "rule" */
	struct vpn_text reference; /* address of its page; may be empty */
	struct vpn_text policy;    /* inside "omipsec": what the event is worth */
	struct vpn_text omipsec;   /* inside "omipsec": what it means */
};

struct vpn_render {
	const struct vpn_rules *rules;
	enum vpn_language language;
	struct vpn_text runbook;  /* what stands before the name of a page */
	struct vpn_static *codes; /* by vpn_code.index */
	char *text;               /* owns what they point into */
};

/* The language of texts that are not given in both. */
enum vpn_lang vpn_render_lang(const struct vpn_render *);

#endif
