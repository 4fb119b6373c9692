/* SPDX-License-Identifier: Apache-2.0 */
#include "load/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_KEYS 64 /* of one table: a bit each */

int
load_wrong(struct load_doc *doc, const yaml_node_t *node, const char *format, ...)
{
	va_list args;
	int n;

	n = snprintf(doc->err, doc->cap, "%s:%zu:%zu: ", doc->file,
	    node->start_mark.line + 1, node->start_mark.column + 1);
	if (n < 0 || (size_t)n >= doc->cap)
		return -1;
	va_start(args, format);
	vsnprintf(doc->err + n, doc->cap - (size_t)n, format, args);
	va_end(args);
	return -1;
}

int
load_memory(struct load_doc *doc)
{
	snprintf(doc->err, doc->cap, "%s: out of memory", doc->file);
	return -1;
}

/* libyaml places a byte that is no UTF-8 by its offset alone. */
static size_t
row_of(FILE *in, size_t offset)
{
	size_t row = 1;
	int c;

	rewind(in);
	while (offset-- > 0 && (c = getc(in)) != EOF)
		row += c == '\n';
	return row;
}

static int
parse_wrong(struct load_doc *doc, const yaml_parser_t *parser, FILE *in)
{
	size_t row = parser->problem_mark.line + 1,
	       column = parser->problem_mark.column + 1;

	if (parser->error == YAML_READER_ERROR)
		row = row_of(in, parser->problem_offset);
	snprintf(doc->err, doc->cap, "%s:%zu:%zu: not valid YAML: %s", doc->file, row,
	    column, parser->problem ? parser->problem : "out of memory");
	return -1;
}

/* What comes after the document must be nothing. */
static int
parse_end(struct load_doc *doc, yaml_parser_t *parser, FILE *in)
{
	yaml_document_t next;
	yaml_node_t *root;
	int result = 0;

	if (!yaml_parser_load(parser, &next))
		return parse_wrong(doc, parser, in);
	root = yaml_document_get_root_node(&next);
	if (root)
		result = load_wrong(doc, root, "a file holds one YAML document");
	yaml_document_delete(&next);
	return result;
}

static int
parse(struct load_doc *doc, FILE *in)
{
	yaml_parser_t parser;
	int result;

	if (!yaml_parser_initialize(&parser))
		return load_memory(doc);
	yaml_parser_set_input_file(&parser, in);
	if (!yaml_parser_load(&parser, &doc->yaml)) {
		result = parse_wrong(doc, &parser, in);
	} else {
		result = parse_end(doc, &parser, in);
		if (result < 0)
			load_close(doc);
	}
	yaml_parser_delete(&parser);
	return result;
}

int
load_open(struct load_doc *doc, const char *path)
{
	FILE *in = fopen(path, "r");
	int result;

	doc->file = path;
	if (in == NULL) {
		snprintf(doc->err, doc->cap, "%s: cannot be read: %s", path,
		    strerror(errno));
		return -1;
	}
	result = parse(doc, in);
	fclose(in);
	if (result == 0 && load_root(doc) == NULL) {
		snprintf(doc->err, doc->cap, "%s:1:1: the file is empty", path);
		load_close(doc);
		return -1;
	}
	return result;
}

void
load_close(struct load_doc *doc)
{
	yaml_document_delete(&doc->yaml);
}

yaml_node_t *
load_root(struct load_doc *doc)
{
	return yaml_document_get_root_node(&doc->yaml);
}

yaml_node_t *
load_item(struct load_doc *doc, const yaml_node_t *list, size_t i)
{
	return yaml_document_get_node(&doc->yaml, list->data.sequence.items.start[i]);
}

unsigned
load_row(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

int
load_claim(struct load_doc *doc, const yaml_node_t *node, struct vpn_index *index,
    struct vpn_text word, const void *item, const char *what)
{
	switch (vpn_index_put(index, doc->arena, word, item)) {
	case VPN_WORD_NEW:
		return 0;
	case VPN_WORD_TAKEN:
		return load_wrong(doc, node, "%s '%.*s' is there twice", what,
		    (int)word.len, word.at);
	case VPN_WORD_NO_MEMORY:
		break;
	}
	return load_memory(doc);
}

int
load_append(struct load_doc *doc, void *list, size_t *n, void *item)
{
	void ***items = list, **grown;

	if ((*n & (*n - 1)) == 0) { /* full at every power of two */
		grown = vpn_arena_take(doc->arena, (*n ? 2 * *n : 1) * sizeof(*grown));
		if (grown == NULL)
			return load_memory(doc);
		if (*n > 0)
			memcpy(grown, *items, *n * sizeof(*grown));
		*items = grown;
	}
	(*items)[(*n)++] = item;
	return 0;
}

static struct vpn_text
scalar(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE)
		return (struct vpn_text){NULL, 0};
	return (struct vpn_text){
	    (const char *)node->data.scalar.value, node->data.scalar.length};
}

