/* SPDX-License-Identifier: Apache-2.0
 * An overrides file: refused with its place, or a policy that answers. */
#include "core/policy.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpn_whom whom = {.device = VPN_TEXT("HQ"),
	    .peer = VPN_TEXT("203.0.113.7"),
	    .tunnel = VPN_TEXT("HQ/9/1/203.0.113.7")};
	char path[64], err[512] = "";
	int fd = fuzz_file(data, size, path);
	struct vpn_policy *policy =
	    vpn_policy_load(path, fuzz_rules(), err, sizeof(err));
	struct vpn_ruling rule;

	if (policy == NULL)
		FUZZ_HOLDS(strncmp(err, path, strlen(path)) == 0);
	vpn_policy_rule(policy, &whom, &rule);
	vpn_policy_free(policy);
	close(fd);
	return 0;
}
