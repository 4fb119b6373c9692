/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/guide.h"
#include "load/load.h"
#include "load/vendor.h"

#define UNKNOWN VPN_TEXT("unknown_reason")
#define PATH_MAX_LEN 4096

typedef int file_reader(struct load_doc *);

static int
read_file(struct load_doc *doc, const char *path, file_reader *read)
{
	int result;

	if (load_open(doc, path) < 0)
		return -1;
	result = read(doc);
	load_close(doc);
	return result;
}

static bool
has_ends(const char *name, const char *start, const char *end)
{
	size_t len = strlen(name), start_len = strlen(start), end_len = strlen(end);

	return len >= start_len + end_len && memcmp(name, start, start_len) == 0 &&
	    memcmp(name + len - end_len, end, end_len) == 0;
}

/* By bytes: the same order in every locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Read every start*.yaml in dir, in the order of their names; what begins with
 * a dot is an editor's. Returns their number, or -1. */
static int
read_files(struct load_doc *doc, const char *dir, const char *start, file_reader *read)
{
	struct dirent **found;
	char path[PATH_MAX_LEN];
	int n = scandir(dir, &found, NULL, by_name), count = 0;

	if (n < 0) {
		snprintf(
		    doc->err, doc->cap, "%s: cannot be read: %s", dir, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name);
		if (count >= 0 && found[i]->d_name[0] != '.' &&
		    has_ends(found[i]->d_name, start, ".yaml"))
			count = read_file(doc, path, read) < 0 ? -1 : count + 1;
		free(found[i]);
	}
	free(found);
	return count;
}

static int
read_codes(struct load_doc *doc, const char *dir)
{
	struct vpn_rules *rules = doc->rules;
	char path[PATH_MAX_LEN];

	snprintf(path, sizeof(path), "%s/guide.yaml", dir);
	if (read_file(doc, path, load_guide) < 0 ||
	    read_files(doc, dir, "codes-", load_guide) < 0)
		return -1;
	rules->unknown = vpn_rules_by_slug(rules, UNKNOWN, (struct vpn_text){NULL, 0});
	rules->unknown_negotiation =
	    vpn_rules_by_slug(rules, UNKNOWN, VPN_TEXT("negotiation"));
	if (rules->unknown && rules->unknown_negotiation)
		return 0;
	snprintf(doc->err, doc->cap,
	    "%s: the code '%s' and its variant 'negotiation' must "
	    "be there, for reasons that no rule knows",
	    path, UNKNOWN.at);
	return -1;
}

static int
read_vendors(struct load_doc *doc, const char *dir)
{
	char path[PATH_MAX_LEN];
	int n;

	snprintf(path, sizeof(path), "%s/vendors", dir);
	n = read_files(doc, path, "", load_vendor);
	if (n == 0)
		snprintf(doc->err, doc->cap, "%s: no .yaml file is there", path);
	return n > 0 ? 0 : -1;
}

struct vpn_rules *
vpn_rules_load(const char *dir, char *err, size_t cap)
{
	struct load_doc doc = {
	    .rules = calloc(1, sizeof(*doc.rules)), .err = err, .cap = cap};

	if (doc.rules == NULL) {
		snprintf(err, cap, "%s: out of memory", dir);
		return NULL;
	}
	doc.arena = &doc.rules->arena;
	if (read_codes(&doc, dir) < 0 || read_vendors(&doc, dir) < 0) {
		vpn_rules_free(doc.rules);
		return NULL;
	}
	return doc.rules;
}
