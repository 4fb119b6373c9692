/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/amount.h"

#include <stdio.h>

#include "core/stamp.h"

const char *
amount_number(char buf[AMOUNT_LEN], uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	char *at = buf;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return buf;
}

const char *
amount_of(
    char buf[AMOUNT_LEN], uint64_t value, const struct noun *noun, enum vpn_lang lang)
{
	char number[AMOUNT_LEN];

	amount_number(number, value);
	if (lang == VPN_ZH)
		snprintf(buf, AMOUNT_LEN, "%.30s%s", number, noun->zh);
	else
		snprintf(buf, AMOUNT_LEN, "%.30s %s", number,
		    value == 1 ? noun->one : noun->many);
	return buf;
}

const char *
amount_duration(char buf[AMOUNT_LEN], int64_t ms, enum vpn_lang lang)
{
	static const struct {
		long long s;
		const char *word[VPN_LANG_COUNT];
	} units[] = {{86400, {" d", "天"}}, {3600, {" h", "小时"}},
	    {60, {" min", "分"}}, {1, {" s", "秒"}}};
	long long s = ms < 0 ? 0 : (ms + 500) / 1000, first, second;
	size_t i = 0;

	while (i < 3 && s < units[i].s)
		i++;
	first = s / units[i].s;
	second = i < 3 ? s % units[i].s / units[i + 1].s : 0;
	if (second > 0)
		snprintf(buf, AMOUNT_LEN, "%lld%s%s%lld%s", first, units[i].word[lang],
		    lang == VPN_ZH ? "" : " ", second, units[i + 1].word[lang]);
	else
		snprintf(buf, AMOUNT_LEN, "%lld%s", first, units[i].word[lang]);
	return buf;
}

const char *
amount_share(char buf[AMOUNT_LEN], int64_t part, int64_t whole)
{
	double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;

	if (part == whole && whole > 0)
		snprintf(buf, AMOUNT_LEN, "100 %%");
	else if (percent > 99.99)
		snprintf(buf, AMOUNT_LEN, "> 99.99 %%");
	else if (percent < 0.01 && part > 0)
		snprintf(buf, AMOUNT_LEN, "< 0.01 %%");
	else
		snprintf(
		    buf, AMOUNT_LEN, percent > 99 ? "%.2f %%" : "%.1f %%", percent);
	return buf;
}

const char *
amount_time(char buf[AMOUNT_LEN], int64_t ms)
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	snprintf(buf, AMOUNT_LEN, "%.10s %.8s", stamp, stamp + 11);
	return buf;
}
