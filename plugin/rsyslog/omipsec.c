/* SPDX-License-Identifier: Apache-2.0
 * The rsyslog output module: its entry points. rsyslog cancels threads when it
 * stops, so those that workers call hold cancellation off. commitTransaction
 * and tryResume answer OK or SUSPENDED; anything else loses messages. */
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
#include "glbl.h"
#include "statsobj.h"
#include "rsconf.h"

#include "cancel.h"
#include "entry.h"
#include "handover.h"
#include "instance.h"
#include "message.h"
#include "resubmit.h"

typedef struct instance instanceData;
typedef struct worker wrkrInstanceData_t;

#define TEMPLATE_NAME " OMIPSEC_" /* and the container */
#define LINE_TEMPLATE "\"%rawmsg%\""

/* Every action from its configuration to its end, for activateCnf. Only
 * rsyslog's main thread looks here. */
static struct instance *instances;

MODULE_TYPE_OUTPUT;
MODULE_TYPE_KEEP;
MODULE_CNFNAME("omipsec");
DEF_OMOD_STATIC_DATA;
DEFobjCurrIf(glbl);
DEFobjCurrIf(statsobj);

static bool
host_stopping(void)
{
	return glbl.GetGlobalInputTermState() == 1;
}

static const struct host host = {host_stopping, host_complain, &statsobj};

/* What rsyslog makes of a message for our actions; of our own, nothing. */
static rsRetVal
hand_over(const smsg_t *msg, actWrkrIParams_t *param)
{
	char hostname[MESSAGE_HOST_MAX];
	struct vpn_line ln = message_line((smsg_t *)msg, hostname);
	size_t size = message_is_ours(msg) ? 0 : handover_size(&ln);

	if (size >= param->lenBuf && ExtendBuf(param, size + 1) != RS_RET_OK)
		return RS_RET_OUT_OF_MEMORY;
	if (size > 0)
		handover_write(&ln, (char *)param->param);
	param->param[size] = '\0';
	param->lenStr = (uint32_t)size;
	return RS_RET_OK;
}

/* How rsyslog hands over a line, or an event in that container. A line's template is a
 * name for hand_over: made of properties, an ordinary line would cost twice as much.
 * The caller owns the name; NULL: no memory. */
static char *
add_template(const char *container)
{
	unsigned char text[500] = LINE_TEMPLATE, *rest = text;
	struct template *template;
	char *name = NULL;

	if (asprintf(&name, TEMPLATE_NAME "%s", container ? container : "") < 0)
		return NULL;
	if (container)
		snprintf((char *)text, sizeof(text), HARVEST_MADE_TEMPLATE, container);
	template = tplFind(loadConf, name, (int)strlen(name));
	if (!template)
		template = tplAddLine(loadConf, name, &rest);
	if (!template) {
		free(name);
		return NULL;
	}
	if (!container)
		template->pStrgen = hand_over;
	return name;
}

static rsRetVal
activateCnf(modConfData_t *conf)
{
	(void)conf;
	for (struct instance *inst = instances; inst; inst = inst->next)
		instance_open(inst);
	return RS_RET_OK;
}

/* Two actions of one name would share a hand-over file. */
static bool
is_distinct(const struct instance *inst)
{
	for (const struct instance *it = instances; it; it = it->next) {
		if (!inst->par.state_dir || !it->par.state_dir ||
		    strcmp(inst->par.state_dir, it->par.state_dir) != 0 ||
		    strcmp(inst->par.name, it->par.name) != 0)
			continue;
		params_complain(&inst->par,
		    "another omipsec action has this name and this stateDir; rename "
		    "one");
		return false;
	}
	return true;
}

