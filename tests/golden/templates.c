/* SPDX-License-Identifier: Apache-2.0
 * Reads templates. */
#include "golden/templates.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name;
	enum kind kind;
} holes[] = {{"n", NUMBER}, {"x", HEX}, {"t", TIME}, {"one", LIST}, {"tag", TAG},
    {"cut", CUT}, {"text", TEXT}, {"line", LINE}};

struct reader {
	struct ordinary *to;
	const char *path;
	size_t number;
	struct list *list; /* being filled; NULL: lines are */
	struct vpn_text class;
	size_t forms;
	char *err;
	size_t cap;
};

struct hole {
	struct vpn_text before, name, arg;
};

/* One more element of an array. */
static void *
grow(void *array, size_t n, size_t size)
{
	void *bigger = realloc(array, (n + 1) * size);

	if (bigger == NULL) {
		fputs("ordinary: out of memory\n", stderr);
		exit(1);
	}
	memset((char *)bigger + n * size, 0, size);
	return bigger;
}

static bool __attribute__((format(printf, 2, 3)))
wrong(struct reader *in, const char *sentence, ...)
{
	va_list args;
	int n = snprintf(in->err, in->cap, "%s:%zu: ", in->path, in->number);

	va_start(args, sentence);
	if (n > 0 && (size_t)n < in->cap)
		vsnprintf(in->err + n, in->cap - (size_t)n, sentence, args);
	va_end(args);
	return false;
}

