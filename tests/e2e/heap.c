/* SPDX-License-Identifier: Apache-2.0
 * To be loaded before rsyslogd's libraries: has the heap begin where the third byte of
 * each address in it is 0x1f. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define AT 0x1f0000
#define EVERY 0x1000000

static void __attribute__((constructor)) move_heap(void)
{
	uintptr_t now = (uintptr_t)sbrk(0), wanted = (now & -EVERY) | AT;

	if (wanted < now)
		wanted += EVERY;
	if (sbrk((intptr_t)(wanted - now)) == (void *)-1)
		abort();
	/* What was allocated before, and its rest, lies below. */
	while ((uintptr_t)malloc(1) < wanted)
		;
}
