/* SPDX-License-Identifier: Apache-2.0
 * Texts that operators write and that end up in pages: nothing is hidden in
 * them. */
#ifndef LOAD_PLAIN_H
#define LOAD_PLAIN_H

#include "core/policy.h"
#include "load/document.h"

/* The field is a vpn_text; of load_url it is an http or https address. */
load_reader load_plain, load_url;

/* The key of a name or an address, kept in the arena. */
int load_keep_key(
    struct load_doc *, const yaml_node_t *, struct vpn_text name, struct vpn_text *key);

/* A name that stands for one device, and its key. */
int load_name(
    struct load_doc *, yaml_node_t *, struct vpn_text *name, struct vpn_text *key);

#endif
