/* SPDX-License-Identifier: Apache-2.0
 * ordinary-lines TEMPLATES LINES: so many lines of ordinary syslog. */
#include <stdio.h>
#include <stdlib.h>

#include "golden/ordinary.h"

int
main(int argc, char **argv)
{
	static char line[ORDINARY_MAX + 1];
	const struct ordinary *ordinary;
	char err[512] = "usage: ordinary-lines TEMPLATES LINES";
	uint64_t n;
	size_t len;

	ordinary = argc == 3 ? ordinary_read(argv[1], err, sizeof(err)) : NULL;
	if (ordinary == NULL) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	n = strtoull(argv[2], NULL, 10);
	for (uint64_t i = 0; i < n && !ferror(stdout); i++) {
		len = ordinary_make(ordinary, i, line);
		line[len++] = '\n';
		fwrite(line, 1, len, stdout);
	}
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	perror("ordinary-lines: standard output");
	return 1;
}
