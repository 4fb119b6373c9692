/* SPDX-License-Identifier: Apache-2.0
 * A receiver that takes one alert in a request: what is left to say is how it
 * is written. */
#ifndef EACH_H
#define EACH_H

#include "http.h"

struct each_kind {
	const char *secret_option; /* of conf->key_file; NULL: there is none */
	bool secret_needed;
	const char *url; /* when none is set; NULL: one must be */
	bool final;      /* as in struct http_to */
	/* False: this page is not for it. */
	bool (*wants)(const struct vpn_page *);
	void (*write)(struct vpn_json *, const struct vpn_page *,
	    const struct vpn_sink_conf *, const char *secret);
	/* One more header of the request, in buf; NULL: none. */
	void (*header)(struct vpn_text body, const char *secret, char *buf, size_t cap);
};

int each_check(
    const struct each_kind *, const struct vpn_sink_conf *, char *err, size_t cap);
struct vpn_sink *each_open(const struct each_kind *, const struct vpn_sink_conf *,
    struct vpn_sink_counters *, char *err, size_t cap);
struct vpn_sink_worker *each_worker(struct vpn_sink *);
void each_worker_free(struct vpn_sink_worker *);
bool each_ready(struct vpn_sink_worker *);
enum vpn_put each_commit(struct vpn_sink_worker *, struct vpn_record *, size_t n);
void each_close(struct vpn_sink *);

#endif
