/* SPDX-License-Identifier: Apache-2.0
 * Numbers as people read them. Each writes into buf and returns it. */
#ifndef CLI_AMOUNT_H
#define CLI_AMOUNT_H

#include <stdint.h>

#include "vpn/rules.h"

#define AMOUNT_LEN 64

/* What is counted. */
struct noun {
	const char *one, *many, *zh;
};

/* "1,234" */
const char *amount_number(char buf[AMOUNT_LEN], uint64_t);
/* "1 outage", "5 outages", "5次中断" */
const char *amount_of(
    char buf[AMOUNT_LEN], uint64_t, const struct noun *, enum vpn_lang);
/* The two largest units: "2 d 4 h", "18 min 40 s", "2天4小时" */
const char *amount_duration(char buf[AMOUNT_LEN], int64_t ms, enum vpn_lang);
/* "99.93 %"; never "100 %" of what is not whole, nor "0 %" of what is something */
const char *amount_share(char buf[AMOUNT_LEN], int64_t part, int64_t whole);
/* "2026-11-23 02:03:40" */
const char *amount_time(char buf[AMOUNT_LEN], int64_t ms);

#endif
