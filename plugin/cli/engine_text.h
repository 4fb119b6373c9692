/* SPDX-License-Identifier: Apache-2.0
 * Alarms and times as vpnlog writes them. */
#ifndef CLI_ENGINE_TEXT_H
#define CLI_ENGINE_TEXT_H

#include "cli/page.h"
#include "vpn/engine.h"

#define TEXT_TIME_LEN 20 /* "2026-11-23T09:00:00Z" */
void text_time(int64_t ms, char buf[TEXT_TIME_LEN + 1]);

const char *text_step(enum vpn_step_of_alarm);
const char *text_ending(enum vpn_ending);
const char *text_severity(enum vpn_severity);

#endif
