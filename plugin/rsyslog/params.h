/* SPDX-License-Identifier: Apache-2.0
 * The parameters of action(type="omipsec"). */
#ifndef PARAMS_H
#define PARAMS_H

#include "vpn/engine.h"
#include "vpn/render.h"
#include "vpn/sink.h"

struct nvlst;

struct list {
	char **at;
	size_t n;
};

struct params {
	/* As the operator wrote them; NULL when not set. */
	char *output, *rules, *format, *language, *timezone, *file, *topic, *error_file,
	    *stats_name, *state_dir, *shutdown_timeout, *routing_key_file,
	    *hmac_key_file, *token_file, *ca_file, *cert_file, *cert_key_file, *ruleset,
	    *overrides, *tunnel_state, *dry_run, *request_timeout, *hold_down, *hold_up,
	    *gateway_hold, *flap_count, *flap_window, *max_age, *max_firing,
	    *max_tunnels, *resend_interval;
	struct list broker, conf_param, topic_conf_param, url;
	/* And what they mean. */
	char *name;  /* of the action */
	bool named;  /* by the operator */
	bool queued; /* the action has a queue of its own */
	const struct vpn_sink_ops *ops;
	enum vpn_language vpn_language;
	bool zoned; /* timezone= is set: zone_minutes holds */
	int zone_minutes;
	int shutdown_ms;
	bool tracks;                   /* the state of tunnels */
	bool pages;                    /* and tells alerts, not events */
	struct vpn_engine_conf engine; /* without its callbacks */
	int resend_s;                  /* 0: as the output has it */
	struct vpn_sink_conf conf;     /* without its callbacks */
	char *dry_path;                /* of dryRun: where alerts are written to */
};

/* Read and check everything but the rules. 0, or -1 when something is wrong:
 * every mistake has then been told to the operator. */
int params_read(struct params *, struct nvlst *, const char *default_name);

/* Tell a mistake in this action the way rsyslog tells them, with its place. */
void params_complain(const struct params *, const char *sentence);

void params_free(struct params *);

/* A mistake in the parameter of that name. Always -1. */
int params_wrong(
    const struct params *, const char *name, const char *value, const char *wanted);

/* params_values.c: zone, times and folders. */
int params_values(struct params *);

/* params_alert.c: what belongs to tunnels and alerts; after the output is known. */
int params_alert(struct params *);

#endif
