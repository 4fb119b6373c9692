/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/input.h"
#include "cli/lint.h"
#include "vpn/recognise.h"

/* An example, and whose it is. */
struct trial {
	const struct vpn_vendor *vendor;
	const struct vpn_message *message;
	const struct vpn_example *example;
	struct place place;
};

static int
cut(struct vpn_text text)
{
	return text.len > 200 ? 200 : (int)text.len;
}

static const char *
bytes(struct vpn_text text)
{
	return text.at ? text.at : "";
}

/* A value that the example states and the event must have. */
static void
expect(struct lint *lint, const struct trial *trial, const char *what,
    struct vpn_text stated, struct vpn_text found)
{
	if (stated.len == 0 || vpn_text_same(stated, found))
		return;
	lint_problem(lint, trial->place,
	    "the example says %s '%.*s', its event has '%.*s'", what, cut(stated),
	    bytes(stated), cut(found), bytes(found));
}

static void
compare(struct lint *lint, const struct trial *trial, const struct vpn_event *ev)
{
	struct vpn_text slug = ev->code ? ev->code->slug : (struct vpn_text){NULL, 0};

	if (ev->message != trial->message) {
		lint_problem(lint, trial->place,
		    "the example of '%.*s' is claimed by '%.*s' of %.*s",
		    cut(trial->message->id), trial->message->id.at,
		    cut(ev->message->id), ev->message->id.at, cut(ev->vendor->id),
		    ev->vendor->id.at);
		return;
	}
	expect(lint, trial, "code", trial->example->slug, slug);
	expect(lint, trial, "peer", trial->example->peer, ev->field[VPN_PEER]);
	expect(lint, trial, "local", trial->example->local, ev->field[VPN_LOCAL]);
	expect(lint, trial, "connection", trial->example->connection,
	    ev->field[VPN_CONNECTION]);
	if (ev->code && trial->example->slug.len == 0)
		lint_problem(lint, trial->place,
		    "the example does not say its code, '%.*s'", cut(slug),
		    bytes(slug));
}

static void
run(struct lint *lint, const struct trial *trial)
{
	struct escaped escaped = {NULL, 0};
	struct vpn_line ln = {.pri = -1, .received_ms = (int64_t)time(NULL) * 1000};
	struct vpn_event ev;

	lint->examples++;
	ln.raw = input_escape(&escaped, trial->example->line);
	if (ln.raw.at && vpn_recognise(lint->rules, &ln, &ev))
		compare(lint, trial, &ev);
	else
		lint_problem(lint, trial->place,
		    "the example of '%.*s' is not recognised", cut(trial->message->id),
		    trial->message->id.at);
	free(escaped.at);
}

static void
lint_message(struct lint *lint, const struct vpn_vendor *vendor,
    const struct vpn_message *message)
{
	lint->messages++;
	for (size_t i = 0; i < message->nexamples; i++) {
		const struct vpn_example *example = &message->examples[i];
		struct trial trial = {
		    vendor, message, example, {vendor->file.at, example->row}};

		run(lint, &trial);
	}
}

void
lint_examples(struct lint *lint)
{
	for (size_t i = 0; i < vpn_rules_vendors(lint->rules); i++) {
		const struct vpn_vendor *vendor = vpn_rules_vendor(lint->rules, i);

		for (size_t j = 0; j < vendor->nmessages; j++)
			lint_message(lint, vendor, &vendor->messages[j]);
	}
}
