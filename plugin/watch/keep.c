/* SPDX-License-Identifier: Apache-2.0
 * The store's copy of what the watch knows. A store that fails is told once
 * and tried again; then it gets everything anew. */
#include <stdio.h>

#include "watch/inside.h"

#define AGAIN_MS 30000
#define ERR_MAX 600

void
watch_path(const struct vpn_sink_conf *conf, char *path, size_t cap)
{
	snprintf(path, cap, "%s/%s.state", conf->state_dir, conf->name);
}

void
keep_trouble(struct watch *w, const char *err)
{
	char sentence[ERR_MAX + 300];

	atomic_fetch_add(&w->counters->store_errors, 1);
	w->stale = true;
	w->store_next_ms = watch_now().mono_ms + AGAIN_MS;
	if (w->told)
		return;
	w->told = true;
	snprintf(sentence, sizeof(sentence),
	    "omipsec: action \"%s\": %s. Alerting goes on from memory; what is open "
	    "now "
	    "would be forgotten at a restart",
	    w->conf.sink->name, err);
	w->conf.sink->complain(sentence);
}

void
keep_open(struct watch *w)
{
	char path[4096], err[ERR_MAX];

	watch_path(w->conf.sink, path, sizeof(path));
	w->store = vpn_store_open(path, err, sizeof(err));
	if (w->store == NULL)
		keep_trouble(w, err);
}

struct restore {
	struct watch *watch;
	struct vpn_now now;
	size_t bad;
};

static void
restore_item(struct vpn_text key, struct vpn_text data, void *arg)
{
	struct restore *re = arg;

	if (!vpn_engine_restore(re->watch->engine, key, data, re->now))
		re->bad++;
}

static void
restore_page(const struct vpn_page *page, bool pending, int64_t order, void *arg)
{
	struct restore *re = arg;
	struct item *item = NULL;
	char key[ITEM_KEY];
	struct vpn_text name = watch_key(re->watch, page, key);

	(void)order;
	if (page->outage.len > 0 && !outbox_find(&re->watch->box, name))
		item = outbox_put(&re->watch->box, name, page, pending);
	if (item && re->watch->conf.catches_up)
		item->sent_ms = re->now.mono_ms;
}

void
keep_restore(struct watch *w)
{
	struct restore re = {w, watch_now(), 0};
	bool first = !w->unread;
	char err[ERR_MAX];

	w->unread = w->store == NULL;
	if (w->store == NULL)
		return;
	if (vpn_store_each(w->store, restore_item, &re, err, sizeof(err)) != 0 ||
	    vpn_store_each_page(w->store, restore_page, &re, err, sizeof(err)) != 0) {
		w->unread = first; /* twice: it is damaged, and written anew */
		keep_trouble(w, err);
	}
	if (re.bad > 0) {
		snprintf(err, sizeof(err),
		    "omipsec: action \"%s\": %zu tunnels of the state file could not "
		    "be "
		    "read and start anew",
		    w->conf.sink->name, re.bad);
		w->conf.sink->complain(err);
	}
}

static void
put_item(struct vpn_text key, struct vpn_text data, void *arg)
{
	struct watch *w = arg;

	if (w->store == NULL)
		return;
	if (data.at)
		vpn_store_put(w->store, key, data);
	else
		vpn_store_drop(w->store, key);
}

static struct vpn_text
key_of(const struct item *item)
{
	return (struct vpn_text){item->key, item->key_len};
}

void
keep_page(struct watch *w, const struct item *item)
{
	if (w->store && !item->passing)
		vpn_store_put_page(w->store, key_of(item), &item->leaf->page,
		    item->pending, item->number);
}

/* Outside of a batch: a row too many at the next start does no harm, so that
 * its failure is no trouble. */
void
keep_drop(struct watch *w, const struct item *item)
{
	char err[ERR_MAX];

	if (w->store == NULL || item->passing || w->stale)
		return;
	vpn_store_begin(w->store);
	vpn_store_drop_page(w->store, key_of(item));
	vpn_store_commit(w->store, err, sizeof(err));
}

/* It has missed something: everything, once more. */
static void
put_all(struct watch *w)
{
	vpn_store_clear(w->store);
	vpn_engine_touch(w->engine);
	for (const struct item *item = w->box.first; item; item = item->next)
		keep_page(w, item);
}

void
keep_flush(struct watch *w)
{
	bool again = w->stale && watch_now().mono_ms >= w->store_next_ms;
	char err[ERR_MAX];

	if (again && w->store == NULL)
		keep_open(w);
	if (again && w->store && w->unread)
		keep_restore(w);
	if (w->store == NULL || (w->stale && !again)) {
		/* So that nothing heaps up: put_all() will ask for it. */
		struct vpn_store *store = w->store;

		w->store = NULL;
		vpn_engine_save(w->engine, put_item, w);
		w->store = store;
		return;
	}
	vpn_store_begin(w->store);
	if (w->stale)
		put_all(w);
	for (const struct item *item = w->box.last;
	     !w->stale && item && item->number > w->kept; item = item->prev)
		keep_page(w, item);
	vpn_engine_save(w->engine, put_item, w);
	if (vpn_store_commit(w->store, err, sizeof(err)) != 0) {
		keep_trouble(w, err);
		/* Removed, replaced or damaged: another may be made. */
		vpn_store_close(w->store);
		w->store = NULL;
		return;
	}
	w->kept = w->box.number;
	w->stale = w->told = false;
}

void
keep_sent(struct watch *w, struct item *const *items, size_t n)
{
	char err[ERR_MAX];

	if (w->store == NULL || n == 0 || w->stale)
		return;
	vpn_store_begin(w->store);
	for (size_t i = 0; i < n; i++)
		if (!items[i]->passing)
			vpn_store_sent(w->store, key_of(items[i]));
	if (vpn_store_commit(w->store, err, sizeof(err)) != 0)
		keep_trouble(w, err);
}

struct asked {
	struct watch *watch;
	int64_t last;
};

static void
forget(struct vpn_text tunnel, int64_t number, void *arg)
{
	struct asked *asked = arg;

	vpn_engine_forget(asked->watch->engine, tunnel, watch_now());
	asked->last = number;
}

void
keep_asked(struct watch *w)
{
	struct asked asked = {w, 0};
	char err[ERR_MAX];

	if (w->store == NULL || w->stale)
		return;
	if (vpn_store_each_asked(w->store, forget, &asked, err, sizeof(err)) != 0) {
		keep_trouble(w, err);
		return;
	}
	if (asked.last == 0)
		return;
	vpn_store_begin(w->store);
	vpn_store_drop_asked(w->store, asked.last);
	if (vpn_store_commit(w->store, err, sizeof(err)) != 0)
		keep_trouble(w, err);
}
