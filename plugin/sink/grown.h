/* SPDX-License-Identifier: Apache-2.0
 * Arrays that grow from batch to batch. */
#ifndef GROWN_H
#define GROWN_H

#include <stdbool.h>
#include <stdlib.h>

/* The array with room for n of that size. Without memory it is what it was, and ok
 * false. */
static inline void *
vpn_grown(void *array, size_t n, size_t size, bool *ok)
{
	void *grown = realloc(array, n * size);

	if (grown)
		return grown;
	*ok = false;
	return array;
}

/* Slots of a table for n: a power of two, at most half of them taken. */
static inline size_t
vpn_grown_slots(size_t n)
{
	size_t slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

#endif
