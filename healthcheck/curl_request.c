/* Knows libcurl's names for what monitors ask for. */
#include "healthcheck/curl_request.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct curl_slist *add_header(struct curl_slist *headers, const char *name,
				     const char *value)
{
	/* "Name;" is libcurl's way to send a header without a value. */
	char *line = value[0] != '\0' ? mem_printf("%s: %s", name, value) : mem_printf("%s;", name);
	headers = curl_slist_append(headers, line);
	free(line);
	return headers;
}

static struct curl_slist *headers_of(const struct monitor *monitor)
{
	struct curl_slist *headers = NULL;
	bool agent = false;
	if (monitor->host != NULL)
		headers = add_header(headers, "Host", monitor->host);
	for (size_t i = 0; i < monitor->header_count; i++) {
		const struct header *header = &monitor->headers[i];
		headers = add_header(headers, header->name, header->value);
		agent = agent || strcasecmp(header->name, "User-Agent") == 0;
	}
	return agent ? headers
		     : add_header(headers, "User-Agent", "meridian-healthcheck/" MERIDIAN_VERSION);
}

static void set_method(CURL *easy, const struct monitor *monitor)
{
	const char *method = monitor->method;
	if (method == NULL || strcmp(method, "GET") == 0)
		return;
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (strcmp(method, "POST") == 0) {
		const char *body = monitor->body != NULL ? monitor->body : "";
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	} else {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	}
}

struct curl_slist *curl_request(CURL *easy, const struct monitor *monitor, bool tls)
{
	struct curl_slist *headers = headers_of(monitor);
	long http2 = tls ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	set_method(easy, monitor);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 monitor->http2 ? http2 : (long)CURL_HTTP_VERSION_1_1);
	return headers;
}

static long tls_version(enum tls_version version)
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

void curl_request_tls(CURL *easy, const struct monitor *monitor)
{
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	/* libcurl would keep what trust_apply() gave the first monitor, and give it to all others.
	 */
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, monitor->verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, tls_version(monitor->min_tls));
	/* A new connection in place of a kept one is made for the certificate to be seen. */
	if (monitor->connection != CONNECTION_SESSION)
		curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}
