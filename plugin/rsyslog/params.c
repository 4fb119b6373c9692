/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libestr.h>

#include "rsyslog.h"
#include "syslogd-types.h"
#include "rainerscript.h"
#include "parserif.h"

#include "params.h"
#include "core/chars.h"
#include "vpn/runbook.h"
#include "vpn/words.h"

/* Every parameter: what rsyslog has to know of it. */
enum {
	P_RULES,
	P_FORMAT,
	P_LANGUAGE,
	P_TIMEZONE,
	P_RUNBOOK_URL,
	P_CONTAINER,
	P_STATS_NAME,
	P_TAGS, /* mmipsec has those above */
	P_OUTPUT = P_TAGS,
	P_INPUT,
	P_REPEATS,
	P_FILE,
	P_BROKER,
	P_TOPIC,
	P_CONF_PARAM,
	P_TOPIC_CONF_PARAM,
	P_ERROR_FILE,
	P_STATE_DIR,
	P_SHUTDOWN_TIMEOUT,
	P_URL,
	P_ROUTING_KEY_FILE,
	P_HMAC_KEY_FILE,
	P_TOKEN_FILE,
	P_CA_FILE,
	P_CERT_FILE,
	P_CERT_KEY_FILE,
	P_REQUEST_TIMEOUT,
	P_RULESET,
	P_DRY_RUN,
	P_TUNNEL_STATE,
	P_OVERRIDES,
	P_HOLD_DOWN,
	P_HOLD_UP,
	P_GATEWAY_HOLD,
	P_FLAP_COUNT,
	P_FLAP_WINDOW,
	P_MAX_AGE,
	P_MAX_FIRING,
	P_MAX_TUNNELS,
	P_RESEND_INTERVAL,
	P_COUNT
};

static const struct cnfparamdescr described[P_COUNT] = {
    [P_RULES] = {"rules", eCmdHdlrString, 0},
    [P_FORMAT] = {"format", eCmdHdlrString, 0},
    [P_LANGUAGE] = {"language", eCmdHdlrString, 0},
    [P_TIMEZONE] = {"timezone", eCmdHdlrString, 0},
    [P_RUNBOOK_URL] = {"runbookUrl", eCmdHdlrString, 0},
    [P_CONTAINER] = {"container", eCmdHdlrString, 0},
    [P_STATS_NAME] = {"statsName", eCmdHdlrString, 0},
    [P_OUTPUT] = {"output", eCmdHdlrString, 0},
    [P_INPUT] = {"input", eCmdHdlrString, 0},
    [P_REPEATS] = {"repeats", eCmdHdlrString, 0},
    [P_FILE] = {"file", eCmdHdlrString, 0},
    [P_BROKER] = {"broker", eCmdHdlrArray, 0},
    [P_TOPIC] = {"topic", eCmdHdlrString, 0},
    [P_CONF_PARAM] = {"confParam", eCmdHdlrArray, 0},
    [P_TOPIC_CONF_PARAM] = {"topicConfParam", eCmdHdlrArray, 0},
    [P_ERROR_FILE] = {"errorFile", eCmdHdlrString, 0},
    [P_STATE_DIR] = {"stateDir", eCmdHdlrString, 0},
    [P_SHUTDOWN_TIMEOUT] = {"shutdownTimeout", eCmdHdlrString, 0},
    [P_URL] = {"url", eCmdHdlrArray, 0},
    [P_ROUTING_KEY_FILE] = {"routingKeyFile", eCmdHdlrString, 0},
    [P_HMAC_KEY_FILE] = {"hmacKeyFile", eCmdHdlrString, 0},
    [P_TOKEN_FILE] = {"tokenFile", eCmdHdlrString, 0},
    [P_CA_FILE] = {"tls.cacert", eCmdHdlrString, 0},
    [P_CERT_FILE] = {"tls.mycert", eCmdHdlrString, 0},
    [P_CERT_KEY_FILE] = {"tls.myprivkey", eCmdHdlrString, 0},
    [P_REQUEST_TIMEOUT] = {"requestTimeout", eCmdHdlrString, 0},
    [P_RULESET] = {"ruleset", eCmdHdlrString, 0},
    [P_DRY_RUN] = {"dryRun", eCmdHdlrString, 0},
    [P_TUNNEL_STATE] = {"tunnelState", eCmdHdlrString, 0},
    [P_OVERRIDES] = {"overrides", eCmdHdlrString, 0},
    [P_HOLD_DOWN] = {"holdDown", eCmdHdlrString, 0},
    [P_HOLD_UP] = {"holdUp", eCmdHdlrString, 0},
    [P_GATEWAY_HOLD] = {"gatewayHold", eCmdHdlrString, 0},
    [P_FLAP_COUNT] = {"flapCount", eCmdHdlrString, 0},
    [P_FLAP_WINDOW] = {"flapWindow", eCmdHdlrString, 0},
    [P_MAX_AGE] = {"maxAge", eCmdHdlrString, 0},
    [P_MAX_FIRING] = {"maxFiring", eCmdHdlrString, 0},
    [P_MAX_TUNNELS] = {"maxTunnels", eCmdHdlrString, 0},
    [P_RESEND_INTERVAL] = {"resendInterval", eCmdHdlrString, 0},
};

