/* SPDX-License-Identifier: Apache-2.0
 * Alarms and times as vpnlog writes them. */
#ifndef CLI_ENGINE_TEXT_H
#define CLI_ENGINE_TEXT_H

#include "cli/page.h"
#include "core/json.h"
#include "vpn/engine.h"

#define TEXT_TIME_LEN 20 /* "2026-11-23T09:00:00Z" */
void text_time(int64_t ms, char buf[TEXT_TIME_LEN + 1]);

const char *text_step(enum vpn_step_of_alarm);
const char *text_ending(enum vpn_ending);
const char *text_severity(enum vpn_severity);

/* Members of a JSON object: a time, a code's slug where there is a code; and its end,
 * which is printed as a line unless the buffer was too small. */
void text_put_time(struct vpn_json *, const char *key, int64_t ms);
void text_put_code(struct vpn_json *, const char *key, const struct vpn_code *);
void text_print_json(struct vpn_json *, char *buf);

#endif
