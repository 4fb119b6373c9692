/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_MS 5000
#define REQUEST_MS 10000
#define FIRST_MS 1000
#define LAST_MS 60000
#define RETRY_MAX_S 600 /* of what a receiver may ask for */

struct http {
	const struct vpn_sink_conf *conf;
	CURL *curl;
	char token[HTTP_SECRET + 32]; /* the whole header; empty: none */
	struct http_answer *answer;   /* of the request at hand */
	size_t body;                  /* bytes of it that were kept */
	int64_t stop_ms;              /* mono: the end of it, at a stop; 0 */
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
	    check_file("tls.mycert", conf->cert_file, err, cap) != 0 ||
	    check_file("tls.myprivkey", conf->cert_key_file, err, cap) != 0)
		return -1;
	return check_file("tokenFile", conf->token_file, err, cap);
}

/* The first line of the file, which nobody but its owner and group may read. */
int
http_secret(const char *option, const char *path, char *secret, size_t size, char *err,
    size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(err, cap, "%s=\"%s\" cannot be read: %s", option, path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	n = (st.st_mode & 07) ? -1 : read(fd, secret, size - 1);
	close(fd);
	if (st.st_mode & 07) {
		snprintf(err, cap, "%s=\"%s\" can be read by everybody; chmod o-rwx it",
		    option, path);
		return -1;
	}
	secret[n > 0 ? n : 0] = '\0';
	secret[strcspn(secret, "\r\n")] = '\0';
	for (const char *at = secret; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
			n = 0;
	if (n > 0 && *secret)
		return 0;
	snprintf(err, cap,
	    "%s=\"%s\" has no secret of printable characters on its first "
	    "line",
	    option, path);
	return -1;
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
	struct http *http = arg;
	char *said = http->answer->said;

	for (size_t i = 0; i < size * n && http->body < HTTP_SAID; i++)
		said[http->body++] =
		    (unsigned char)data[i] < ' ' || data[i] == 0x7f ? ' ' : data[i];
	said[http->body] = '\0';
	return size * n;
}

static int
watch_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct http *http = arg;

	(void)a, (void)b, (void)c, (void)d;
	if (!http->conf->stopping())
		return 0;
	if (http->stop_ms == 0)
		http->stop_ms = mono_ms() + http->conf->shutdown_ms;
	return mono_ms() >= http->stop_ms;
}

static void
init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void
set_options(struct http *http)
{
	const struct vpn_sink_conf *conf = http->conf;
	CURL *curl = http->curl;

	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)(conf->timeout_ms ? conf->timeout_ms : REQUEST_MS));
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "omipsec/" VPN_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_stop);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
	if (conf->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, conf->ca_file);
	if (conf->cert_file) {
		curl_easy_setopt(curl, CURLOPT_SSLCERT, conf->cert_file);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, conf->cert_key_file);
	}
}

struct http *
http_open(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *http = calloc(1, sizeof(*http));
	char secret[HTTP_SECRET];

	pthread_once(&once, init_curl);
	if (http == NULL || (http->curl = curl_easy_init()) == NULL) {
		snprintf(err, cap, "out of memory");
		free(http);
		return NULL;
	}
	http->conf = conf;
	set_options(http);
	if (conf->token_file) {
		if (http_secret("tokenFile", conf->token_file, secret, sizeof(secret),
			err, cap) != 0) {
			http_close(http);
			return NULL;
		}
		snprintf(http->token, sizeof(http->token), "Authorization: Bearer %s",
		    secret);
	}
	return http;
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->curl);
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

/* "https://am:9093 answered 400: bad matcher" */
static void
tell(struct http_answer *answer, const char *url, const char *trouble)
{
	char host[200], body[HTTP_SAID + 1];

	put_host(url, host, sizeof(host));
	memcpy(body, answer->said, sizeof(body));
	body[HTTP_SAID] = '\0';
	if (answer->status == 0)
		snprintf(answer->said, sizeof(answer->said), "%s: %s", host, trouble);
	else
		snprintf(answer->said, sizeof(answer->said), "%s answered %ld%s%s",
		    host, answer->status, *body ? ": " : "", body);
}

void
http_post(struct http *http, const char *url, struct vpn_text body, const char *header,
    bool final, struct http_answer *answer)
{
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/json");
	curl_off_t retry = 0;
	CURLcode code;

	*answer = (struct http_answer){.verdict = HTTP_LATER};
	http->answer = answer;
	http->body = 0;
	http->stop_ms = 0;
	headers = curl_slist_append(headers, "Expect:");
	if (header)
		headers = curl_slist_append(headers, header);
	if (*http->token)
		headers = curl_slist_append(headers, http->token);
	curl_easy_setopt(http->curl, CURLOPT_URL, url);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, body.at);
	curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	code = curl_easy_perform(http->curl);
	if (code == CURLE_OK) {
		curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &answer->status);
		curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &retry);
		answer->retry_s = (int)(retry < RETRY_MAX_S ? retry : RETRY_MAX_S);
		answer->verdict = judge(answer->status, final);
	}
	tell(answer, url, curl_easy_strerror(code));
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
