/* SPDX-License-Identifier: Apache-2.0
 * Event -> one line of JSON. */
#ifndef VPN_RENDER_H
#define VPN_RENDER_H

#include "vpn/rules.h"

#define VPN_SCHEMA 1          /* omipsec.schema: raised when a field changes meaning */
#define VPN_ORIGINAL_MAX 8192 /* bytes of the line kept in event.original */
#define VPN_EVENT_MAX (256 * 1024) /* enough for any event */

enum vpn_format {
	VPN_FORMAT_ECS, /* Elastic Common Schema */
	VPN_FORMAT_OCSF /* Open Cybersecurity Schema Framework */
};

enum vpn_language { VPN_LANGUAGE_EN, VPN_LANGUAGE_ZH, VPN_LANGUAGE_BOTH };

/* Is the text in lang a part of it? */
bool vpn_language_has(enum vpn_language, enum vpn_lang);

/* The static part of every code's event, rendered once. Keeps a pointer to
 * the rules, which must outlive it. */
struct vpn_render;

/* runbook: what stands before the name of a code's page (vpn/runbook.h) in
 * rule.reference, a vpn_is_url(); NULL: events have none. Must outlive it, too. */
struct vpn_render *vpn_render_new(
    const struct vpn_rules *, enum vpn_format, enum vpn_language, const char *runbook);
void vpn_render_free(struct vpn_render *);

/* Write ev as JSON, without a newline, into buf. Returns the length, or 0
 * when cap is too small (VPN_EVENT_MAX never is). Always valid UTF-8. */
size_t vpn_render_event(
    const struct vpn_render *, const struct vpn_event *, char *buf, size_t cap);

enum vpn_format vpn_render_format(const struct vpn_render *);

/* The one-line sentence of the event ("message"), as plain text with control
 * bytes neutralised. Returns its length; cut at cap. */
size_t vpn_sentence(const struct vpn_event *, enum vpn_lang, char *buf, size_t cap);

#endif
