/* SPDX-License-Identifier: Apache-2.0
 * vpnlog lookup: words in, what they mean and what to do out. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/card.h"
#include "cli/code_json.h"
#include "cli/glyph.h"
#include "cli/match.h"

#define SLUG_COLUMN 2
#define GAP 2

struct lookup {
	const struct cli_command *cmd;
	const struct vpn_rules *rules;
	struct page page;
	enum vpn_language language; /* of cards */
};

static int
slug_width(const struct vpn_code *code)
{
	return glyph_width(code->slug) +
	    (code->variant.len ? 1 + glyph_width(code->variant) : 0);
}

/* "what", then a line for each code. */
static void
put_list(struct lookup *lk, const char *what, const struct match *match)
{
	struct page *page = &lk->page;
	int width = 0;

	for (size_t i = 0; i < match->n; i++)
		if (slug_width(match->code[i]) > width)
			width = slug_width(match->code[i]);
	page_word(page, what);
	page_end(page);
	for (size_t i = 0; i < match->n; i++) {
		page_tab(page, SLUG_COLUMN);
		page_style(page, card_style(match->code[i]->alert));
		card_slug(page, match->code[i]);
		page_style(page, PAGE_PLAIN);
		page_tab(page, SLUG_COLUMN + width + GAP);
		page_put(page, match->code[i]->why.in[card_lang(lk->language)]);
		page_end(page);
	}
	if (match->more > 0)
		fprintf(page->out, "  ... and %zu more\n", match->more);
}

static void
put_cards(struct lookup *lk, const struct match *match)
{
	static const char *const also[] = {"See also:", "另见："};
	static const char *const several[] = {"Several codes fit; ask for one of them:",
	    "有多个代码符合，请指定其中一个："};
	enum vpn_lang lang = card_lang(lk->language);
	struct match related;

	if (match->n > 1) {
		put_list(lk, several[lang], match);
		return;
	}
	card_code(&lk->page, match->code[0], lk->language);
	match_related(lk->rules, match->code[0], &related);
	if (related.n > 0)
		put_list(lk, also[lang], &related);
}

static enum cli_exit
put_json(struct lookup *lk, const struct match *match, int language)
{
	enum vpn_language all =
	    language < 0 ? VPN_LANGUAGE_BOTH : (enum vpn_language)language;

	for (size_t i = 0; i < match->n; i++) {
		if (code_json_write(stdout, match->code[i], all))
			continue;
		cli_complain(lk->cmd, "out of memory");
		return CLI_PROBLEM;
	}
	return CLI_FINE;
}

/* Nothing fits: to standard error, so that a script's input stays clean. */
static void
suggest(struct lookup *lk, struct vpn_text words)
{
	struct match near;

	match_nearest(lk->rules, words, &near);
	cli_complain(lk->cmd,
	    "nothing is known of '%.*s'; 'vpnlog codes' lists all codes",
	    words.len > 200 ? 200 : (int)words.len, words.at);
	if (near.n == 0)
		return;
	lk->page.out = stderr;
	lk->page.colour = false;
	put_list(lk, "Nearest:", &near);
}

static char *
join(const struct cli_options *opt)
{
	size_t len = 1;
	char *words, *p;

	for (int i = 0; i < opt->nwords; i++)
		len += strlen(opt->words[i]) + 1;
	words = p = malloc(len);
	for (int i = 0; p && i < opt->nwords; i++)
		p += sprintf(p, "%s%s", i ? " " : "", opt->words[i]);
	return words;
}

static enum cli_exit
look_up(struct lookup *lk, const struct cli_options *opt, struct vpn_text words)
{
	struct match match;

	page_init(&lk->page, opt);
	if (!match_words(lk->rules, words, &match)) {
		suggest(lk, words);
		return CLI_PROBLEM;
	}
	if (opt->format == CLI_FORMAT_JSON)
		return put_json(lk, &match, opt->language);
	put_cards(lk, &match);
	return CLI_FINE;
}

enum cli_exit
cli_lookup(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct lookup lk = {.cmd = cmd, .language = cli_options_language(opt)};
	enum cli_exit result = CLI_PROBLEM;
	struct vpn_rules *rules;
	char *words;

	if (opt->nwords == 0) {
		cli_complain(
		    cmd, "what should be looked up? see 'vpnlog lookup --help'");
		return CLI_USAGE;
	}
	words = join(opt);
	lk.rules = rules = cli_options_rules(cmd, opt);
	if (words && rules)
		result = look_up(&lk, opt, vpn_text(words));
	else if (words == NULL)
		cli_complain(cmd, "out of memory");
	vpn_rules_free(rules);
	free(words);
	return result;
}
