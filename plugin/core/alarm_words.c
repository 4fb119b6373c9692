/* SPDX-License-Identifier: Apache-2.0
 * An alarm in one line: which tunnel, what, why. */
#include "core/page.h"
#include "core/chars.h"

#define SUMMARY_CHARS 119
#define MINUTE_MS INT64_C(60000)

static const char *const names[VPN_ALARM_COUNT] = {
    [VPN_ALARM_DOWN] = "IPsecTunnelDown",
    [VPN_ALARM_FAILING] = "IPsecNegotiationFailing",
    [VPN_ALARM_FLAPPING] = "IPsecTunnelFlapping",
    [VPN_ALARM_DEGRADED] = "IPsecTunnelDegraded",
    [VPN_ALARM_GATEWAY] = "IPsecGatewayDown",
    [VPN_ALARM_SESSIONS] = "IPsecSessionsDropped",
    [VPN_ALARM_LIMIT] = "IPsecGatewayLimit",
    [VPN_ALARM_NOISE] = "IPsecNegotiationNoise",
    [VPN_ALARM_UNKNOWN] = "IPsecUnknownPeers",
    [VPN_ALARM_SILENCE] = "VpnLogSilence",
    [VPN_ALARM_CROWD] = "IPsecTooManyAlerts",
    [VPN_ALARM_WATCHDOG] = "OmipsecWatchdog",
};

struct vpn_text
vpn_alarm_name(enum vpn_alarm_kind kind)
{
	return vpn_text(names[kind]);
}

/* What holds while it is open, and what held. @t whom, @w why, @d of @m down,
 * @n failures, @f for how long, @p the new peer. */
static const struct {
	const char *open[VPN_LANG_COUNT], *over[VPN_LANG_COUNT];
} forms[VPN_ALARM_COUNT] = {
    [VPN_ALARM_DOWN] = {{"@t: tunnel down, @w", "@t：隧道断开，@w"},
	{"@t: tunnel was down for @f", "@t：隧道中断了@f"}},
    [VPN_ALARM_FAILING] = {{"@t: negotiation keeps failing, @w",
			       "@t：协商持续失败，@w"},
	{"@t: negotiation failed for @f", "@t：协商失败持续了@f"}},
    [VPN_ALARM_FLAPPING] = {{"@t: tunnel flaps, @n drops, @w",
				"@t：隧道反复断开，@n次，@w"},
	{"@t: tunnel flapped for @f", "@t：隧道反复断开了@f"}},
    [VPN_ALARM_DEGRADED] = {{"@t: @d of @m flows down, @w", "@t：@m条流中断@d条，@w"},
	{"@t: some flows were down for @f", "@t：部分流中断了@f"}},
    [VPN_ALARM_GATEWAY] = {{"@t: @d of @m tunnels down, @w",
			       "@t：@m条隧道断开@d条，@w"},
	{"@t: many tunnels were down for @f", "@t：多条隧道中断了@f"}},
    [VPN_ALARM_SESSIONS] = {{"@t: @d of @m sessions dropped within a minute",
				"@t：一分钟内@m个会话掉线@d个"},
	{"@t: sessions dropped @f ago", "@t：会话于@f前大量掉线"}},
    [VPN_ALARM_LIMIT] = {{"@t: the gateway takes no more, @w", "@t：网关容量已满，@w"},
	{"@t: no refusal for lack of room any more", "@t：不再因容量不足而拒绝"}},
    [VPN_ALARM_NOISE] = {{"@t: @n odd negotiation messages in ten minutes",
			     "@t：十分钟内@n条异常协商报文"},
	{"@t: odd negotiation messages have stopped", "@t：异常协商报文已停止"}},
    [VPN_ALARM_UNKNOWN] = {{"@t: unknown peers try to connect, @n failures",
			       "@t：未知对端尝试接入，失败@n次"},
	{"@t: unknown peers have stopped trying", "@t：未知对端不再尝试"}},
    [VPN_ALARM_SILENCE] = {{"@t: no log line from this device any more",
			       "@t：收不到该设备的日志"},
	{"@t: log lines arrive again after @f", "@t：@f后日志恢复"}},
    [VPN_ALARM_CROWD] = {{"@t: @m alerts at once, no room for more; @d tunnels are "
			  "down without one",
			     "@t：告警已达@m条，不再逐条发送；另有@d条隧道断开"},
	{"@t: each alert is told again", "@t：恢复逐条告警"}},
    [VPN_ALARM_WATCHDOG] = {{"@t: omipsec is alive (always firing)",
				"@t：omipsec在运行（常亮告警）"},
	{"@t: omipsec stopped", "@t：omipsec已停止"}},
};

