/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "learn.h"
#include "instance.h"

static void
complain(const struct instance *inst, const char *what, const char *why)
{
	char sentence[900];

	snprintf(sentence, sizeof(sentence), "omipsec: action \"%s\": %s%s",
	    inst->par.name, what, why);
	inst->host->complain(sentence);
}

static void
instance_leave(struct instance *inst)
{
	if (atomic_fetch_sub(&inst->users, 1) > 1)
		return;
	knowledge_leave(inst->kn);
	params_free(&inst->par);
	joiner_close(&inst->joiner);
	vpn_refused_close(&inst->refused);
	pthread_mutex_destroy(&inst->lock);
	free(inst);
}

struct instance *
instance_new(struct nvlst *lst, const char *default_name, const struct host *host)
{
	struct instance *inst = calloc(1, sizeof(*inst));
	bool joins;

	if (!inst)
		return NULL;
	atomic_store(&inst->users, 1);
	pthread_mutex_init(&inst->lock, NULL);
	joins = joiner_open(&inst->joiner);
	vpn_refused_open(&inst->refused, NULL);
	inst->host = host;
	if (params_read(&inst->par, lst, default_name) != 0)
		goto fail;
	inst->refused.file.path = inst->par.error_file;
	inst->par.conf.stopping = host->stopping;
	inst->par.conf.complain = host->complain;
	inst->kn = learn_first(&inst->par);
	if (inst->kn && joins)
		return inst;
fail:
	instance_leave(inst);
	return NULL;
}

/* The watch over the tunnels, for a sink that is open. */
static int
open_watch(struct instance *inst, struct vpn_sink *snk, char *err, size_t cap)
{
	struct watch_conf conf = {.sink = &inst->par.conf,
	    .engine = inst->par.engine,
	    .resend_s = inst->par.resend_s,
	    .catches_up = inst->par.made};
	struct knowledge *kn = inst->kn;

	if (!inst->par.tracks)
		return 0;
	inst->watch =
	    watch_open(&conf, inst->par.ops, snk, &inst->stats.watch, err, cap);
	if (inst->watch)
		watch_use(inst->watch, kn->rules, kn->policy, kn->render);
	return inst->watch ? 0 : -1;
}

/* Open the sink, or try again to. The lock is held. */
static void
open_sink(struct instance *inst)
{
	struct vpn_sink *snk;
	char err[600];

	if (inst->snk || inst->closed)
		return;
	snk = inst->par.ops->open(&inst->par.conf, &inst->stats.sink, err, sizeof(err));
	if (snk && open_watch(inst, snk, err, sizeof(err)) != 0) {
		inst->par.ops->close(snk);
		snk = NULL;
	}
	if (!snk && !inst->complained)
		complain(inst, "messages wait in rsyslog's queue: ", err);
	inst->complained = !snk;
	inst->snk = snk;
}

void
instance_open(struct instance *inst)
{
	stats_open(&inst->stats, &inst->par, inst->host->statsobj);
	pthread_mutex_lock(&inst->lock);
	open_sink(inst);
	pthread_mutex_unlock(&inst->lock);
}

void
instance_hup(struct instance *inst)
{
	char err[600];
	struct knowledge *fresh = learn_rules(&inst->par, err, sizeof(err)),
			 *old = NULL;

	if (!fresh)
		complain(inst, "HUP: the rules and overrides in use are kept: ", err);
	pthread_mutex_lock(&inst->lock);
	if (fresh)
		old = atomic_exchange(&inst->kn, fresh);
	if (fresh && inst->watch)
		watch_use(inst->watch, fresh->rules, fresh->policy, fresh->render);
	if (inst->snk && inst->par.ops->hup)
		inst->par.ops->hup(inst->snk);
	vpn_refused_hup(&inst->refused);
	pthread_mutex_unlock(&inst->lock);
	knowledge_leave(old);
}

void
instance_close(struct instance *inst)
{
	stats_close(&inst->stats, inst->host->statsobj);
	pthread_mutex_lock(&inst->lock);
	inst->closed = true;
	watch_close(inst->watch);
	inst->watch = NULL;
	/* After a hard cancel rsyslog frees the action before its workers. */
	for (struct worker *worker = inst->workers; worker; worker = worker->next) {
		inst->par.ops->worker_free(worker->sink);
		worker->sink = NULL;
	}
	inst->par.ops->close(inst->snk);
	inst->snk = NULL;
	pthread_mutex_unlock(&inst->lock);
	instance_leave(inst);
}

struct worker *
worker_new(struct instance *inst)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	atomic_fetch_add(&inst->users, 1);
	worker->inst = inst;
	pthread_mutex_lock(&inst->lock);
	worker->next = inst->workers;
	inst->workers = worker;
	pthread_mutex_unlock(&inst->lock);
	return worker;
}

void
worker_free(struct worker *worker)
{
	struct instance *inst = worker->inst;
	struct worker **at;

	pthread_mutex_lock(&inst->lock);
	for (at = &inst->workers; *at && *at != worker; at = &(*at)->next)
		;
	if (*at)
		*at = worker->next;
	inst->par.ops->worker_free(worker->sink);
	pthread_mutex_unlock(&inst->lock);
	harvest_free(&worker->har);
	knowledge_leave(worker->kn);
	instance_leave(inst);
	free(worker);
}

