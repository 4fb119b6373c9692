/* SPDX-License-Identifier: Apache-2.0
 * The messages carry the input name "omipsec", which the module ignores: an
 * alert does not come round again. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json.h>

#include "rsyslog.h"
#include "dirty.h"
#include "errmsg.h"
#include "glbl.h"
#include "module-template.h"
#include "msg.h"
#include "obj.h"
#include "prop.h"
#include "queue.h"
#include "rsconf.h"
#include "ruleset.h"

#include "harvest.h"
#include "resubmit.h"
#include "vpn/page.h"

#define TAG "omipsec:"
#define DAEMON (3 << 3) /* facility */

DEFobjStaticHelpers;
DEFobjCurrIf(glbl);
DEFobjCurrIf(prop);

static prop_t *input_name;

struct vpn_sink {
	const struct vpn_sink_conf *conf;
	struct vpn_sink_counters *counters;
	ruleset_t *ruleset;
};

struct vpn_sink_worker {
	struct vpn_sink *snk;
};

rsRetVal
resubmit_use(void)
{
	DEFiRet;

	CHKiRet(objGetObjInterface(&obj));
	CHKiRet(objUse(glbl, CORE_COMPONENT));
	CHKiRet(objUse(prop, CORE_COMPONENT));
	CHKiRet(prop.Construct(&input_name));
	CHKiRet(prop.SetString(
	    input_name, (uchar *)HARVEST_OURS, sizeof(HARVEST_OURS) - 1));
	CHKiRet(prop.ConstructFinalize(input_name));
finalize_it:
	RETiRet;
}

rsRetVal
resubmit_leave(void)
{
	if (input_name)
		prop.Destruct(&input_name);
	objRelease(prop, CORE_COMPONENT);
	objRelease(glbl, CORE_COMPONENT);
	return RS_RET_OK;
}

static int
check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	if (conf->ruleset)
		return 0;
	snprintf(err, cap,
	    "output=\"ruleset\" needs ruleset=, the name of the ruleset that takes the "
	    "alerts");
	return -1;
}

/* Rulesets have their queues from activateCnf on, not before. */
static struct vpn_sink *
open_sink(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	struct vpn_sink *snk = calloc(1, sizeof(*snk));

	if (!snk) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	snk->conf = conf;
	snk->counters = counters;
	if (rulesetGetRuleset(runConf, &snk->ruleset, (uchar *)conf->ruleset) ==
	    RS_RET_OK)
		return snk;
	snprintf(err, cap, "ruleset=\"%s\": there is no such ruleset", conf->ruleset);
	free(snk);
	return NULL;
}

static struct vpn_sink_worker *
new_worker(struct vpn_sink *snk)
{
	struct vpn_sink_worker *worker = calloc(1, sizeof(*worker));

	if (worker)
		worker->snk = snk;
	return worker;
}

static void
free_worker(struct vpn_sink_worker *worker)
{
	free(worker);
}

/* A message for a queue that is not started yet crashes rsyslogd. */
static bool
ready(struct vpn_sink_worker *worker)
{
	qqueue_t *queue = worker->snk->ruleset->pQueue;

	if (!queue)
		queue = runConf->pMsgQueue;
	return queue && queue->bQueueStarted && !worker->snk->conf->stopping();
}

static int
severity_of(const struct vpn_page *page)
{
	if (page->end_ms > 0)
		return LOG_NOTICE;
	return vpn_text_same(page->severity, VPN_TEXT("critical")) ? LOG_CRIT
								   : LOG_WARNING;
}

/* The record as $!vpn, the summary as the text. */
static smsg_t *
message(struct vpn_sink *snk, const struct vpn_page *page)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *record = NULL;
	smsg_t *msg = NULL;

	if (tokener)
		record = json_tokener_parse_ex(
		    tokener, page->record.at, (int)page->record.len);
	if (tokener)
		json_tokener_free(tokener);
	if (!record || msgConstruct(&msg) != RS_RET_OK) {
		json_object_put(record);
		return NULL;
	}
	MsgSetFlowControlType(msg, eFLOWCTL_LIGHT_DELAY);
	MsgSetInputName(msg, input_name);
	MsgSetRawMsg(msg, page->summary.at, page->summary.len);
	MsgSetMSGoffs(msg, 0);
	MsgSetHOSTNAME(msg, (const uchar *)page->source.at, (int)page->source.len);
	MsgSetRcvFrom(msg, glbl.GetLocalHostNameProp());
	MsgSetRcvFromIP(msg, glbl.GetLocalHostIP());
	MsgSetTAG(msg, (const uchar *)TAG, sizeof(TAG) - 1);
	msgSetPRI(msg, DAEMON | severity_of(page));
	MsgSetRuleset(msg, snk->ruleset);
	msgAddJSON(msg, (uchar *)"!vpn", record, 0, 0);
	return msg;
}

static enum vpn_put
commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;

	for (size_t i = 0; i < n; i++) {
		smsg_t *msg;

		if (!ready(worker))
			return VPN_PUT_SUSPENDED;
		records[i].done = true;
		if (records[i].page->step == VPN_ALARM_CLEARED)
			continue;
		msg = message(snk, records[i].page);
		atomic_fetch_add(
		    msg ? &snk->counters->delivered : &snk->counters->refused, 1);
		if (msg)
			submitMsg2(msg);
	}
	return VPN_PUT_DONE;
}

static void
close_sink(struct vpn_sink *snk)
{
	free(snk);
}

const struct vpn_sink_ops omipsec_ruleset = {
    .name = "ruleset",
    .pages = true,
    .check = check,
    .open = open_sink,
    .worker = new_worker,
    .worker_free = free_worker,
    .ready = ready,
    .commit = commit,
    .close = close_sink,
};
