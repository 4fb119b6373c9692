/* SPDX-License-Identifier: Apache-2.0
 * The engine at work: its lock, its clock, its store and its postman.
 *
 * Two threads of its own, all signals blocked: one ticks every second, one
 * hands pages to the sink, so that a receiver that hangs delays neither events
 * nor ticks. The store is written once a batch and once a tick; when it fails,
 * that is told once, counted, and alerting goes on from memory. */
#ifndef WATCH_H
#define WATCH_H

#include "vpn/engine.h"
#include "vpn/page.h"
#include "vpn/sink.h"

struct watch;

struct watch_counters {
	_Atomic uint64_t opened, resolved, reminded, suppressed; /* alerts */
	_Atomic uint64_t firing, waiting; /* now: open alerts; pages to be sent */
	_Atomic uint64_t tunnels, down;   /* now */
	_Atomic uint64_t late, evicted, overflowed;
	_Atomic uint64_t last_sent; /* Unix seconds of the last success */
	_Atomic uint64_t store_errors;
};

struct watch_conf {
	const struct vpn_sink_conf *sink; /* name, stopping, complain, state_dir */
	struct vpn_engine_conf engine;    /* without callbacks and started_ms */
	int resend_s;                     /* 0: as the sink has it */
	bool catches_up; /* what came while it was away is read first */
};

/* The file of a watch: "<state_dir>/<name>.state". */
void watch_path(const struct vpn_sink_conf *, char *path, size_t cap);

/* Open the store, restore, start the threads; never fails but for memory and
 * threads (NULL and err): a store that cannot be used is told. */
struct watch *watch_open(const struct watch_conf *, const struct vpn_sink_ops *,
    struct vpn_sink *, struct watch_counters *, char *err, size_t cap);

/* A generation of rules, overrides and texts, which must stay until the next
 * call has returned. */
void watch_use(struct watch *, const struct vpn_rules *, const struct vpn_policy *,
    const struct vpn_render *);

/* The events of a batch, and its end, which writes the store. Any thread. */
void watch_event(struct watch *, const struct vpn_event *, struct vpn_turn *);
void watch_heard(struct watch *, size_t silence);
void watch_end(struct watch *);

/* Stop the threads: what is not sent stays in the store. Returns within
 * sink->shutdown_ms and a second. */
void watch_close(struct watch *);

#endif
