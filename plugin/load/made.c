/* SPDX-License-Identifier: Apache-2.0 */
#include "load/made.h"

#include <stdio.h>

#include <libfastjson/json_tokener.h>

#include "core/address.h"
#include "core/catalog.h"
#include "core/meaning.h"
#include "core/own.h"
#include "core/stamp.h"
#include "load/tree.h"
#include "vpn/render.h"
#include "vpn/words.h"

#define FIELD_MAX 512 /* bytes, as the recogniser keeps them */
#define ZONE_MAX_HOURS 15

/* Of a vendor's message that these rules do not have. */
static const struct vpn_message unknown_message;

/* Where an event has a field of the line; omipsec.tunnel's: vpn_attributes. */
static const struct place {
	const char *object, *inner, *key;
	enum vpn_field field;
} places[] = {
    {"omipsec", "vendor", "detail", VPN_DETAIL},
    {"omipsec", "tunnel", "role", VPN_ROLE},
    {"event", NULL, "reason", VPN_REASON},
    {"error", NULL, "code", VPN_REASON_CODE},
    {"user", NULL, "name", VPN_USER},
};

static struct vpn_text
first(struct vpn_text text, size_t max)
{
	return (struct vpn_text){text.at, text.len < max ? text.len : max};
}

static struct vpn_text
cut(struct vpn_text text)
{
	return first(text, FIELD_MAX);
}

