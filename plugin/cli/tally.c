/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vpn/words.h"

#define EVERY_MS 500

void
tally_init(struct tally *tally, int64_t now_ms)
{
	const char *term = getenv("TERM");

	*tally = (struct tally){.next_ms = now_ms + EVERY_MS};
	tally->terminal = isatty(STDERR_FILENO);
	tally->plain = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
}

void
tally_line(struct tally *tally, int64_t now_ms)
{
	tally->lines++;
	if (!tally->terminal || tally->plain || now_ms < tally->next_ms)
		return;
	tally->next_ms = now_ms + EVERY_MS;
	tally->shown = true;
	fprintf(stderr, "\r%" PRIu64 " lines, %" PRIu64 " events ...", tally->lines,
	    tally->events);
}

void
tally_event(struct tally *tally, const struct vpn_event *ev)
{
	tally->events++;
	tally->of[ev->class]++;
	tally->unknown += ev->unknown;
}

void
tally_clear(struct tally *tally)
{
	if (tally->shown)
		fputs("\r\033[K", stderr);
	tally->shown = false;
}

static void
print_count(uint64_t n, const char *one)
{
	fprintf(stderr, "%" PRIu64 " %s%s", n, one, n == 1 ? "" : "s");
}

void
tally_print(struct tally *tally)
{
	const char *before = " (";

	if (!tally->terminal)
		return;
	tally_clear(tally);
	print_count(tally->lines, "line");
	fputs(", ", stderr);
	print_count(tally->events, "event");
	for (int i = 0; i < VPN_CLASS_COUNT; i++) {
		struct vpn_text word = vpn_word(VPN_WORDS_CLASS, i);

		if (tally->of[i] == 0)
			continue;
		fprintf(stderr, "%s%" PRIu64 " %.*s", before, tally->of[i],
		    (int)word.len, word.at);
		before = ", ";
	}
	fputs(tally->events ? ")" : "", stderr);
	if (tally->unknown)
		fprintf(stderr, "; %" PRIu64 " with a reason that no rule knows",
		    tally->unknown);
	fputs("\n", stderr);
}
