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
struct shown {
	char text[CUT + 2 * VPN_PIECES_MAX];
	size_t len;
};

static void
show(struct shown *shown, struct vpn_text text)
{
	memcpy(shown->text + shown->len, text.at, text.len);
	shown->len += text.len;
}

static struct shown
show_pattern(const struct vpn_pattern *pattern)
{
	struct shown shown = {.len = 0};
	size_t left = CUT;

	for (size_t i = 0; i < pattern->npieces && left > 0; i++) {
		struct vpn_text literal = pattern->piece[i].literal;

		if (i > 0)
			show(&shown, VPN_TEXT(".."));
		literal.len = literal.len < left ? literal.len : left;
		show(&shown, literal);
		left -= literal.len;
	}
	return shown;
}

static bool
is_by_pattern(const struct vpn_message *message)
{
	return message->nnames == 0 && message->npatterns > 0;
}

/* Cut, two messages may look the same. */
static bool
looks_same(const struct vpn_message *a, const struct vpn_message *b)
{
	struct shown x, y;

	if (!is_by_pattern(a) || !is_by_pattern(b))
		return false;
	x = show_pattern(&a->patterns[0]);
	y = show_pattern(&b->patterns[0]);
	return x.len == y.len && memcmp(x.text, y.text, x.len) == 0;
}

static void
put_message(const struct vpn_message *message)
{
	if (message->nnames > 0) {
		for (size_t i = 0; i < message->nnames; i++)
			printf("%s`%.*s`", i ? " " : "", (int)message->names[i].len,
			    message->names[i].at);
	} else if (message->npatterns > 0) {
		struct shown shown = show_pattern(&message->patterns[0]);

		putchar('`');
		put((struct vpn_text){shown.text, shown.len});
		putchar('`');
	} else if (message->nwhere > 0) {
		putchar('`');
		put(cut(message->where[0].values[0]));
		putchar('`');
	}
}

static bool
carries(const struct vpn_message *message, const struct vpn_code *code)
{
	return message->class != VPN_CLASS_CONTEXT &&
	    (message->code == code || message->up_code == code) &&
	    message->nnames + message->npatterns + message->nwhere > 0;
}

static bool
is_shown(const struct vpn_vendor *vendor, size_t n, const struct vpn_code *code)
{
	for (size_t i = 0; i < n; i++)
		if (carries(&vendor->messages[i], code) &&
		    looks_same(&vendor->messages[i], &vendor->messages[n]))
			return true;
	return false;
}

static void
put_vendor(
    struct row *row, const struct vpn_code *code, const struct vpn_vendor *vendor)
{
	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		if (!carries(message, code) || is_shown(vendor, i, code))
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
