/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_VENDOR_H
#define LOAD_VENDOR_H

#include "load/document.h"

/* vendors/NAME.yaml, read after the codes: the vendor, and whose lines are
 * its, go to doc->rules. 0, or -1 with the sentence set. */
int load_vendor(struct load_doc *);

/* A key's list of words that say whose line it is; key->words is their kind. */
int load_speakers(
    struct load_doc *, yaml_node_t *, void *vendor, const struct load_key *);

#endif
