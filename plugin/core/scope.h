/* SPDX-License-Identifier: Apache-2.0
 * What is open about more than a link. */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include "core/table.h"
#include "vpn/engine.h"

/* An alarm about more than a link, or what may become one. */
struct scope {
	struct node node;
	struct scope *next, *dirty_next;
	struct vpn_text subject, device;
	int64_t start_ms, opened_ms;
	uint32_t window_s, count, last_s; /* mono */
	uint32_t close_s;                 /* mono; 0: nothing to wait for */
	uint32_t live, live_then;         /* sessions */
	uint32_t remind_s;
	uint32_t down, members; /* as told last */
	uint16_t code;
	uint8_t kind;
	uint8_t group; /* enum group_kind, of a gateway; the severity, of a crowd */
	uint64_t group_hash;
	struct sketch *sketch; /* of unknown peers */
	bool open, dirty, gone, turned_away;
};

/* The alarms of one severity. */
struct crowd {
	size_t open;
	uint32_t turned_s; /* mono: when one last found no room; 0: never */
};

#endif
