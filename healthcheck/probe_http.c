/*
 * Knows how libcurl is told to make one check: https and http as a request, tls (and tcp where the
 * address is a host name) as a connection alone. What its outcomes mean is in curl_outcome.c.
 */
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "healthcheck/curl_outcome.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"
#include "healthcheck/transfers.h"

#include <stdlib.h>
#include <string.h>

/* A resumed session shows no certificate, so once in a while the whole handshake is made. */
enum { BODY_MAX = 64 << 10, HEADERS_MAX = 64 << 10, FULL_HANDSHAKE_EVERY_MS = 60000 };

struct probe_http {
	struct probe probe; /* first */
	CURL *easy;
	struct transfer_seat *seat;
	struct curl_slist *headers, *connect_to;
	struct trust_check check;
	char *name; /* SNI and the certificate's name */
	bool tls, request;
	struct mono last_full; /* ns 0: no handshake yet */

	/* of the running check */
	struct mono began, connected; /* connected ns 0: no TLS handshake was begun */
	struct error local;
	char curl_error[CURL_ERROR_SIZE];
	size_t header_octets, body_octets;
	bool headers_cut, body_cut;
	char *body;
	size_t body_capacity;
};

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
	struct probe_http *http = context;
	(void)line;
	http->header_octets += size * count;
	http->headers_cut = http->header_octets > HEADERS_MAX;
	return http->headers_cut ? 0 : size * count;
}

/* Room for LEN more octets of the body. */
static void reserve(struct probe_http *http, size_t len)
{
	size_t needed = http->body_octets + len;
	if (needed <= http->body_capacity)
		return;
	http->body_capacity = needed < 4096 ? 4096 : BODY_MAX;
	http->body = mem_resize(http->body, http->body_capacity, 1);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct probe_http *http = context;
	size_t len = size * count, room = BODY_MAX - http->body_octets;
	size_t taken = len < room ? len : room;
	if (http->probe.monitor->expect_body != NULL) {
		reserve(http, taken);
		memcpy(http->body + http->body_octets, bytes, taken);
	}
	http->body_octets += taken;
	http->body_cut = len > room;
	return http->body_cut ? 0 : len;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *context)
{
	struct probe_http *http = context;
	(void)easy;
	http->connected = mono_now();
	return trust_apply(ssl_ctx, &http->check, &http->local) ? CURLE_OK
								: CURLE_ABORTED_BY_CALLBACK;
}

static bool status_wanted(const struct monitor *monitor, long status)
{
	for (size_t i = 0; i < monitor->expect_status_count; i++)
		if (status >= monitor->expect_status[i].first &&
		    status <= monitor->expect_status[i].last)
			return true;
	return monitor->expect_status_count == 0 && status >= 200 && status <= 299;
}

static void judge_answer(struct probe_http *http, struct probe_result *result)
{
	const struct monitor *monitor = http->probe.monitor;
	long status = 0;
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!status_wanted(monitor, status)) {
		const char *wanted = monitor->expect_status_text;
		reason_status(result, status, wanted != NULL ? wanted : "200-299");
	} else if (monitor->expect_body != NULL &&
		   (http->body_octets == 0 ||
		    memmem(http->body, http->body_octets, monitor->expect_body,
			   strlen(monitor->expect_body)) == NULL)) {
		reason_body(result, monitor->expect_body, http->body_octets, http->body_cut);
	}
}

static void say_failure(struct probe_http *http, CURLcode code, struct probe_result *result)
{
	if (http->local.text[0] != '\0')
		reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL, "%s", http->local.text);
	else if (http->check.refused)
		reason_set(result, PROBE_FAILED, PROBE_REASON_CERTIFICATE, "%s", http->check.why);
	else if (http->headers_cut)
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "headers are longer than 64 KB");
	else
		curl_outcome(result,
			     &(struct curl_outcome){.easy = http->easy,
						    .code = code,
						    .error = http->curl_error,
						    .tls = http->tls,
						    .handshaking = http->connected.ns != 0,
						    .timeout_ms = http->probe.monitor->timeout_ms,
						    .where = http->probe.where});
}

