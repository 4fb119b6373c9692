/* SPDX-License-Identifier: Apache-2.0
 * What there is to do about a TLS connection that did not come about. */
#include "http.h"

/* libcurl's words, and those of OpenSSL in them. */
static const struct {
	const char *words, *advice;
} advices[] = {
    {"certificate has expired", "; renew it there"},
    {"certificate is not yet valid", "; look at both clocks"},
    {"no alternative certificate subject name", "; set url= to a name that it has"},
    {"local issuer certificate", "; set tls.cacert to the PEM file of its authority"},
    {"self-signed certificate", "; set tls.cacert to the PEM file of its authority"},
    {"alert certificate required", "; set tls.mycert and tls.myprivkey"},
    {"alert bad certificate", "; set tls.mycert and tls.myprivkey to what it accepts"},
    {"wrong version number", "; it speaks no TLS: is it http://?"},
};

const char *
http_advice(const char *trouble)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strstr(trouble, advices[i].words))
			return advices[i].advice;
	return "";
}
