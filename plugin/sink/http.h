/* SPDX-License-Identifier: Apache-2.0
 * What the receivers of alerts have in common: requests by libcurl, TLS with
 * everything verified, and when to try again. On one thread, all receivers at
 * once; waits in slices, so that a stop is noticed. No sentence of it names a secret:
 * of a URL it tells scheme, host and port. */
#ifndef HTTP_H
#define HTTP_H

#include "core/json.h"
#include "trouble.h"
#include "vpn/page.h"

#define HTTP_SAID 200 /* bytes of an answer that are told */

struct http;

enum http_verdict {
	HTTP_TAKEN,   /* 2xx */
	HTTP_REFUSED, /* the same request will never be taken */
	HTTP_LATER    /* it may be, later */
};

struct http_answer {
	enum http_verdict verdict;
	long status;                /* 0: there was none */
	int retry_s;                /* what the receiver asks for; 0: nothing */
	char said[HTTP_SAID + 300]; /* a sentence: who answered what */
};

/* To whom requests go. */
struct http_to {
	const char *const *url;
	size_t nurl;        /* at least one */
	const char *path;   /* that each of them ends with; "": as they are */
	const char *secret; /* of the requests, which no sentence may tell; or NULL */
	bool final;         /* 401, 403, 404 and 410 refuse; otherwise they are for
			       the operator to mend */
};

/* Both return 0, or -1 with a sentence. They create nothing. path: NULL is none. */
int http_check(const struct vpn_sink_conf *, char *err, size_t cap);
int http_check_secret(const char *option, const char *path, char *err, size_t cap);

/* NULL with a sentence. Both must stay. */
struct http *http_open(
    const struct vpn_sink_conf *, const struct http_to *, char *err, size_t cap);
void http_close(struct http *);

/* POST JSON to all of them. header: one more, or NULL. answers: one each. */
void http_post(struct http *, struct vpn_text body, const char *header,
    struct http_answer *answers);

/* What to do about libcurl's trouble, after "; "; or "". In http_advice.c. */
const char *http_advice(const char *trouble);

/* When to try again: twice as long each time, with jitter; or as asked for. */
struct backoff {
	int64_t until_ms; /* mono */
	int delay_ms;
};

bool backoff_ready(const struct backoff *);
void backoff_later(struct backoff *, int retry_s);
void backoff_over(struct backoff *);

/* "2026-11-23T09:00:00.000Z" as a JSON member. */
void http_stamp(struct vpn_json *, const char *key, int64_t ms);
int64_t http_now_ms(void); /* Unix time */

/* A member whose value is JSON already. */
void http_raw(struct vpn_json *, const char *key, struct vpn_text);

#endif
