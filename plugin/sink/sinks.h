/* SPDX-License-Identifier: Apache-2.0
 * The rows of the table in sink.c. */
#ifndef SINKS_H
#define SINKS_H

#include "vpn/sink.h"

extern const struct vpn_sink_ops vpn_sink_file, vpn_sink_kafka, vpn_sink_alertmanager,
    vpn_sink_pagerduty, vpn_sink_webhook;

#endif