/* The worker's own end of the sink, as soon as there is a sink. */
static struct vpn_sink_worker *
sink_of(struct worker *worker, bool may_open)
{
	struct instance *inst = worker->inst;

	if (worker->sink || (!may_open && !inst->snk))
		return worker->sink;
	pthread_mutex_lock(&inst->lock);
	open_sink(inst);
	if (inst->snk && !inst->par.pages)
		worker->sink = inst->par.ops->worker(inst->snk);
	pthread_mutex_unlock(&inst->lock);
	return worker->sink;
}

bool
worker_ready(struct worker *worker)
{
	struct instance *inst = worker->inst;
	/* A sink that opens during a stop would only delay it. */
	struct vpn_sink_worker *sink = sink_of(worker, !inst->host->stopping());

	if (inst->par.pages) /* the watch takes events, and the postman waits */
		return inst->snk != NULL;
	return sink && inst->par.ops->ready(sink);
}

/* Only a stop is a reason to say no: rsyslog then keeps the messages. At any
 * other time it would hand them over all the same, and then once more. */
bool
worker_begin(struct worker *worker)
{
	worker->begun = !worker->inst->host->stopping() || worker_ready(worker);
	return worker->begun;
}

static void
use_latest_rules(struct worker *worker)
{
	struct instance *inst = worker->inst;
	struct knowledge *old = worker->kn;

	if (old == atomic_load(&inst->kn))
		return;
	pthread_mutex_lock(&inst->lock);
	worker->kn = knowledge_use(inst->kn);
	pthread_mutex_unlock(&inst->lock);
	knowledge_leave(old);
}

bool
worker_start(struct worker *worker)
{
	struct instance *inst = worker->inst;
	bool begun = worker->begun;

	worker->begun = false;
	/* The queue of an action takes back what was refused at a stop. Without
	 * such a queue rsyslog forgets it, so it has to be kept here. */
	if (!begun && inst->par.queued && inst->host->stopping())
		return false;
	/* Other rules would give a batch that the sink still has open other
	 * ids, and it would be delivered twice. */
	if (!worker->retrying || !worker->kn)
		use_latest_rules(worker);
	if (!worker->retrying)
		worker->put_aside = false;
	if (!inst->snk && inst->par.tracks)
		sink_of(worker, !inst->host->stopping());
	worker->har.joiner = &inst->joiner;
	worker->har.watch = inst->watch;
	worker->har.silent = inst->par.pages;
	worker->har.echoes = inst->par.echoes;
	worker->har.refused = worker->put_aside ? NULL : &inst->refused;
	harvest_begin(&worker->har, worker->kn, zone_now(&worker->zone, &inst->par));
	return true;
}

void
worker_message(struct worker *worker, struct vpn_text text)
{
	if (worker->inst->par.made)
		harvest_made(&worker->har, text);
	else
		harvest_line(&worker->har, text);
}

/* What could not be read is told once, until all of a batch could be. */
static void
tell_malformed(struct instance *inst, const struct harvest *har)
{
	const char *file = inst->par.error_file;

	if (har->tally.malformed == 0)
		vpn_trouble_over(&inst->refused.told);
	else if (har->starved)
		vpn_trouble_tell(&inst->refused.told, &inst->par.conf,
		    "an event cannot be read (%s), nor put aside in errorFile=\"%s\"; "
		    "messages wait in rsyslog's queue until it can be written",
		    har->why, file ? file : "");
	else
		vpn_trouble_tell(&inst->refused.told, &inst->par.conf,
		    "what %s holds is refused: %s; %s", inst->par.container, har->why,
		    file ? "it is in errorFile" : "set errorFile= to keep such events");
}

/* Counted when it has worked, so that a replay does not count twice. */
enum vpn_put
worker_finish(struct worker *worker)
{
	struct instance *inst = worker->inst;
	struct vpn_sink_worker *sink = sink_of(worker, false);
	enum vpn_put put = VPN_PUT_DONE;

	if (worker->har.watch)
		watch_end(worker->har.watch);
	if (inst->par.made)
		tell_malformed(inst, &worker->har);
	if (worker->har.starved || (inst->par.tracks && !worker->har.watch))
		put = VPN_PUT_SUSPENDED;
	else if (worker->har.n > 0)
		put = sink
		    ? inst->par.ops->commit(sink, worker->har.records, worker->har.n)
		    : VPN_PUT_SUSPENDED;
	if (put == VPN_PUT_SUSPENDED && inst->host->stopping()) {
		/* "Later" would be asked again without end. */
		complain(
		    inst, "stopped; the last batch could not be taken and is lost", "");
		put = VPN_PUT_DONE;
	}
	worker->retrying = put != VPN_PUT_DONE;
	worker->put_aside = worker->retrying && !worker->har.starved;
	if (put == VPN_PUT_DONE)
		stats_add(&inst->stats, &worker->har.tally);
	return put;
}
