/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/stamp.h"

struct row {
	const char *text;
	size_t len;      /* 0: refused */
	int collector;   /* minutes east of UTC */
	const char *utc; /* what it means at UNIT_NOW */
};

static const struct row good[] = {
    /* VRP: every form of facts/huawei.md */
    {"Jul 26 2018 09:09:33", 20, 0, "2018-07-26T09:09:33.000Z"},
    {"Jul 26 2018 09:09:33", 20, 480, "2018-07-26T01:09:33.000Z"},
    {"Jun  6 2023 13:53:05 USG", 20, 0, "2023-06-06T13:53:05.000Z"},
    {"Feb 15 2021 04:33:56-04:00 h", 26, 480, "2021-02-15T08:33:56.000Z"},
    {"Mar 26 2022 17:06:48+03:00 DST h", 30, 480, "2022-03-26T14:06:48.000Z"},
    {"Mar 26 2022 17:06:48 DST h", 24, 0, "2022-03-26T17:06:48.000Z"},
    {"2023-10-11 20:38:20 h", 19, 0, "2023-10-11T20:38:20.000Z"},
    {"2023-10-11 20:38:20+08:00 h", 25, 0, "2023-10-11T12:38:20.000Z"},
    {"2018/5/21 10:43:00 h", 18, -300, "2018-05-21T15:43:00.000Z"},
    {"2018-7-23 01:00:34.270.1 h", 24, 0, "2018-07-23T01:00:34.270Z"},
    {"2026-11-6 01:05:25.185.12345", 28, 0, "2026-11-06T01:05:25.185Z"},
    /* RFC 3339 */
    {"2026-11-01T03:00:00.104729+00:00 h", 32, 480, "2026-11-01T03:00:00.104Z"},
    {"2026-11-01T03:00:00Z", 20, 480, "2026-11-01T03:00:00.000Z"},
    {"2026-11-01T03:00:00.5Z", 22, 0, "2026-11-01T03:00:00.500Z"},
    {"2026-11-01T03:00:00.05Z", 23, 0, "2026-11-01T03:00:00.050Z"},
    {"2026-11-01T03:00:00.123456789012Z", 33, 0, "2026-11-01T03:00:00.123Z"},
    {"2026-11-01T03:00:00+0530", 24, 0, "2026-10-31T21:30:00.000Z"},
    {"2026-11-01T03:00:00+05:45", 25, 0, "2026-10-31T21:15:00.000Z"},
    {"2026-11-01T03:00:00-09:30", 25, 0, "2026-11-01T12:30:00.000Z"},
    {"2026-11-01T03:00:00+14:00", 25, 0, "2026-10-31T13:00:00.000Z"},
    {"2026-11-23T08:59:60Z", 20, 0, "2026-11-23T09:00:00.000Z"},
    /* RFC 3164 and OpenVPN */
    {"Nov 23 08:18:54 h", 15, 0, "2026-11-23T08:18:54.000Z"},
    {"Nov  7 06:18:54 h", 15, 480, "2026-11-06T22:18:54.000Z"},
    {"Sun Jan 24 20:42:41 2021 O", 24, 0, "2021-01-24T20:42:41.000Z"},
    {"Mon Nov 23 08:42:41 O", 19, 0, "2026-11-23T08:42:41.000Z"},
    {"2018-11-07 00:03:43 us=340080 A", 29, 0, "2018-11-07T00:03:43.000Z"},
    /* not an offset: the time ends before it */
    {"2026-11-01 03:00:00+15:00", 19, 0, "2026-11-01T03:00:00.000Z"},
    {"2026-11-01 03:00:00+8:00", 19, 0, "2026-11-01T03:00:00.000Z"},
    {"2026-11-01 03:00:00+05:60", 19, 0, "2026-11-01T03:00:00.000Z"},
    {"2026-11-01 03:00:00 us=x", 19, 0, "2026-11-01T03:00:00.000Z"},
    {"2028-02-29 00:00:00", 19, 0, "2028-02-29T00:00:00.000Z"},
    {"0001-01-01 00:00:00", 19, 0, "0001-01-01T00:00:00.000Z"},
    {"9999-12-31 23:59:59.999", 23, 0, "9999-12-31T23:59:59.999Z"},
};

