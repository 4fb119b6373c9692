/* SPDX-License-Identifier: Apache-2.0
 * A vendor's rule file beside the ones that ship: refused with its place, or rules
 * that recognise their own examples without harm. */
#include <sys/stat.h>

#include "fuzz.h"
#include "vpn/recognise.h"

static char dir[64], own[128];

static void
begin(void)
{
	char command[600];

	snprintf(dir, sizeof(dir), "/dev/shm/omipsec-fuzz.%d", (int)getpid());
	snprintf(own, sizeof(own), "%s/vendors/zz-fuzz.yaml", dir);
	snprintf(command, sizeof(command),
	    "mkdir -p %s/vendors && ln -sf %s/*.yaml %s/", dir, RULES_DIR, dir);
	FUZZ_HOLDS(system(command) == 0);
}

static void
put(const uint8_t *data, size_t size)
{
	FILE *file = fopen(own, "w");

	FUZZ_HOLDS(file && fwrite(data, 1, size, file) == size);
	FUZZ_HOLDS(fclose(file) == 0);
}

static void
recognise_examples(const struct vpn_rules *rules)
{
	for (size_t i = 0; i < vpn_rules_vendors(rules); i++) {
		const struct vpn_vendor *vendor = vpn_rules_vendor(rules, i);

		for (size_t j = 0; j < vendor->nmessages; j++)
			for (size_t k = 0; k < vendor->messages[j].nexamples; k++) {
				struct vpn_line ln = {
				    .raw = vendor->messages[j].examples[k].line,
				    .pri = -1,
				    .received_ms = FUZZ_NOW};
				struct vpn_event ev;

				vpn_recognise(rules, &ln, &ev);
			}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char err[512] = "";
	struct vpn_rules *rules;

	if (*dir == '\0')
		begin();
	put(data, size);
	rules = vpn_rules_load(dir, err, sizeof(err));
	if (rules)
		recognise_examples(rules);
	else
		FUZZ_HOLDS(strncmp(err, dir, strlen(dir)) == 0);
	vpn_rules_free(rules);
	return 0;
}