static void on_done(void *context, CURLcode code)
{
	struct probe_http *http = context;
	struct probe_result result = {.outcome = PROBE_PASSED};
	curl_outcome_phases(http->easy, http->tls, &result.phases);
	result.phases.total_us = (uint32_t)mono_us_between(http->began, mono_now());
	if (result.phases.connect_us == 0 && http->connected.ns != 0)
		result.phases.connect_us = (uint32_t)mono_us_between(http->began, http->connected);
	if (http->check.handshake)
		http->last_full = mono_now();
	if (code == CURLE_WRITE_ERROR && http->body_cut)
		code = CURLE_OK; /* enough was read */
	if (code == CURLE_OK && http->tls && !trust_still_valid(&http->check, wall_now_ms()))
		code = CURLE_PEER_FAILED_VERIFICATION;
	if (code != CURLE_OK)
		say_failure(http, code, &result);
	else if (http->request)
		judge_answer(http, &result);
	result.cert = http->check.cert.known ? &http->check.cert : NULL;
	probe_finish(&http->probe, &result);
}

/* Whether this check begins with a handshake in full, for the certificate to be seen. */
static void choose_handshake(struct probe_http *http, struct mono now)
{
	bool due = http->last_full.ns == 0 ||
		   mono_ms_between(http->last_full, now) >= FULL_HANDSHAKE_EVERY_MS;
	switch (http->probe.monitor->connection) {
	case CONNECTION_FRESH:
		break;
	case CONNECTION_SESSION:
		/* The first must be let in to the cache, to have something to resume. */
		curl_easy_setopt(http->easy, CURLOPT_SSL_SESSIONID_CACHE,
				 due && http->last_full.ns != 0 ? 0L : 1L);
		break;
	case CONNECTION_REUSE:
		curl_easy_setopt(http->easy, CURLOPT_FRESH_CONNECT, due && http->tls ? 1L : 0L);
		break;
	}
}

static void http_start(struct probe *probe)
{
	struct probe_http *http = (struct probe_http *)probe;
	http->began = mono_now();
	http->connected = (struct mono){0};
	http->local.text[0] = '\0';
	http->curl_error[0] = '\0';
	http->header_octets = http->body_octets = 0;
	http->headers_cut = http->body_cut = false;
	http->check.handshake = http->check.refused = false;
	if (http->tls)
		choose_handshake(http, http->began);
	if (transfer_start(http->seat))
		return;
	struct probe_result result = {0};
	reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
		   "this machine has no memory for another transfer");
	probe_finish(probe, &result);
}

static void http_free(struct probe *probe)
{
	struct probe_http *http = (struct probe_http *)probe;
	transfer_leave(http->seat);
	curl_easy_cleanup(http->easy);
	curl_slist_free_all(http->headers);
	curl_slist_free_all(http->connect_to);
	free(http->name);
	free(http->body);
	probe_fini(probe);
	free(http);
}

static void add_header(struct probe_http *http, const char *name, const char *value)
{
	/* "Name;" is libcurl's way to send a header without a value. */
	char *line = value[0] != '\0' ? mem_printf("%s: %s", name, value) : mem_printf("%s;", name);
	http->headers = curl_slist_append(http->headers, line);
	free(line);
}

static void set_headers(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	bool agent = false;
	if (monitor->host != NULL)
		add_header(http, "Host", monitor->host);
	for (size_t i = 0; i < monitor->header_count; i++) {
		add_header(http, monitor->headers[i].name, monitor->headers[i].value);
		agent = agent || strcasecmp(monitor->headers[i].name, "User-Agent") == 0;
	}
	if (!agent)
		add_header(http, "User-Agent", "meridian-healthcheck/" MERIDIAN_VERSION);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers);
}

static void set_method(struct probe_http *http)
{
	const char *method = http->probe.monitor->method;
	if (method == NULL || strcmp(method, "GET") == 0)
		return;
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(http->easy, CURLOPT_NOBODY, 1L);
	} else if (strcmp(method, "POST") == 0) {
		curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, "");
	} else {
		curl_easy_setopt(http->easy, CURLOPT_CUSTOMREQUEST, method);
	}
}

