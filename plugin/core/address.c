/* SPDX-License-Identifier: Apache-2.0 */
#include "core/address.h"

#include <arpa/inet.h>

bool
vpn_is_ip(struct vpn_text text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (text.len < 2 || text.len >= sizeof(copy))
		return false;
	if (memchr(text.at, '\0', text.len))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET, copy, &address) == 1 ||
	    inet_pton(AF_INET6, copy, &address) == 1;
}

bool
vpn_is_address(struct vpn_text text)
{
	static const char allowed[] = "0123456789abcdefABCDEF.:x*";
	size_t separators = 0;

	if (text.len < 2 || text.len >= INET6_ADDRSTRLEN)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!memchr(allowed, text.at[i], sizeof(allowed) - 1))
			return false;
		separators += text.at[i] == '.' || text.at[i] == ':';
	}
	return separators >= 2;
}
