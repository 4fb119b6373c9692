/* SPDX-License-Identifier: Apache-2.0 */
#include "load/vendor.h"

#include "core/candidate.h"
#include "core/pairs.h"

static int
read_pattern(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	struct vpn_pattern *pattern = item;
	struct vpn_text text;
	const char *wrong;

	(void)unused;
	if (load_text(doc, node, &text, NULL) < 0)
		return -1;
	wrong = vpn_pattern_compile(pattern, doc->arena, text);
	if (wrong && pattern->npieces > 0)
		return load_wrong(doc, node, "hole %zu: %s", pattern->npieces, wrong);
	return wrong ? load_wrong(doc, node, "%s", wrong) : 0;
}

static int
read_whole(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	((struct vpn_pattern *)item)->whole = true;
	return read_pattern(doc, node, item, unused);
}

static int
read_field(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	static const struct load_key field = {
	    "field", load_word, 0, true, VPN_WORDS_FIELD, 0, 0, NULL};

	(void)unused;
	return load_word(doc, node, item, &field);
}

static const struct load_key key_keys[] = {
    LOAD_KEY(struct vpn_key, "key", load_text, name, true),
    LOAD_WORD(struct vpn_key, "field", field, true, VPN_WORDS_FIELD),
    LOAD_KEY(struct vpn_key, "wide", load_bool, wide, false),
};

static int
read_key(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	struct vpn_key *key = item;
	char *low;

	(void)unused;
	if (load_map(doc, node, key_keys, LOAD_COUNT(key_keys), item) < 0)
		return -1;
	if (key->name.len > VPN_KEY_MAX)
		return load_wrong(doc, node, "a key has at most %d bytes", VPN_KEY_MAX);
	low = (char *)key->name.at; /* in the arena, ours alone so far */
	for (size_t i = 0; i < key->name.len; i++)
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] + ('a' - 'A'));
	return 0;
}

static const struct load_key example_keys[] = {
    LOAD_KEY(struct vpn_example, "line", load_text, line, true),
    LOAD_KEY(struct vpn_example, "code", load_text, slug, false),
    LOAD_KEY(struct vpn_example, "peer", load_text, peer, false),
    LOAD_KEY(struct vpn_example, "local", load_text, local, false),
    LOAD_KEY(struct vpn_example, "connection", load_text, connection, false),
};

static int
read_example(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	((struct vpn_example *)item)->row = load_row(node);
	return load_map(doc, node, example_keys, LOAD_COUNT(example_keys), item);
}

static int
read_needs(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct list {
		enum vpn_field *fields;
		size_t n;
	} list = {NULL, 0};
	static const struct load_key fields =
	    LOAD_ARRAY(struct list, "needs", fields, n, read_field, true);

	(void)unused;
	if (load_array(doc, node, &list, &fields) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		((struct vpn_message *)target)->needs |= UINT64_C(1) << list.fields[i];
	return 0;
}

/* "slug", or "slug/variant" */
static int
read_code(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	const struct vpn_code *code, **field = (void *)((char *)target + key->offset);
	struct vpn_text name, slug, variant = {NULL, 0};
	const char *slash;

	if (load_text(doc, node, &name, NULL) < 0)
		return -1;
	slug = name;
	slash = memchr(name.at, '/', name.len);
	if (slash) {
		slug.len = (size_t)(slash - name.at);
		variant = (struct vpn_text){slash + 1, name.len - slug.len - 1};
	}
	code = vpn_rules_by_slug(doc->rules, slug, variant);
	if (code == NULL)
		return load_wrong(doc, node,
		    "no code is called '%.*s'; `vpnlog codes` lists them",
		    (int)name.len, name.at);
	*field = code;
	return 0;
}

static const struct load_key where_keys[] = {
    LOAD_WORD(struct vpn_where, "field", field, true, VPN_WORDS_FIELD),
    LOAD_ARRAY(struct vpn_where, "values", values, nvalues, load_text, true),
};

static int
read_only(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, where_keys, LOAD_COUNT(where_keys),
	    &((struct vpn_vendor *)target)->only);
}

/* "field: [value, value]" */
static int
read_where(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	static const struct load_key values =
	    LOAD_ARRAY(struct vpn_where, "values", values, nvalues, load_text, true);
	struct vpn_message *message = target;
	yaml_node_pair_t *pair, *end;
	size_t n;

	(void)unused;
	if (node->type != YAML_MAPPING_NODE)
		return load_wrong(doc, node, "expected 'field: [value, ..]' here");
	pair = node->data.mapping.pairs.start;
	end = node->data.mapping.pairs.top;
	n = (size_t)(end - pair);
	message->where = vpn_arena_take(doc->arena, (n + 1) * sizeof(*message->where));
	if (message->where == NULL)
		return load_memory(doc);
	for (; pair < end; pair++) {
		struct vpn_where *where = &message->where[message->nwhere++];

		if (read_field(doc, yaml_document_get_node(&doc->yaml, pair->key),
			&where->field, NULL) < 0 ||
		    load_array(doc, yaml_document_get_node(&doc->yaml, pair->value),
			where, &values) < 0)
			return -1;
	}
	return 0;
}