/* What is before the first sep; text goes on behind it. False: there is none. */
static bool
split(struct vpn_text *text, const char *sep, struct vpn_text *before)
{
	const char *at = memmem(text->at, text->len, sep, strlen(sep));

	*before = *text;
	if (at == NULL) {
		*text = (struct vpn_text){text->at + text->len, 0};
		return false;
	}
	before->len = (size_t)(at - text->at);
	at += strlen(sep);
	*text = (struct vpn_text){at, text->len - (size_t)(at - text->at)};
	return true;
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* "{name}" or "{name:argument}"; other braces are the log's own. */
static bool
is_hole(struct vpn_text text, struct hole *hole)
{
	struct vpn_text inside = {text.at + 1, text.len - 1};
	size_t n = 0;

	while (n < inside.len &&
	    (is_lower(inside.at[n]) || (n > 0 && inside.at[n] == '_')))
		n++;
	if (n == 0 || n == inside.len || (inside.at[n] != '}' && inside.at[n] != ':'))
		return false;
	hole->name = (struct vpn_text){inside.at, n};
	hole->arg = (struct vpn_text){inside.at + n, 0};
	if (inside.at[n] == '}')
		return true;
	inside = (struct vpn_text){inside.at + n + 1, inside.len - n - 1};
	return split(&inside, "}", &hole->arg);
}

/* The next hole and the text before it; text goes on behind it. */
static bool
next_hole(struct vpn_text *text, struct hole *hole)
{
	const char *end = text->at + text->len, *at = text->at;

	while ((at = memchr(at, '{', (size_t)(end - at))) != NULL) {
		if (is_hole((struct vpn_text){at, (size_t)(end - at)}, hole))
			break;
		at++;
	}
	hole->before =
	    (struct vpn_text){text->at, (size_t)((at ? at : end) - text->at)};
	if (at == NULL)
		return false;
	at = hole->arg.at + hole->arg.len + 1;
	*text = (struct vpn_text){at, (size_t)(end - at)};
	return true;
}

static bool parse(struct reader *, struct vpn_text, struct pattern *);

static bool
add_entry(struct reader *in, struct list *list, struct vpn_text text)
{
	list->entry = grow(list->entry, list->n, sizeof(*list->entry));
	return parse(in, text, &list->entry[list->n++]);
}

static struct list *
add_list(struct reader *in, struct vpn_text name)
{
	struct list *list;

	if (in->to->nlists == LISTS_MAX) {
		wrong(in, "there are more than %d lists", LISTS_MAX);
		return NULL;
	}
	list = &in->to->list[in->to->nlists++];
	list->name = name;
	return list;
}

/* Only a list that is complete, so that none can contain itself. */
static bool
find_list(struct reader *in, struct vpn_text name, size_t *found)
{
	const struct list *list = in->to->list;

	for (*found = 0; *found < in->to->nlists; ++*found)
		if (vpn_text_same(list[*found].name, name) && list[*found].n > 0 &&
		    &list[*found] != in->list)
			return true;
	return wrong(in, "there is no list '%.*s' above", (int)name.len, name.at);
}

static bool
read_range(struct reader *in, struct vpn_text arg, struct piece *piece)
{
	unsigned long long low, high;
	struct vpn_text first;

	if (sscanf(arg.at, "%llu-%llu}", &low, &high) != 2 || low > high)
		return wrong(
		    in, "'%.*s' is no range such as 1-254", (int)arg.len, arg.at);
	split(&arg, "-", &first);
	piece->width = (int)first.len;
	piece->low = low;
	piece->high = high;
	return true;
}

static bool
read_choice(struct reader *in, struct vpn_text arg, struct piece *piece)
{
	struct list *list = add_list(in, (struct vpn_text){NULL, 0});
	struct vpn_text word;
	bool more;

	if (list == NULL)
		return false;
	piece->list = (size_t)(list - in->to->list);
	do {
		more = split(&arg, "|", &word);
		if (!add_entry(in, list, word))
			return false;
	} while (more);
	return true;
}

static bool
read_hole(struct reader *in, const struct hole *hole, struct piece *piece)
{
	piece->kind = LIST;
	for (size_t i = 0; i < sizeof(holes) / sizeof(*holes); i++) {
		if (!vpn_text_same(hole->name, vpn_text(holes[i].name)))
			continue;
		piece->kind = holes[i].kind;
		if (piece->kind == LIST)
			return read_choice(in, hole->arg, piece);
		if (piece->kind == NUMBER)
			return read_range(in, hole->arg, piece);
		piece->low = strtoull(hole->arg.at, NULL, 10);
		if (piece->kind == HEX && piece->low == 0)
			return wrong(in, "{x:8} says how many digits, {x} does not");
		if (piece->kind == TIME)
			piece->format = strndup(hole->arg.at, hole->arg.len);
		return true;
	}
	return find_list(in, hole->name, &piece->list);
}

static struct piece *
add_piece(struct pattern *pattern)
{
	pattern->piece = grow(pattern->piece, pattern->n, sizeof(*pattern->piece));
	return &pattern->piece[pattern->n++];
}

static bool
parse(struct reader *in, struct vpn_text text, struct pattern *pattern)
{
	struct hole hole;
	bool more;

	do {
		more = next_hole(&text, &hole);
		if (hole.before.len > 0)
			add_piece(pattern)->text = hole.before;
		if (more && !read_hole(in, &hole, add_piece(pattern)))
			return false;
	} while (more);
	return true;
}

static bool
has_hole(const struct list *forms, enum kind kind)
{
	for (size_t i = 0; i < forms->n; i++)
		for (size_t j = 0; j < forms->entry[i].n; j++)
			if (forms->entry[i].piece[j].kind == kind)
				return true;
	return false;
}

static bool
add_line(struct reader *in, struct vpn_text text)
{
	struct ordinary *to = in->to;
	struct vpn_text rest = text, tag;
	struct line *line;

	if (in->class.len == 0)
		return wrong(in, "begin with '@list NAME' or '@lines CLASS HEADERS'");
	to->line = grow(to->line, to->nlines, sizeof(*to->line));
	line = &to->line[to->nlines++];
	line->class = in->class;
	line->forms = in->forms;
	if (!split(&rest, ": ", &tag) && has_hole(&to->list[in->forms], TEXT))
		return wrong(in, "these headers want a tag and \": \" before the text");
	return parse(in, text, &line->whole) && parse(in, tag, &line->tag) &&
	    parse(in, rest, &line->text);
}

/* "@list NAME": entries follow. "@lines CLASS HEADERS": lines follow, each of
 * which comes with every header of that list. */
static bool
read_section(struct reader *in, struct vpn_text text)
{
	struct vpn_text word;

	split(&text, " ", &word);
	if (vpn_text_same(word, VPN_TEXT("@list"))) {
		in->list = add_list(in, text);
		return in->list != NULL;
	}
	if (!vpn_text_same(word, VPN_TEXT("@lines")) || !split(&text, " ", &in->class))
		return wrong(in, "neither '@list NAME' nor '@lines CLASS HEADERS'");
	in->list = NULL;
	return find_list(in, text, &in->forms);
}

static bool
read_line(struct reader *in, struct vpn_text text)
{
	in->number++;
	if (text.len == 0 || text.at[0] == '#')
		return true;
	if (text.at[0] == '@')
		return read_section(in, text);
	return in->list ? add_entry(in, in->list, text) : add_line(in, text);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *in = fopen(path, "r");
	char *bytes = NULL;
	size_t cap = 0;
	ssize_t n;

	if (in == NULL)
		return NULL;
	n = getdelim(&bytes, &cap, '\0', in);
	*len = n > 0 ? (size_t)n : 0;
	fclose(in);
	return bytes;
}

const struct ordinary *
ordinary_read(const char *path, char *err, size_t cap)
{
	static struct ordinary templates;
	struct reader in = {.to = &templates, .path = path, .err = err, .cap = cap};
	struct vpn_text rest, line;

	rest.at = read_file(path, &rest.len);
	if (rest.at == NULL) {
		snprintf(err, cap, "%s: %s", path, strerror(errno));
		return NULL;
	}
	while (rest.len > 0) {
		split(&rest, "\n", &line);
		if (!read_line(&in, line))
			return NULL;
	}
	if (templates.nlines > 0)
		return &templates;
	wrong(&in, "there is no template of a line");
	return NULL;
}
