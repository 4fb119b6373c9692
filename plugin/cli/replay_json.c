/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay_json.h"

#include <stdio.h>

#include "cli/engine_text.h"
#include "core/json.h"
#include "vpn/words.h"

#define JSON_MAX 8192

void
replay_json_alarm(const struct vpn_alarm *alarm)
{
	char buf[JSON_MAX];
	struct vpn_json js = {buf, buf + sizeof(buf), false, false};

	vpn_json_open(&js, NULL, '{');
	vpn_json_text(&js, "kind", VPN_TEXT("alert"));
	text_put_time(&js, "time", alarm->told_ms);
	vpn_json_text(&js, "step", vpn_text(text_step(alarm->step)));
	vpn_json_text(&js, "name", vpn_alarm_name(alarm->kind));
	vpn_json_text(&js, "severity", vpn_text(text_severity(alarm->severity)));
	vpn_json_text(&js, "subject", alarm->subject);
	text_put_code(&js, "reason", alarm->reason);
	text_put_code(&js, "failure", alarm->failure);
	vpn_json_some(&js, "ending", vpn_text(text_ending(alarm->ending)));
	vpn_json_some(&js, "moved_to", alarm->moved_to);
	text_put_time(&js, "since", alarm->start_ms);
	vpn_json_number(&js, "drops", alarm->drops);
	vpn_json_number(&js, "failures", alarm->failures);
	vpn_json_number(&js, "down", alarm->down);
	vpn_json_number(&js, "members", alarm->members);
	vpn_json_bool(&js, "late", alarm->late);
	text_print_json(&js, buf);
}

void
replay_json_move(const struct moved *move)
{
	char buf[JSON_MAX];
	struct vpn_json js = {buf, buf + sizeof(buf), false, false};

	vpn_json_open(&js, NULL, '{');
	vpn_json_text(&js, "kind", VPN_TEXT("transition"));
	text_put_time(&js, "time", move->when_ms);
	vpn_json_text(&js, "tunnel", vpn_text(move->tunnel));
	vpn_json_text(&js, "state", vpn_word(VPN_WORDS_STATE, (int)move->state));
	text_put_code(&js, "reason", move->code);
	text_print_json(&js, buf);
}
