/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_VENDOR_H
#define LOAD_VENDOR_H

#include "load/document.h"

/* What a vendor's file holds beside the vendor itself. */
struct load_vendor {
	struct vpn_vendor vendor;
	struct vpn_text *modules, *programs, *openers; /* see core/catalog.h */
	size_t nmodules, nprograms, nopeners;
};

/* vendors/NAME.yaml, read after the codes. 0, or -1 with the sentence set. */
int load_vendor(struct load_doc *, struct load_vendor *);

#endif