static int
refuse(char *err, size_t cap, const char *why)
{
	snprintf(err, cap, "%s", why);
	return -1;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_id(struct vpn_event *ev, struct vpn_text text)
{
	if (text.len != 2 * sizeof(ev->id))
		return false;
	for (size_t i = 0; i < sizeof(ev->id); i++) {
		int high = hex(text.at[2 * i]), low = hex(text.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ev->id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* "2026-11-23T09:00:00.000Z" */
static bool
read_time(struct vpn_text text, int64_t *ms)
{
	struct vpn_line none = {.pri = -1};
	struct vpn_stamp stamp;

	if (text.len == 0 || vpn_stamp_read(text, &stamp) != text.len ||
	    stamp.year == 0 || !stamp.has_zone)
		return false;
	*ms = vpn_stamp_ms(&stamp, &none);
	return true;
}

static bool
read_tunnel_id(struct vpn_event *ev, struct vpn_text id)
{
	if (id.len == 0 || id.len >= sizeof(ev->tunnel))
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (id.at[i] <= ' ' || id.at[i] > '~')
			return false;
	memcpy(ev->tunnel, id.at, id.len);
	ev->tunnel[id.len] = '\0';
	ev->tunnel_len = id.len;
	return true;
}

/* An endpoint's address, and whether it is a whole one; and its port. */
static void
read_endpoint(struct fjson_object *endpoint, bool *is_ip, struct vpn_text *address,
    struct vpn_text *port)
{
	struct vpn_text ip = tree_text(tree_member(endpoint, "ip"));
	struct fjson_object *number = tree_member(endpoint, "port");

	*is_ip = vpn_is_ip(ip);
	*address = *is_ip ? ip : cut(tree_text(tree_member(endpoint, "address")));
	if (fjson_object_is_type(number, fjson_type_int))
		*port = vpn_text(fjson_object_get_string(number));
}

static void
read_fields(struct vpn_made *made)
{
	struct fjson_object *own = tree_member(made->tree, "omipsec");
	struct fjson_object *tunnel = tree_member(own, "tunnel");
	struct vpn_text *field = made->event.field;

	for (size_t i = 0; i < VPN_ATTRIBUTES; i++)
		field[vpn_attributes[i].field] =
		    cut(tree_text(tree_member(tunnel, vpn_attributes[i].key)));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct fjson_object *at = tree_member(made->tree, places[i].object);

		if (places[i].inner)
			at = tree_member(at, places[i].inner);
		field[places[i].field] = cut(tree_text(tree_member(at, places[i].key)));
	}
	read_endpoint(tree_member(tunnel, "local"), &made->event.local_is_ip,
	    &field[VPN_LOCAL], &field[VPN_LOCAL_PORT]);
	read_endpoint(tree_member(tunnel, "peer"), &made->event.peer_is_ip,
	    &field[VPN_PEER], &field[VPN_PEER_PORT]);
}

static const struct vpn_vendor *
vendor_of(const struct vpn_rules *rules, struct vpn_text id)
{
	for (size_t i = 0; i < rules->nvendors; i++)
		if (vpn_text_same(rules->vendors[i]->id, id))
			return rules->vendors[i];
	return NULL;
}

static const struct vpn_message *
message_of(const struct vpn_vendor *vendor, struct vpn_text id)
{
	for (size_t i = 0; i < vendor->nmessages; i++)
		if (vpn_text_same(vendor->messages[i].id, id))
			return &vendor->messages[i];
	return &unknown_message;
}

static void
read_code(const struct vpn_rules *rules, struct vpn_made *made, struct vpn_text slug)
{
	struct fjson_object *own = tree_member(made->tree, "omipsec");
	struct vpn_event *ev = &made->event;

	if (ev->class == VPN_CLASS_ESTABLISHED)
		return;
	ev->code =
	    vpn_rules_by_slug(rules, slug, tree_text(tree_member(own, "variant")));
	if (ev->code == NULL)
		ev->code = ev->class == VPN_CLASS_NEGOTIATION
		    ? rules->unknown_negotiation
		    : rules->unknown;
	ev->unknown =
	    ev->code == rules->unknown || ev->code == rules->unknown_negotiation;
	vpn_meaning_policy(ev);
}

/* "+08:00" */
static int
zone_minutes(struct vpn_text zone)
{
	unsigned hours, minutes;
	char sign;

	if (zone.len == 0 ||
	    sscanf(zone.at, "%c%2u:%2u", &sign, &hours, &minutes) != 3 ||
	    hours > ZONE_MAX_HOURS || minutes > 59)
		return 0;
	return (int)(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
}

static int
read_times(struct vpn_made *made, struct fjson_object *event, char *err, size_t cap)
{
	struct vpn_event *ev = &made->event;

	if (!read_time(tree_text(tree_member(made->tree, "@timestamp")), &ev->time_ms))
		return refuse(err, cap, "@timestamp is missing or no time in UTC");
	if (!read_time(
		tree_text(tree_member(event, "created")), &made->line.received_ms))
		return refuse(err, cap, "event.created is missing or no time in UTC");
	ev->zone = tree_member(event, "timezone") ? VPN_ZONE_LINE : VPN_ZONE_NONE;
	ev->zone_minutes = zone_minutes(tree_text(tree_member(event, "timezone")));
	if (ev->zone == VPN_ZONE_LINE)
		ev->skew_ms = made->line.received_ms - ev->time_ms;
	return 0;
}

/* What the event is about: class, vendor, tunnel, code. */
static int
read_subject(
    const struct vpn_rules *rules, struct vpn_made *made, char *err, size_t cap)
{
	struct fjson_object *own = tree_member(made->tree, "omipsec");
	struct fjson_object *vendor = tree_member(own, "vendor");
	struct fjson_object *tunnel = tree_member(own, "tunnel");
	struct fjson_object *event = tree_member(made->tree, "event");
	struct vpn_event *ev = &made->event;
	int class =
	    vpn_word_value(VPN_WORDS_CLASS, tree_text(tree_member(own, "class")));

	if (class < 0 || class >= VPN_CLASS_SYMPTOM)
		return refuse(err, cap, "omipsec.class is missing or no event's");
	ev->class = (enum vpn_class) class;
	ev->vendor = vendor_of(rules, tree_text(tree_member(vendor, "id")));
	if (ev->vendor == NULL)
		return refuse(err, cap,
		    "omipsec.vendor.id is no vendor of these rules: update rules=");
	ev->message = message_of(ev->vendor, tree_text(tree_member(vendor, "message")));
	ev->message_id = cut(tree_text(tree_member(vendor, "message_id")));
	if (!read_tunnel_id(ev, tree_text(tree_member(tunnel, "id"))))
		return refuse(err, cap, "omipsec.tunnel.id is missing or no tunnel's");
	if (!read_id(ev, tree_text(tree_member(event, "id"))))
		return refuse(err, cap, "event.id is missing or not 32 hex digits");
	read_fields(made);
	read_code(rules, made, tree_text(tree_member(event, "code")));
	return 0;
}

/* -1 where it is no number. */
static int
read_number(struct fjson_object *number)
{
	return fjson_object_is_type(number, fjson_type_int)
	    ? fjson_object_get_int(number)
	    : -1;
}

/* The line, and what syslog says of it. */
static void
read_line(struct vpn_made *made)
{
	struct fjson_object *own = tree_member(made->tree, "omipsec");
	struct fjson_object *event = tree_member(made->tree, "event");
	struct fjson_object *syslog =
	    tree_member(tree_member(made->tree, "log"), "syslog");
	struct fjson_object *ips =
	    tree_member(tree_member(made->tree, "observer"), "ip");
	struct vpn_event *ev = &made->event;
	int bytes = read_number(tree_member(own, "original_bytes"));
	int number = read_number(tree_member(tree_member(own, "input"), "line"));

	ev->pri = read_number(tree_member(syslog, "priority"));
	ev->severity = read_number(tree_member(event, "severity"));
	made->line = (struct vpn_line){.pri = ev->pri,
	    .raw = tree_text(tree_member(event, "original")),
	    .host = tree_text(tree_member(syslog, "hostname")),
	    .bytes = bytes > 0 ? (size_t)bytes : 0,
	    .number = number > 0 ? (uint64_t)number : 0};
	if (fjson_object_is_type(ips, fjson_type_array))
		made->line.ip = tree_text(fjson_object_array_get_idx(ips, 0));
	ev->line_is_ip = vpn_is_ip(made->line.ip);
	ev->line = &made->line;
}

/* What its tunnel went through where it was made. */
static void
read_turn(struct vpn_made *made, struct fjson_object *tunnel)
{
	int state =
	    vpn_word_value(VPN_WORDS_STATE, tree_text(tree_member(tunnel, "state")));
	int previous = vpn_word_value(
	    VPN_WORDS_STATE, tree_text(tree_member(tunnel, "previous_state")));

	if (state < 0 || previous < 0)
		return;
	made->turn = (struct vpn_turn){.tracked = true,
	    .changed = fjson_object_get_boolean(tree_member(tunnel, "changed")),
	    .state = (enum vpn_state)state,
	    .previous = (enum vpn_state)previous};
	made->event.turn = &made->turn;
}

static int
read_one(const struct vpn_rules *rules, struct vpn_made *made, char *err, size_t cap)
{
	struct fjson_object *event = tree_member(made->tree, "event");
	struct fjson_object *observer = tree_member(made->tree, "observer");
	struct fjson_object *own = tree_member(made->tree, "omipsec");
	int repeated = read_number(tree_member(own, "repeated"));
	struct vpn_event *ev = &made->event;

	memset(ev, 0, offsetof(struct vpn_event, tunnel));
	ev->device = cut(tree_text(tree_member(observer, "hostname")));
	ev->repeat = fjson_object_get_boolean(tree_member(own, "repeat"));
	ev->repeated = repeated > 0 ? (unsigned)repeated : 0;
	ev->context =
	    first(tree_text(tree_member(tree_member(own, "context"), "original")),
		VPN_KEPT_MAX);
	read_line(made);
	read_turn(made, tree_member(own, "tunnel"));
	if (read_times(made, event, err, cap) != 0)
		return -1;
	return read_subject(rules, made, err, cap);
}

/* Is it ours, and of a version that is known? */
static int
check_schema(struct fjson_object *tree, char *err, size_t cap)
{
	struct fjson_object *schema =
	    tree_member(tree_member(tree, "omipsec"), "schema");

	if (!fjson_object_is_type(schema, fjson_type_int))
		return refuse(err, cap,
		    tree_member(tree, "class_uid")
			? "it is OCSF, and input=\"event\" reads ECS: remove "
			  "format=\"ocsf\" where it is made"
			: "it is no event of omipsec's: omipsec.schema is missing");
	if (fjson_object_get_int(schema) == VPN_SCHEMA)
		return 0;
	snprintf(err, cap, "omipsec.schema is %d, and this version knows %d: update it",
	    fjson_object_get_int(schema), VPN_SCHEMA);
	return -1;
}

/* An outage's record is told from a line's event by its kind. */
static bool
is_alert(struct fjson_object *tree)
{
	return vpn_text_same(tree_text(tree_member(tree_member(tree, "event"), "kind")),
	    VPN_TEXT("alert"));
}

/* Its tree as JSON; the text is the tree's. */
static struct vpn_text
text_of(struct fjson_object *tree)
{
	return vpn_text(fjson_object_to_json_string_ext(tree, FJSON_TO_STRING_PLAIN));
}

/* The events in a tree; json is absent where the tree was changed. */
static int
each_of(const struct vpn_rules *rules, struct fjson_object *tree, struct vpn_text json,
    void (*each)(struct vpn_made *, void *), void *arg, char *err, size_t cap)
{
	struct vpn_made made;

	if (check_schema(tree, err, cap) != 0)
		return -1;
	if (is_alert(tree))
		return 0;
	made.tree = tree;
	if (read_one(rules, &made, err, cap) != 0)
		return -1;
	made.json = json.at ? json : text_of(tree);
	each(&made, arg);
	return 1;
}

static int
each_more(const struct vpn_rules *rules, struct fjson_object *more,
    void (*each)(struct vpn_made *, void *), void *arg, char *err, size_t cap)
{
	struct vpn_text none = {NULL, 0};
	int n = fjson_object_is_type(more, fjson_type_array)
	    ? fjson_object_array_length(more)
	    : 0;

	for (int i = 0; i < n; i++)
		if (each_of(rules, fjson_object_array_get_idx(more, i), none, each, arg,
			err, cap) < 0)
			return -1;
	return n;
}

static int
each_in(const struct vpn_rules *rules, struct fjson_object *tree, struct vpn_text json,
    void (*each)(struct vpn_made *, void *), void *arg, char *err, size_t cap)
{
	struct fjson_object *more = tree_member(tree, VPN_MADE_MORE);
	int n, others;

	if (more == NULL)
		return each_of(rules, tree, json, each, arg, err, cap);
	fjson_object_get(more);
	fjson_object_object_del(tree, VPN_MADE_MORE);
	json.at = NULL;
	n = each_of(rules, tree, json, each, arg, err, cap);
	others = n < 0 ? -1 : each_more(rules, more, each, arg, err, cap);
	fjson_object_put(more);
	return others < 0 ? -1 : n + others;
}

static bool
is_blank_from(struct vpn_text text, int offset)
{
	for (size_t i = (size_t)offset; i < text.len; i++)
		if (text.at[i] != ' ' && text.at[i] != '\n' && text.at[i] != '\r')
			return false;
	return true;
}

int
vpn_made_each(const struct vpn_rules *rules, struct vpn_text json,
    void (*each)(struct vpn_made *, void *), void *arg, char *err, size_t cap)
{
	struct fjson_tokener *tokener = fjson_tokener_new();
	struct fjson_object *tree = NULL;
	int n = -1;

	if (tokener && json.len <= INT32_MAX)
		tree = fjson_tokener_parse_ex(tokener, json.at, (int)json.len);
	if (tree == NULL || !is_blank_from(json, tokener->char_offset))
		refuse(err, cap, "it is no JSON, or only a part of it");
	else
		n = each_in(rules, tree, json, each, arg, err, cap);
	fjson_object_put(tree);
	if (tokener)
		fjson_tokener_free(tokener);
	return n;
}

bool
vpn_made_turn(struct vpn_made *made, const struct vpn_turn *turn)
{
	struct fjson_object *tunnel =
	    tree_member(tree_member(made->tree, "omipsec"), "tunnel");

	fjson_object_object_add(tunnel, "state",
	    fjson_object_new_string(vpn_word(VPN_WORDS_STATE, turn->state).at));
	fjson_object_object_add(tunnel, "previous_state",
	    fjson_object_new_string(vpn_word(VPN_WORDS_STATE, turn->previous).at));
	fjson_object_object_add(
	    tunnel, "changed", fjson_object_new_boolean(turn->changed));
	made->json = text_of(made->tree);
	return made->json.at != NULL;
}