static const char *const bad[] = {
    "",
    " ",
    "N",
    "Nov",
    "Nov ",
    "Nov  ",
    "Nov  2",
    "Nov  2 ",
    "Nov  2 2026",
    "Nov  2 2026 ",
    "Nov  2 2026 5",
    "Nov  2 2026 05:13",
    "Nov  2 2026 05:13:",
    "Nov  2 2026 05:13:2",
    "Nov  2 2026 24:00:00",
    "Nov  2 2026 05:60:00",
    "Nov  2 2026 05:13:61",
    "Nov  2 2026 5:1:2",
    "Nov  0 2026 05:13:29",
    "Nov 32 2026 05:13:29",
    "Nov   2 2026 05:13:29",
    "Nov 2, 2026 05:13:29",
    "nov  2 2026 05:13:29",
    "Foo  2 2026 05:13:29",
    "November 2 2026 05:13:29",
    "Sunday Nov  2 05:13:29",
    "Sun Foo  2 05:13:29",
    "Sun",
    "Sun ",
    "2026-13-01 00:00:00",
    "2026-00-01 00:00:00",
    "2026-11-00 00:00:00",
    "2026-11-32 00:00:00",
    "2026-11-01",
    "2026-11-01 ",
    "2026-11-01T",
    "2026-11-01_00:00:00",
    "20261101 00:00:00",
    "26-11-01 00:00:00",
    "12026-11-01 00:00:00",
    "2026-11-01 00.00.00",
    "2026-111-01 00:00:00",
    "123456.789012",
    "-2026-11-01 00:00:00",
    "\xff\xff",
    "10.123.169.1",
};

static void
check_good(const struct row *row)
{
	struct vpn_line ln = {.received_ms = UNIT_NOW, .zone_minutes = row->collector};
	struct vpn_text text = unit_guard(vpn_text(row->text));
	struct vpn_stamp stamp;
	char utc[VPN_STAMP_LEN];

	unit_number(row->text, "bytes", (int64_t)vpn_stamp_read(text, &stamp),
	    (int64_t)row->len);
	assert_ptr_equal(stamp.text.at, text.at);
	unit_number(row->text, "text", (int64_t)stamp.text.len, (int64_t)row->len);
	vpn_stamp_write(vpn_stamp_ms(&stamp, &ln), utc);
	unit_same(row->text, "utc", (struct vpn_text){utc, sizeof(utc)}, row->utc);
}

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		check_good(&good[i]);
}

static void
test_refused(void **state)
{
	struct vpn_stamp stamp;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		unit_number(bad[i], "bytes",
		    (int64_t)vpn_stamp_read(unit_guard(vpn_text(bad[i])), &stamp), 0);
	assert_int_equal(vpn_stamp_read((struct vpn_text){"\0\0\0\0", 4}, &stamp), 0);
	assert_int_equal(vpn_stamp_read((struct vpn_text){NULL, 0}, &stamp), 0);
}

/* Cut anywhere, a time is shorter or none, and nothing behind it is read. */
static void
test_prefixes(void **state)
{
	struct vpn_stamp stamp;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		for (size_t n = 0; n < strlen(good[i].text); n++)
			assert_true(vpn_stamp_read(
					unit_guard((struct vpn_text){good[i].text, n}),
					&stamp) <= n);
}

