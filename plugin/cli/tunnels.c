/* SPDX-License-Identifier: Apache-2.0
 * vpnlog tunnels, vpnlog forget: what the module keeps in its state file. */
#include <stdio.h>

#include "cli/card.h"
#include "cli/engine_text.h"
#include "cli/estate.h"
#include "core/json.h"
#include "store/store.h"
#include "vpn/words.h"

#define STEPS 3
#define JSON_MAX 8192

struct tunnels {
	struct estate estate;
	struct page page;
	enum vpn_lang lang;
	bool json, found;
	struct vpn_text wanted; /* of forget */
	size_t count[VPN_STATE_COUNT];
};

static void
print_json(const struct vpn_standing *it)
{
	const struct vpn_alarm *alarm = &it->alarm;
	char buf[JSON_MAX];
	struct vpn_json js = {buf, buf + sizeof(buf), false, false};

	vpn_json_open(&js, NULL, '{');
	vpn_json_text(&js, "subject", alarm->subject);
	vpn_json_some(&js, "tunnel", alarm->tunnel);
	vpn_json_text(&js, "state", vpn_word(VPN_WORDS_STATE, (int)it->state));
	text_put_time(&js, "since", it->since_ms);
	if (alarm->kind != VPN_ALARM_NONE)
		vpn_json_text(&js, "alert", vpn_alarm_name(alarm->kind));
	text_put_code(&js, "reason", alarm->reason);
	text_put_code(&js, "failure", alarm->failure);
	vpn_json_some(&js, "device", alarm->device);
	vpn_json_some(&js, "local", alarm->local);
	vpn_json_some(&js, "peer", alarm->peer);
	vpn_json_number(&js, "drops", alarm->drops);
	vpn_json_some(&js, "withheld", vpn_text(it->withheld));
	text_print_json(&js, buf);
}

static void
put_duration(struct page *page, int64_t ms)
{
	char text[48];
	long long s = ms < 0 ? 0 : ms / 1000;

	snprintf(text, sizeof(text), " (%lldd %02lld:%02lld:%02lld)", s / 86400,
	    s / 3600 % 24, s / 60 % 60, s % 60);
	page_word(page, text);
}

static void
print_why(struct tunnels *tu, const struct vpn_standing *it)
{
	const struct vpn_alarm *alarm = &it->alarm;
	const struct vpn_code *code = alarm->failure ? alarm->failure : alarm->reason;

	if (alarm->reason) {
		page_tab(&tu->page, 2);
		page_put(&tu->page, alarm->reason->why.in[tu->lang]);
		if (alarm->failure) {
			page_word(&tu->page, "; ");
			page_put(&tu->page, alarm->failure->why.in[tu->lang]);
		}
		page_end(&tu->page);
	}
	for (size_t i = 0; code && i < code->nsteps && i < STEPS; i++) {
		char number[8];

		snprintf(number, sizeof(number), "%zu. ", i + 1);
		page_tab(&tu->page, 2);
		page_word(&tu->page, number);
		page_tab(&tu->page, 5);
		page_put(&tu->page, code->steps[i].own.in[tu->lang]);
		page_end(&tu->page);
	}
}

static void
print_text(struct tunnels *tu, const struct vpn_standing *it)
{
	const struct vpn_alarm *alarm = &it->alarm;
	char when[TEXT_TIME_LEN + 1];

	text_time(it->since_ms, when);
	page_style(&tu->page, it->state == VPN_STATE_DOWN ? PAGE_RED : PAGE_YELLOW);
	page_put(&tu->page, vpn_word(VPN_WORDS_STATE, (int)it->state));
	page_style(&tu->page, PAGE_BOLD);
	page_word(&tu->page, " ");
	page_put(&tu->page, alarm->subject);
	page_style(&tu->page, PAGE_PLAIN);
	page_word(&tu->page, " ");
	page_put(&tu->page, alarm->device);
	page_word(&tu->page, " since ");
	page_word(&tu->page, when);
	put_duration(&tu->page, tu->estate.now.wall_ms - it->since_ms);
	if (alarm->kind != VPN_ALARM_NONE) {
		page_word(&tu->page, " ");
		page_put(&tu->page, vpn_alarm_name(alarm->kind));
	}
	if (it->withheld) {
		page_word(&tu->page, " not paged: ");
		page_word(&tu->page, it->withheld);
	}
	page_end(&tu->page);
	print_why(tu, it);
}

static void
each_tunnel(const struct vpn_standing *it, void *arg)
{
	struct tunnels *tu = arg;

	tu->count[it->state]++;
	if (tu->json)
		print_json(it);
	else if (it->alarm.kind != VPN_ALARM_NONE ||
	    (it->state != VPN_STATE_UP && it->state != VPN_STATE_UNKNOWN))
		print_text(tu, it);
}

static void
print_counts(const struct tunnels *tu)
{
	const char *between = "";

	for (int state = 0; state < VPN_STATE_COUNT; state++) {
		struct vpn_text word = vpn_word(VPN_WORDS_STATE, state);

		if (tu->count[state] == 0)
			continue;
		printf("%s%zu %.*s", between, tu->count[state], (int)word.len, word.at);
		between = ", ";
	}
	puts(*between ? "" : "no tunnel is known");
}

enum cli_exit
cli_tunnels(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct tunnels tu = {.json = opt->format == CLI_FORMAT_JSON};
	struct vpn_rules *rules = cli_options_rules(cmd, opt);
	enum cli_exit result = CLI_PROBLEM;

	page_init(&tu.page, opt);
	tu.lang = card_lang(cli_options_language(opt));
	if (rules)
		result = estate_open(&tu.estate, cmd, opt);
	if (tu.estate.engine) {
		vpn_engine_use(tu.estate.engine, rules, NULL);
		vpn_engine_each(tu.estate.engine, each_tunnel, &tu);
		if (!tu.json)
			print_counts(&tu);
	}
	estate_close(&tu.estate);
	vpn_rules_free(rules);
	return result;
}

static void
match(const struct vpn_standing *it, void *arg)
{
	struct tunnels *tu = arg;

	tu->found |= vpn_text_same(it->alarm.subject, tu->wanted) ||
	    vpn_text_same(it->alarm.tunnel, tu->wanted);
}

enum cli_exit
cli_forget(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct tunnels tu = {0};
	enum cli_exit result = CLI_PROBLEM;
	char err[1024];

	if (opt->nwords != 1) {
		cli_complain(cmd, "name one tunnel, as 'vpnlog tunnels' lists them");
		return CLI_USAGE;
	}
	tu.wanted = vpn_text(opt->words[0]);
	estate_open(&tu.estate, cmd, opt);
	if (tu.estate.engine) {
		vpn_engine_each(tu.estate.engine, match, &tu);
		if (!tu.found) {
			cli_complain(cmd, "%s: there is no tunnel '%s'", opt->state,
			    opt->words[0]);
		} else if (vpn_store_ask(opt->state, tu.wanted, err, sizeof(err)) !=
		    0) {
			cli_complain(cmd, "%s", err);
		} else {
			puts("rsyslogd forgets it within a second, or when it starts");
			result = CLI_FINE;
		}
	}
	estate_close(&tu.estate);
	return result;
}
