/* SPDX-License-Identifier: Apache-2.0
 * The saved form: integers with the lowest byte first, texts with their length
 * in two bytes before them; the version stands first. */
#ifndef CORE_FROZEN_H
#define CORE_FROZEN_H

#include "core/estate.h"

#define FROZEN_VERSION 1

#endif