static void
test_has_zone(void **state)
{
	struct vpn_stamp stamp;

	(void)state;
	vpn_stamp_read(VPN_TEXT("2026-11-01T03:00:00-09:30"), &stamp);
	assert_true(stamp.has_zone);
	assert_int_equal(stamp.zone_minutes, -570);
	vpn_stamp_read(VPN_TEXT("2026-11-01T03:00:00Z"), &stamp);
	assert_true(stamp.has_zone);
	assert_int_equal(stamp.zone_minutes, 0);
	vpn_stamp_read(VPN_TEXT("2026-11-01 03:00:00"), &stamp);
	assert_false(stamp.has_zone);
}

/* A missing year is the one that brings the time nearest to the reception. */
static void
test_new_year(void **state)
{
	static const struct {
		const char *text, *received;
		int collector;
		const char *utc;
	} rows[] = {
	    {"Dec 31 23:59:58", "2027-01-01T00:00:05Z", 0, "2026-12-31T23:59:58.000Z"},
	    {"Jan  1 00:00:03", "2026-12-31T23:59:59Z", 0, "2027-01-01T00:00:03.000Z"},
	    {"Jan  1 00:00:03", "2026-12-31T16:00:04Z", 480,
		"2026-12-31T16:00:03.000Z"},
	    {"Dec 31 19:00:00", "2027-01-01T00:00:01Z", -300,
		"2027-01-01T00:00:00.000Z"},
	    {"Feb 29 12:00:00", "2028-03-01T00:00:00Z", 0, "2028-02-29T12:00:00.000Z"},
	    {"Jun  1 00:00:00", "2026-11-23T09:00:00Z", 0, "2026-06-01T00:00:00.000Z"},
	    {"Apr  1 00:00:00", "2026-11-23T09:00:00Z", 0, "2026-04-01T00:00:00.000Z"},
	};
	struct vpn_stamp stamp;
	char utc[VPN_STAMP_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_line ln = {.zone_minutes = rows[i].collector};

		vpn_stamp_read(vpn_text(rows[i].received), &stamp);
		ln.received_ms = vpn_stamp_ms(&stamp, &ln);
		assert_true(vpn_stamp_read(vpn_text(rows[i].text), &stamp) > 0);
		assert_int_equal(stamp.year, 0);
		vpn_stamp_write(vpn_stamp_ms(&stamp, &ln), utc);
		unit_same(rows[i].text, rows[i].received,
		    (struct vpn_text){utc, sizeof(utc)}, rows[i].utc);
	}
}

static void
test_write(void **state)
{
	static const struct {
		int64_t ms;
		const char *utc;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {1, "1970-01-01T00:00:00.001Z"},
	    {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
	    {INT64_C(951868799999), "2000-02-29T23:59:59.999Z"},
	    {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
	    {INT64_C(-62135596800000), "0001-01-01T00:00:00.000Z"},
	    {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
	    {UNIT_NOW, "2026-11-23T09:00:00.000Z"},
	};
	char out[VPN_STAMP_LEN + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(out, '#', sizeof(out));
		vpn_stamp_write(rows[i].ms, out);
		unit_same("write", rows[i].utc, (struct vpn_text){out, VPN_STAMP_LEN},
		    rows[i].utc);
		assert_int_equal(out[VPN_STAMP_LEN], '#');
	}
}

/* Written and read again, every day of 400 years is itself. */
static void
test_round(void **state)
{
	struct vpn_line ln = {.zone_minutes = 480};
	struct vpn_stamp stamp;
	char out[VPN_STAMP_LEN];

	(void)state;
	for (int64_t day = 0; day < 146097; day++) {
		int64_t ms = day * 86400000 + day % 86400 * 1000 + day % 1000;

		vpn_stamp_write(ms, out);
		assert_int_equal(
		    vpn_stamp_read((struct vpn_text){out, sizeof(out)}, &stamp),
		    sizeof(out));
		if (vpn_stamp_ms(&stamp, &ln) != ms)
			fail_msg("%.24s is read as another time", out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_prefixes),
	    cmocka_unit_test(test_has_zone),
	    cmocka_unit_test(test_new_year),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
