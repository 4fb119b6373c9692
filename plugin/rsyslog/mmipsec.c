/* SPDX-License-Identifier: Apache-2.0
 * The rsyslog message modification module: its entry points. It gets the message
 * itself, and only looks at it unless a gateway speaks in it. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rsyslog.h"
#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "errmsg.h"
#include "msg.h"
#include "statsobj.h"
#include "rsconf.h"

#include "cancel.h"
#include "entry.h"
#include "message.h"
#include "tagger.h"

typedef struct tagger instanceData;
typedef struct tag_worker wrkrInstanceData_t;

/* Every action from its configuration to its end, for activateCnf. Only
 * rsyslog's main thread looks here. */
static struct tagger *taggers;

MODULE_TYPE_OUTPUT;
MODULE_TYPE_KEEP;
MODULE_CNFNAME("mmipsec");
DEF_OMOD_STATIC_DATA;
DEFobjCurrIf(statsobj);

static const struct host host = {.complain = host_complain, .statsobj = &statsobj};

static rsRetVal
activateCnf(modConfData_t *conf)
{
	(void)conf;
	for (struct tagger *tagger = taggers; tagger; tagger = tagger->next)
		tagger_open(tagger);
	return RS_RET_OK;
}

static rsRetVal
newActInst(uchar *module, struct nvlst *lst, void **data, omodStringRequest_t **request)
{
	char name[64]; /* as rsyslog calls an action without a name */
	struct tagger *tagger;

	(void)module;
	*request = NULL;
	snprintf(name, sizeof(name), "action-%d-mmipsec", loadConf->actions.iActionNbr);
	tagger = tagger_new(lst, name, &host);
	if (!tagger)
		return RS_RET_PARAM_ERROR;
	if (OMSRconstruct(request, 1) != RS_RET_OK ||
	    OMSRsetEntry(*request, 0, NULL, OMSR_TPL_AS_MSG) != RS_RET_OK) {
		tagger_free(tagger);
		return RS_RET_OUT_OF_MEMORY;
	}
	tagger->next = taggers;
	taggers = tagger;
	*data = tagger;
	return RS_RET_OK;
}

static rsRetVal
freeInstance(void *data)
{
	struct tagger **at = &taggers;

	while (*at && *at != data)
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
	tagger_free(data);
	return RS_RET_OK;
}

static rsRetVal
createWrkrInstance(wrkrInstanceData_t **worker, instanceData *tagger)
{
	*worker = tag_worker_new(tagger);
	return *worker ? RS_RET_OK : RS_RET_OUT_OF_MEMORY;
}

static rsRetVal
freeWrkrInstance(void *worker)
{
	tag_worker_free(worker);
	return RS_RET_OK;
}

static rsRetVal
tryResume(wrkrInstanceData_t *worker)
{
	(void)worker;
	return RS_RET_OK;
}

static rsRetVal
doAction(void *messages, wrkrInstanceData_t *worker)
{
	smsg_t *msg = ((smsg_t **)messages)[0];
	char hostname[MESSAGE_HOST_MAX];
	struct fjson_object *event;
	struct vpn_line ln;
	int state;

	if (!tag_worker_knows(worker, message_raw(msg)) || message_is_ours(msg))
		return RS_RET_OK;
	state = hold_cancel();
	ln = message_line(msg, hostname);
	ln.zone_minutes = zone_now(&worker->zone, &worker->tagger->par);
	event = tag_worker_event(worker, &ln);
	/* Behind the '$'; another's event would be merged into the root. */
	if (event)
		msgAddJSON(
		    msg, (uchar *)worker->tagger->par.container + 1, event, 1, 0);
	allow_cancel(state);
	return RS_RET_OK;
}

static rsRetVal
doHUP(instanceData *tagger)
{
	tagger_hup(tagger);
	return RS_RET_OK;
}

static rsRetVal
dbgPrintInstInfo(void *data)
{
	dbgprintf("mmipsec: action \"%s\"\n", ((struct tagger *)data)->par.name);
	return RS_RET_OK;
}

static rsRetVal
isCompatibleWithFeature(syslogFeature feature)
{
	(void)feature;
	return RS_RET_INCOMPATIBLE;
}

static rsRetVal
modExit(void)
{
	objRelease(statsobj, CORE_COMPONENT);
	return RS_RET_OK;
}

/* clang-format off */
NO_LEGACY_CONF_parseSelectorAct

BEGINqueryEtryPt
CODESTARTqueryEtryPt
CODEqueryEtryPt_STD_OMOD_QUERIES
CODEqueryEtryPt_STD_OMOD8_QUERIES
CODEqueryEtryPt_STD_CONF2_QUERIES
CODEqueryEtryPt_STD_CONF2_OMOD_QUERIES
CODEqueryEtryPt_doHUP
ENDqueryEtryPt

/* The only symbol that rsyslogd looks up. */
#pragma GCC visibility push(default)
BEGINmodInit()
#pragma GCC visibility pop
CODESTARTmodInit
	*ipIFVersProvided = CURR_MOD_IF_VERSION;
	CHKiRet(objUse(statsobj, CORE_COMPONENT));
ENDmodInit
