/* SPDX-License-Identifier: Apache-2.0
 * A YAML file, read by tables that say which key goes where. */
#ifndef LOAD_DOCUMENT_H
#define LOAD_DOCUMENT_H

#include <yaml.h>

#include "core/catalog.h"
#include "vpn/words.h"

struct load_doc {
	const char *file; /* as messages name it */
	yaml_document_t yaml;
	struct vpn_arena *arena; /* what is read stays here */
	struct vpn_rules *rules; /* under construction; NULL for other files */
	char *err;
	size_t cap;
};

struct load_key;

/* Reads the value of a key into the struct at hand. 0, or -1 with the sentence
 * set. */
typedef int load_reader(
    struct load_doc *, yaml_node_t *, void *target, const struct load_key *);

struct load_key {
	const char *name;
	load_reader *read;
	size_t offset; /* of the field in the struct */
	bool required;
	int words;         /* load_word: enum vpn_words */
	size_t count;      /* load_array: offset of the number of items */
	size_t size;       /* load_array: of an item */
	load_reader *item; /* load_array */
};

#define LOAD_KEY(type, key, reader, member, needed)                        \
	{                                                                  \
		key, reader, offsetof(type, member), needed, 0, 0, 0, NULL \
	}
#define LOAD_WORD(type, key, member, needed, list)                               \
	{                                                                        \
		key, load_word, offsetof(type, member), needed, list, 0, 0, NULL \
	}
#define LOAD_ARRAY(type, key, member, number, reader, needed)                    \
	{                                                                        \
		key, load_array, offsetof(type, member), needed, 0,              \
		    offsetof(type, number), sizeof(*((type *)0)->member), reader \
	}
#define LOAD_COUNT(list) (sizeof(list) / sizeof(*(list)))

/* 0, or -1 with "file:line:column: sentence". The file stays open in doc. */
int load_open(struct load_doc *, const char *path);
void load_close(struct load_doc *);

/* Set the sentence, with the node's place in front. Always -1. */
int load_wrong(struct load_doc *, const yaml_node_t *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int load_memory(struct load_doc *);

/* A word stands for one item: put it, or say at the node that "what 'word'" is
 * taken. */
int load_claim(struct load_doc *, const yaml_node_t *, struct vpn_index *,
    struct vpn_text word, const void *item, const char *what);

/* Add an item to a list of pointers in the arena. */
int load_append(struct load_doc *, void *list, size_t *n, void *item);

/* Read a mapping by a table; unknown, doubled and missing keys are wrong. */
int load_map(struct load_doc *, yaml_node_t *, const struct load_key *, size_t nkeys,
    void *target);

/* Where a reader puts the value. */
void *load_field(void *target, const struct load_key *);

/* A number within limits. */
int load_range(struct load_doc *, const yaml_node_t *, int least, int most, int *to);

yaml_node_t *load_root(struct load_doc *);
/* The i-th node of a sequence. */
yaml_node_t *load_item(struct load_doc *, const yaml_node_t *list, size_t i);
unsigned load_row(const yaml_node_t *);

/* Readers. The field is a vpn_text; vpn_prose; an enum; int; bool; a pointer to
 * items in the arena. */
load_reader load_text, load_prose, load_word, load_number, load_bool, load_array;

#endif
