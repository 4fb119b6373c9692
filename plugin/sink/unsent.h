/* SPDX-License-Identifier: Apache-2.0
 * The hand-over file <state_dir>/<name>.unsent: what a stop left without an
 * acknowledgement, for the next start. rsyslog forgets a batch that it has
 * handed over when it stops during an outage; this is the only thing that we
 * keep ourselves. Host byte order: it never leaves the machine. */
#ifndef UNSENT_H
#define UNSENT_H

#include "vpn/sink.h"

struct vpn_unsent {
	struct vpn_record *records; /* slices into bytes */
	size_t n;
	char *bytes;
	size_t damaged; /* bytes at the end that could not be read */
};

/* Read what an earlier run left. 0 (n may be 0), or -1 and a sentence. */
int vpn_unsent_load(
    const struct vpn_sink_conf *, struct vpn_unsent *, char *err, size_t cap);

/* Put the records in place of what was loaded, whose damaged bytes are kept
 * aside, or at the file's end. 0 when they are on the disk; -1 and a sentence.
 * Several workers must take turns. */
int vpn_unsent_replace(const struct vpn_sink_conf *, const struct vpn_unsent *,
    const struct vpn_record *, size_t n, char *err, size_t cap);
int vpn_unsent_append(const struct vpn_sink_conf *, const struct vpn_record *, size_t n,
    char *err, size_t cap);

/* Everything in it has arrived: remove it. Damaged bytes are kept aside, in
 * <name>.unsent.damaged, with a number behind it when there is one already. */
void vpn_unsent_done(const struct vpn_sink_conf *, const struct vpn_unsent *);

void vpn_unsent_free(struct vpn_unsent *);

#endif