static const struct load_key up_keys[] = {
    LOAD_WORD(struct vpn_message, "class", up_class, true, VPN_WORDS_CLASS),
    LOAD_KEY(struct vpn_message, "code", read_code, up_code, true),
};

static int
read_up(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, up_keys, LOAD_COUNT(up_keys), target);
}

static const struct load_key message_keys[] = {
    LOAD_KEY(struct vpn_message, "id", load_text, id, true),
    LOAD_WORD(struct vpn_message, "class", class, true, VPN_WORDS_CLASS),
    LOAD_KEY(struct vpn_message, "code_decides", load_bool, code_decides, false),
    LOAD_KEY(struct vpn_message, "bare", load_bool, bare, false),
    LOAD_KEY(struct vpn_message, "stateless", load_bool, stateless, false),
    LOAD_KEY(struct vpn_message, "announces", load_bool, announces, false),
    LOAD_KEY(struct vpn_message, "phase", load_text, phase, false),
    LOAD_KEY(struct vpn_message, "where", read_where, where, false),
    LOAD_KEY(struct vpn_message, "up", read_up, up_class, false),
    LOAD_ARRAY(struct vpn_message, "names", names, nnames, load_text, false),
    LOAD_KEY(struct vpn_message, "text", load_text, text, false),
    LOAD_ARRAY(struct vpn_message, "patterns", patterns, npatterns, read_whole, false),
    LOAD_KEY(struct vpn_message, "needs", read_needs, needs, false),
    LOAD_KEY(struct vpn_message, "code", read_code, code, false),
    LOAD_ARRAY(struct vpn_message, "examples", examples, nexamples, read_example, true),
};

static int
read_message(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	struct vpn_message *message = item;

	(void)unused;
	if (load_map(doc, node, message_keys, LOAD_COUNT(message_keys), item) < 0)
		return -1;
	if (message->nexamples == 0)
		return load_wrong(doc, node, "'%.*s' has no example",
		    (int)message->id.len, message->id.at);
	if (message->announces && message->code == NULL)
		return load_wrong(doc, node, "'%.*s' announces, but has no code",
		    (int)message->id.len, message->id.at);
	if (message->nnames + message->nwhere + message->npatterns + message->text.len +
		message->needs ==
	    0)
		return load_wrong(doc, node,
		    "'%.*s' needs one of names, where, text, patterns, needs",
		    (int)message->id.len, message->id.at);
	return 0;
}

static const struct load_key vendor_keys[] = {
    LOAD_KEY(struct vpn_vendor, "id", load_text, id, true),
    LOAD_KEY(struct vpn_vendor, "name", load_text, name, true),
    LOAD_KEY(struct vpn_vendor, "product", load_text, product, false),
    LOAD_KEY(struct vpn_vendor, "network_type", load_text, network_type, false),
    LOAD_KEY(struct vpn_vendor, "network_protocol", load_text, network_protocol, false),
    LOAD_KEY(struct vpn_vendor, "recovery", load_bool, recovery, true),
};

static const struct load_key copy_keys[] = {
    LOAD_WORD(struct vpn_copy, "field", field, true, VPN_WORDS_FIELD),
    LOAD_KEY(struct vpn_copy, "value", load_text, value, true),
    LOAD_KEY(struct vpn_copy, "code", read_code, code, true),
};

static int
read_copy(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, copy_keys, LOAD_COUNT(copy_keys),
	    &((struct vpn_vendor *)target)->copy);
}

static int
read_vendor(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, vendor_keys, LOAD_COUNT(vendor_keys), target);
}

/* The fields that make a tunnel, in the order of the id. */
static int
read_tunnel(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_vendor *vendor = target;
	struct list {
		enum vpn_field *fields;
		size_t n;
	} list = {NULL, 0};
	static const struct load_key fields =
	    LOAD_ARRAY(struct list, "tunnel", fields, n, read_field, true);

	(void)unused;
	if (load_array(doc, node, &list, &fields) < 0)
		return -1;
	if (list.n > VPN_FIELD_COUNT)
		return load_wrong(doc, node, "more fields than there are");
	memcpy(vendor->tunnel, list.fields, list.n * sizeof(*list.fields));
	vendor->ntunnel = list.n;
	return 0;
}

static const struct load_key saying_keys[] = {
    LOAD_ARRAY(struct vpn_saying, "words", words, nwords, load_text, true),
    LOAD_KEY(struct vpn_saying, "code", read_code, code, true),
};

static int
read_saying(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, saying_keys, LOAD_COUNT(saying_keys), item);
}

static const struct load_key column_keys[] = {
    LOAD_KEY(struct vpn_column, "column", load_number, column, true),
    LOAD_WORD(struct vpn_column, "field", field, true, VPN_WORDS_FIELD),
};

static int
read_column(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, column_keys, LOAD_COUNT(column_keys), item);
}

