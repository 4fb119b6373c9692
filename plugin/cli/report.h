/* SPDX-License-Identifier: Apache-2.0
 * vpnlog report: what its parts share. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/history.h"
#include "cli/html.h"

#define REPORT_WHOLE 50   /* tunnels that are shown with all that is known */
#define REPORT_ROWS 1000  /* further ones, a row of a table each */
#define REPORT_DOWN 10    /* of those that are down now */
#define REPORT_ALERTS 200 /* the latest */
#define REPORT_OUTAGES 20 /* of a tunnel: the latest */
#define REPORT_LINES 20   /* likewise */
#define REPORT_RAW 1000   /* bytes of a line */

struct report {
	struct history history;
	const struct vpn_rules *rules;
	const char *runbook; /* address, or NULL */
	const char *sources; /* names of files */
	bool is_state;       /* a state file, not a log */
	size_t read, events; /* lines */
};

/* Parts of a page. */
void report_head(struct html *, const struct report *);
void report_down(struct html *, const struct report *);
void report_tunnels(struct html *, const struct report *);
void report_others(struct html *, const struct report *);
void report_reasons(struct html *, const struct report *);
void report_alerts(struct html *, const struct report *);

/* report_words.c: what several of them write. */
extern const struct noun report_outage, report_tunnel, report_line;
/* Its name, else its device and peer, else its subject. */
void report_name(struct html *, const struct tunnel *);
bool report_is_down(const struct tunnel *);
/* A <section>, named by its heading. */
void report_begin(struct html *, const char *id, html_words title);
/* An open <details> with lines in a <pre>. */
void report_begin_lines(struct html *, size_t shown, size_t all);
void report_put_line(struct html *, struct vpn_text raw);
void report_end_lines(struct html *);
/* The id of the advice for the code, and a link to it. */
void report_id(struct html *, const struct vpn_code *);
void report_put_reason(struct html *, const struct vpn_code *);
/* A sentence about what is not shown. */
void report_cut(struct html *, size_t shown, size_t all, const struct noun *);

#endif
