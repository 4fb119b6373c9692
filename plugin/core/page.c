/* SPDX-License-Identifier: Apache-2.0
 * An alarm in words. Labels are what it is, never who told it first:
 *	alertname, severity
 *	tunnel	"198.51.100.1~203.0.113.7", or a tunnel id
 *	gateway	for alarms of a gateway, interface, device or limit
 *	owner, site	where the overrides say them */
#include "core/page.h"
#include "core/chars.h"
#include "vpn/hex.h"

#include <nettle/sha2.h>

#define KEY_MAX 255
#define DIGEST_LEN 16
#define SUMMARY_MAX 512

static const char *const severities[] = {[VPN_SEVERITY_CRITICAL] = "critical",
    [VPN_SEVERITY_WARNING] = "warning",
    [VPN_SEVERITY_NONE] = "none"};

const struct vpn_code *
vpn_page_code(const struct vpn_alarm *alarm)
{
	return alarm->failure ? alarm->failure : alarm->reason;
}

size_t
vpn_page_digits(uint64_t value, char digits[20])
{
	size_t n = 0;

	for (uint64_t rest = value; n == 0 || rest > 0; rest /= 10)
		n++;
	for (size_t i = n; i > 0; value /= 10)
		digits[--i] = (char)('0' + value % 10);
	return n;
}

static void
digest(char out[2 * DIGEST_LEN], struct vpn_text text, int64_t number)
{
	struct sha256_ctx sha;
	uint8_t bytes[8], sum[DIGEST_LEN];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint64_t)number >> 8 * i);
	sha256_init(&sha);
	sha256_update(&sha, text.len, (const uint8_t *)text.at);
	sha256_update(&sha, sizeof(bytes), bytes);
	sha256_digest(&sha, sizeof(sum), sum);
	vpn_hex_write(out, sum, sizeof(sum));
}

/* Takes n bytes off the front of what is left of the buffer. */
static struct vpn_text
take(struct vpn_json *left, size_t n)
{
	struct vpn_text text = {left->at, n};

	left->at += n;
	return text;
}

static void
put_plain(struct vpn_json *js, struct vpn_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		char put = (char)(c <= 0x20 || c >= 0x7f ? '_' : c);

		vpn_json_raw(js, (struct vpn_text){&put, 1});
	}
}

/* "omipsec/NAME/SUBJECT"; a subject that is too long ends in its digest. */
static struct vpn_text
put_key(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	struct vpn_text name = vpn_alarm_name(alarm->kind), subject = alarm->subject;
	size_t room = KEY_MAX - name.len - 9;
	char *start = js->at, hex[2 * DIGEST_LEN];

	vpn_json_raw(js, VPN_TEXT("omipsec/"));
	vpn_json_raw(js, name);
	vpn_json_raw(js, VPN_TEXT("/"));
	if (subject.len > room) {
		digest(hex, subject, 0);
		subject.len = room - sizeof(hex);
	}
	put_plain(js, subject);
	if (subject.len < alarm->subject.len)
		vpn_json_raw(js, (struct vpn_text){hex, sizeof(hex)});
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static struct vpn_text
put_outage(struct vpn_json *js, struct vpn_text key, int64_t start_ms)
{
	if (js->end - js->at < 2 * DIGEST_LEN) {
		js->full = true;
		return (struct vpn_text){NULL, 0};
	}
	digest(js->at, key, start_ms);
	return take(js, 2 * DIGEST_LEN);
}

static struct vpn_text
put_labels(
    struct vpn_json *js, const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	char *start = js->at;

	js->comma = false;
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "alertname", page->name);
	vpn_json_text(js, "severity", page->severity);
	vpn_json_text(
	    js, alarm->kind < VPN_ALARM_GATEWAY ? "tunnel" : "gateway", alarm->subject);
	vpn_json_some(js, "owner", alarm->owner);
	vpn_json_some(js, "site", alarm->site);
	vpn_json_close(js, '}');
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static struct vpn_text
put_annotations(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, struct vpn_text summary)
{
	char *start = js->at;

	js->comma = false;
	vpn_json_open(js, NULL, '{');
	vpn_page_annotations(render, js, alarm, summary);
	vpn_json_close(js, '}');
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static struct vpn_text
put_record(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	char *start = js->at;

	js->comma = false;
	vpn_json_open(js, NULL, '{');
	if (render->format == VPN_FORMAT_OCSF)
		vpn_page_finding(render, js, alarm, page);
	else
		vpn_page_record(render, js, alarm, page);
	vpn_json_close(js, '}');
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static struct vpn_text
copy(struct vpn_json *js, struct vpn_text text)
{
	char *start = js->at;

	vpn_json_raw(js, text);
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static bool
is_safe(struct vpn_text text)
{
	for (size_t n; text.len > 0; text.at += n, text.len -= n) {
		n = vpn_char_len(text);
		if (n == 0 || vpn_char_unsafe(text))
			return false;
	}
	return true;
}

/* What devices and peers wrote is for people's eyes: in a pager, in amtool. */
static void
tame(struct vpn_json *js, struct vpn_alarm *alarm)
{
	struct vpn_text *const texts[] = {&alarm->subject, &alarm->tunnel,
	    &alarm->device, &alarm->local, &alarm->peer, &alarm->interface,
	    &alarm->connection, &alarm->moved_to, &alarm->lines[0], &alarm->lines[1],
	    &alarm->top[0].peer, &alarm->top[1].peer, &alarm->top[2].peer,
	    &alarm->top[3].peer, &alarm->top[4].peer};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *own = js->at;

		if (is_safe(*texts[i]))
			continue;
		vpn_json_raw(js, *texts[i]);
		texts[i]->at = own;
		texts[i]->len = vpn_chars_tame(own, (size_t)(js->at - own));
	}
}

bool
vpn_page_write(const struct vpn_render *render, const struct vpn_alarm *raised,
    struct vpn_page *page, char *buf, size_t cap)
{
	struct vpn_json js = {buf, buf + cap, false, false};
	const struct vpn_code *code = vpn_page_code(raised);
	struct vpn_alarm own = *raised;
	const struct vpn_alarm *alarm = &own;

	*page = (struct vpn_page){.step = alarm->step,
	    .name = vpn_alarm_name(alarm->kind),
	    .severity = vpn_text(severities[alarm->severity]),
	    .start_ms = alarm->start_ms,
	    .opened_ms = alarm->opened_ms,
	    .end_ms = alarm->end_ms};
	tame(&js, &own);
	/* The tunnel's own runbook says more than that of the code. */
	if (own.runbook.len == 0 && code)
		own.runbook = render->codes[code->index].reference;
	if (js.end - js.at < SUMMARY_MAX)
		return false;
	page->summary = take(
	    &js, vpn_page_summary(alarm, vpn_render_lang(render), js.at, SUMMARY_MAX));
	page->key = put_key(&js, alarm);
	page->outage = put_outage(&js, page->key, alarm->start_ms);
	page->source = copy(&js, alarm->device.len ? alarm->device : alarm->subject);
	page->runbook = copy(&js, alarm->runbook);
	page->code = copy(&js, code ? code->slug : VPN_TEXT(""));
	page->labels = put_labels(&js, alarm, page);
	page->annotations = put_annotations(render, &js, alarm, page->summary);
	page->record = put_record(render, &js, alarm, page);
	return !js.full;
}
