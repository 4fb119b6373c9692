/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_VENDOR_H
#define LOAD_VENDOR_H

#include "load/document.h"

/* vendors/NAME.yaml, read after the codes: the vendor, and whose lines are
 * its, go to doc->rules. 0, or -1 with the sentence set. */
int load_vendor(struct load_doc *);

#endif
