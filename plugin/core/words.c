/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/words.h"

#include "vpn/policy.h"
#include "vpn/engine.h"
#include "vpn/render.h"

static const char *const classes[] = {
    [VPN_CLASS_NEGOTIATION] = "negotiation",
    [VPN_CLASS_DISCONNECT] = "disconnect",
    [VPN_CLASS_ESTABLISHED] = "established",
    [VPN_CLASS_CLIENT] = "client",
    [VPN_CLASS_SYMPTOM] = "symptom",
    [VPN_CLASS_CONTEXT] = "context",
    [VPN_CLASS_FRESH] = "fresh",
};

static const char *const fields[] = {
    [VPN_PEER] = "peer",
    [VPN_PEER_PORT] = "peer_port",
    [VPN_LOCAL] = "local",
    [VPN_LOCAL_PORT] = "local_port",
    [VPN_REASON] = "reason",
    [VPN_REASON_CODE] = "reason_code",
    [VPN_POLICY] = "policy",
    [VPN_SEQUENCE] = "sequence",
    [VPN_IF_INDEX] = "if_index",
    [VPN_INTERFACE] = "interface",
    [VPN_VSYS] = "vsys",
    [VPN_TUNNEL_INDEX] = "tunnel_index",
    [VPN_RULE_NUMBER] = "rule_number",
    [VPN_FLOW] = "flow",
    [VPN_INSIDE_IP] = "inside_ip",
    [VPN_ROLE] = "role",
    [VPN_INBOUND_SPI] = "inbound_spi",
    [VPN_UNIT_STATE] = "unit_state",
    [VPN_CONN_ID] = "conn_id",
    [VPN_USER] = "user",
    [VPN_CONNECTION] = "connection",
    [VPN_DETAIL] = "detail",
    [VPN_PROCESS] = "process",
    [VPN_SA] = "sa",
    [VPN_THREAD] = "thread",
    [VPN_SUBTYPE] = "subtype",
    [VPN_ACTION] = "action",
    [VPN_STATUS] = "status",
    [VPN_TITLE] = "title",
    [VPN_BODY] = "text",
    [VPN_MESSAGE_ID] = "message_id",
    [VPN_DATE] = "date",
    [VPN_TIME] = "time",
    [VPN_OFFSET] = "offset",
    [VPN_DEVICE] = "device",
};

static const char *const alerts[] = {
    [VPN_ALERT_PAGE] = "page",
    [VPN_ALERT_WARN] = "warn",
    [VPN_ALERT_INFO] = "info",
    [VPN_ALERT_NEVER] = "never",
};

static const char *const effects[] = {
    [VPN_EFFECT_NONE] = "none",
    [VPN_EFFECT_COPY] = "copy",
    [VPN_EFFECT_DOWN] = "down",
    [VPN_EFFECT_ADMIN_DOWN] = "admin_down",
    [VPN_EFFECT_IDLE] = "idle",
    [VPN_EFFECT_USER] = "user",
};

static const char *const roles[] = {
    [VPN_ROLE_NONE] = "none",
    [VPN_ROLE_FAULT] = "fault",
    [VPN_ROLE_NOISE] = "noise",
    [VPN_ROLE_CAPACITY] = "capacity",
    [VPN_ROLE_USER] = "user",
};

static const char *const ends[] = {
    [VPN_END_BOTH] = "both",
    [VPN_END_LOCAL] = "local",
    [VPN_END_PEER] = "peer",
    [VPN_END_CLOUD] = "cloud",
    [VPN_END_CUSTOMER] = "customer",
};

static const char *const steps[] = {
    [VPN_STEP_CHECK] = "check",
    [VPN_STEP_FIX] = "fix",
    [VPN_STEP_WAIT] = "wait",
    [VPN_STEP_COLLECT] = "collect",
    [VPN_STEP_NONE] = "none",
};

static const char *const formats[] = {
    [VPN_FORMAT_ECS] = "ecs",
    [VPN_FORMAT_OCSF] = "ocsf",
};

static const char *const languages[] = {
    [VPN_LANGUAGE_EN] = "en",
    [VPN_LANGUAGE_ZH] = "zh",
    [VPN_LANGUAGE_BOTH] = "both",
};

static const char *const pairs[] = {
    [VPN_PAIRS_LIST] = "list",
    [VPN_PAIRS_BLANK] = "blank",
    [VPN_PAIRS_COLON] = "colon",
};

static const char *const modes[] = {
    [VPN_MODE_AUTO] = "auto",
    [VPN_MODE_ALWAYS_ON] = "always_on",
    [VPN_MODE_ON_DEMAND] = "on_demand",
};

static const char *const states[] = {
    [VPN_STATE_UNKNOWN] = "unknown",
    [VPN_STATE_UP] = "up",
    [VPN_STATE_DOWN] = "down",
    [VPN_STATE_ADMIN] = "admin_down",
    [VPN_STATE_IDLE] = "idle",
    [VPN_STATE_ENDED] = "ended",
};

#define LIST(list)                                 \
	{                                          \
		list, sizeof(list) / sizeof(*list) \
	}

static const struct {
	const char *const *word;
	size_t n;
} lists[] = {
    [VPN_WORDS_CLASS] = LIST(classes),
    [VPN_WORDS_FIELD] = LIST(fields),
    [VPN_WORDS_ALERT] = LIST(alerts),
    [VPN_WORDS_EFFECT] = LIST(effects),
    [VPN_WORDS_ROLE] = LIST(roles),
    [VPN_WORDS_END] = LIST(ends),
    [VPN_WORDS_STEP] = LIST(steps),
    [VPN_WORDS_FORMAT] = LIST(formats),
    [VPN_WORDS_LANGUAGE] = LIST(languages),
    [VPN_WORDS_MODE] = LIST(modes),
    [VPN_WORDS_STATE] = LIST(states),
    [VPN_WORDS_PAIRS] = LIST(pairs),
};

struct vpn_text
vpn_word_at(enum vpn_words list, size_t i)
{
	return vpn_text(i < lists[list].n ? lists[list].word[i] : NULL);
}

struct vpn_text
vpn_word(enum vpn_words list, int value)
{
	return vpn_word_at(list, (size_t)value);
}

int
vpn_word_value(enum vpn_words list, struct vpn_text word)
{
	for (size_t i = 0; i < lists[list].n; i++)
		if (vpn_text_same(word, vpn_text(lists[list].word[i])))
			return (int)i;
	return -1;
}
