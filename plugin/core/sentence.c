/* SPDX-License-Identifier: Apache-2.0
 * The event in one line for people: which tunnel, what, why. */
#include "vpn/render.h"

/* @d device, @v kind of VPN, @p peer, @w why */
static const char *const forms[VPN_CLASS_COUNT][VPN_LANG_COUNT] = {
    [VPN_CLASS_NEGOTIATION] = {"@d: @v tunnel to @p cannot be negotiated: @w",
	"@d：到 @p 的 @v 隧道协商失败：@w"},
    [VPN_CLASS_DISCONNECT] = {"@d: @v tunnel to @p went down: @w",
	"@d：到 @p 的 @v 隧道断开：@w"},
    [VPN_CLASS_ESTABLISHED] = {"@d: @v tunnel to @p is up",
	"@d：到 @p 的 @v 隧道已建立"},
    [VPN_CLASS_CLIENT] = {"@d: VPN client cannot connect: @w",
	"@d：VPN 客户端连接失败：@w"},
};

/* A disconnect that takes nothing down: a rekey, a standby unit's copy. */
static const char *const benign[VPN_LANG_COUNT] = {
    "@d: @v tunnel to @p is not affected: @w", "@d：到 @p 的 @v 隧道不受影响：@w"};

struct out {
	char *at, *end;
};

static void
put(struct out *out, struct vpn_text text)
{
	size_t room = (size_t)(out->end - out->at);

	if (text.len > room)
		text.len = room;
	if (text.len > 0)
		memcpy(out->at, text.at, text.len);
	out->at += text.len;
}

static struct vpn_text
or_else(struct vpn_text text, const char *instead)
{
	return text.len > 0 ? text : vpn_text(instead);
}

static void
put_why(struct out *out, const struct vpn_event *ev, enum vpn_lang lang)
{
	put(out, ev->code->why.in[lang]);
	if (!ev->unknown || ev->field[VPN_REASON].len == 0)
		return;
	put(out, VPN_TEXT(" (\""));
	put(out, ev->field[VPN_REASON]);
	put(out, VPN_TEXT("\")"));
}

static struct vpn_text
kind(const struct vpn_vendor *vendor)
{
	return vpn_text_same(vendor->network_type, VPN_TEXT("ipsec"))
	    ? VPN_TEXT("IPsec")
	    : vendor->name;
}

static void
put_hole(struct out *out, char hole, const struct vpn_event *ev, enum vpn_lang lang)
{
	static const char *const nobody[] = {"an unnamed gateway", "未知网关"};

	if (hole == 'd')
		put(out, or_else(ev->device, "-"));
	else if (hole == 'v')
		put(out, kind(ev->vendor));
	else if (hole == 'p')
		put(out, or_else(ev->field[VPN_PEER], nobody[lang]));
	else
		put_why(out, ev, lang);
}

static bool
is_benign(const struct vpn_event *ev)
{
	return ev->class == VPN_CLASS_DISCONNECT &&
	    (ev->policy->effect == VPN_EFFECT_NONE ||
		ev->policy->effect == VPN_EFFECT_COPY);
}

static void
replace_controls(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		text[i] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
	}
}

size_t
vpn_sentence(const struct vpn_event *ev, enum vpn_lang lang, char *buf, size_t cap)
{
	struct out out = {buf, buf + cap};
	const char *form = is_benign(ev) ? benign[lang] : forms[ev->class][lang];
	const char *hole;

	while ((hole = strchr(form, '@')) != NULL) {
		put(&out, (struct vpn_text){form, (size_t)(hole - form)});
		put_hole(&out, hole[1], ev, lang);
		form = hole + 2;
	}
	put(&out, vpn_text(form));
	replace_controls(buf, (size_t)(out.at - buf));
	return (size_t)(out.at - buf);
}
