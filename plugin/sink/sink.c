/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "sinks.h"

static const struct vpn_sink_ops *const sinks[] = {
    &vpn_sink_kafka,
    &vpn_sink_file,
    &vpn_sink_alertmanager,
    &vpn_sink_pagerduty,
    &vpn_sink_webhook,
};

#define NSINKS (sizeof(sinks) / sizeof(sinks[0]))

const struct vpn_sink_ops *
vpn_sink_find(const char *name)
{
	for (size_t i = 0; i < NSINKS; i++)
		if (strcasecmp(sinks[i]->name, name) == 0)
			return sinks[i];
	return NULL;
}

const char *
vpn_sink_name(size_t i)
{
	return i < NSINKS ? sinks[i]->name : NULL;
}
