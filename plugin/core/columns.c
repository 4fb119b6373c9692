/* SPDX-License-Identifier: Apache-2.0 */
#include "core/columns.h"

/* The value at the start of rest, which is moved behind its comma. */
static struct vpn_text
next_value(struct vpn_text *rest)
{
	bool quoted = rest->len > 0 && rest->at[0] == '"';
	const char *end = rest->at + rest->len, *start = rest->at + quoted, *stop;

	stop = memchr(start, quoted ? '"' : ',', (size_t)(end - start));
	/* A quote in a quoted value is doubled. */
	while (quoted && stop && stop + 1 < end && stop[1] == '"')
		stop = memchr(stop + 2, '"', (size_t)(end - stop - 2));
	if (stop == NULL)
		stop = end;
	rest->at = stop + quoted < end ? stop + quoted + 1 : end;
	rest->len = (size_t)(end - rest->at);
	return (struct vpn_text){start, (size_t)(stop - start)};
}

struct vpn_text
vpn_column(struct vpn_text body, int column)
{
	struct vpn_text value = {NULL, 0};

	for (int i = 0; i < column; i++) {
		if (body.len == 0)
			return (struct vpn_text){NULL, 0};
		value = next_value(&body);
	}
	return value;
}

void
vpn_columns_read(
    const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_text *fields)
{
	int last = 0;

	for (size_t i = 0; i < vendor->ncolumns; i++)
		if (vendor->columns[i].column > last)
			last = vendor->columns[i].column;
	for (int column = 1; column <= last && body.len > 0; column++) {
		struct vpn_text value = next_value(&body);

		for (size_t i = 0; i < vendor->ncolumns; i++)
			if (vendor->columns[i].column == column)
				fields[vendor->columns[i].field] = value;
	}
}
