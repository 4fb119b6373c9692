/* SPDX-License-Identifier: Apache-2.0
 * The parameters of action(type="omipsec"). */
#ifndef PARAMS_H
#define PARAMS_H

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
	    *stats_name, *state_dir, *shutdown_timeout;
	struct list broker, conf_param, topic_conf_param;
	/* And what they mean. */
	char *name;  /* of the action */
	bool named;  /* by the operator */
	bool queued; /* the action has a queue of its own */
	const struct vpn_sink_ops *ops;
	enum vpn_language vpn_language;
	bool zoned; /* timezone= is set: zone_minutes holds */
	int zone_minutes;
	int shutdown_ms;
	struct vpn_sink_conf conf; /* without its callbacks */
};

/* Read and check everything but the rules. 0, or -1 when something is wrong:
 * every mistake has then been told to the operator. */
int params_read(struct params *, struct nvlst *, const char *default_name);

/* Tell a mistake in this action the way rsyslog tells them, with its place. */
void params_complain(const struct params *, const char *sentence);

void params_free(struct params *);

#endif
