/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "secret.h"

#define CONNECT_MS 5000
#define REQUEST_MS 10000
#define GRACE_MS 2000
#define SLICE_MS 100
#define FIRST_MS 1000
#define LAST_MS 60000
#define RETRY_MAX_S 600 /* of what a receiver may ask for */

/* One request and its answer, of one receiver. */
struct exchange {
	CURL *curl;
	char *url;
	struct http_answer *answer;
	size_t body;                   /* bytes of the answer that were kept */
	char trouble[CURL_ERROR_SIZE]; /* why there is no answer; empty: there is */
};

struct http {
	const struct vpn_sink_conf *conf;
	const struct http_to *to;
	CURLM *multi;
	struct exchange *exchange; /* one a receiver */
	char token[SECRET_SIZE];   /* empty: none */
};

static int64_t
mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
http_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
check_file(const char *option, const char *path, char *err, size_t cap)
{
	if (path == NULL || access(path, R_OK) == 0)
		return 0;
	snprintf(
	    err, cap, "%s=\"%s\" cannot be read: %s", option, path, strerror(errno));
	return -1;
}

static int
check_url(const char *url, char *err, size_t cap)
{
	if ((strncmp(url, "http://", 7) == 0 && url[7]) ||
	    (strncmp(url, "https://", 8) == 0 && url[8]))
		return 0;
	snprintf(err, cap, "each url= begins with http:// or https:// and a host");
	return -1;
}

int
http_check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	for (size_t i = 0; i < conf->nurl; i++)
		if (check_url(conf->url[i], err, cap) != 0)
			return -1;
	if ((conf->cert_file == NULL) != (conf->cert_key_file == NULL)) {
		snprintf(err, cap, "tls.mycert and tls.myprivkey go together");
		return -1;
	}
	if (check_file("tls.cacert", conf->ca_file, err, cap) != 0 ||
	    check_file("tls.mycert", conf->cert_file, err, cap) != 0)
		return -1;
	if (conf->cert_key_file &&
	    secret_check("tls.myprivkey", conf->cert_key_file, err, cap) != 0)
		return -1;
	return http_check_secret("tokenFile", conf->token_file, err, cap);
}

int
http_check_secret(const char *option, const char *path, char *err, size_t cap)
{
	char secret[SECRET_SIZE];

	return path ? secret_read(option, path, secret, err, cap) : 0;
}

/* Who is asked, without what may be a secret. */
static void
put_host(const char *url, char *buf, size_t cap)
{
	const char *host = strstr(url, "://"), *at, *end;

	host = host ? host + 3 : url;
	end = host + strcspn(host, "/?#");
	at = memchr(host, '@', (size_t)(end - host));
	if (at)
		snprintf(buf, cap, "%.*s%.*s", (int)(host - url), url,
		    (int)(end - at - 1), at + 1);
	else
		snprintf(buf, cap, "%.*s", (int)(end - url), url);
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *ex = arg;
	char *said = ex->answer->said;

	for (size_t i = 0; i < size * n && ex->body < HTTP_SAID; i++)
		said[ex->body++] =
		    (unsigned char)data[i] < ' ' || data[i] == 0x7f ? ' ' : data[i];
	said[ex->body] = '\0';
	return size * n;
}

static void
init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void
set_options(const struct vpn_sink_conf *conf, struct exchange *ex)
{
	CURL *curl = ex->curl;

	curl_easy_setopt(curl, CURLOPT_URL, ex->url);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, ex);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)(conf->timeout_ms ? conf->timeout_ms : REQUEST_MS));
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "omipsec/" VPN_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ex);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, ex->trouble);
	if (conf->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, conf->ca_file);
	if (conf->cert_file) {
		curl_easy_setopt(curl, CURLOPT_SSLCERT, conf->cert_file);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, conf->cert_key_file);
	}
}

/* The URL, which ends with the path. NULL without memory. */
static char *
whole_url(const char *url, const char *path)
{
	size_t len = strlen(url), end = strlen(path);
	char *whole = malloc(len + end + 1);

	if (whole == NULL)
		return NULL;
	memcpy(whole, url, len + 1);
	while (end > 0 && len > 0 && whole[len - 1] == '/')
		len--;
	if (len < end || memcmp(whole + len - end, path, end) != 0)
		memcpy(whole + len, path, end + 1);
	return whole;
}

