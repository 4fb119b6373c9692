/* SPDX-License-Identifier: Apache-2.0
 * The knowledge that an action asks for, of either module. */
#ifndef LEARN_H
#define LEARN_H

#include "knowledge.h"
#include "params.h"

/* What the parameters ask for. NULL and "file:line: sentence" in err. */
struct knowledge *learn_rules(const struct params *, char *err, size_t cap);

/* The same for an action that begins: NULL, and its operator has been told. */
struct knowledge *learn_first(const struct params *);

#endif
