/* SPDX-License-Identifier: Apache-2.0
 * output="ruleset": an alert as a message of rsyslog's own, into a ruleset
 * that the operator names, so that any action can take it. */
#ifndef RESUBMIT_H
#define RESUBMIT_H

#include "vpn/sink.h"

extern const struct vpn_sink_ops omipsec_ruleset;

/* From modInit to modExit: what it needs of rsyslog. */
rsRetVal resubmit_use(void);
rsRetVal resubmit_leave(void);

#endif
