/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stamp.h"

#define DAY_MS INT64_C(86400000)

/* A reading position: bytes are taken from the front while they fit. */
struct cursor {
	const char *at, *end;
};

static bool
take(struct cursor *cur, char c)
{
	if (cur->at == cur->end || *cur->at != c)
		return false;
	cur->at++;
	return true;
}

static bool
take_any(struct cursor *cur, const char *set)
{
	for (; *set; set++)
		if (take(cur, *set))
			return true;
	return false;
}

static bool
take_word(struct cursor *cur, const char *word, size_t len)
{
	if ((size_t)(cur->end - cur->at) < len || memcmp(cur->at, word, len) != 0)
		return false;
	cur->at += len;
	return true;
}

static bool
take_number(struct cursor *cur, int min, int max, int *value)
{
	const char *start = cur->at;
	int digits = 0;

	*value = 0;
	while (
	    digits < max && cur->at < cur->end && *cur->at >= '0' && *cur->at <= '9') {
		*value = *value * 10 + (*cur->at++ - '0');
		digits++;
	}
	if (digits >= min)
		return true;
	cur->at = start;
	return false;
}

/* The first letter tells whether it can be a name at all. */
static int
take_name(struct cursor *cur, const char *names, int n)
{
	for (int i = 0; i < n; i++)
		if (take_word(cur, names + 3 * i, 3))
			return i + 1;
	return 0;
}

static int
take_month(struct cursor *cur)
{
	return take_name(cur, "JanFebMarAprMayJunJulAugSepOctNovDec", 12);
}

/* ".104729" or Huawei's ".185.1": milliseconds, then a serial number. */
static int
take_fraction(struct cursor *cur)
{
	int ms, rest, digits, scale[] = {0, 100, 10, 1};
	const char *start;

	if (!take(cur, '.'))
		return 0;
	start = cur->at;
	if (!take_number(cur, 1, 3, &ms))
		return 0;
	digits = (int)(cur->at - start);
	while (take_number(cur, 1, 9, &rest))
		;
	if (take(cur, '.'))
		take_number(cur, 1, 9, &rest);
	return ms * scale[digits];
}

/* A relay that took the hour for a tag has put a blank after it. */
static bool
take_clock(struct cursor *cur, struct vpn_stamp *stamp)
{
	int h, m, s;

	if (!take_number(cur, 1, 2, &h) || !take(cur, ':') ||
	    (take(cur, ' '), !take_number(cur, 2, 2, &m)) || !take(cur, ':') ||
	    !take_number(cur, 2, 2, &s))
		return false;
	if (h > 23 || m > 59 || s > 60)
		return false;
	stamp->day_ms = ((h * 60 + m) * 60 + s) * INT64_C(1000) + take_fraction(cur);
	return true;
}

/* " UTC", " GMT"; what other names mean depends on who writes them. */
static bool
take_utc(struct cursor *cur)
{
	const char *at = cur->at;

	if (cur->end - at < 4 ||
	    (memcmp(at, " UTC", 4) != 0 && memcmp(at, " GMT", 4) != 0) ||
	    (cur->end - at > 4 && at[4] != ':' && at[4] != ' '))
		return false;
	cur->at += 4;
	return true;
}

static void
take_zone(struct cursor *cur, struct vpn_stamp *stamp)
{
	const char *start = cur->at;
	bool west = cur->at < cur->end && *cur->at == '-';
	int h, m;

	if (take(cur, 'Z') || take_utc(cur)) {
		stamp->has_zone = true;
		return;
	}
	if (!take_any(cur, "+-") || !take_number(cur, 2, 2, &h) ||
	    (take(cur, ':'), !take_number(cur, 2, 2, &m)) || h > 14 || m > 59) {
		cur->at = start;
		return;
	}
	stamp->has_zone = true;
	stamp->zone_minutes = west ? -(h * 60 + m) : h * 60 + m;
}

