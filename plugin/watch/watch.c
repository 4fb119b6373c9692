/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "watch/inside.h"

#define ALARMS_PART 100  /* one in so many tunnels is told of singly.. */
#define ALARMS_LEAST 100 /* ..and always so many */

struct vpn_now
watch_now(void)
{
	struct timespec wall, mono;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return (struct vpn_now){(int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000,
	    (int64_t)mono.tv_sec * 1000 + mono.tv_nsec / 1000000};
}

/* What the outbox takes: a sink of events publishes what really happened. */
static bool
is_wanted(const struct watch *w, const struct vpn_alarm *alarm)
{
	return alarm->step != VPN_ALARM_CLEARED || w->ops->linger_s > 0;
}

struct vpn_text
watch_key(const struct watch *w, const struct vpn_page *page, char key[ITEM_KEY])
{
	size_t len = page->outage.len < ITEM_KEY - 2 ? page->outage.len : ITEM_KEY - 2;

	memcpy(key, page->outage.at, len);
	if (w->ops->pages)
		return (struct vpn_text){key, len};
	key[len] = '/';
	key[len + 1] = (char)('0' + page->step);
	return (struct vpn_text){key, len + 2};
}

/* The engine calls this with the lock held. */
static void
take_alarm(const struct vpn_alarm *alarm, void *arg)
{
	struct watch *w = arg;
	struct vpn_page page;
	struct vpn_text key;
	struct item *item;
	char buf[ITEM_KEY];

	if (w->render == NULL || !is_wanted(w, alarm) ||
	    !vpn_page_write(w->render, alarm, &page, w->page, sizeof(w->page)))
		return;
	key = watch_key(w, &page, buf);
	item = outbox_find(&w->box, key);
	if (item)
		page.labels = item->leaf->page.labels; /* frozen while it is open */
	if (w->box.pending >= w->conf.engine.max_tunnels &&
	    (item = outbox_spare(&w->box)) != NULL) {
		keep_drop(w, item);
		outbox_drop(&w->box, item);
		w->spilled++;
	}
	item = outbox_put(&w->box, key, &page, true);
	if (item)
		item->passing = alarm->step == VPN_ALARM_CLEARED ||
		    alarm->kind == VPN_ALARM_WATCHDOG;
	pthread_cond_signal(&w->wake);
}

static void
take_warning(const char *sentence, void *arg)
{
	struct watch *w = arg;
	char text[900];

	snprintf(text, sizeof(text), "omipsec: action \"%s\": %s", w->conf.sink->name,
	    sentence);
	w->conf.sink->complain(text);
}

static void
count(struct watch *w)
{
	const struct vpn_engine_counts *now = vpn_engine_counts(w->engine);
	struct watch_counters *to = w->counters;

	atomic_store(&to->opened, now->opened);
	atomic_store(&to->resolved, now->resolved);
	atomic_store(&to->reminded, now->reminded);
	atomic_store(&to->suppressed, now->suppressed);
	atomic_store(&to->late, now->late);
	atomic_store(&to->evicted, now->evicted);
	atomic_store(&to->overflowed, now->overflowed + w->spilled);
	atomic_store(&to->firing, now->firing);
	atomic_store(&to->tunnels, now->tunnels);
	atomic_store(&to->down, now->down);
	atomic_store(&to->waiting, w->box.pending);
}

static void
start_watchdog(struct watch *w)
{
	char subject[300] = "";
	struct vpn_now now = watch_now();
	struct vpn_alarm alarm = {.kind = VPN_ALARM_WATCHDOG,
	    .step = VPN_ALARM_OPENED,
	    .severity = VPN_SEVERITY_NONE,
	    .start_ms = now.wall_ms,
	    .opened_ms = now.wall_ms};

	gethostname(subject, sizeof(subject) - 1);
	snprintf(subject + strlen(subject), sizeof(subject) - strlen(subject), "/%s",
	    w->conf.sink->name);
	alarm.subject = vpn_text(subject);
	take_alarm(&alarm, w);
}

static void *
tick_run(void *arg)
{
	struct watch *w = arg;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		vpn_engine_tick(w->engine, watch_now());
		keep_asked(w);
		keep_flush(w);
		count(w);
		until.tv_sec++;
		while (!w->stopping &&
		    pthread_cond_timedwait(&w->tick, &w->lock, &until) == 0)
			;
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static size_t
alarms_max(const struct vpn_engine_conf *conf)
{
	size_t n = conf->max_tunnels / ALARMS_PART;

	return n > ALARMS_LEAST ? n : ALARMS_LEAST;
}

struct watch *
watch_open(const struct watch_conf *conf, const struct vpn_sink_ops *ops,
    struct vpn_sink *snk, struct watch_counters *counters, char *err, size_t cap)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct vpn_engine_conf engine = conf->engine;
	pthread_condattr_t attr;

	/* A record is no page: where events go, so does every outage. */
	engine.max_alarms = ops->pages ? alarms_max(&conf->engine) : 0;
	engine.alarm = take_alarm;
	engine.warn = take_warning;
	engine.arg = w;
	engine.started_ms = watch_now().mono_ms;
	if (w)
		w->engine = vpn_engine_new(&engine);
	if (w == NULL || w->engine == NULL) {
		snprintf(err, cap, "out of memory");
		free(w);
		return NULL;
	}
	w->conf = *conf;
	w->ops = ops;
	w->snk = snk;
	w->counters = counters;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_cond_init(&w->tick, &attr);
	pthread_condattr_destroy(&attr);
	return w;
}

/* The texts are there: what was open can be told of again. */
static void
start(struct watch *w)
{
	sigset_t all, old;

	keep_open(w);
	keep_restore(w);
	w->kept = w->box.number;
	if (w->ops->watchdog)
		start_watchdog(w);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	w->running = pthread_create(&w->ticker, NULL, tick_run, w) == 0;
	w->posting = pthread_create(&w->postman, NULL, post_run, w) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!w->running || !w->posting)
		take_warning("no thread can be started: no alert will be sent", w);
}

void
watch_use(struct watch *w, const struct vpn_rules *rules,
    const struct vpn_policy *policy, const struct vpn_render *render)
{
	pthread_mutex_lock(&w->lock);
	vpn_engine_use(w->engine, rules, policy);
	w->render = render;
	if (!w->running)
		start(w);
	pthread_mutex_unlock(&w->lock);
}

void
watch_event(struct watch *w, const struct vpn_event *ev, struct vpn_turn *turn)
{
	pthread_mutex_lock(&w->lock);
	vpn_engine_event(w->engine, ev, watch_now(), turn);
	pthread_mutex_unlock(&w->lock);
}

void
watch_heard(struct watch *w, size_t silence)
{
	pthread_mutex_lock(&w->lock);
	vpn_engine_heard(w->engine, silence, watch_now());
	pthread_mutex_unlock(&w->lock);
}

void
watch_end(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	keep_flush(w);
	count(w);
	pthread_mutex_unlock(&w->lock);
}

void
watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->wake);
	pthread_cond_broadcast(&w->tick);
	pthread_mutex_unlock(&w->lock);
	if (w->running)
		pthread_join(w->ticker, NULL);
	if (w->posting)
		pthread_join(w->postman, NULL);
	keep_flush(w);
	vpn_store_close(w->store);
	outbox_free(&w->box);
	vpn_engine_free(w->engine);
	pthread_cond_destroy(&w->wake);
	pthread_cond_destroy(&w->tick);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
