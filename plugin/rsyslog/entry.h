/* SPDX-License-Identifier: Apache-2.0
 * Entry points that are the same in both modules, whose names rsyslog's macros want
 * in the file itself. rsyslog's headers come first. */
#ifndef ENTRY_H
#define ENTRY_H

#include "core/chars.h"

struct modConfData_s {
	rsconf_t *conf;
};

/* It may quote a file, or what a receiver answered. */
static void
host_complain(const char *sentence)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s", sentence);
	text[vpn_chars_tame(text, strlen(text))] = '\0';
	LogError(0, NO_ERRCODE, "%s", text);
}

static rsRetVal
beginCnfLoad(modConfData_t **conf, rsconf_t *rsconf)
{
	*conf = calloc(1, sizeof(**conf));
	if (!*conf)
		return RS_RET_OUT_OF_MEMORY;
	(*conf)->conf = rsconf;
	return RS_RET_OK;
}

static rsRetVal
endCnfLoad(modConfData_t *conf)
{
	(void)conf;
	return RS_RET_OK;
}

static rsRetVal
checkCnf(modConfData_t *conf)
{
	(void)conf;
	return RS_RET_OK;
}

static rsRetVal
freeCnf(void *conf)
{
	free(conf);
	return RS_RET_OK;
}

#endif