/* How it came to its end. */
static const char *const endings[][VPN_LANG_COUNT] = {
    [VPN_ENDING_NONE] = {"", ""},
    [VPN_ENDING_RECOVERED] = {"; it is back", "；已恢复"},
    [VPN_ENDING_MOVED] = {"; the peer has moved to @p", "；对端已改为@p"},
    [VPN_ENDING_SILENT] = {"; closed by silence, not confirmed",
	"；因无新日志而关闭，未经确认"},
    [VPN_ENDING_REPLACED] = {"; another alert takes over", "；由另一告警接替"},
    [VPN_ENDING_ENDED] = {"; it ended on purpose", "；已正常结束"},
    [VPN_ENDING_FORGOTTEN] = {"; forgotten on request", "；已按要求移除"},
};

static const char *const still[VPN_LANG_COUNT] = {"still", "仍未恢复"};
static const char *const gone[VPN_LANG_COUNT] = {
    "; gone for good? vpnlog forget", "；若已下线请执行vpnlog forget"};
static const char *const late[VPN_LANG_COUNT] = {", reported late", "，日志迟到"};
static const char *const no_reason[VPN_LANG_COUNT] = {"no reason logged", "未记录原因"};

struct line {
	char *at, *end;
	size_t chars; /* that may still be put */
};

/* Bytes of the character at the start; stray bytes are one each. */
static size_t
char_len(struct vpn_text text)
{
	size_t n = vpn_char_len(text);

	return n ? n : 1;
}

static size_t
count_chars(struct vpn_text text)
{
	size_t chars = 0, n;

	for (; text.len > 0; text.at += n, text.len -= n, chars++)
		n = char_len(text);
	return chars;
}

static void
put(struct line *out, struct vpn_text text)
{
	size_t n;

	for (; text.len > 0 && out->chars > 0; text.at += n, text.len -= n) {
		n = char_len(text);
		if ((size_t)(out->end - out->at) < n)
			return;
		memcpy(out->at, text.at, n);
		out->at += n;
		out->chars--;
	}
}

/* At most so many characters, the last of them an ellipsis where it is cut. */
static void
put_cut(struct line *out, struct vpn_text text, size_t max)
{
	size_t kept = out->chars;

	if (count_chars(text) <= max) {
		put(out, text);
		return;
	}
	if (max == 0)
		return;
	out->chars = max - 1 < kept ? max - 1 : kept;
	kept -= out->chars;
	put(out, text);
	out->chars += kept;
	put(out, VPN_TEXT("…"));
}

static void
put_number(struct line *out, unsigned value)
{
	char digits[20];
	size_t n = vpn_page_digits(value, digits);

	put(out, (struct vpn_text){digits, n});
}

/* "12 min", "3 h", "7 d" */
static void
put_duration(struct line *out, int64_t ms, enum vpn_lang lang)
{
	static const struct {
		int64_t ms;
		const char *word[VPN_LANG_COUNT];
	} units[] = {
	    {48 * 60 * MINUTE_MS, {" d", "天"}},
	    {120 * MINUTE_MS, {" h", "小时"}},
	    {2 * MINUTE_MS, {" min", "分钟"}},
	    {0, {" s", "秒"}},
	};
	static const int64_t sizes[] = {
	    24 * 60 * MINUTE_MS, 60 * MINUTE_MS, MINUTE_MS, 1000};
	size_t i = 0;

	while (ms < units[i].ms && units[i].ms > 0)
		i++;
	put_number(out, ms < 0 ? 0 : (unsigned)(ms / sizes[i]));
	put(out, vpn_text(units[i].word[lang]));
}

