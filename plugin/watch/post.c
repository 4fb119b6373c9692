/* SPDX-License-Identifier: Apache-2.0
 * The postman: what is pending, and what has to be said again, to the sink. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "watch/inside.h"

#define ROUND 500   /* pages at once */
#define LOOK_MS 100 /* between two looks at a sink that is not ready */
#define DOUBT 10    /* what may have changed is said again so much less often */

struct round {
	struct leaf *leaf[ROUND];
	struct vpn_record record[ROUND];
	size_t n;
};

static int
resend_ms(const struct watch *w)
{
	return 1000 * (w->conf.resend_s ? w->conf.resend_s : w->ops->resend_s);
}

/* "omipsec/NAME/SUBJECT" */
static struct vpn_text
subject_of(const struct vpn_page *page)
{
	size_t front = sizeof("omipsec//") - 1 + page->name.len;

	return (struct vpn_text){page->key.at + front, page->key.len - front};
}

/* Of what this node has not told itself: not before it has read what came since. */
static bool
is_due_first(const struct watch *w, const struct item *item, int64_t now_ms)
{
	if (item->leaf->page.end_ms > 0 || item->sent_ms == 0)
		return true;
	return now_ms >= item->sent_ms + (int64_t)w->conf.engine.hold_down * 1000 &&
	    !vpn_engine_doubts(w->engine, subject_of(&item->leaf->page));
}

/* Level-triggered receivers hear again of what is open, and for a while of
 * what is over. Another node may be ahead and have told them the contrary. */
static bool
is_due(const struct watch *w, const struct item *item, int64_t now_ms)
{
	if (item->pending)
		return is_due_first(w, item, now_ms);
	if (w->ops->resend_s == 0 || now_ms < item->sent_ms + resend_ms(w))
		return false;
	if (item->leaf->page.end_ms > 0 && w->ops->linger_s == 0)
		return false;
	return now_ms >= item->sent_ms + (int64_t)DOUBT * resend_ms(w) ||
	    !vpn_engine_doubts(w->engine, subject_of(&item->leaf->page));
}

/* Nobody has to hear of it any more. */
static bool
is_over(const struct watch *w, const struct item *item, int64_t wall_ms)
{
	int64_t end_ms = item->leaf->page.end_ms;

	if (item->pending)
		return false;
	if (!w->ops->pages)
		return true;
	return end_ms > 0 &&
	    (item->passing || wall_ms >= end_ms + (int64_t)w->ops->linger_s * 1000 ||
		outbox_is_past(&w->box, item));
}

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The event.id of the record, which is the first member of its "event". */
static void
set_id(struct vpn_record *rec)
{
	static const char before[] = "\"event\":{\"id\":\"";
	const char *at =
	    memmem(rec->value.at, rec->value.len, before, sizeof(before) - 1);

	for (size_t i = 0; at && i < sizeof(rec->id); i++)
		rec->id[i] = (uint8_t)(nibble(at[sizeof(before) - 1 + 2 * i]) << 4 |
		    nibble(at[sizeof(before) + 2 * i]));
}

static void
add(struct round *round, struct item *item)
{
	struct leaf *leaf = leaf_use(item->leaf);
	struct vpn_record *rec = &round->record[round->n];

	round->leaf[round->n++] = leaf;
	*rec = (struct vpn_record){.key = leaf->page.key,
	    .type = VPN_TEXT("io.omipsec.alert.v1"),
	    .source = leaf->page.source,
	    .value = leaf->page.record,
	    .time_ms = leaf->page.end_ms ? leaf->page.end_ms : leaf->page.opened_ms,
	    .page = &leaf->page};
	set_id(rec);
}

/* The lock is held. */
static void
collect(struct watch *w, struct round *round)
{
	struct vpn_now now = watch_now();
	struct item *next;

	round->n = 0;
	for (struct item *item = w->box.first; item && round->n < ROUND; item = next) {
		next = item->next;
		if (is_over(w, item, now.wall_ms)) {
			keep_drop(w, item);
			outbox_drop(&w->box, item);
		} else if (is_due(w, item, now.mono_ms)) {
			add(round, item);
		}
	}
}

/* The lock is held. A page that was replaced meanwhile stays pending. */
static void
settle(struct watch *w, struct round *round, enum vpn_put put)
{
	struct item *sent[ROUND], *item;
	char key[ITEM_KEY];
	struct vpn_now now = watch_now();
	size_t n = 0;

	for (size_t i = 0; i < round->n; i++) {
		if (put != VPN_PUT_DONE && !round->record[i].done)
			continue;
		item = outbox_find(&w->box, watch_key(w, &round->leaf[i]->page, key));
		if (item == NULL || item->leaf != round->leaf[i])
			continue;
		if (item->pending)
			sent[n++] = item;
		outbox_sent(&w->box, item, now.mono_ms);
		atomic_store(&w->counters->last_sent, (uint64_t)(now.wall_ms / 1000));
	}
	keep_sent(w, sent, n);
	atomic_store(&w->counters->waiting, w->box.pending);
}

/* Until something may have to be sent. The lock is held. */
static void
rest(struct watch *w, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&w->wake, &w->lock, &until);
}

static void
leave(struct round *round)
{
	for (size_t i = 0; i < round->n; i++)
		leaf_leave(round->leaf[i]);
	round->n = 0;
}

/* Where events go, what did not get through is tried again as it is: with others
 * beside it, it would be a new batch, and come twice. */
static void
send_round(struct watch *w, struct vpn_sink_worker *worker, struct round *round)
{
	enum vpn_put put = VPN_PUT_SUSPENDED;

	pthread_mutex_unlock(&w->lock);
	put = w->ops->commit(worker, round->record, round->n);
	pthread_mutex_lock(&w->lock);
	settle(w, round, put);
	if (w->ops->pages || put == VPN_PUT_DONE)
		leave(round);
}

void *
post_run(void *arg)
{
	struct watch *w = arg;
	struct round *round = calloc(1, sizeof(*round));
	struct vpn_sink_worker *worker = w->ops->worker(w->snk);
	bool ready;

	pthread_mutex_lock(&w->lock);
	while (round && worker && !w->stopping) {
		pthread_mutex_unlock(&w->lock);
		ready = w->ops->ready(worker);
		pthread_mutex_lock(&w->lock);
		ready = ready && !w->stopping;
		if (ready && round->n == 0)
			collect(w, round);
		if (ready && round->n > 0)
			send_round(w, worker, round);
		else if (!w->stopping)
			rest(w, ready ? 1000 : LOOK_MS);
	}
	if (round)
		leave(round);
	pthread_mutex_unlock(&w->lock);
	if (worker)
		w->ops->worker_free(worker);
	free(round);
	return NULL;
}
