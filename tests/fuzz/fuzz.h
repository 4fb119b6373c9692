/* SPDX-License-Identifier: Apache-2.0
 * What the fuzzers share: one of them is one function over bytes, for libFuzzer or
 * AFL++. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/load.h"

#define FUZZ_NOW INT64_C(1795424400000) /* 2026-11-23T09:00:00Z */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, whatever the bytes are. */
#define FUZZ_HOLDS(claim)                                                       \
	do {                                                                    \
		if (!(claim)) {                                                 \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, \
			    __LINE__, #claim);                                  \
			abort();                                                \
		}                                                               \
	} while (0)

/* The rules that ship, loaded once. */
static inline const struct vpn_rules *
fuzz_rules(void)
{
	static struct vpn_rules *rules;
	char err[512] = "";

	if (rules == NULL)
		rules = vpn_rules_load(RULES_DIR, err, sizeof(err));
	if (rules == NULL)
		fprintf(stderr, "%s\n", err);
	FUZZ_HOLDS(rules != NULL);
	return rules;
}

/* The bytes as a file without a name; its path in path. Returns what to close. */
static inline int
fuzz_file(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", 0);

	FUZZ_HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