static rsRetVal
newActInst(uchar *module, struct nvlst *lst, void **data, omodStringRequest_t **request)
{
	char name[64]; /* as rsyslog calls an action without a name */
	struct instance *inst;
	char *template;

	(void)module;
	*request = NULL;
	snprintf(name, sizeof(name), "action-%d-omipsec", loadConf->actions.iActionNbr);
	inst = instance_new(lst, name, &host);
	if (!inst)
		return RS_RET_PARAM_ERROR;
	if (!is_distinct(inst)) {
		instance_close(inst);
		return RS_RET_PARAM_ERROR;
	}
	template = add_template(inst->par.made ? inst->par.container : NULL);
	if (!template || OMSRconstruct(request, 1) != RS_RET_OK ||
	    OMSRsetEntry(*request, 0, (uchar *)template, OMSR_NO_RQD_TPL_OPTS) !=
		RS_RET_OK) {
		instance_close(inst);
		return RS_RET_OUT_OF_MEMORY;
	}
	inst->next = instances;
	instances = inst;
	*data = inst;
	return RS_RET_OK;
}

static rsRetVal
freeInstance(void *data)
{
	struct instance **at = &instances;
	int state = hold_cancel();

	while (*at && *at != data)
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
	instance_close(data);
	allow_cancel(state);
	return RS_RET_OK;
}

static rsRetVal
createWrkrInstance(wrkrInstanceData_t **worker, instanceData *inst)
{
	int state = hold_cancel();

	*worker = worker_new(inst);
	allow_cancel(state);
	return *worker ? RS_RET_OK : RS_RET_OUT_OF_MEMORY;
}

static rsRetVal
freeWrkrInstance(void *worker)
{
	int state = hold_cancel();

	worker_free(worker);
	allow_cancel(state);
	return RS_RET_OK;
}

static rsRetVal
tryResume(wrkrInstanceData_t *worker)
{
	int state = hold_cancel();
	bool ready = worker_ready(worker);

	allow_cancel(state);
	return ready ? RS_RET_OK : RS_RET_SUSPENDED;
}

static rsRetVal
beginTransaction(wrkrInstanceData_t *worker)
{
	int state = hold_cancel();
	bool begun = worker_begin(worker);

	allow_cancel(state);
	return begun ? RS_RET_OK : RS_RET_SUSPENDED;
}

static rsRetVal
commitTransaction(wrkrInstanceData_t *worker, actWrkrIParams_t *params, unsigned n)
{
	int state = hold_cancel();
	enum vpn_put put = VPN_PUT_DONE;

	if (worker_start(worker)) {
		for (unsigned i = 0; i < n; i++)
			worker_message(worker,
			    (struct vpn_text){(char *)actParam(params, 1, i, 0).param,
				actParam(params, 1, i, 0).lenStr});
		put = worker_finish(worker);
	}
	allow_cancel(state);
	return put == VPN_PUT_DONE ? RS_RET_OK : RS_RET_SUSPENDED;
}

static rsRetVal
doHUP(instanceData *inst)
{
	int state = hold_cancel();

	instance_hup(inst);
	allow_cancel(state);
	return RS_RET_OK;
}

static rsRetVal
dbgPrintInstInfo(void *data)
{
	dbgprintf("omipsec: action \"%s\"\n", ((struct instance *)data)->par.name);
	return RS_RET_OK;
}

static rsRetVal
isCompatibleWithFeature(syslogFeature feature)
{
	return feature == sFEATURERepeatedMsgReduction ? RS_RET_OK
						       : RS_RET_INCOMPATIBLE;
}

static rsRetVal
modExit(void)
{
	resubmit_leave();
	objRelease(glbl, CORE_COMPONENT);
	objRelease(statsobj, CORE_COMPONENT);
	return RS_RET_OK;
}

/* clang-format off */
NO_LEGACY_CONF_parseSelectorAct

BEGINqueryEtryPt
CODESTARTqueryEtryPt
CODEqueryEtryPt_STD_OMODTX_QUERIES
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
	CHKiRet(objUse(glbl, CORE_COMPONENT));
	CHKiRet(objUse(statsobj, CORE_COMPONENT));
	CHKiRet(resubmit_use());
ENDmodInit