static void set_request(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	set_headers(http);
	set_method(http);
	curl_easy_setopt(http->easy, CURLOPT_REQUEST_TARGET,
			 monitor->path != NULL ? monitor->path : "/");
	long version = http->tls ? (long)CURL_HTTP_VERSION_2TLS
				 : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	curl_easy_setopt(http->easy, CURLOPT_HTTP_VERSION,
			 monitor->http2 ? version : (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, http);
}

static long curl_tls_version(enum tls_version version)
{
	switch (version) {
	case TLS_1_0:
		return CURL_SSLVERSION_TLSv1_0;
	case TLS_1_1:
		return CURL_SSLVERSION_TLSv1_1;
	case TLS_1_2:
		return CURL_SSLVERSION_TLSv1_2;
	case TLS_1_3:
		break;
	}
	return CURL_SSLVERSION_TLSv1_3;
}

/* Trust is trust.c's: libcurl reads no CA file, and its name check, which takes a common name, is
 * off. */
static void set_tls(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	http->check = (struct trust_check){.trust = http->probe.env->trust,
					   .verify = monitor->verify,
					   .name = http->name,
					   .ca_file = monitor->ca_file,
					   .min_tls = monitor->min_tls};
	curl_easy_setopt(http->easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(http->easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYPEER, monitor->verify ? 1L : 0L);
	curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(http->easy, CURLOPT_SSLVERSION, curl_tls_version(monitor->min_tls));
	curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_DATA, http);
	if (monitor->client_cert != NULL)
		curl_easy_setopt(http->easy, CURLOPT_SSLCERT, monitor->client_cert);
	if (monitor->client_key != NULL)
		curl_easy_setopt(http->easy, CURLOPT_SSLKEY, monitor->client_key);
	if (monitor->connection == CONNECTION_FRESH)
		curl_easy_setopt(http->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

/* The URL names the SNI; CONNECT_TO leads it to the target's address whatever it says. */
static void set_destination(struct probe_http *http)
{
	struct addr ip;
	bool ipv6 = addr_parse(http->name, &ip) && ip.family == ADDR_IPV6;
	char *url = mem_printf("%s://%s%s%s:%u/", http->tls ? "https" : "http", ipv6 ? "[" : "",
			       http->name, ipv6 ? "]" : "", http->probe.port);
	char *connect_to = mem_printf("::%s", http->probe.where);
	curl_easy_setopt(http->easy, CURLOPT_URL, url);
	http->connect_to = curl_slist_append(NULL, connect_to);
	curl_easy_setopt(http->easy, CURLOPT_CONNECT_TO, http->connect_to);
	free(connect_to);
	free(url);
}

static void set_common(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(http->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(http->easy, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(http->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)monitor->timeout_ms);
	curl_easy_setopt(http->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)monitor->timeout_ms);
	curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->curl_error);
	if (!http->request)
		curl_easy_setopt(http->easy, CURLOPT_CONNECT_ONLY, 1L);
	if (monitor->connection == CONNECTION_REUSE)
		curl_easy_setopt(http->easy, CURLOPT_MAXLIFETIME_CONN,
				 (long)FULL_HANDSHAKE_EVERY_MS / 1000);
	else
		curl_easy_setopt(http->easy, CURLOPT_FORBID_REUSE, 1L);
}

struct probe *probe_http_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = http_start, .free = http_free};
	struct probe_http *http = mem_new(struct probe_http);
	probe_init(&http->probe, &type, env, spec);
	const struct monitor *monitor = http->probe.monitor;
	http->tls = monitor->type == MONITOR_HTTPS || monitor->type == MONITOR_TLS;
	http->request = monitor->type == MONITOR_HTTPS || monitor->type == MONITOR_HTTP;
	const char *name = monitor->sni != NULL ? monitor->sni : monitor->host;
	http->name = mem_strdup(name != NULL ? name : spec->address);
	http->easy = curl_easy_init();
	if (http->easy == NULL)
		abort(); /* no memory at configuration: as in mem.h */
	set_common(http);
	set_destination(http);
	if (http->request)
		set_request(http);
	if (http->tls)
		set_tls(http);
	/* Kept-alive connections are found by address and name, not by trust: monitors must not
	 * meet on one. */
	const char *group = monitor->connection == CONNECTION_REUSE ? monitor->name : NULL;
	http->seat = transfers_seat(env->transfers, group, http->easy, on_done, http);
	return &http->probe;
}
