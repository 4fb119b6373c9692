/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_GUIDE_H
#define LOAD_GUIDE_H

#include "load/document.h"

/* guide.yaml and codes-*.yaml: guide, checks and codes go to doc->rules, codes
 * after those that are there. 0, or -1 with the sentence set. */
int load_guide(struct load_doc *);

#endif
