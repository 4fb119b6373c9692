/* SPDX-License-Identifier: Apache-2.0
 * Steps of alerts of every kind, with every code, in OCSF; for ocsf.py.
 * usage: ocsf-findings RULES LANGUAGE */
#include <stdio.h>
#include <stdlib.h>

#include "load/load.h"
#include "vpn/page.h"
#include "vpn/words.h"

#define START INT64_C(1795424400000)
#define MINUTE INT64_C(60000)

/* Of a tunnel with a name and a runbook, or of somebody nothing is known of. */
static struct vpn_alarm
make(enum vpn_alarm_kind kind, enum vpn_step_of_alarm step, const struct vpn_code *code)
{
	struct vpn_alarm alarm = {.kind = kind,
	    .step = step,
	    .severity = (enum vpn_severity)(kind % 3),
	    .subject = VPN_TEXT("198.51.100.1~203.0.113.7"),
	    .reason = code,
	    .start_ms = START,
	    .opened_ms = START + MINUTE};

	if (step == VPN_ALARM_RESOLVED || step == VPN_ALARM_CLEARED) {
		alarm.end_ms = START + 10 * MINUTE;
		alarm.ending = VPN_ENDING_RECOVERED;
	}
	if (code == NULL)
		return alarm;
	alarm.tunnel = VPN_TEXT("HQ/6/1/203.0.113.7");
	alarm.device = VPN_TEXT("HQ");
	alarm.local = VPN_TEXT("198.51.100.1");
	alarm.peer =
	    code->hold > 60 ? VPN_TEXT("203.0.113.xx") : VPN_TEXT("203.0.113.7");
	alarm.name = VPN_TEXT("Branch 7");
	alarm.owner = VPN_TEXT("net-ops");
	alarm.runbook = VPN_TEXT("https://runbooks.example.net/7");
	return alarm;
}

/* The steps and the kinds take turns, so that every pair of them comes. */
static bool
print_one(const struct vpn_render *render, size_t i, const struct vpn_code *code)
{
	static char buf[VPN_PAGE_MAX];
	size_t kinds = VPN_ALARM_COUNT - VPN_ALARM_DOWN, steps = VPN_ALARM_CLEARED + 1;
	struct vpn_alarm alarm = make((enum vpn_alarm_kind)(VPN_ALARM_DOWN + i % kinds),
	    (enum vpn_step_of_alarm)(i % steps), code);
	struct vpn_page page;

	if (!vpn_page_write(render, &alarm, &page, buf, sizeof(buf)))
		return false;
	printf("%.*s\n", (int)page.record.len, page.record.at);
	return true;
}

int
main(int argc, char **argv)
{
	char err[1024] = "usage: ocsf-findings RULES LANGUAGE";
	int language =
	    argc == 3 ? vpn_word_value(VPN_WORDS_LANGUAGE, vpn_text(argv[2])) : -1;
	struct vpn_rules *rules =
	    language < 0 ? NULL : vpn_rules_load(argv[1], err, sizeof(err));
	struct vpn_render *render = rules
	    ? vpn_render_new(rules, VPN_FORMAT_OCSF, (enum vpn_language)language, NULL)
	    : NULL;
	size_t n = render ? vpn_rules_codes(rules) : 0;
	bool good = render != NULL;

	/* The last has no code. */
	for (size_t i = 0; good && i <= n; i++)
		good = print_one(render, i, i < n ? vpn_rules_code(rules, i) : NULL);
	if (!good)
		fprintf(stderr, "%s\n", err);
	vpn_render_free(render);
	vpn_rules_free(rules);
	return good ? 0 : 1;
}
