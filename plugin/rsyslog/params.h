/* SPDX-License-Identifier: Apache-2.0
 * The parameters of action(type="omipsec") and action(type="mmipsec"). */
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
	    *max_tunnels, *resend_interval, *container, *input, *repeats, *runbook_url;
	struct list broker, conf_param, topic_conf_param, url;
	/* And what they mean. */
	const char *module;
	int count;   /* parameters that the module has */
	char *name;  /* of the action */
	bool named;  /* by the operator */
	bool queued; /* the action has a queue of its own */
	const struct vpn_sink_ops *ops;
	enum vpn_format vpn_format;
	enum vpn_language vpn_language;
	bool zoned; /* timezone= is set: zone_minutes holds */
	int zone_minutes;
	int shutdown_ms;
	bool made;   /* input="event": the events are there already */
	bool echoes; /* repeats="on": what only says something again is published */
	bool tracks; /* the state of tunnels */
	bool pages;  /* and tells alerts, not events */
	struct vpn_engine_conf engine; /* without its callbacks */
	int resend_s;                  /* 0: as the output has it */
	struct vpn_sink_conf conf;     /* without its callbacks */
	char *dry_path;                /* of dryRun: where alerts are written to */
};

/* Read and check everything but the rules. 0, or -1 when something is wrong:
 * every mistake has then been told to the operator. */
int params_read(struct params *, struct nvlst *, const char *default_name);

/* The same for mmipsec, which has neither output nor tunnels. */
int params_read_tags(struct params *, struct nvlst *, const char *default_name);

/* Tell a mistake in this action the way rsyslog tells them, with its place. */
void params_complain(const struct params *, const char *sentence);

void params_free(struct params *);

/* A mistake in the parameter of that name. Always -1. */
int params_wrong(
    const struct params *, const char *name, const char *value, const char *wanted);

/* params.c: read what is set, and check what needs no other parameter. */
int params_take(struct params *, struct nvlst *, const char *default_name);
/* What only another output understands is a mistake. */
int params_belong(const struct params *);
/* ", " between the words of a list of what is accepted. */
void params_add_word(char *list, size_t cap, const char *word);

/* params_values.c: zone, times and folders. */
int params_values(struct params *);
int params_timezone(struct params *);
int params_switch(const struct params *, const char *name, const char *words, bool *on);

/* params_input.c: what the action is given. */
int params_input(struct params *);
int params_container(struct params *); /* of a message's own variables */

/* params_alert.c: what belongs to tunnels and alerts; after the output is known. */
int params_alert(struct params *);

#endif
