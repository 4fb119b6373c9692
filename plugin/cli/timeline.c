/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/timeline.h"

#include "core/stamp.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define TICKS 5

/* Of 28 pixels: where it begins, and how high it is. */
static const struct {
	const char *class;
	int y, height;
	html_words word;
} looks[LOOK_COUNT] = {
    [LOOK_NONE] = {"no", 11, 2, {"not known", "未知"}},
    [LOOK_UP] = {"up", 8, 8, {"up", "正常"}},
    [LOOK_OFF] = {"of", 10, 4, {"idle or taken down on purpose", "空闲或人为关闭"}},
    [LOOK_FLAPPING] = {"fl", 4, 16, {"flapping", "反复断开"}},
    [LOOK_DOWN] = {"dn", 0, 24, {"down", "断开"}},
};

static html_words failed_word = {"negotiation failed", "协商失败"};

static size_t
cell_of(const struct timeline *line, int64_t ms)
{
	int64_t whole = line->to_ms - line->from_ms;
	int64_t cell = whole > 0
	    ? (int64_t)((double)(ms - line->from_ms) / (double)whole * TIMELINE_CELLS)
	    : 0;

	if (cell < 0)
		return 0;
	return cell < TIMELINE_CELLS ? (size_t)cell : TIMELINE_CELLS - 1;
}

void
timeline_paint(struct timeline *line, int64_t from_ms, int64_t to_ms, enum look look)
{
	if (to_ms < line->from_ms || from_ms > line->to_ms)
		return;
	for (size_t i = cell_of(line, from_ms); i <= cell_of(line, to_ms); i++)
		if (line->look[i] < look)
			line->look[i] = (unsigned char)look;
}

void
timeline_mark(struct timeline *line, int64_t ms)
{
	if (ms >= line->from_ms && ms <= line->to_ms)
		line->failed[cell_of(line, ms)] = true;
}

static void
put_rect(
    struct html *html, const char *class, double x, double width, int y, int height)
{
	fprintf(html->out,
	    "<rect class=\"%s\" x=\"%.4g%%\" y=\"%d\" width=\"%.4g%%\" height=\"%d\"/>",
	    class, 100 * x, y, 100 * width, height);
}

/* Cells that look the same are one rectangle. */
static void
put_runs(struct html *html, const struct timeline *line)
{
	for (size_t i = 0, n; i < TIMELINE_CELLS; i += n) {
		enum look look = (enum look)line->look[i];

		for (n = 1;
		     i + n < TIMELINE_CELLS && line->look[i + n] == line->look[i];)
			n++;
		put_rect(html, looks[look].class, (double)i / TIMELINE_CELLS,
		    (double)n / TIMELINE_CELLS, looks[look].y, looks[look].height);
	}
}

static void
put_failures(struct html *html, const struct timeline *line)
{
	for (size_t i = 0, n; i < TIMELINE_CELLS; i += n) {
		for (n = 1;
		     i + n < TIMELINE_CELLS && line->failed[i + n] == line->failed[i];)
			n++;
		if (line->failed[i])
			put_rect(html, "fa", (double)i / TIMELINE_CELLS,
			    (double)n / TIMELINE_CELLS, 25, 3);
	}
}

void
timeline_write(struct html *html, const struct timeline *line, const char *label)
{
	html_raw(html, "<svg class=\"strip\" role=\"img\" aria-label=\"");
	html_word(html, label);
	html_raw(html, "\">");
	put_runs(html, line);
	put_failures(html, line);
	html_raw(html, "</svg>");
}

static int64_t
step_of(int64_t whole_ms)
{
	static const int64_t steps[] = {MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS,
	    10 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS,
	    3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 2 * DAY_MS, 7 * DAY_MS,
	    14 * DAY_MS, 28 * DAY_MS, 56 * DAY_MS, 91 * DAY_MS, 182 * DAY_MS};

	for (size_t i = 0; i < COUNT(steps); i++)
		if (whole_ms / steps[i] <= TICKS)
			return steps[i];
	return whole_ms / TICKS + 1;
}

/* "14:00", "11-23", "2026-11" */
static void
put_tick(struct html *html, int64_t ms, int64_t step)
{
	char stamp[VPN_STAMP_LEN];
	struct vpn_text text = {stamp + 11, 5};

	vpn_stamp_write(ms, stamp);
	if (step >= 56 * DAY_MS)
		text = (struct vpn_text){stamp, 7};
	else if (step >= DAY_MS || ms % DAY_MS == 0)
		text.at = stamp + 5;
	html_text(html, text);
}

void
timeline_axis(struct html *html, int64_t from_ms, int64_t to_ms)
{
	int64_t step = step_of(to_ms - from_ms);

	html_raw(html, "<div class=\"axis\"><svg aria-hidden=\"true\">");
	for (int64_t ms = (from_ms + step - 1) / step * step; ms < to_ms; ms += step) {
		double x = 100 * (double)(ms - from_ms) / (double)(to_ms - from_ms);

		fprintf(html->out,
		    "<line class=\"grid\" x1=\"%.4g%%\" x2=\"%.4g%%\" y1=\"15\" "
		    "y2=\"20\"/><text x=\"%.4g%%\" y=\"12\" text-anchor=\"%s\">",
		    x, x, x,
		    x < 5        ? "start"
			: x > 95 ? "end"
				 : "middle");
		put_tick(html, ms, step);
		html_raw(html, "</text>");
	}
	html_raw(html, "</svg></div>\n");
}

void
timeline_key(struct html *html)
{
	html_raw(html, "<ul class=\"key\">");
	for (int look = LOOK_UP; look <= LOOK_COUNT; look++) {
		html_raw(html, "<li><svg aria-hidden=\"true\">");
		if (look < LOOK_COUNT)
			put_rect(html, looks[look].class, 0, 1, looks[look].y * 2 / 3,
			    looks[look].height * 2 / 3);
		else
			put_rect(html, "fa", 0, 1, 11, 3);
		html_raw(html, "</svg>");
		html_word(html,
		    look < LOOK_COUNT ? looks[look].word[html->lang]
				      : failed_word[html->lang]);
		html_raw(html, "</li>");
	}
	html_raw(html, "</ul>\n");
}

void
timeline_bar(struct html *html, int64_t part, int64_t whole)
{
	html_raw(html, "<svg class=\"strip\" aria-hidden=\"true\">");
	put_rect(html, "no", 0, 1, 3, 3);
	put_rect(html, "dn", 0, (double)part / (double)whole, 0, 9);
	html_raw(html, "</svg>");
}
