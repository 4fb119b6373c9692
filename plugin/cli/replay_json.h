/* SPDX-License-Identifier: Apache-2.0
 * What `vpnlog replay --json` prints: a line for each alert and each move. */
#ifndef CLI_REPLAY_JSON_H
#define CLI_REPLAY_JSON_H

#include "vpn/engine.h"

/* A tunnel went from one state to another. */
struct moved {
	int64_t when_ms;
	size_t number;
	enum vpn_state state;
	const struct vpn_code *code;
	char tunnel[VPN_TUNNEL_ID_MAX];
};

void replay_json_alarm(const struct vpn_alarm *);
void replay_json_move(const struct moved *);

#endif