static int
open_exchanges(struct http *http)
{
	const struct http_to *to = http->to;

	http->multi = curl_multi_init();
	http->exchange = calloc(to->nurl, sizeof(*http->exchange));
	if (http->multi == NULL || http->exchange == NULL)
		return -1;
	for (size_t i = 0; i < to->nurl; i++) {
		struct exchange *ex = &http->exchange[i];

		ex->url = whole_url(to->url[i], to->path);
		ex->curl = curl_easy_init();
		if (ex->url == NULL || ex->curl == NULL)
			return -1;
		set_options(http->conf, ex);
	}
	return 0;
}

struct http *
http_open(
    const struct vpn_sink_conf *conf, const struct http_to *to, char *err, size_t cap)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *http = calloc(1, sizeof(*http));

	pthread_once(&once, init_curl);
	snprintf(err, cap, "out of memory");
	if (http == NULL)
		return NULL;
	http->conf = conf;
	http->to = to;
	if (open_exchanges(http) == 0 &&
	    (conf->token_file == NULL ||
		secret_read("tokenFile", conf->token_file, http->token, err, cap) == 0))
		return http;
	http_close(http);
	return NULL;
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	for (size_t i = 0; http->exchange && i < http->to->nurl; i++) {
		curl_easy_cleanup(http->exchange[i].curl);
		free(http->exchange[i].url);
	}
	curl_multi_cleanup(http->multi);
	free(http->exchange);
	free(http);
}

static enum http_verdict
judge(long status, bool final)
{
	if (status >= 200 && status < 300)
		return HTTP_TAKEN;
	if (status == 408 || status == 425 || status == 429)
		return HTTP_LATER;
	if (status == 401 || status == 403 || status == 404 || status == 410)
		return final ? HTTP_REFUSED : HTTP_LATER;
	return status >= 400 && status < 500 ? HTTP_REFUSED : HTTP_LATER;
}

/* Also the path, which for some receivers is their key. */
static void
hide_secrets(const struct http *http, const struct exchange *ex, char *text)
{
	const char *host = strstr(ex->url, "://");

	secret_hide(text, http->token);
	secret_hide(text, http->to->secret);
	if (host)
		secret_hide(text, host + 3 + strcspn(host + 3, "/?#"));
}

/* "https://am:9093 answered 400: bad matcher" */
static void
tell(const struct http *http, const struct exchange *ex)
{
	struct http_answer *answer = ex->answer;
	char host[200], body[HTTP_SAID + 1];

	put_host(ex->url, host, sizeof(host));
	memcpy(body, answer->said, sizeof(body));
	body[HTTP_SAID] = '\0';
	hide_secrets(http, ex, body);
	if (answer->status == 0)
		snprintf(answer->said, sizeof(answer->said), "%s: %s%s", host,
		    ex->trouble, http_advice(ex->trouble));
	else
		snprintf(answer->said, sizeof(answer->said), "%s answered %ld%s%s",
		    host, answer->status, *body ? ": " : "", body);
}

