/* SPDX-License-Identifier: Apache-2.0
 * A vendor's rule file beside the guide $GUIDE, or a guide beside a vendor's file, in
 * $ROOM: refused with its place, or rules that recognise their own examples without
 * harm. */
#include <sys/stat.h>

#include "fuzz.h"
#include "vpn/recognise.h"

#define GUIDE "guide:" /* begins with it */

static char dir[64];

static void
begin(void)
{
	char command[600];

	FUZZ_HOLDS(getenv("ROOM") != NULL);
	snprintf(dir, sizeof(dir), "%s", getenv("ROOM"));
	snprintf(command, sizeof(command),
	    "mkdir -p %s/vendor/vendors %s/guide/vendors && "
	    "cp \"$GUIDE\" %s/vendor/guide.yaml && "
	    "cp %s/vendors/windows.yaml %s/guide/vendors",
	    dir, dir, dir, RULES_DIR, dir);
	FUZZ_HOLDS(system(command) == 0);
}

static void
put(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "w");

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
	bool is_guide =
	    size >= strlen(GUIDE) && memcmp(data, GUIDE, strlen(GUIDE)) == 0;
	char err[512] = "", where[128], path[160];
	struct vpn_rules *rules;

	if (*dir == '\0')
		begin();
	snprintf(where, sizeof(where), "%s/%s", dir, is_guide ? "guide" : "vendor");
	snprintf(path, sizeof(path), "%s/%s", where,
	    is_guide ? "guide.yaml" : "vendors/own.yaml");
	put(path, data, size);
	rules = vpn_rules_load(where, err, sizeof(err));
	if (rules)
		recognise_examples(rules);
	else
		FUZZ_HOLDS(strncmp(err, dir, strlen(dir)) == 0);
	vpn_rules_free(rules);
	return 0;
}
