/* SPDX-License-Identifier: Apache-2.0
 * What comes from outside as YAML or as JSON, into the core's structs. */
#ifndef LOAD_H
#define LOAD_H

#include "vpn/event.h"
#include "vpn/policy.h"
#include "vpn/rules.h"

/* Read guide.yaml, codes-*.yaml and all in vendors below dir. NULL when any is
 * wrong, with "file:line:column: sentence" in err; nothing is kept then. */
struct vpn_rules *vpn_rules_load(const char *dir, char *err, size_t cap);

/* Read an overrides file; codes in it must be in the rules. NULL when it is
 * wrong, with "file:line:column: sentence" in err. */
struct vpn_policy *vpn_policy_load(
    const char *path, const struct vpn_rules *, char *err, size_t cap);

/* JSON that has lines in it. Huawei Cloud's answer to "query VPN connection logs":
 * {"logs":[{"time":1735024112,"raw_message":"..."}]}. Calls each() for every
 * raw_message, with line->device set to the answer's own "vpn_connection_id" if
 * whoever fetched it added one (the host in the line is only a node); a log without
 * one is an empty line. And charon's own log with json = yes, an object a line.
 * like: how it was received. Returns the number of lines, or -1 when text is neither.
 * Sources: support.huaweicloud.com/api-vpn/vpn_api_0145.html; strongSwan's
 * file_logger.c. */
int vpn_wrapped_each(struct vpn_text text, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg);

#endif
