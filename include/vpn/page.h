/* SPDX-License-Identifier: Apache-2.0
 * An alarm in words: what is stored, sent to receivers and read at 3 a.m. */
#ifndef VPN_PAGE_H
#define VPN_PAGE_H

#include "vpn/alarm.h"
#include "vpn/render.h"

#define VPN_PAGE_MAX (64 * 1024) /* bytes of all texts of a page */

struct vpn_page {
	enum vpn_step_of_alarm step;
	/* The same from both ends, on every replica and after every restart:
	 * dedup_key of PagerDuty, part of the outbox. At most 255 bytes. */
	struct vpn_text key;    /* "omipsec/IPsecTunnelDown/198.51.100.1~203.0.113.7" */
	struct vpn_text outage; /* 32 hex digits: of key and start */
	struct vpn_text name;   /* "IPsecTunnelDown" */
	struct vpn_text severity; /* "critical", "warning", "none" */
	struct vpn_text summary;  /* one line, under 120 characters */
	struct vpn_text source;   /* the device that spoke, or the subject */
	struct vpn_text code;     /* slug of the cause; may be empty */
	struct vpn_text runbook;  /* URL; may be empty */
	/* JSON objects of strings. Labels are identity only and stay as they were
	 * when the alarm opened. */
	struct vpn_text labels, annotations;
	struct vpn_text record; /* JSON of this transition, for Kafka and files */
	int64_t start_ms, opened_ms, end_ms; /* Unix time; end 0: still open */
};

/* Put the alarm into words, in buf. Slices of the page point into buf. False
 * when cap is too small (VPN_PAGE_MAX never is). */
bool vpn_page_write(const struct vpn_render *, const struct vpn_alarm *,
    struct vpn_page *, char *buf, size_t cap);

#endif