static int
read_keys(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	static const struct load_key keys =
	    LOAD_ARRAY(struct vpn_vendor, "keys", keys, nkeys, read_key, false);
	struct vpn_vendor *vendor = target;

	(void)unused;
	if (load_array(doc, node, target, &keys) < 0)
		return -1;
	for (size_t i = 0; i < vendor->nkeys; i++)
		if (load_claim(doc, load_item(doc, node, i), vendor->by_key,
			vendor->keys[i].name, &vendor->keys[i], "the key") < 0)
			return -1;
	return 0;
}

static int
claim_names(struct load_doc *doc, const yaml_node_t *node,
    const struct vpn_vendor *vendor, const struct vpn_message *message)
{
	/* Several may share a name if something else tells them apart. */
	bool alone = message->npatterns + message->nwhere == 0;

	for (size_t i = 0; i < message->nnames; i++) {
		const struct vpn_message *other =
		    vpn_index_get(vendor->by_name, message->names[i]);

		if (other && !(alone && other->npatterns + other->nwhere == 0))
			continue;
		if (load_claim(doc, node, vendor->by_name, message->names[i], message,
			"the mnemonic") < 0)
			return -1;
	}
	return 0;
}

static int
read_messages(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	static const struct load_key messages = LOAD_ARRAY(
	    struct vpn_vendor, "messages", messages, nmessages, read_message, true);
	struct vpn_vendor *vendor = target;

	(void)unused;
	if (load_array(doc, node, target, &messages) < 0)
		return -1;
	vendor->named = true;
	for (size_t i = 0; i < vendor->nmessages; i++) {
		vendor->named &= vendor->messages[i].nnames > 0;
		if (claim_names(
			doc, load_item(doc, node, i), vendor, &vendor->messages[i]) < 0)
			return -1;
	}
	if (vpn_candidates_build(vendor->candidates, doc->arena, vendor) < 0)
		return load_memory(doc);
	return 0;
}

#define SPEAKERS(key, kind)                                    \
	{                                                      \
		key, load_speakers, 0, false, kind, 0, 0, NULL \
	}
#define V struct vpn_vendor

static const struct load_key file_keys[] = {
    LOAD_KEY(V, "vendor", read_vendor, id, true),
    SPEAKERS("modules", VPN_SPEAKER_MODULE),
    SPEAKERS("programs", VPN_SPEAKER_PROGRAM),
    SPEAKERS("openers", VPN_SPEAKER_BARE),
    SPEAKERS("facilities", VPN_SPEAKER_FACILITY),
    SPEAKERS("starts", VPN_SPEAKER_START),
    LOAD_KEY(V, "joins", load_bool, joins, false),
    LOAD_KEY(V, "only", read_only, only, false),
    LOAD_WORD(V, "pairs", pairs, false, VPN_WORDS_PAIRS),
    LOAD_ARRAY(V, "columns", columns, ncolumns, read_column, false),
    LOAD_ARRAY(V, "reasons", reasons, nreasons, read_saying, false),
    LOAD_KEY(V, "tunnel", read_tunnel, tunnel, true),
    LOAD_KEY(V, "copy", read_copy, copy, false),
    LOAD_ARRAY(V, "cleared", cleared, ncleared, load_text, false),
    LOAD_KEY(V, "keys", read_keys, keys, false),
    LOAD_ARRAY(V, "prefixes", prefixes, nprefixes, read_pattern, false),
    LOAD_KEY(V, "messages", read_messages, messages, true),
};

/* What a line without a tag may begin with. */
static int
note_bare(struct load_doc *doc, struct vpn_vendor *vendor)
{
	struct vpn_rules *rules = doc->rules;
	bool any = false;

	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		any |= message->bare;
		for (size_t j = 0; message->bare && j < message->npatterns; j++)
			vpn_openings_add(
			    &rules->bare, message->patterns[j].piece[0].literal);
	}
	for (size_t i = 0; any && i < vendor->nprefixes; i++)
		if (load_append(doc, &rules->bare_prefixes, &rules->nbare_prefixes,
			&vendor->prefixes[i]) < 0)
			return -1;
	return 0;
}

int
load_vendor(struct load_doc *doc)
{
	struct vpn_rules *rules = doc->rules;
	struct vpn_vendor *vendor = vpn_arena_take(doc->arena, sizeof(*vendor));

	if (vendor == NULL)
		return load_memory(doc);
	vendor->by_key = vpn_arena_take(doc->arena, sizeof(*vendor->by_key));
	vendor->by_name = vpn_arena_take(doc->arena, sizeof(*vendor->by_name));
	vendor->candidates = vpn_arena_take(doc->arena, sizeof(*vendor->candidates));
	vendor->file = vpn_arena_text(doc->arena, vpn_text(doc->file));
	if (vendor->by_key == NULL || vendor->by_name == NULL ||
	    vendor->candidates == NULL || vendor->file.at == NULL)
		return load_memory(doc);
	if (load_map(doc, load_root(doc), file_keys, LOAD_COUNT(file_keys), vendor) < 0)
		return -1;
	if (note_bare(doc, vendor) < 0)
		return -1;
	vendor->index = rules->nvendors;
	return load_append(doc, &rules->vendors, &rules->nvendors, vendor);
}