/* Where its value goes, and which outputs alone understand it. */
static const struct {
	size_t offset;
	const char *outputs;
} placed[P_COUNT] = {
    [P_RULES] = {offsetof(struct params, rules), NULL},
    [P_FORMAT] = {offsetof(struct params, format), NULL},
    [P_LANGUAGE] = {offsetof(struct params, language), NULL},
    [P_TIMEZONE] = {offsetof(struct params, timezone), NULL},
    [P_RUNBOOK_URL] = {offsetof(struct params, runbook_url), NULL},
    [P_CONTAINER] = {offsetof(struct params, container), NULL},
    [P_STATS_NAME] = {offsetof(struct params, stats_name), NULL},
    [P_OUTPUT] = {offsetof(struct params, output), NULL},
    [P_INPUT] = {offsetof(struct params, input), NULL},
    [P_REPEATS] = {offsetof(struct params, repeats), "kafka file"},
    [P_FILE] = {offsetof(struct params, file), "file"},
    [P_BROKER] = {offsetof(struct params, broker), "kafka"},
    [P_TOPIC] = {offsetof(struct params, topic), "kafka"},
    [P_CONF_PARAM] = {offsetof(struct params, conf_param), "kafka"},
    [P_TOPIC_CONF_PARAM] = {offsetof(struct params, topic_conf_param), "kafka"},
    [P_ERROR_FILE] = {offsetof(struct params, error_file), NULL},
    [P_STATE_DIR] = {offsetof(struct params, state_dir), NULL},
    [P_SHUTDOWN_TIMEOUT] = {offsetof(struct params, shutdown_timeout), NULL},
    [P_URL] = {offsetof(struct params, url), "alertmanager pagerduty webhook"},
    [P_ROUTING_KEY_FILE] = {offsetof(struct params, routing_key_file), "pagerduty"},
    [P_HMAC_KEY_FILE] = {offsetof(struct params, hmac_key_file), "webhook"},
    [P_TOKEN_FILE] = {offsetof(struct params, token_file), "alertmanager webhook"},
    [P_CA_FILE] = {offsetof(struct params, ca_file), "alertmanager pagerduty webhook"},
    [P_CERT_FILE] = {offsetof(struct params, cert_file),
	"alertmanager pagerduty webhook"},
    [P_CERT_KEY_FILE] = {offsetof(struct params, cert_key_file),
	"alertmanager pagerduty webhook"},
    [P_REQUEST_TIMEOUT] = {offsetof(struct params, request_timeout),
	"alertmanager pagerduty webhook"},
    [P_RULESET] = {offsetof(struct params, ruleset), "ruleset"},
    [P_DRY_RUN] = {offsetof(struct params, dry_run),
	"alertmanager pagerduty webhook ruleset"},
    [P_TUNNEL_STATE] = {offsetof(struct params, tunnel_state), "kafka file"},
    [P_OVERRIDES] = {offsetof(struct params, overrides), NULL},
    [P_HOLD_DOWN] = {offsetof(struct params, hold_down), NULL},
    [P_HOLD_UP] = {offsetof(struct params, hold_up), NULL},
    [P_GATEWAY_HOLD] = {offsetof(struct params, gateway_hold), NULL},
    [P_FLAP_COUNT] = {offsetof(struct params, flap_count), NULL},
    [P_FLAP_WINDOW] = {offsetof(struct params, flap_window), NULL},
    [P_MAX_AGE] = {offsetof(struct params, max_age), NULL},
    [P_MAX_FIRING] = {offsetof(struct params, max_firing), NULL},
    [P_MAX_TUNNELS] = {offsetof(struct params, max_tunnels), NULL},
    [P_RESEND_INTERVAL] = {offsetof(struct params, resend_interval),
	"alertmanager pagerduty"},
};

