/* SPDX-License-Identifier: Apache-2.0 */
#include "core/address.h"

#include <arpa/inet.h>

_Static_assert(VPN_IP_MAX == INET6_ADDRSTRLEN, "as long as an address can be");

static bool
parse(int family, struct vpn_text text, struct in6_addr *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len < 2 || text.len >= sizeof(copy) || memchr(text.at, '\0', text.len))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, address) == 1;
}

bool
vpn_is_ip(struct vpn_text text)
{
	struct in6_addr address;

	return parse(AF_INET, text, &address) || parse(AF_INET6, text, &address);
}

struct vpn_text
vpn_canonical(struct vpn_text text, char buf[VPN_IP_MAX])
{
	struct in6_addr address;

	if (text.len > 0 && memchr(text.at, ':', text.len) &&
	    parse(AF_INET6, text, &address) &&
	    inet_ntop(AF_INET6, &address, buf, VPN_IP_MAX))
		return vpn_text(buf);
	return text;
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
