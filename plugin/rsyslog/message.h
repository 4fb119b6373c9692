/* SPDX-License-Identifier: Apache-2.0
 * A message of rsyslog's as a line. rsyslog's headers come first. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "harvest.h"

#define MESSAGE_HOST_MAX 1024

static bool
message_is_ours(const smsg_t *msg)
{
	uchar *name;
	int len;

	getInputName(msg, &name, &len);
	return len == sizeof(HARVEST_OURS) - 1 && memcmp(name, HARVEST_OURS, len) == 0;
}

static struct vpn_text
message_raw(const smsg_t *msg)
{
	uchar *at;
	int len;

	getRawMsg(msg, &at, &len);
	return (struct vpn_text){(char *)at, (size_t)len};
}

/* Without control characters. */
static struct vpn_text
message_host(smsg_t *msg, char buf[MESSAGE_HOST_MAX])
{
	size_t n = 0;

	for (const char *at = getHOSTNAME(msg); at && *at && n < MESSAGE_HOST_MAX; at++)
		if ((unsigned char)*at >= ' ' && *at != 0x7f)
			buf[n++] = *at;
	return (struct vpn_text){buf, n};
}

/* Of a Unix socket, imptcp has the bytes of a pointer here (getPeerNames). */
static struct vpn_text
message_ip(smsg_t *msg)
{
	msgPropDescr_t from = {.id = PROP_FROMHOST_IP};
	unsigned short to_be_freed = 0; /* the text is the message's */
	rs_size_t len = -1;
	uchar *ip = MsgGetProp(msg, NULL, &from, &len, &to_be_freed, NULL);

	return vpn_text((char *)ip);
}

static int64_t
message_received_ms(const smsg_t *msg)
{
	int64_t part = msg->tRcvdAt.secfrac;

	for (int digits = msg->tRcvdAt.secfracPrecision; digits > 3; digits--)
		part /= 10;
	for (int digits = msg->tRcvdAt.secfracPrecision; digits < 3; digits++)
		part *= 10;
	return (int64_t)msg->ttGenTime * 1000 + part;
}

/* It points into the message and into host. */
static struct vpn_line
message_line(smsg_t *msg, char host[MESSAGE_HOST_MAX])
{
	return (struct vpn_line){.raw = message_raw(msg),
	    .host = message_host(msg, host),
	    .ip = message_ip(msg),
	    .pri = getPRIi(msg),
	    .received_ms = message_received_ms(msg)};
}

#endif
