/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/carriers.h"

#include <stdio.h>

#include "core/pattern.h"
#include "vpn/words.h"

#define CUT 48 /* bytes of a message's text that are shown */

/* What of a row is printed already. */
struct row {
	const struct vpn_vendor *vendor; /* the last that was named */
	bool any;
};

static void
put(struct vpn_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '|')
			putchar('\\');
		putchar(c == '`' ? '\'' : c);
	}
}

static struct vpn_text
cut(struct vpn_text text)
{
	return (struct vpn_text){text.at, text.len < CUT ? text.len : CUT};
}

static void
begin_item(
    struct row *row, const struct vpn_code *code, const struct vpn_vendor *vendor)
{
	if (!row->any)
		printf("| `%.*s%s%.*s` | ", (int)code->slug.len, code->slug.at,
		    code->variant.len ? "/" : "", (int)code->variant.len,
		    code->variant.len ? code->variant.at : "");
	if (row->vendor != vendor) {
		fputs(row->any ? "; **" : "**", stdout);
		put(vendor->name);
		if (vendor->product.len > 0)
			printf(" %.*s", (int)vendor->product.len, vendor->product.at);
		fputs("** ", stdout);
	} else {
		fputs(", ", stdout);
	}
	row->vendor = vendor;
	row->any = true;
}

/* The literal text of a pattern, with ".." for its holes. */
static void
put_pattern(const struct vpn_pattern *pattern)
{
	size_t left = CUT;

	putchar('`');
	for (size_t i = 0; i < pattern->npieces && left > 0; i++) {
		struct vpn_text literal = pattern->piece[i].literal;

		if (i > 0)
			fputs("..", stdout);
		literal.len = literal.len < left ? literal.len : left;
		put(literal);
		left -= literal.len;
	}
	putchar('`');
}

static void
put_message(const struct vpn_message *message)
{
	if (message->nnames > 0) {
		for (size_t i = 0; i < message->nnames; i++)
			printf("%s`%.*s`", i ? " " : "", (int)message->names[i].len,
			    message->names[i].at);
	} else if (message->npatterns > 0) {
		put_pattern(&message->patterns[0]);
	} else if (message->nwhere > 0) {
		putchar('`');
		put(cut(message->where[0].values[0]));
		putchar('`');
	}
}

static bool
is_named(const struct vpn_message *message)
{
	return message->nnames + message->npatterns + message->nwhere > 0;
}

static void
put_vendor(
    struct row *row, const struct vpn_code *code, const struct vpn_vendor *vendor)
{
	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		if (message->class == VPN_CLASS_CONTEXT ||
		    (message->code != code && message->up_code != code) ||
		    !is_named(message))
			continue;
		begin_item(row, code, vendor);
		put_message(message);
	}
	for (size_t i = 0; i < vendor->nreasons; i++) {
		const struct vpn_saying *saying = &vendor->reasons[i];

		if (saying->code != code)
			continue;
		begin_item(row, code, vendor);
		printf("\"");
		put(cut(saying->words[0]));
		printf("\"");
	}
}

void
carriers_print(const struct vpn_rules *rules, int class)
{
	puts("| code | which messages carry it |");
	puts("| --- | --- |");
	for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
		const struct vpn_code *code = vpn_rules_code(rules, i);
		struct row row = {NULL, false};

		if (class >= 0 && (int)code->class != class)
			continue;
		for (size_t j = 0; j < vpn_rules_vendors(rules); j++)
			put_vendor(&row, code, vpn_rules_vendor(rules, j));
		if (row.any)
			puts(" |");
	}
}
