/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/page.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/glyph.h"

#define WIDTH_DEFAULT 80
#define WIDTH_LEAST 40
#define WIDTH_MOST 110 /* longer lines are hard to read */

static const char *const codes[] = {
    [PAGE_PLAIN] = "0",
    [PAGE_BOLD] = "0;1",
    [PAGE_DIM] = "0;2",
    [PAGE_RED] = "0;1;31",
    [PAGE_YELLOW] = "0;1;33",
    [PAGE_GREEN] = "0;1;32",
    [PAGE_CYAN] = "0;36",
};

/* https://no-color.org: any value but an empty one */
static bool
wants_colour(const struct cli_options *opt)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	switch (opt->colour) {
	case CLI_COLOUR_ALWAYS:
		return true;
	case CLI_COLOUR_NEVER:
		return false;
	case CLI_COLOUR_AUTO:
		return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') && term &&
		    *term && strcmp(term, "dumb") != 0;
	}
	return false;
}

static int
find_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = WIDTH_DEFAULT;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else if (columns && atoi(columns) > 0)
		width = atoi(columns);
	if (width > WIDTH_MOST)
		return WIDTH_MOST;
	return width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

void
page_init(struct page *page, const struct cli_options *opt)
{
	*page = (struct page){.out = stdout, .width = find_width()};
	page->colour = wants_colour(opt);
}

void
page_style(struct page *page, enum page_style style)
{
	if (page->colour)
		fprintf(page->out, "\033[%sm", codes[style]);
}

static void
pad(struct page *page, int column)
{
	for (; page->column < column; page->column++)
		putc(' ', page->out);
}

void
page_tab(struct page *page, int column)
{
	pad(page, page->column + page->blanks);
	page->blanks = 0;
	pad(page, column);
	page->indent = column;
}

void
page_end(struct page *page)
{
	putc('\n', page->out);
	page->column = page->indent = page->blanks = 0;
}

static bool
fits(const struct page *page, int width)
{
	return page->width == 0 || page->column + page->blanks + width <= page->width;
}

static void
next_line(struct page *page)
{
	putc('\n', page->out);
	page->column = page->blanks = 0;
	pad(page, page->indent);
}

/* The bytes up to the next place for a break, and their width without the
 * blanks at their end. */
static size_t
next_piece(struct vpn_text text, int *width)
{
	struct glyph before, after;
	size_t n = glyph_read(text, &after), more;
	int all = after.width;

	*width = after.code == ' ' ? 0 : all;
	for (; n < text.len; n += more) {
		before = after;
		more = glyph_read((struct vpn_text){text.at + n, text.len - n}, &after);
		if (glyph_breaks(&before, &after))
			break;
		all += after.width;
		if (after.code != ' ')
			*width = all;
	}
	return n;
}

/* Blanks wait for what follows: none stands at the end of a line. */
static void
put_glyph(struct page *page, const struct glyph *glyph)
{
	if (glyph->code == ' ') {
		page->blanks++;
		return;
	}
	if (!fits(page, glyph->width))
		next_line(page);
	pad(page, page->column + page->blanks);
	page->blanks = 0;
	fwrite(glyph->out, 1, glyph->len, page->out);
	page->column += glyph->width;
}

/* Too long a piece for any line is broken wherever the line ends. */
static void
put_piece(struct page *page, struct vpn_text piece)
{
	struct glyph glyph;

	for (size_t n; piece.len > 0; piece.at += n, piece.len -= n) {
		n = glyph_read(piece, &glyph);
		put_glyph(page, &glyph);
	}
}

void
page_put(struct page *page, struct vpn_text text)
{
	int width;

	while (text.len > 0) {
		size_t n = next_piece(text, &width);

		if (!fits(page, width) && page->column > page->indent)
			next_line(page);
		put_piece(page, (struct vpn_text){text.at, n});
		text.at += n;
		text.len -= n;
	}
}

void
page_word(struct page *page, const char *word)
{
	page_put(page, vpn_text(word));
}
