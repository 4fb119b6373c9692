/* SPDX-License-Identifier: Apache-2.0
 * A destination: one table of functions each, one row in plugin/sink/sink.c.
 * A sink knows records, never vendor text, and nothing of rsyslog. */
#ifndef VPN_SINK_H
#define VPN_SINK_H

#include <stdatomic.h>
#include <stdint.h>

#include "vpn/text.h"

struct vpn_chunk; /* vpn/chunk.h */
struct vpn_page;  /* vpn/page.h */

/* One finished event, or one step of an alert. Slices live until commit returns, or
 * as long as their chunk is held. */
struct vpn_record {
	uint8_t id[16];
	struct vpn_text key;     /* tunnel id */
	struct vpn_text type;    /* CloudEvents type, e.g. io.omipsec.disconnect.v1 */
	struct vpn_text source;  /* the device */
	struct vpn_text value;   /* JSON */
	struct vpn_chunk *chunk; /* where they are; NULL: cannot be held */
	int64_t time_ms;         /* event time, Unix milliseconds */
	unsigned kind; /* those of one are alike but for names and numbers; small */
	const struct vpn_page *page; /* of a step of an alert; else NULL */
	bool done;                   /* set by a sink of pages: not to be tried again */
};

/* What the operator set, in the words of the parameters. Strings are owned by
 * the caller and outlive the sink; NULL or 0 when not set. */
struct vpn_sink_conf {
	const char *name; /* of the action, for messages and file names */
	const char *file;
	const char *const *broker;
	size_t nbroker;
	const char *topic;
	const char *const *conf_param; /* "name=value" of librdkafka */
	size_t nconf_param;
	const char *const *topic_conf_param;
	size_t ntopic_conf_param;
	const char *error_file;
	const char *const *url; /* of receivers of alerts */
	size_t nurl;
	const char *key_file;   /* the secret of a receiver, on its first line */
	const char *token_file; /* of a bearer token, the same way */
	const char *ca_file, *cert_file, *cert_key_file; /* PEM */
	const char *ruleset;                             /* of rsyslog */
	int timeout_ms; /* of one request; 0: the sink's default */
	const char *state_dir;
	int shutdown_ms;        /* how long a stop may wait for acknowledgements */
	bool (*stopping)(void); /* rsyslog is being stopped */
	void (*complain)(const char *sentence); /* one sentence to the operator's log */
};

/* impstats counters; added to by the sink, read by its owner. */
struct vpn_sink_counters {
	_Atomic uint64_t delivered, refused, retried, waits;
};

enum vpn_put {
	VPN_PUT_DONE,     /* every record is at its destination or in errorFile */
	VPN_PUT_SUSPENDED /* try the same records again later */
};

struct vpn_sink;
struct vpn_sink_worker;

struct vpn_sink_ops {
	const char *name;
	/* A sink of pages: commit gets only records with a page, on one thread of
	 * its own, where it may block; its one worker is made before the first. */
	bool pages;
	int resend_s;  /* open pages are sent again that often; 0: never */
	int linger_s;  /* and resolved ones for that long; 0: once */
	bool watchdog; /* wants the alert that is always open */
	/* 0, or -1 with a sentence in err. Creates nothing. */
	int (*check)(const struct vpn_sink_conf *, char *err, size_t cap);
	/* Before the first record, privileges already dropped. NULL and err. */
	struct vpn_sink *(*open)(const struct vpn_sink_conf *,
	    struct vpn_sink_counters *, char *err, size_t cap);
	struct vpn_sink_worker *(*worker)(struct vpn_sink *); /* only allocates */
	void (*worker_free)(struct vpn_sink_worker *);
	bool (*ready)(struct vpn_sink_worker *); /* would a commit have a chance? */
	enum vpn_put (*commit)(struct vpn_sink_worker *, struct vpn_record *, size_t n);
	void (*hup)(struct vpn_sink *); /* log rotation; NULL: nothing to do */
	void (*close)(struct vpn_sink *);
};

/* The sink of that name, in any case, or NULL. */
const struct vpn_sink_ops *vpn_sink_find(const char *name);

/* The name of sink i, or NULL after the last. */
const char *vpn_sink_name(size_t i);

#endif