static void
begin(struct http *http, struct exchange *ex, struct vpn_text body,
    struct curl_slist *headers, struct http_answer *answer)
{
	*answer = (struct http_answer){.verdict = HTTP_LATER};
	ex->answer = answer;
	ex->body = 0;
	ex->trouble[0] = '\0';
	curl_easy_setopt(ex->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(ex->curl, CURLOPT_POSTFIELDS, body.at);
	curl_easy_setopt(ex->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	curl_multi_add_handle(http->multi, ex->curl);
}

static void
take_answer(const struct http *http, struct exchange *ex, CURLcode code)
{
	struct http_answer *answer = ex->answer;
	curl_off_t retry = 0;

	if (code != CURLE_OK) {
		if (ex->trouble[0] == '\0')
			snprintf(ex->trouble, sizeof(ex->trouble), "%s",
			    curl_easy_strerror(code));
		return;
	}
	curl_easy_getinfo(ex->curl, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(ex->curl, CURLINFO_RETRY_AFTER, &retry);
	answer->retry_s = (int)(retry < RETRY_MAX_S ? retry : RETRY_MAX_S);
	answer->verdict = judge(answer->status, http->to->final);
}

/* True when one of them was taken. */
static bool
take_answers(const struct http *http)
{
	bool taken = false;
	struct exchange *ex;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&ex);
		take_answer(http, ex, msg->data.result);
		taken |= ex->answer->verdict == HTTP_TAKEN;
	}
	return taken;
}

/* Until all have answered; but one that has taken it, or a stop, lets the others
 * have only so much longer: a deaf replica must not keep the next alert. */
static const char *
converse(struct http *http)
{
	int64_t taken_ms = 0, stop_ms = 0;
	int running = 0;

	for (;;) {
		curl_multi_perform(http->multi, &running);
		if (take_answers(http) && taken_ms == 0)
			taken_ms = mono_ms();
		if (http->conf->stopping() && stop_ms == 0)
			stop_ms = mono_ms();
		if (running == 0)
			return "no answer";
		if (taken_ms && mono_ms() >= taken_ms + GRACE_MS)
			return "no answer yet, where another has taken it";
		if (stop_ms && mono_ms() >= stop_ms + http->conf->shutdown_ms)
			return "no answer before rsyslogd stopped";
		curl_multi_poll(http->multi, NULL, 0, SLICE_MS, NULL);
	}
}

static struct curl_slist *
make_headers(const struct http *http, const char *header)
{
	char bearer[SECRET_SIZE + 32];
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/json");

	headers = curl_slist_append(headers, "Expect:");
	if (header)
		headers = curl_slist_append(headers, header);
	if (*http->token) {
		snprintf(
		    bearer, sizeof(bearer), "Authorization: Bearer %s", http->token);
		headers = curl_slist_append(headers, bearer);
	}
	return headers;
}

void
http_post(struct http *http, struct vpn_text body, const char *header,
    struct http_answer *answers)
{
	struct curl_slist *headers = make_headers(http, header);
	const char *silent;

	for (size_t i = 0; i < http->to->nurl; i++)
		begin(http, &http->exchange[i], body, headers, &answers[i]);
	silent = converse(http);
	for (size_t i = 0; i < http->to->nurl; i++) {
		struct exchange *ex = &http->exchange[i];

		curl_multi_remove_handle(http->multi, ex->curl);
		if (ex->trouble[0] == '\0')
			snprintf(ex->trouble, sizeof(ex->trouble), "%s", silent);
		tell(http, ex);
	}
	curl_slist_free_all(headers);
}

bool
backoff_ready(const struct backoff *back)
{
	return mono_ms() >= back->until_ms;
}

void
backoff_later(struct backoff *back, int retry_s)
{
	int delay;

	back->delay_ms = back->delay_ms ? 2 * back->delay_ms : FIRST_MS;
	if (back->delay_ms > LAST_MS)
		back->delay_ms = LAST_MS;
	/* From three quarters to five: not all collectors at one moment. */
	delay = back->delay_ms * 3 / 4 +
	    (int)(mono_ms() * 2654435761 % (back->delay_ms / 2 + 1));
	if (retry_s > 0)
		delay = retry_s * 1000;
	back->until_ms = mono_ms() + delay;
}

void
backoff_over(struct backoff *back)
{
	*back = (struct backoff){0, 0};
}

void
http_stamp(struct vpn_json *js, const char *key, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(text + n, sizeof(text) - n, ".%03dZ", (int)(ms % 1000));
	vpn_json_text(js, key, (struct vpn_text){text, n});
}

void
http_raw(struct vpn_json *js, const char *key, struct vpn_text value)
{
	bool comma = js->comma;

	/* The value brings its own brackets. */
	if (comma)
		vpn_json_raw(js, VPN_TEXT(","));
	vpn_json_raw(js, VPN_TEXT("\""));
	vpn_json_raw(js, vpn_text(key));
	vpn_json_raw(js, VPN_TEXT("\":"));
	vpn_json_raw(js, value);
	js->comma = true;
}