static struct cnfparamblk block = {
    CNFPARAMBLK_VERSION, P_COUNT, (struct cnfparamdescr *)described};
static struct cnfparamblk tags_block = {
    CNFPARAMBLK_VERSION, P_TAGS, (struct cnfparamdescr *)described};

void
params_complain(const struct params *par, const char *sentence)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s: action \"%s\": %s", par->module, par->name,
	    sentence);
	text[vpn_chars_tame(text, strlen(text))] = '\0';
	parser_errmsg("%s", text);
}

int
params_wrong(
    const struct params *par, const char *name, const char *value, const char *wanted)
{
	char sentence[700];

	snprintf(
	    sentence, sizeof(sentence), "%s=\"%s\" is not %s", name, value, wanted);
	params_complain(par, sentence);
	return -1;
}

void
params_add_word(char *list, size_t cap, const char *word)
{
	size_t len = strlen(list);

	snprintf(list + len, cap - len, "%s%s", len ? ", " : "", word);
}

static struct nvlst *
find(struct nvlst *lst, const char *name)
{
	es_size_t len = (es_size_t)strlen(name);

	while (lst && es_strcasebufcmp(lst->name, (unsigned char *)name, len) != 0)
		lst = lst->next;
	return lst && lst->val.datatype == 'S' ? lst : NULL;
}

/* The name= of the action, and whether it has a queue: rsyslog's own
 * parameters, which it has read already or reads later. */
static int
read_action(struct params *par, struct nvlst *lst, const char *default_name)
{
	struct nvlst *name = find(lst, "name"), *queue = find(lst, "queue.type");

	par->named = name != NULL;
	par->name = name ? es_str2cstr(name->val.d.estr, NULL) : strdup(default_name);
	par->queued = queue &&
	    es_strcasebufcmp(queue->val.d.estr, (unsigned char *)"direct", 6) != 0;
	return par->name ? 0 : -1;
}

static int
read_list(struct list *list, const struct cnfarray *array)
{
	list->at = calloc((size_t)array->nmemb + 1, sizeof(*list->at));
	for (int i = 0; list->at && i < array->nmemb; i++)
		list->at[list->n++] = es_str2cstr(array->arr[i], NULL);
	return list->at ? 0 : -1;
}

static int
read_values(struct params *par, const struct cnfparamvals *values)
{
	int result = 0;

	for (int i = 0; i < par->count; i++) {
		void *at = (char *)par + placed[i].offset;

		if (!values[i].bUsed)
			continue;
		if (values[i].val.datatype == 'A')
			result |= read_list(at, values[i].val.d.ar);
		else if (!(*(char **)at = es_str2cstr(values[i].val.d.estr, NULL)))
			result = -1;
	}
	return result;
}

/* rsyslog itself only mentions a parameter that nobody knows, and runs the
 * action all the same. Queue parameters are read after us. */
