/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "learn.h"
#include "load/load.h"
#include "load/made.h"
#include "tagger.h"
#include "vpn/recognise.h"

struct tagger *
tagger_new(struct nvlst *lst, const char *default_name, const struct host *host)
{
	struct tagger *tagger = calloc(1, sizeof(*tagger));
	bool joins;

	if (!tagger)
		return NULL;
	pthread_mutex_init(&tagger->lock, NULL);
	joins = joiner_open(&tagger->joiner);
	tagger->host = host;
	if (params_read_tags(&tagger->par, lst, default_name) != 0)
		goto fail;
	tagger->kn = learn_first(&tagger->par);
	if (tagger->kn && joins)
		return tagger;
fail:
	tagger_free(tagger);
	return NULL;
}

void
tagger_open(struct tagger *tagger)
{
	stats_open(&tagger->stats, &tagger->par, tagger->host->statsobj);
}

void
tagger_hup(struct tagger *tagger)
{
	char err[600], sentence[800];
	struct knowledge *fresh = learn_rules(&tagger->par, err, sizeof(err)), *old;

	if (!fresh) {
		snprintf(sentence, sizeof(sentence),
		    "mmipsec: action \"%s\": HUP: the rules in use are kept: %s",
		    tagger->par.name, err);
		tagger->host->complain(sentence);
		return;
	}
	pthread_mutex_lock(&tagger->lock);
	old = atomic_exchange(&tagger->kn, fresh);
	pthread_mutex_unlock(&tagger->lock);
	knowledge_leave(old);
}

void
tagger_free(struct tagger *tagger)
{
	stats_close(&tagger->stats, tagger->host->statsobj);
	knowledge_leave(tagger->kn);
	params_free(&tagger->par);
	joiner_close(&tagger->joiner);
	pthread_mutex_destroy(&tagger->lock);
	free(tagger);
}

struct tag_worker *
tag_worker_new(struct tagger *tagger)
{
	struct tag_worker *worker = calloc(1, sizeof(*worker));

	if (worker)
		worker->tagger = tagger;
	return worker;
}

void
tag_worker_free(struct tag_worker *worker)
{
	knowledge_leave(worker->kn);
	free(worker);
}

static void
use_latest_rules(struct tag_worker *worker)
{
	struct tagger *tagger = worker->tagger;
	struct knowledge *old = worker->kn;

	pthread_mutex_lock(&tagger->lock);
	worker->kn = knowledge_use(tagger->kn);
	pthread_mutex_unlock(&tagger->lock);
	knowledge_leave(old);
}

/* Is it anything, event or context? */
static void
see_line(const struct vpn_line *ln, void *arg)
{
	struct tag_worker *worker = arg;
	struct vpn_event ev;

	worker->seen |= vpn_recognise(worker->kn->rules, ln, &ev);
}

bool
tag_worker_knows(struct tag_worker *worker, struct vpn_text raw)
{
	struct vpn_line ln = {.raw = raw, .pri = -1};

	atomic_fetch_add_explicit(
	    &worker->tagger->stats.lines, 1, memory_order_relaxed);
	if (worker->kn !=
	    atomic_load_explicit(&worker->tagger->kn, memory_order_acquire))
		use_latest_rules(worker);
	worker->seen = false;
	if (vpn_wrapped_each(raw, &ln, see_line, worker) < 0)
		see_line(&ln, worker);
	return worker->seen;
}

/* Behind the first event of a message the others. */
static void
add_more(struct fjson_object *first, struct fjson_object *event)
{
	struct fjson_object *more = NULL;

	if (!fjson_object_object_get_ex(first, VPN_MADE_MORE, &more)) {
		more = fjson_object_new_array();
		fjson_object_object_add(first, VPN_MADE_MORE, more);
	}
	fjson_object_array_add(more, event);
}

static void
count(struct stats *st, const struct vpn_event *ev)
{
	struct tally tally = {.unknown = ev->unknown, .repeated = ev->repeat};

	tally.events[ev->class] = 1;
	stats_add(st, &tally);
}

static void
read_line(const struct vpn_line *ln, void *arg)
{
	struct tag_worker *worker = arg;
	struct fjson_tokener *tokener;
	struct fjson_object *event;
	struct vpn_event ev;
	size_t len;

	if (!vpn_recognise(worker->kn->rules, ln, &ev) ||
	    joiner_line(&worker->tagger->joiner, &ev) == VPN_JOINED_NOTHING)
		return;
	len = vpn_render_event(
	    worker->kn->render, &ev, worker->json, sizeof(worker->json));
	tokener = fjson_tokener_new();
	event =
	    tokener ? fjson_tokener_parse_ex(tokener, worker->json, (int)len) : NULL;
	if (tokener)
		fjson_tokener_free(tokener);
	if (!event)
		return; /* memory is out; the line itself goes on */
	count(&worker->tagger->stats, &ev);
	if (worker->found)
		add_more(worker->found, event);
	else
		worker->found = event;
}

struct fjson_object *
tag_worker_event(struct tag_worker *worker, const struct vpn_line *ln)
{
	worker->found = NULL;
	if (vpn_wrapped_each(ln->raw, ln, read_line, worker) < 0)
		read_line(ln, worker);
	return worker->found;
}
