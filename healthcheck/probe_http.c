/*
 * Knows how libcurl is told to make one check: https and http as a request, tls (and tcp where the
 * address is a host name) as a connection alone. What is asked for is in curl_request.c, what its
 * outcomes mean in curl_outcome.c.
 */
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "healthcheck/answer.h"
#include "healthcheck/curl_outcome.h"
#include "healthcheck/curl_request.h"
#include "healthcheck/full_handshake.h"
#include "healthcheck/off_limits.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"
#include "healthcheck/transfers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct probe_http {
	struct probe probe; /* first */
	CURL *easy;
	struct transfer_seat *seat;
	struct curl_slist *headers, *connect_to;
	struct trust_check check;
	char *name; /* SNI and the certificate's name */
	bool tls, request;
	struct full_handshake full;

	/* of the running check */
	struct mono began, connected; /* connected ns 0: no TLS handshake was begun */
	struct error local;
	char curl_error[CURL_ERROR_SIZE];
	struct answer answer;
	unsigned redirects;
};

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
	struct probe_http *http = context;
	return answer_line(&http->answer, line, size * count) ? size * count : 0;
}

static size_t on_body(char *octets, size_t size, size_t count, void *context)
{
	struct probe_http *http = context;
	return answer_body(&http->answer, octets, size * count) ? size * count : 0;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *context)
{
	struct probe_http *http = context;
	const struct monitor *monitor = http->probe.monitor;
	(void)easy;
	http->connected = mono_now();
	return trust_apply(ssl_ctx, &http->check, &http->local) &&
			       trust_show(ssl_ctx, monitor->client_cert, monitor->client_key,
					  &http->local)
		       ? CURLE_OK
		       : CURLE_ABORTED_BY_CALLBACK;
}

/* What a host name resolved to is held to the same limits as an address. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct probe_http *http = context;
	struct addr ip;
	uint16_t port;
	(void)purpose;
	bool known = addr_from_sockaddr(&to->addr, &ip, &port);
	const char *what = known ? off_limits(&ip) : NULL;
	if (what != NULL && !http->probe.monitor->allow_link_local) {
		char text[ADDR_TEXT_MAX];
		addr_format(&ip, text);
		error_set(&http->local,
			  "not checked: %s leads to %s, which is %s, and the monitor does not "
			  "allow that (allow_link_local)",
			  http->probe.address, text, what);
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static void judge_answer(struct probe_http *http, struct probe_result *result)
{
	long version = 0;
	curl_easy_getinfo(http->easy, CURLINFO_HTTP_VERSION, &version);
	if (http->probe.monitor->http2 && version < CURL_HTTP_VERSION_2_0)
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "%s speaks HTTP/1.1, wanted HTTP/2", http->probe.where);
	else
		answer_judge(&http->answer, result);
}

static void say_failure(struct probe_http *http, CURLcode code, struct probe_result *result)
{
	if (http->local.text[0] != '\0')
		reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL, "%s", http->local.text);
	else if (http->check.refused)
		reason_set(result, PROBE_FAILED, PROBE_REASON_CERTIFICATE, "%s", http->check.why);
	else if (http->answer.headers_cut)
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

static void set_timeout(struct probe_http *http, uint32_t timeout_ms)
{
	curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(http->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
}

/* URL as it may be followed: on the same scheme and port, under a name that means the target. NULL:
 * it leads elsewhere. */
static char *url_on_target(const struct probe_http *http, const char *url)
{
	const struct monitor *monitor = http->probe.monitor;
	const char *allowed[] = {http->name, monitor->host, http->probe.address};
	char *scheme = NULL, *host = NULL, *port = NULL, *found = NULL, *text = NULL;
	char number[8];
	snprintf(number, sizeof number, "%u", http->probe.port);
	CURLU *parts = curl_url();
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
		goto out;
	bool same = false;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		same = same || (allowed[i] != NULL && strcasecmp(allowed[i], host) == 0);
	/* "Location: https://www.example.com/" of a server on another port means itself, too. */
	bool usual = strcmp(port, http->tls ? "443" : "80") == 0;
	if (!same || strcmp(scheme, http->tls ? "https" : "http") != 0 ||
	    (strcmp(port, number) != 0 && !usual))
		goto out;
	if (curl_url_set(parts, CURLUPART_HOST, http->name, 0) == CURLUE_OK &&
	    curl_url_set(parts, CURLUPART_PORT, number, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_URL, &text, 0) == CURLUE_OK)
		found = mem_strdup(text);
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(text);
	curl_url_cleanup(parts);
	return found;
}

/* Goes where the answer points, when the monitor lets it. True: RESULT is not the end. */
static bool redirected(struct probe_http *http, struct probe_result *result)
{
	const struct monitor *monitor = http->probe.monitor;
	char *to = NULL;
	curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &to);
	if (monitor->redirects == 0 || to == NULL)
		return false;
	if (http->redirects >= monitor->redirects) {
		reason_set(result, PROBE_FAILED, PROBE_REASON_STATUS,
			   "more than %u redirects, the last to %.160s", monitor->redirects, to);
		return false;
	}
	char *url = url_on_target(http, to);
	int64_t spent_ms = mono_ms_between(http->began, mono_now());
	if (url == NULL) {
		reason_set(result, PROBE_FAILED, PROBE_REASON_STATUS,
			   "the redirect to %.200s leaves the target", to);
		return false;
	}
	http->redirects++;
	curl_easy_setopt(http->easy, CURLOPT_URL, url);
	set_timeout(http,
		    spent_ms < monitor->timeout_ms ? monitor->timeout_ms - (uint32_t)spent_ms : 1);
	free(url);
	answer_begin(&http->answer);
	return transfer_start(http->seat);
}

