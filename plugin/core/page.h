/* SPDX-License-Identifier: Apache-2.0
 * What the files that put an alarm into words share. */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include "core/render.h"
#include "vpn/page.h"

/* The code that explains it: the peer's failure, else the device's reason. */
const struct vpn_code *vpn_page_code(const struct vpn_alarm *);

/* Decimal; returns the length. */
size_t vpn_page_digits(uint64_t, char digits[20]);

/* The one line, under 120 characters. Returns its bytes; cut at cap. */
size_t vpn_page_summary(const struct vpn_alarm *, enum vpn_lang, char *buf, size_t cap);

/* The texts of a receiver's alert, as members of an object. */
void vpn_page_annotations(const struct vpn_render *, struct vpn_json *,
    const struct vpn_alarm *, struct vpn_text summary);

/* The transition as an object's members: in ECS, in OCSF, and what both have of it
 * in "omipsec". */
void vpn_page_record(const struct vpn_render *, struct vpn_json *,
    const struct vpn_alarm *, const struct vpn_page *);
void vpn_page_finding(const struct vpn_render *, struct vpn_json *,
    const struct vpn_alarm *, const struct vpn_page *);
void vpn_page_own(const struct vpn_render *, struct vpn_json *,
    const struct vpn_alarm *, const struct vpn_page *);

/* A step of an outage is one document, however often it is sent. */
#define VPN_PAGE_ID_LEN 16
void vpn_page_id(const struct vpn_page *, uint8_t id[VPN_PAGE_ID_LEN]);

/* How it came to its end; absent when it has not. */
struct vpn_text vpn_page_ending(const struct vpn_alarm *);

#endif
