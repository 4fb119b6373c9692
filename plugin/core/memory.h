/* SPDX-License-Identifier: Apache-2.0
 * What earlier lines told, for core/join.c: who an IKE SA, a thread's job or a
 * connection is between, and which events were told. So many entries; the one that
 * was not used for the longest time makes room. */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include "core/table.h"
#include "vpn/join.h"

#define ADDRESS_LEN 48
#define NAME_LEN 96
#define LINE_LEN 400

/* What an entry is about. */
enum about {
	ABOUT_SA,
	ABOUT_THREAD,
	ABOUT_CONNECTION,
	ABOUT_NEWEST, /* IKE SA of a connection and peer */
	ABOUT_DAEMON, /* of a vendor on a device */
	ABOUT_CAUSE,  /* a code of a peer */
	ABOUT_FAULT   /* of an IKE SA, a connection or a peer */
};

struct entry {
	struct node node;
	struct entry *prev, *next; /* the longest unused first */
	int64_t seen_s;
	uint64_t born; /* number of the line */
	/* Of an IKE SA, a thread, a connection. */
	uint8_t peer_len, local_len, name_len, user_len, inside_len;
	bool up;      /* the IKE SA is established.. */
	bool ike;     /* ..and was told of by a line of its own, no child's */
	bool started; /* the daemon was seen to start, with line born */
	uint16_t line_len;
	char peer[ADDRESS_LEN], local[ADDRESS_LEN], name[NAME_LEN], line[LINE_LEN];
	char user[NAME_LEN], inside[ADDRESS_LEN]; /* of an IKE SA: whose it is */
	uint64_t newest; /* key of the IKE SA that came up last */
	/* Of a cause and a fault: which event was told last, and how many were not
	 * since then. */
	uint8_t id[16];
	int64_t told_s, heard_s;
	unsigned untold, told_with;
};

struct vpn_join {
	struct table entries;
	struct entry *first, *last;
	uint64_t lines;
};

/* Seconds, by the line. */
int64_t vpn_memory_now(const struct vpn_event *);

uint64_t vpn_memory_key(
    const struct vpn_event *, enum about, struct vpn_text, struct vpn_text);
uint64_t vpn_memory_daemon(const struct vpn_event *); /* the key of its daemon */
struct entry *vpn_memory_find(struct vpn_join *, uint64_t key);
/* The entry, made if it is not there; NULL when memory is out. */
struct entry *vpn_memory_need(
    struct vpn_join *, uint64_t key, const struct vpn_event *);

/* Remember what the line names. */
void vpn_memory_teach(struct vpn_join *, const struct vpn_event *);
/* What the event lacks and earlier lines of its IKE SA, job or connection named. */
void vpn_memory_fill(struct vpn_join *, struct vpn_event *);
bool vpn_memory_is_up(struct vpn_join *, const struct vpn_event *); /* its IKE SA */

/* Does another IKE SA of the same two live that came up within so many seconds? */
bool vpn_memory_is_replaced(struct vpn_join *, const struct vpn_event *, int within_s);

void vpn_memory_note_whose(struct entry *, const struct vpn_event *);
bool vpn_memory_is_another(const struct vpn_event *, const struct entry *);
bool vpn_memory_is_another_user(const struct vpn_event *, const struct entry *);

#endif
