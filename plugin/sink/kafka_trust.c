/* SPDX-License-Identifier: Apache-2.0
 * Certificates and logins: why a broker and we do not come together, and what to
 * do about it. */
#include <stdio.h>

#include "kafka.h"

#define SCRAM_MENDED 0x020601ff /* librdkafka 2.6.1 */

#define OTHER_HOST                                                                 \
	"is of another host: have broker= and advertised.listeners say a name or " \
	"address that it has, or issue one for this"
#define OTHER_AUTHORITY                                                   \
	"is of an authority that is not trusted: set ssl.ca.location in " \
	"confParam to the PEM file of that authority"

/* OpenSSL's X509_V_ERR_..., as librdkafka hands them on. */
static const struct {
	int error;
	const char *what;
} unfit[] = {
    {2, OTHER_AUTHORITY},
    {9, "is not valid yet: look at both clocks"},
    {10, "has expired: renew it there"},
    {18, OTHER_AUTHORITY},
    {19, OTHER_AUTHORITY},
    {20, OTHER_AUTHORITY},
    {21, OTHER_AUTHORITY},
    {23, "was revoked: renew it there"},
    {62, OTHER_HOST},
    {64, OTHER_HOST},
};

/* What librdkafka's words mean for confParam. */
static const struct {
	const char *words, *advice;
} advices[] = {
    {"alert certificate required", "set ssl.certificate.location and ssl.key.location"},
    {"alert bad certificate", "set ssl.certificate.location and ssl.key.location"},
    {"alert certificate unknown",
	"set ssl.certificate.location and ssl.key.location to a certificate that the "
	"broker accepts"},
    {"SASL authentication error",
	"correct sasl.mechanism, sasl.username and sasl.password"},
};

/* What lets somebody else pass for the broker. */
static const struct {
	const char *name, *value, *who;
} open_doors[] = {
    {"enable.ssl.certificate.verification", "false", "whoever answers at its address"},
    {"ssl.endpoint.identification.algorithm", "none",
	"whoever has any certificate of the authority"},
};

static bool
has_value(const rd_kafka_conf_t *rkc, const char *name, const char *value)
{
	char set[64] = "";
	size_t size = sizeof(set);

	return rd_kafka_conf_get(rkc, name, set, &size) == RD_KAFKA_CONF_OK &&
	    strcmp(set, value) == 0;
}

/* On a thread of librdkafka's. The answer is OpenSSL's own. */
static int
on_certificate(rd_kafka_t *rk, const char *broker, int32_t id, int *error, int depth,
    const char *der, size_t size, char *err, size_t cap, void *opaque)
{
	struct vpn_sink *snk = ((struct vpn_kafka_producer *)opaque)->snk;
	const char *what = "is not accepted";

	(void)rk, (void)id, (void)depth, (void)der, (void)size, (void)err, (void)cap;
	if (*error == 0)
		return 1;
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
		if (unfit[i].error == *error)
			what = unfit[i].what;
	pthread_mutex_lock(&snk->lock);
	snprintf(snk->certificate, sizeof(snk->certificate),
	    "the certificate of %s %s (OpenSSL's error %d)", broker, what, *error);
	pthread_mutex_unlock(&snk->lock);
	return 0;
}

/* Where nothing is to be verified, an answer would be one too many. */
void
vpn_kafka_verify(rd_kafka_conf_t *rkc)
{
	if (!has_value(rkc, "enable.ssl.certificate.verification", "false"))
		rd_kafka_conf_set_ssl_cert_verify_cb(rkc, on_certificate);
}

static const char *
advice_of(const char *reason)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strstr(reason, advices[i].words))
			return advices[i].advice;
	return NULL;
}

static void
put_reason(struct vpn_sink *snk, const char *reason, const char *advice)
{
	size_t cap = sizeof(snk->last_error), len;

	snprintf(snk->last_error, cap, "%s%s%s", reason, advice ? "; " : "",
	    advice ? advice : "");
	len = strlen(snk->last_error);
	if (advice && strstr(reason, "SCRAM") && rd_kafka_version() < SCRAM_MENDED)
		snprintf(snk->last_error + len, cap - len,
		    "; Kafka 4 takes SCRAM from librdkafka 2.6.1 on, and this is %s",
		    rd_kafka_version_str());
}

bool
vpn_kafka_explain(struct vpn_sink *snk, rd_kafka_resp_err_t err, const char *reason)
{
	const char *advice = advice_of(reason);
	bool untrusted, news;

	pthread_mutex_lock(&snk->lock);
	untrusted = err == RD_KAFKA_RESP_ERR__SSL && *snk->certificate;
	put_reason(snk, untrusted ? snk->certificate : reason, advice);
	*snk->certificate = '\0';
	news = (advice || untrusted) && !snk->barred;
	snk->barred |= news;
	pthread_mutex_unlock(&snk->lock);
	return news;
}

void
vpn_kafka_warn(struct vpn_sink *snk)
{
	const rd_kafka_conf_t *rkc = rd_kafka_conf(snk->together->rk);

	if (has_value(rkc, "security.protocol", "plaintext") ||
	    has_value(rkc, "security.protocol", "sasl_plaintext"))
		return;
	for (size_t i = 0; i < sizeof(open_doors) / sizeof(open_doors[0]); i++) {
		struct vpn_trouble once = {false};

		if (has_value(rkc, open_doors[i].name, open_doors[i].value))
			vpn_trouble_tell(&once, snk->conf,
			    "confParam: with %s=%s %s is taken for the broker; "
			    "remove it",
			    open_doors[i].name, open_doors[i].value, open_doors[i].who);
	}
}