static bool
read_named(struct cursor *cur, struct vpn_stamp *stamp)
{
	bool weekday = take_name(cur, "SunMonTueWedThuFriSat", 7) != 0;
	struct cursor before;

	if (weekday && !take(cur, ' '))
		return false;
	stamp->month = take_month(cur);
	if (stamp->month == 0 || !take(cur, ' '))
		return false;
	take(cur, ' ');
	if (!take_number(cur, 1, 2, &stamp->day) || !take(cur, ' '))
		return false;
	before = *cur;
	if (!take_number(cur, 4, 4, &stamp->year) || !take(cur, ' ')) {
		*cur = before;
		stamp->year = 0;
	}
	if (!take_clock(cur, stamp))
		return false;
	before = *cur;
	if (weekday && (!take(cur, ' ') || !take_number(cur, 4, 4, &stamp->year)))
		*cur = before;
	return true;
}

static bool
read_numeric(struct cursor *cur, struct vpn_stamp *stamp)
{
	if (!take_number(cur, 4, 4, &stamp->year) || !take_any(cur, "-/") ||
	    !take_number(cur, 1, 2, &stamp->month) || !take_any(cur, "-/") ||
	    !take_number(cur, 1, 2, &stamp->day) || !take_any(cur, "T "))
		return false;
	return take_clock(cur, stamp);
}

/* What may follow: offset, "DST", OpenVPN's microseconds. The offset of a
 * "DST" time is taken as it stands. */
static void
read_tail(struct cursor *cur, struct vpn_stamp *stamp)
{
	struct cursor before;
	int us;

	take_zone(cur, stamp);
	take_word(cur, " DST", 4);
	before = *cur;
	if (!take_word(cur, " us=", 4) || !take_number(cur, 1, 6, &us))
		*cur = before;
}

size_t
vpn_stamp_read(struct vpn_text text, struct vpn_stamp *stamp)
{
	struct cursor cur = {text.at, text.at + text.len};
	bool digit = text.len > 0 && text.at[0] >= '0' && text.at[0] <= '9';

	*stamp = (struct vpn_stamp){0};
	if (!digit && (text.len < 4 || text.at[3] != ' '))
		return 0;
	if (digit ? !read_numeric(&cur, stamp) : !read_named(&cur, stamp))
		return 0;
	if (stamp->month < 1 || stamp->month > 12 || stamp->day < 1 || stamp->day > 31)
		return 0;
	read_tail(&cur, stamp);
	stamp->text = (struct vpn_text){text.at, (size_t)(cur.at - text.at)};
	return stamp->text.len;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras
 * of 400 years that begin on 1 March. */
static int64_t
days(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil(int64_t z, int *year, int *month, int *day)
{
	int64_t era, doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t
floor_days(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : -((DAY_MS - 1 - ms) / DAY_MS);
}

int64_t
vpn_stamp_ms(const struct vpn_stamp *stamp, const struct vpn_line *ln)
{
	int zone = stamp->has_zone ? stamp->zone_minutes : ln->zone_minutes;
	int year = stamp->year, month, day;
	int64_t ms, off = stamp->day_ms - zone * INT64_C(60000);

	if (year != 0)
		return days(year, stamp->month, stamp->day) * DAY_MS + off;
	civil(floor_days(ln->received_ms), &year, &month, &day);
	ms = days(year, stamp->month, stamp->day) * DAY_MS + off;
	if (ms - ln->received_ms > DAY_MS)
		year--;
	else if (days(year + 1, stamp->month, stamp->day) * DAY_MS + off -
		ln->received_ms <=
	    DAY_MS)
		year++;
	return days(year, stamp->month, stamp->day) * DAY_MS + off;
}

static void
put_two(char *out, uint32_t value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

void
vpn_stamp_write(int64_t ms, char out[VPN_STAMP_LEN])
{
	int64_t day_number = floor_days(ms);
	uint32_t rest = (uint32_t)(ms - day_number * DAY_MS), second = rest / 1000;
	int year, month, day;

	civil(day_number, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00.000Z", VPN_STAMP_LEN);
	put_two(out, (uint32_t)year / 100 % 100);
	put_two(out + 2, (uint32_t)year % 100);
	put_two(out + 5, (uint32_t)month);
	put_two(out + 8, (uint32_t)day);
	put_two(out + 11, second / 3600);
	put_two(out + 14, second / 60 % 60);
	put_two(out + 17, second % 60);
	put_two(out + 20, rest % 1000 / 10);
	out[22] = (char)('0' + rest % 10);
}