static void note_phases(struct probe_http *http, struct probe_result *result)
{
	curl_outcome_phases(http->easy, http->tls, &result->phases);
	result->phases.total_us = (uint32_t)mono_us_between(http->began, mono_now());
	if (result->phases.connect_us == 0 && http->connected.ns != 0)
		result->phases.connect_us = (uint32_t)mono_us_between(http->began, http->connected);
}

static void on_done(void *context, CURLcode code)
{
	struct probe_http *http = context;
	struct probe_result result = {.outcome = PROBE_PASSED};
	note_phases(http, &result);
	if (code == CURLE_WRITE_ERROR && http->answer.body_cut)
		code = CURLE_OK; /* enough was read */
	if (code == CURLE_OK && http->tls && !trust_still_valid(&http->check, wall_now_ms()))
		code = CURLE_PEER_FAILED_VERIFICATION;
	full_handshake_note(&http->full, http->check.handshake, http->check.refused, mono_now());
	if (code != CURLE_OK)
		say_failure(http, code, &result);
	else if (http->request && redirected(http, &result))
		return;
	else if (http->request && result.outcome == PROBE_PASSED)
		judge_answer(http, &result);
	answer_begin(&http->answer); /* between two checks no body is kept */
	result.cert = http->check.cert;
	probe_finish(&http->probe, &result);
}

/* Whether this check begins with a handshake in full, for the certificate to be seen. */
static void choose_handshake(struct probe_http *http, struct mono now)
{
	bool due = full_handshake_due(&http->full, now, FULL_HANDSHAKE_EVERY_MS);
	switch (http->probe.monitor->connection) {
	case CONNECTION_FRESH:
		break;
	case CONNECTION_SESSION:
		/* The first must be let in to the cache, to have something to resume. */
		curl_easy_setopt(http->easy, CURLOPT_SSL_SESSIONID_CACHE,
				 due && http->full.last.ns != 0 ? 0L : 1L);
		break;
	case CONNECTION_REUSE:
		curl_easy_setopt(http->easy, CURLOPT_FRESH_CONNECT, due && http->tls ? 1L : 0L);
		break;
	}
}

/* The URL names the SNI; CONNECT_TO leads it to the target's address whatever it says. */
static void set_url(struct probe_http *http)
{
	const char *path = http->probe.monitor->path;
	struct addr ip;
	bool ipv6 = addr_parse(http->name, &ip) && ip.family == ADDR_IPV6;
	char *url = mem_printf("%s://%s%s%s:%u%s", http->tls ? "https" : "http", ipv6 ? "[" : "",
			       http->name, ipv6 ? "]" : "", http->probe.port,
			       path != NULL ? path : "/");
	curl_easy_setopt(http->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(http->easy, CURLOPT_URL, url);
	free(url);
}

static void http_start(struct probe *probe)
{
	struct probe_http *http = (struct probe_http *)probe;
	http->began = mono_now();
	http->connected = (struct mono){0};
	http->local.text[0] = '\0';
	http->curl_error[0] = '\0';
	answer_begin(&http->answer);
	if (http->redirects > 0) { /* of the check before */
		set_url(http);
		set_timeout(http, probe->monitor->timeout_ms);
		http->redirects = 0;
	}
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
	answer_fini(&http->answer);
	trust_check_fini(&http->check);
	probe_fini(probe);
	free(http);
}

static void set_request(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	http->headers = curl_request(http->easy, monitor, http->tls);
	curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, http);
}

static void set_tls(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	http->check = (struct trust_check){.trust = http->probe.env->trust,
					   .verify = monitor->verify,
					   .name = http->name,
					   .ca_file = monitor->ca_file,
					   .min_tls = monitor->min_tls};
	curl_request_tls(http->easy, monitor);
	curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_DATA, http);
}

static void set_destination(struct probe_http *http)
{
	char *connect_to = mem_printf("::%s", http->probe.where);
	set_url(http);
	http->connect_to = curl_slist_append(NULL, connect_to);
	curl_easy_setopt(http->easy, CURLOPT_CONNECT_TO, http->connect_to);
	free(connect_to);
}

static void set_common(struct probe_http *http)
{
	const struct monitor *monitor = http->probe.monitor;
	curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(http->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(http->easy, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(http->easy, CURLOPT_FOLLOWLOCATION, 0L);
	set_timeout(http, monitor->timeout_ms);
	curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->curl_error);
	if (http->probe.ip.family == ADDR_NONE) {
		curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
		curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETDATA, http);
	}
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
	answer_init(&http->answer, monitor);
	http->name = probe_server_name(&http->probe);
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
