/* SPDX-License-Identifier: Apache-2.0
 * rsyslog cancels threads when it stops: none may hold a lock then. */
#ifndef CANCEL_H
#define CANCEL_H

#include <pthread.h>

static inline int
hold_cancel(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

static inline void
allow_cancel(int state)
{
	pthread_setcancelstate(state, NULL);
}

#endif
