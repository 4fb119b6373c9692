/* SPDX-License-Identifier: Apache-2.0
 * ThreadSanitizer knows the threads and locks of POSIX, and librdkafka uses those of
 * C11, which in glibc are the same under other names: so they are led there. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

struct start {
	thrd_start_t run;
	void *arg;
};

static int
answer(int error)
{
	return error == 0 ? thrd_success : thrd_error;
}

static void *
run(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	return (void *)(intptr_t)start.run(start.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t func, void *arg)
{
	struct start *start = malloc(sizeof(*start));

	if (start == NULL)
		return thrd_nomem;
	*start = (struct start){func, arg};
	return answer(pthread_create(thread, NULL, run, start));
}

int
thrd_join(thrd_t thread, int *result)
{
	void *got;
	int error = pthread_join(thread, &got);

	if (error == 0 && result)
		*result = (int)(intptr_t)got;
	return answer(error);
}

int
mtx_lock(mtx_t *mutex)
{
	return answer(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int
mtx_unlock(mtx_t *mutex)
{
	return answer(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

void
mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int
cnd_wait(cnd_t *cond, mtx_t *mutex)
{
	return answer(
	    pthread_cond_wait((pthread_cond_t *)cond, (pthread_mutex_t *)mutex));
}

int
cnd_timedwait(cnd_t *cond, mtx_t *mutex, const struct timespec *until)
{
	int error = pthread_cond_timedwait(
	    (pthread_cond_t *)cond, (pthread_mutex_t *)mutex, until);

	return error == ETIMEDOUT ? thrd_timedout : answer(error);
}

int
cnd_signal(cnd_t *cond)
{
	return answer(pthread_cond_signal((pthread_cond_t *)cond));
}

int
cnd_broadcast(cnd_t *cond)
{
	return answer(pthread_cond_broadcast((pthread_cond_t *)cond));
}

void
cnd_destroy(cnd_t *cond)
{
	pthread_cond_destroy((pthread_cond_t *)cond);
}