static struct vpn_text
why(const struct vpn_alarm *alarm, enum vpn_lang lang)
{
	const struct vpn_code *code = vpn_page_code(alarm);

	if (alarm->step == VPN_ALARM_REMINDED)
		return vpn_text(still[lang]);
	return code ? code->why.in[lang] : vpn_text(no_reason[lang]);
}

/* "HQ-USG6000 to 203.0.113.201", or the name that the operator gave. */
static void
put_whom(
    struct line *out, const struct vpn_alarm *alarm, enum vpn_lang lang, size_t max)
{
	static const char *const to[VPN_LANG_COUNT] = {" to ", "到"};
	size_t peer = count_chars(alarm->peer), half;

	if (alarm->name.len > 0 || alarm->kind >= VPN_ALARM_GATEWAY ||
	    alarm->device.len == 0 || peer == 0) {
		put_cut(out, alarm->name.len ? alarm->name : alarm->subject, max);
		return;
	}
	max = max > 4 ? max - 4 : 0;
	half = peer < max / 2 ? max - peer : max / 2;
	put_cut(out, alarm->device, half);
	put(out, vpn_text(to[lang]));
	put_cut(out, alarm->peer, max - half);
}

static void
put_hole(struct line *out, char hole, const struct vpn_alarm *alarm, enum vpn_lang lang)
{
	int64_t until = alarm->end_ms ? alarm->end_ms : alarm->opened_ms;

	if (hole == 'w')
		put(out, why(alarm, lang));
	else if (hole == 'd')
		put_number(out, alarm->down);
	else if (hole == 'm')
		put_number(out, alarm->members);
	else if (hole == 'n')
		put_number(out,
		    alarm->kind == VPN_ALARM_FLAPPING ? alarm->drops : alarm->failures);
	else if (hole == 'p')
		put(out, alarm->moved_to);
	else if (hole == 'f')
		put_duration(out, until - alarm->start_ms, lang);
}

/* The form with its holes filled, but for whom: that takes what is left. */
static void
put_form(struct line *out, const char *form, const struct vpn_alarm *alarm,
    enum vpn_lang lang, size_t whom)
{
	const char *hole;

	while ((hole = strchr(form, '@')) != NULL) {
		put(out, (struct vpn_text){form, (size_t)(hole - form)});
		if (hole[1] == 't')
			put_whom(out, alarm, lang, whom);
		else
			put_hole(out, hole[1], alarm, lang);
		form = hole + 2;
	}
	put(out, vpn_text(form));
}

static void
put_all(
    struct line *out, const struct vpn_alarm *alarm, enum vpn_lang lang, size_t whom)
{
	bool over =
	    alarm->step == VPN_ALARM_RESOLVED || alarm->step == VPN_ALARM_CLEARED;

	put_form(out,
	    over ? forms[alarm->kind].over[lang] : forms[alarm->kind].open[lang], alarm,
	    lang, whom);
	if (over && alarm->kind < VPN_ALARM_GATEWAY)
		put_form(out, endings[alarm->ending][lang], alarm, lang, 0);
	else if (alarm->step == VPN_ALARM_REMINDED && alarm->kind < VPN_ALARM_GATEWAY)
		put(out, vpn_text(gone[lang]));
	else if (alarm->late)
		put(out, vpn_text(late[lang]));
}

size_t
vpn_page_summary(
    const struct vpn_alarm *alarm, enum vpn_lang lang, char *buf, size_t cap)
{
	struct line draft = {buf, buf + cap, SUMMARY_CHARS}, out = draft;

	/* Once without whom, to see how much room that leaves. */
	put_all(&draft, alarm, lang, 0);
	put_all(&out, alarm, lang, draft.chars);
	return (size_t)(out.at - buf);
}
