/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/runbook.h"

static size_t
add(char *to, size_t n, struct vpn_text text)
{
	memcpy(to + n, text.at, text.len);
	return n + text.len;
}

size_t
vpn_runbook_page(const struct vpn_code *code, char page[VPN_RUNBOOK_MAX])
{
	size_t n = add(page, 0, code->slug);

	if (code->variant.len > 0) {
		page[n++] = '-';
		n = add(page, n, code->variant);
	}
	n = add(page, n, VPN_TEXT(".html"));
	page[n] = '\0';
	return n;
}

bool
vpn_is_url(struct vpn_text url)
{
	static const struct vpn_text schemes[] = {{"https://", 8}, {"http://", 7}};
	bool fine = false;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		fine = fine ||
		    (url.len > schemes[i].len &&
			memcmp(url.at, schemes[i].at, schemes[i].len) == 0 &&
			url.at[schemes[i].len] != '/');
	for (size_t i = 0; i < url.len; i++)
		fine = fine && url.at[i] > ' ' && url.at[i] <= '~' &&
		    !strchr("\"<>\\", url.at[i]);
	return fine;
}

bool
vpn_is_folder_url(struct vpn_text url)
{
	return vpn_is_url(url) && url.at[url.len - 1] == '/';
}