static const struct load_key *
key_find(const struct load_key *keys, size_t n, struct vpn_text name)
{
	for (size_t i = 0; i < n; i++)
		if (vpn_text_same(name, vpn_text(keys[i].name)))
			return &keys[i];
	return NULL;
}

static int
read_pair(struct load_doc *doc, yaml_node_pair_t *pair, const struct load_key *keys,
    size_t nkeys, void *target, uint64_t *seen)
{
	yaml_node_t *name = yaml_document_get_node(&doc->yaml, pair->key);
	yaml_node_t *value = yaml_document_get_node(&doc->yaml, pair->value);
	struct vpn_text word = scalar(name);
	const struct load_key *key = key_find(keys, nkeys, word);
	uint64_t bit;

	if (key == NULL)
		return load_wrong(doc, name, "unknown key '%.*s'", (int)word.len,
		    word.at ? word.at : "");
	bit = UINT64_C(1) << (key - keys);
	if (*seen & bit)
		return load_wrong(doc, name, "'%s' stands here twice", key->name);
	*seen |= bit;
	return key->read(doc, value, target, key);
}

int
load_map(struct load_doc *doc, yaml_node_t *node, const struct load_key *keys,
    size_t nkeys, void *target)
{
	uint64_t seen = 0;

	if (node->type != YAML_MAPPING_NODE)
		return load_wrong(doc, node, "expected 'key: value' lines here");
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (read_pair(doc, pair, keys, nkeys, target, &seen) < 0)
			return -1;
	for (size_t i = 0; i < nkeys && i < MAX_KEYS; i++)
		if (keys[i].required && !(seen & UINT64_C(1) << i))
			return load_wrong(doc, node, "'%s' is missing", keys[i].name);
	return 0;
}

void *
load_field(void *target, const struct load_key *key)
{
	return (char *)target + (key ? key->offset : 0);
}

int
load_array(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	const yaml_node_item_t *item = node->data.sequence.items.start;
	char *items;
	size_t n;

	if (node->type != YAML_SEQUENCE_NODE)
		return load_wrong(doc, node, "expected a list here");
	n = (size_t)(node->data.sequence.items.top - item);
	items = vpn_arena_take(doc->arena, n * key->size + 1);
	if (items == NULL)
		return load_memory(doc);
	*(void **)load_field(target, key) = items;
	*(size_t *)((char *)target + key->count) = n;
	for (size_t i = 0; i < n; i++)
		if (key->item(
			doc, load_item(doc, node, i), items + i * key->size, NULL) < 0)
			return -1;
	return 0;
}

int
load_text(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text *text = load_field(target, key);

	if (scalar(node).len == 0)
		return load_wrong(doc, node, "expected a text here");
	*text = vpn_arena_text(doc->arena, scalar(node));
	return text->at ? 0 : load_memory(doc);
}

static const struct load_key prose_keys[] = {
    LOAD_KEY(struct vpn_prose, "en", load_text, in[VPN_EN], true),
    LOAD_KEY(struct vpn_prose, "zh", load_text, in[VPN_ZH], true),
};

int
load_prose(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_map(
	    doc, node, prose_keys, LOAD_COUNT(prose_keys), load_field(target, key));
}

static int
wrong_word(struct load_doc *doc, yaml_node_t *node, enum vpn_words list)
{
	char names[512] = "";
	size_t used = 0;
	struct vpn_text word;

	for (size_t i = 0; (word = vpn_word_at(list, i)).at && used < sizeof(names);
	     i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.*s",
		    i ? ", " : "", (int)word.len, word.at);
	word = scalar(node);
	return load_wrong(doc, node, "'%.*s' is not one of: %s", (int)word.len,
	    word.at ? word.at : "", names);
}

int
load_word(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	enum vpn_words list = (enum vpn_words)key->words;
	int value = vpn_word_value(list, scalar(node));

	if (value < 0)
		return wrong_word(doc, node, list);
	*(int *)load_field(target, key) = value;
	return 0;
}

int
load_range(struct load_doc *doc, const yaml_node_t *node, int least, int most, int *to)
{
	char *end;
	long value;

	if (scalar(node).len == 0)
		return load_wrong(doc, node, "expected a number here");
	value = strtol(scalar(node).at, &end, 10);
	if (*end != '\0' || value < least || value > most)
		return load_wrong(
		    doc, node, "expected a number from %d to %d", least, most);
	*to = (int)value;
	return 0;
}

int
load_number(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	return load_range(doc, node, 0, 1000000, load_field(target, key));
}

int
load_bool(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text word = scalar(node);

	if (!vpn_text_same(word, VPN_TEXT("true")) &&
	    !vpn_text_same(word, VPN_TEXT("false")))
		return load_wrong(doc, node, "expected true or false");
	*(bool *)load_field(target, key) = word.len == 4;
	return 0;
}
