/* SPDX-License-Identifier: Apache-2.0
 * vpnlog codes: the catalogue as a table. */
#include <unistd.h>

#include "cli/card.h"
#include "cli/carriers.h"
#include "cli/code_json.h"
#include "cli/glyph.h"
#include "vpn/words.h"

#define COLUMNS 6 /* before the last, which is as wide as it is */
#define GAP 2
#define CELL_MAX 200

/* The cells of one row; each is written into buf or points into the rules. */
struct row {
	struct vpn_text cell[COLUMNS + 1];
	char slug[CELL_MAX], numbers[CELL_MAX], effect[CELL_MAX];
};

static const char *const heads[][VPN_LANG_COUNT] = {{"CODE", "代码"}, {"CLASS", "类别"},
    {"REASONCODE", "原因码"}, {"ALERT", "告警"}, {"EFFECT", "影响"}, {"GUIDE", "手册"},
    {"SHORT", "简述"}};

static struct vpn_text
slug_cell(struct row *row, const struct vpn_code *code)
{
	int n = snprintf(row->slug, sizeof(row->slug), "%.*s%s%.*s",
	    (int)code->slug.len, code->slug.at, code->variant.len ? "/" : "",
	    (int)code->variant.len, code->variant.len ? code->variant.at : "");

	return (struct vpn_text){row->slug,
	    (size_t)n < sizeof(row->slug) ? (size_t)n : sizeof(row->slug) - 1};
}

static struct vpn_text
numbers_cell(struct row *row, const struct vpn_code *code)
{
	size_t n = 0;

	for (size_t i = 0; i < code->nnumbers && n + 16 < sizeof(row->numbers); i++)
		n += (size_t)snprintf(row->numbers + n, sizeof(row->numbers) - n,
		    "%s%d", i ? "," : "", code->numbers[i]);
	return (struct vpn_text){row->numbers, n};
}

/* What it does to the tunnel, and what a failure counts as. */
static struct vpn_text
effect_cell(struct row *row, const struct vpn_code *code)
{
	struct vpn_text effect = vpn_word(VPN_WORDS_EFFECT, code->effect);
	struct vpn_text role = vpn_word(VPN_WORDS_ROLE, code->role);
	int n;

	if (code->role == VPN_ROLE_NONE)
		return effect;
	if (code->effect == VPN_EFFECT_NONE)
		return role;
	n = snprintf(row->effect, sizeof(row->effect), "%.*s/%.*s", (int)effect.len,
	    effect.at, (int)role.len, role.at);
	return (struct vpn_text){row->effect, (size_t)n};
}

static void
fill(struct row *row, const struct vpn_code *code, enum vpn_lang lang)
{
	bool symptom = code->class == VPN_CLASS_SYMPTOM;

	row->cell[0] = slug_cell(row, code);
	row->cell[1] = vpn_word(VPN_WORDS_CLASS, code->class);
	row->cell[2] = numbers_cell(row, code);
	row->cell[3] = symptom ? VPN_TEXT("-") : vpn_word(VPN_WORDS_ALERT, code->alert);
	row->cell[4] = symptom ? VPN_TEXT("-") : effect_cell(row, code);
	row->cell[5] = code->guide;
	row->cell[6] = code->why.in[lang];
	for (int i = 0; i < COLUMNS; i++)
		if (row->cell[i].len == 0)
			row->cell[i] = VPN_TEXT("-");
}

static void
widen(int *width, const struct row *row)
{
	for (int i = 0; i < COLUMNS; i++) {
		int columns = glyph_width(row->cell[i]);

		if (columns > width[i])
			width[i] = columns;
	}
}

static void
put_row(struct page *page, const int *width, const struct row *row)
{
	int column = 0;

	for (int i = 0; i < COLUMNS; i++) {
		page_put(page, row->cell[i]);
		column += width[i] + GAP;
		page_tab(page, column);
	}
	page_put(page, row->cell[COLUMNS]);
	page_style(page, PAGE_PLAIN);
	page_end(page);
}

static bool
is_wanted(const struct vpn_code *code, const struct cli_options *opt)
{
	return opt->class < 0 || (int)code->class == opt->class;
}

static void
put_table(
    const struct vpn_rules *rules, const struct cli_options *opt, enum vpn_lang lang)
{
	int width[COLUMNS] = {0};
	struct page page;
	struct row row;

	page_init(&page, opt);
	page.width = 0; /* a row is a line: others may read it */
	for (int i = 0; i <= COLUMNS; i++)
		row.cell[i] = vpn_text(heads[i][lang]);
	widen(width, &row);
	for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
		fill(&row, vpn_rules_code(rules, i), lang);
		if (is_wanted(vpn_rules_code(rules, i), opt))
			widen(width, &row);
	}
	for (int i = 0; i <= COLUMNS; i++)
		row.cell[i] = vpn_text(heads[i][lang]);
	page_style(&page, PAGE_BOLD);
	put_row(&page, width, &row);
	for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
		const struct vpn_code *code = vpn_rules_code(rules, i);

		if (!is_wanted(code, opt))
			continue;
		fill(&row, code, lang);
		page_style(&page,
		    code->class == VPN_CLASS_SYMPTOM ? PAGE_PLAIN
						     : card_style(code->alert));
		put_row(&page, width, &row);
	}
}

static enum cli_exit
put_json(const struct cli_command *cmd, const struct vpn_rules *rules,
    const struct cli_options *opt)
{
	enum vpn_language language =
	    opt->language < 0 ? VPN_LANGUAGE_BOTH : (enum vpn_language)opt->language;

	for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
		const struct vpn_code *code = vpn_rules_code(rules, i);

		if (!is_wanted(code, opt) || code_json_write(stdout, code, language))
			continue;
		cli_complain(cmd, "out of memory");
		return CLI_PROBLEM;
	}
	return CLI_FINE;
}

enum cli_exit
cli_codes(const struct cli_command *cmd, const struct cli_options *opt)
{
	enum cli_exit result = CLI_FINE;
	struct vpn_rules *rules;

	if (opt->nwords > 0) {
		cli_complain(cmd, "'%s' is not an option; 'vpnlog lookup' searches",
		    opt->words[0]);
		return CLI_USAGE;
	}
	rules = cli_options_rules(cmd, opt);
	if (rules == NULL)
		return CLI_PROBLEM;
	if (opt->vendors)
		carriers_print(rules, opt->class);
	else if (opt->format == CLI_FORMAT_JSON)
		result = put_json(cmd, rules, opt);
	else
		put_table(rules, opt, card_lang(cli_options_language(opt)));
	vpn_rules_free(rules);
	return result;
}
