/* SPDX-License-Identifier: Apache-2.0
 * Numbers for codes that outlive a generation of rules. */
#include "core/estate.h"

#include <stdlib.h>

static size_t
copy(char *to, struct vpn_text text)
{
	memcpy(to, text.at, text.len);
	return text.len;
}

/* The name is slug, or slug/variant. */
static char *
name_of(const struct vpn_code *code)
{
	char *text = malloc(code->slug.len + code->variant.len + 2);
	size_t n;

	if (text == NULL)
		return NULL;
	n = copy(text, code->slug);
	if (code->variant.len > 0) {
		text[n++] = '/';
		n += copy(text + n, code->variant);
	}
	text[n] = '\0';
	return text;
}

static const struct vpn_code *
resolve(const struct vpn_engine *eng, struct vpn_text name)
{
	const char *slash = memchr(name.at, '/', name.len);
	struct vpn_text slug = name, variant = {NULL, 0};

	if (slash) {
		slug.len = (size_t)(slash - name.at);
		variant = (struct vpn_text){slash + 1, name.len - slug.len - 1};
	}
	return eng->rules ? vpn_rules_by_slug(eng->rules, slug, variant) : NULL;
}

/* Takes the text. */
static uint16_t
add(struct vpn_engine *eng, char *text)
{
	struct code_name *grown;

	if (text == NULL || eng->ncodes + 1 >= UINT16_MAX) {
		free(text);
		return 0;
	}
	grown = realloc(eng->codes, (eng->ncodes + 1) * sizeof(*grown));
	if (grown == NULL) {
		free(text);
		return 0;
	}
	eng->codes = grown;
	grown[eng->ncodes++] = (struct code_name){text, resolve(eng, vpn_text(text))};
	return (uint16_t)eng->ncodes;
}

uint16_t
vpn_codes_number(struct vpn_engine *eng, const struct vpn_code *code)
{
	char *text;
	uint16_t number;

	if (code == NULL)
		return 0;
	for (size_t i = 0; i < eng->ncodes; i++)
		if (eng->codes[i].code == code)
			return (uint16_t)(i + 1);
	text = name_of(code);
	if (text == NULL)
		return 0;
	number = vpn_codes_find(eng, vpn_text(text));
	free(text);
	return number;
}

uint16_t
vpn_codes_find(struct vpn_engine *eng, struct vpn_text name)
{
	char *text;

	if (name.len == 0)
		return 0;
	for (size_t i = 0; i < eng->ncodes; i++)
		if (vpn_text_same(vpn_text(eng->codes[i].text), name))
			return (uint16_t)(i + 1);
	text = malloc(name.len + 1);
	if (text == NULL)
		return 0;
	text[copy(text, name)] = '\0';
	return add(eng, text);
}

struct vpn_text
vpn_codes_name(const struct vpn_engine *eng, uint16_t number)
{
	return vpn_text(number > 0 ? eng->codes[number - 1].text : NULL);
}

const struct vpn_code *
vpn_codes_code(const struct vpn_engine *eng, uint16_t number)
{
	return number > 0 ? eng->codes[number - 1].code : NULL;
}

void
vpn_codes_use(struct vpn_engine *eng)
{
	for (size_t i = 0; i < eng->ncodes; i++)
		eng->codes[i].code = resolve(eng, vpn_text(eng->codes[i].text));
}

void
vpn_codes_free(struct vpn_engine *eng)
{
	for (size_t i = 0; i < eng->ncodes; i++)
		free(eng->codes[i].text);
	free(eng->codes);
}
