/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/place.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define NEEDLE_MAX 60

struct source {
	const char *file; /* owned by the glob */
	char *text;
	size_t len;
};

struct places {
	glob_t found;
	struct source *source;
	size_t n;
};

static void
read_source(struct source *source)
{
	FILE *in = fopen(source->file, "r");
	long size = -1;

	if (in && fseek(in, 0, SEEK_END) == 0)
		size = ftell(in);
	if (size > 0)
		source->text = malloc((size_t)size);
	if (source->text) {
		rewind(in);
		source->len = fread(source->text, 1, (size_t)size, in);
	}
	if (in)
		fclose(in);
}

struct places *
places_new(const char *dir)
{
	struct places *places = calloc(1, sizeof(*places));
	char pattern[4096];

	if (places == NULL)
		return NULL;
	snprintf(pattern, sizeof(pattern), "%s/guide.yaml", dir);
	glob(pattern, GLOB_NOCHECK, NULL, &places->found);
	snprintf(pattern, sizeof(pattern), "%s/codes-*.yaml", dir);
	glob(pattern, GLOB_APPEND, NULL, &places->found);
	places->source = calloc(places->found.gl_pathc + 1, sizeof(*places->source));
	if (places->source == NULL) {
		places_free(places);
		return NULL;
	}
	for (; places->n < places->found.gl_pathc; places->n++) {
		places->source[places->n].file = places->found.gl_pathv[places->n];
		read_source(&places->source[places->n]);
	}
	return places;
}

void
places_free(struct places *places)
{
	if (places == NULL)
		return;
	for (size_t i = 0; i < places->n; i++)
		free(places->source[i].text);
	free(places->source);
	globfree(&places->found);
	free(places);
}

/* The next line of rest. */
static struct vpn_text
next_line(struct vpn_text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct vpn_text line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
	size_t taken = line.len + (end ? 1 : 0);

	rest->at += taken;
	rest->len -= taken;
	return line;
}

static bool
is_filler(char c)
{
	return c == ' ' || c == '-' || c == '"' || c == '\'' || c == '\r';
}

/* Is the line "- key: value"? */
static bool
has_pair(struct vpn_text line, const char *key, struct vpn_text value)
{
	size_t len = strlen(key);

	while (line.len > 0 && is_filler(*line.at)) {
		line.at++;
		line.len--;
	}
	if (line.len <= len || memcmp(line.at, key, len) != 0 || line.at[len] != ':')
		return false;
	line.at += len + 1;
	line.len -= len + 1;
	while (line.len > 0 && is_filler(*line.at)) {
		line.at++;
		line.len--;
	}
	while (line.len > 0 && is_filler(line.at[line.len - 1]))
		line.len--;
	return vpn_text_same(line, value);
}

/* The line "key: value" that comes after so many of the same. */
static struct place
find_pair(
    const struct places *places, const char *key, struct vpn_text value, size_t after)
{
	for (size_t i = 0; i < places->n; i++) {
		const struct source *source = &places->source[i];
		struct vpn_text rest = {source->text, source->len};

		for (unsigned row = 1; rest.len > 0; row++)
			if (has_pair(next_line(&rest), key, value) && after-- == 0)
				return (struct place){source->file, row};
	}
	return (struct place){places->n ? places->source[0].file : "rules", 0};
}

struct place
places_check(const struct places *places, const struct vpn_check *check)
{
	return find_pair(places, "id", check->id, 0);
}

struct place
places_code(const struct places *places, const struct vpn_rules *rules,
    const struct vpn_code *code)
{
	size_t after = 0; /* entries of the same slug: variants */

	for (size_t i = 0; i < code->index; i++)
		after += vpn_text_same(vpn_rules_code(rules, i)->slug, code->slug);
	return find_pair(places, "slug", code->slug, after);
}

/* What is certain to be in the file as it is in memory. */
static struct vpn_text
needle_of(struct vpn_text text)
{
	size_t n = 0;

	while (n < text.len && n < NEEDLE_MAX && text.at[n] != '"' &&
	    text.at[n] != '\'' && text.at[n] != '\\')
		n++;
	return (struct vpn_text){text.at, n};
}

static const struct source *
source_of(const struct places *places, const char *file)
{
	for (size_t i = 0; i < places->n; i++)
		if (places->source[i].file == file)
			return &places->source[i];
	return NULL;
}

struct place
places_text(const struct places *places, struct place code, struct vpn_text text)
{
	const struct source *source = source_of(places, code.file);
	struct vpn_text needle = needle_of(text), rest, line;

	if (source == NULL || code.row == 0 || needle.len == 0)
		return code;
	rest = (struct vpn_text){source->text, source->len};
	for (unsigned row = 1; rest.len > 0; row++) {
		line = next_line(&rest);
		if (row < code.row)
			continue;
		if (row > code.row && memmem(line.at, line.len, "- slug:", 7))
			break;
		if (memmem(line.at, line.len, needle.at, needle.len))
			return (struct place){code.file, row};
	}
	return code;
}