static int
check_known(const struct params *par, const struct nvlst *lst)
{
	char sentence[1200], *name, known[900] = "";
	int result = 0;

	for (int i = 0; i < par->count; i++)
		params_add_word(known, sizeof(known), described[i].name);
	for (; lst; lst = lst->next) {
		if (lst->bUsed)
			continue;
		name = es_str2cstr(lst->name, NULL);
		if (name && strncasecmp(name, "queue.", 6) != 0) {
			snprintf(sentence, sizeof(sentence),
			    "there is no parameter \"%.100s\"; %s has %s", name,
			    par->module, known);
			params_complain(par, sentence);
			result = -1;
		}
		free(name);
	}
	return result;
}

/* Is the word in the list, between blanks? */
static bool
is_among(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/* What only another output understands is a mistake, not to be skipped. */
int
params_belong(const struct params *par)
{
	char sentence[300];
	int result = 0;

	for (int i = 0; i < P_COUNT; i++) {
		/* A list begins with its pointer, too. */
		if (!*(void **)((char *)par + placed[i].offset) || !placed[i].outputs ||
		    !par->ops || is_among(placed[i].outputs, par->ops->name))
			continue;
		snprintf(sentence, sizeof(sentence),
		    "%s= is for output=\"%s\" only, and this is output=\"%s\"; remove "
		    "it",
		    described[i].name, placed[i].outputs, par->ops->name);
		params_complain(par, sentence);
		result = -1;
	}
	return result;
}

/* The value behind a word of that list, in any case; 0 when none is set. */
static int
read_word(const struct params *par, int i, const char *word, enum vpn_words list)
{
	char known[100] = "one of: ";
	size_t len = strlen(known);
	const char *at;

	if (!word)
		return 0;
	for (size_t n = 0; (at = vpn_word_at(list, n).at) != NULL; n++) {
		if (strcasecmp(at, word) == 0)
			return (int)n;
		params_add_word(known + len, sizeof(known) - len, at);
	}
	return params_wrong(par, described[i].name, word, known);
}

static int
check_words(struct params *par)
{
	int format = read_word(par, P_FORMAT, par->format, VPN_WORDS_FORMAT);
	int language = read_word(par, P_LANGUAGE, par->language, VPN_WORDS_LANGUAGE);

	par->vpn_format = (enum vpn_format)format;
	par->vpn_language = (enum vpn_language)language;
	if (par->runbook_url && !vpn_is_folder_url(vpn_text(par->runbook_url)))
		return params_wrong(par, "runbookUrl", par->runbook_url,
		    "the address, http:// or https://, of a folder: ending in \"/\"");
	return format < 0 || language < 0 ? -1 : 0;
}

/* 0, or -1: then it has been told, by us or by rsyslog. */
static int
read_block(struct params *par, struct nvlst *lst, const char *default_name,
    struct cnfparamblk *of)
{
	struct cnfparamvals *values;
	int result;

	par->count = of->nParams;
	if (read_action(par, lst, default_name) != 0)
		return -1;
	values = nvlstGetParams(lst, of, NULL);
	if (!values)
		return -1;
	result = read_values(par, values) | check_known(par, lst) | check_words(par);
	cnfparamvalsDestruct(values, of);
	return result;
}

int
params_take(struct params *par, struct nvlst *lst, const char *default_name)
{
	par->module = "omipsec";
	return read_block(par, lst, default_name, &block);
}

int
params_read_tags(struct params *par, struct nvlst *lst, const char *default_name)
{
	par->module = "mmipsec";
	return read_block(par, lst, default_name, &tags_block) | params_timezone(par) |
	    params_container(par);
}

static void
free_list(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
}

void
params_free(struct params *par)
{
	for (int i = 0; i < P_COUNT; i++) {
		void *at = (char *)par + placed[i].offset;

		if (described[i].type == eCmdHdlrArray)
			free_list(at);
		else
			free(*(char **)at);
	}
	free(par->name);
	free(par->dry_path);
}
