/* Knows monitors as JSON: which settings each type of probe has and what they are when not given.
 */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/names.h"
#include "db/rdata.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	INTERVAL_MIN_MS = 100,
	INTERVAL_MAX_MS = 3600000,
	TIMEOUT_MIN_MS = 10,
	THRESHOLD_MAX = 100,
	HEADERS_MAX = 32,
	STATUS_RANGES_MAX = 32,
	TEXT_MAX = 1024,
	REDIRECTS_MAX = 10,
	HALF_LIFE_MAX_S = 3600
};

static const char *const type_words[] = {"https", "http", "tcp", "tls", "dns", "icmp"};
static const char *const connection_words[] = {"fresh", "session", "reuse"};
static const char *const tls_words[] = {"1.0", "1.1", "1.2", "1.3"};
static const char *const http_words[] = {"1.1", "2"};
static const char *const method_words[] = {"GET", "HEAD", "POST", "OPTIONS"};
static const char *const transport_words[] = {"udp", "tcp"};
static const char *const rcode_words[] = {"NOERROR",  "FORMERR", "SERVFAIL",
					  "NXDOMAIN", "NOTIMP",	 "REFUSED"};
static const uint16_t default_ports[] = {443, 80, 0, 443, 53, 0};

static bool speaks_http(enum monitor_type type)
{
	return type == MONITOR_HTTPS || type == MONITOR_HTTP;
}

static bool speaks_tls(enum monitor_type type)
{
	return type == MONITOR_HTTPS || type == MONITOR_TLS;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *text)
{
	size_t len = strlen(text);
	return len > 0 && strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

/* Fields that say how the message is framed or whom it is for are the prober's own. */
static bool is_reserved(const char *field)
{
	static const char *const reserved[] = {
		"host", "connection", "content-length", "transfer-encoding", "upgrade", "te"};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		if (strcasecmp(field, reserved[i]) == 0)
			return true;
	}
	return false;
}

struct headers {
	struct header *at;
	size_t count;
};

/* KEY's object of fields and values; RESERVED: the prober's own fields are refused. */
static struct headers decode_headers(struct jread *reader, const char *key, bool reserved)
{
	const json_t *value = jread_value(reader, key, OPTIONAL);
	struct jpath path = jpath_key(reader->path, key);
	struct headers headers = {0};
	const char *name;
	json_t *text;
	if (value == NULL)
		return headers;
	if (!json_is_object(value) || json_object_size(value) > HEADERS_MAX) {
		jread_wrong(reader, key,
			    "must be an object of at most %d header fields and their values",
			    HEADERS_MAX);
		return headers;
	}
	headers.at = mem_array(json_object_size(value), sizeof *headers.at);
	json_object_foreach((json_t *)(uintptr_t)value, name, text)
	{
		struct jpath at = jpath_key(&path, name);
		const char *content = jread_element_text(text, &at, TEXT_MAX, reader->findings);
		if (!is_token(name))
			jpath_finding(&at, reader->findings,
				      "\"%.80s\" is not the name of a header field", name);
		else if (reserved && is_reserved(name))
			jpath_finding(&at, reader->findings, "\"%s\" is set by the prober itself%s",
				      name, strcasecmp(name, "host") == 0 ? "; use \"host\"" : "");
		else if (content != NULL)
			headers.at[headers.count++] = (struct header){.name = mem_strdup(name),
								      .value = mem_strdup(content)};
	}
	return headers;
}

/* What is sent or expected as it is: line ends and tabs belong to it. */
static char *decode_payload(struct jread *reader, const char *key)
{
	const json_t *value = jread_value(reader, key, OPTIONAL);
	if (value == NULL || json_is_null(value))
		return NULL;
	const char *text = json_string_value(value);
	size_t len = text != NULL ? json_string_length(value) : 0;
	bool good = len > 0 && len <= TEXT_MAX;
	for (size_t i = 0; good && i < len; i++)
		good = (unsigned char)text[i] >= ' ' || strchr("\r\n\t", text[i]) != NULL;
	if (good)
		return mem_strdup(text);
	jread_wrong(reader, key,
		    "must be text of 1 to %d octets without control characters but CR, LF and TAB",
		    TEXT_MAX);
	return NULL;
}

/* Reads "200" or "200-299" up to "," or the end; NULL where it is not that. */
static const char *take_range(const char *text, struct status_range *range)
{
	unsigned code[2];
	for (int i = 0; i < 2; i++) {
		if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) ||
		    !isdigit((unsigned char)text[2]))
			return NULL;
		code[i] = (unsigned)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
		text += 3;
		if (i == 0 && *text != '-') {
			code[1] = code[0];
			break;
		}
		text += i == 0 ? 1 : 0;
	}
	*range = (struct status_range){(uint16_t)code[0], (uint16_t)code[1]};
	if (code[0] < 100 || code[1] > 599 || code[0] > code[1])
		return NULL;
	return *text == '\0' ? text : *text == ',' && text[1] != '\0' ? text + 1 : NULL;
}

static void decode_status(struct jread *reader, struct monitor *monitor)
{
	const char *text = jread_text(reader, "expect_status", OPTIONAL, 255);
	monitor->expect_status_text = mem_strdup(text != NULL ? text : "200-299");
	monitor->expect_status = mem_array(STATUS_RANGES_MAX, sizeof *monitor->expect_status);
	const char *rest = monitor->expect_status_text;
	do {
		rest = take_range(rest, &monitor->expect_status[monitor->expect_status_count]);
		monitor->expect_status_count += rest != NULL ? 1 : 0;
	} while (rest != NULL && *rest != '\0' && monitor->expect_status_count < STATUS_RANGES_MAX);
	if (rest == NULL || *rest != '\0')
		jread_wrong(reader, "expect_status",
			    "must be up to %d codes and ranges of 100 to 599 as in "
			    "\"200-299,304\"; it is \"%.80s\"",
			    STATUS_RANGES_MAX, text != NULL ? text : "");
}

static void decode_path(struct jread *reader, struct monitor *monitor)
{
	const char *text = jread_text(reader, "path", OPTIONAL, TEXT_MAX);
	monitor->path = mem_strdup(text != NULL ? text : "/");
	if (monitor->path[0] != '/' || strpbrk(monitor->path, " #") != NULL)
		jread_wrong(reader, "path",
			    "must begin with \"/\" and hold neither blank nor \"#\"; it is "
			    "\"%.80s\"",
			    monitor->path);
}

/* A host name, and for "host" an address too; either may stand with a port. */
static char *decode_host(struct jread *reader, const char *key, bool name_only)
{
	const char *text = jread_text(reader, key, OPTIONAL, 255);
	if (text == NULL)
		return NULL;
	bool good = name_only ? host_name_valid(text)
			      : strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]") == strlen(text);
	if (!good)
		jread_wrong(reader, key, "is not a host name: \"%.80s\"", text);
	return mem_strdup(text);
}

static void decode_answer(struct jread *reader, struct monitor *monitor)
{
	struct headers headers = decode_headers(reader, "expect_headers", false);
	monitor->expect_headers = headers.at;
	monitor->expect_header_count = headers.count;
	monitor->expect_body = mem_strdup(jread_text(reader, "expect_body", OPTIONAL, TEXT_MAX));
	monitor->expect_body_regex =
		mem_strdup(jread_text(reader, "expect_body_regex", OPTIONAL, TEXT_MAX));
	const char *key = monitor->expect_body != NULL	       ? "expect_body"
			  : monitor->expect_body_regex != NULL ? "expect_body_regex"
							       : NULL;
	if (key != NULL && strcmp(monitor->method, "HEAD") == 0)
		jread_wrong(reader, key, "cannot be met: an answer to HEAD has no body; use GET");
}

static void decode_http(struct jread *reader, struct monitor *monitor)
{
	decode_path(reader, monitor);
	monitor->host = decode_host(reader, "host", false);
	monitor->method =
		mem_strdup(method_words[jread_word(reader, "method", method_words, 4, 0)]);
	struct headers headers = decode_headers(reader, "headers", true);
	monitor->headers = headers.at;
	monitor->header_count = headers.count;
	monitor->body = decode_payload(reader, "body");
	decode_status(reader, monitor);
	decode_answer(reader, monitor);
	monitor->redirects = (uint16_t)jread_uint(reader, "redirects", 0, REDIRECTS_MAX, 0);
	if (monitor->redirects > 0 && monitor->method[0] != 'G' && monitor->method[0] != 'H')
		jread_wrong(reader, "redirects", "are followed with GET and HEAD alone");
	monitor->http2 = jread_word(reader, "http", http_words, 2, 0) == 1;
	if (monitor->body != NULL && strcmp(monitor->method, "POST") != 0)
		jread_wrong(reader, "body", "is sent with method POST alone, not with %s",
			    monitor->method);
}

static void decode_tls(struct jread *reader, struct monitor *monitor)
{
	monitor->sni = decode_host(reader, "sni", true);
	monitor->verify = jread_bool(reader, "verify", true);
	monitor->ca_file = mem_strdup(jread_text(reader, "ca_file", OPTIONAL, TEXT_MAX));
	monitor->client_cert = mem_strdup(jread_text(reader, "client_cert", OPTIONAL, TEXT_MAX));
	monitor->client_key = mem_strdup(jread_text(reader, "client_key", OPTIONAL, TEXT_MAX));
	monitor->min_tls = (enum tls_version)jread_word(reader, "min_tls", tls_words, 4, TLS_1_2);
	monitor->cert_warn_days = (uint16_t)jread_uint(reader, "cert_warn_days", 0, 3650, 21);
	const char *files[] = {monitor->ca_file, monitor->client_cert, monitor->client_key};
	static const char *const keys[] = {"ca_file", "client_cert", "client_key"};
	for (int i = 0; i < 3; i++) {
		if (files[i] != NULL && files[i][0] != '/')
			jread_wrong(reader, keys[i], "must be an absolute path; it is \"%.80s\"",
				    files[i]);
	}
	if ((monitor->client_cert == NULL) != (monitor->client_key == NULL))
		jread_wrong(reader, monitor->client_cert != NULL ? "client_cert" : "client_key",
			    "stands alone; client_cert and client_key go together");
}

static void decode_tcp(struct jread *reader, struct monitor *monitor)
{
	monitor->send = decode_payload(reader, "send");
	monitor->expect = decode_payload(reader, "expect");
}

static void decode_dns(struct jread *reader, struct monitor *monitor)
{
	uint16_t type;
	monitor->host = decode_host(reader, "host", true);
	const char *text = jread_text(reader, "query_type", OPTIONAL, 16);
	monitor->query_type = mem_strdup(text != NULL ? text : "A");
	if (!rdata_type_parse(monitor->query_type, &type))
		jread_wrong(reader, "query_type", "is not a record type: \"%.16s\"",
			    monitor->query_type);
	monitor->expect_rcode =
		mem_strdup(rcode_words[jread_word(reader, "expect_rcode", rcode_words, 6, 0)]);
	monitor->transport = (enum monitor_transport)jread_word(reader, "transport",
								transport_words, 2, TRANSPORT_UDP);
	monitor->expect_body = mem_strdup(jread_text(reader, "expect_body", OPTIONAL, TEXT_MAX));
}

static void decode_timing(struct jread *reader, struct monitor *monitor)
{
	uint32_t interval =
		jread_uint(reader, "interval_ms", INTERVAL_MIN_MS, INTERVAL_MAX_MS, 5000);
	monitor->interval_ms = interval;
	monitor->timeout_ms = jread_uint(reader, "timeout_ms", TIMEOUT_MIN_MS, INTERVAL_MAX_MS,
					 interval < 2000 ? interval : 2000);
	monitor->recheck_ms = jread_uint(reader, "recheck_ms", INTERVAL_MIN_MS, INTERVAL_MAX_MS,
					 interval < 1000 ? interval : 1000);
	monitor->degraded_above_ms = jread_uint(reader, "degraded_above_ms", 0, INTERVAL_MAX_MS, 0);
	monitor->fall = (uint16_t)jread_uint(reader, "fall", 1, THRESHOLD_MAX, 3);
	monitor->rise = (uint16_t)jread_uint(reader, "rise", 1, THRESHOLD_MAX, 2);
	monitor->flap_half_life_s = jread_uint(reader, "flap_half_life_s", 0, HALF_LIFE_MAX_S, 60);
	monitor->allow_link_local = jread_bool(reader, "allow_link_local", false);
	if (monitor->timeout_ms > interval)
		jread_wrong(reader, "timeout_ms", "is %u, longer than interval_ms, which is %u",
			    monitor->timeout_ms, interval);
	if (monitor->recheck_ms > interval)
		jread_wrong(reader, "recheck_ms", "is %u, longer than interval_ms, which is %u",
			    monitor->recheck_ms, interval);
}

void codec_decode_monitor(struct jread *reader, const struct codec_scope *scope,
			  struct object *object)
{
	struct monitor *monitor = &object->monitor;
	(void)scope;
	monitor->name = jread_name(reader, "name", REQUIRED);
	object->id = mem_strdup(monitor->name);
	unsigned type = jread_word(reader, "type", type_words, 6, 6);
	monitor->type = (enum monitor_type)type;
	if (monitor->type != MONITOR_ICMP)
		monitor->port = (uint16_t)jread_uint(reader, "port", 1, 65535, default_ports[type]);
	if (monitor->type == MONITOR_TCP && reader->json != NULL &&
	    json_object_get(reader->json, "port") == NULL)
		jpath_finding(reader->path, reader->findings,
			      "a monitor of type \"tcp\" needs a "
			      "\"port\"");
	if (speaks_http(monitor->type))
		decode_http(reader, monitor);
	if (speaks_tls(monitor->type))
		decode_tls(reader, monitor);
	if (speaks_http(monitor->type) || speaks_tls(monitor->type))
		monitor->connection = (enum monitor_connection)jread_word(
			reader, "connection", connection_words, 3, CONNECTION_SESSION);
	if (monitor->type == MONITOR_TCP)
		decode_tcp(reader, monitor);
	if (monitor->type == MONITOR_DNS)
		decode_dns(reader, monitor);
	decode_timing(reader, monitor);
}

static json_t *headers_json(const struct header *headers, size_t count)
{
	json_t *json = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(json, headers[i].name, json_string(headers[i].value));
	return json;
}

static void encode_http(json_t *json, const struct monitor *monitor)
{
	json_object_set_new(json, "path", json_string(monitor->path));
	json_object_set_new(json, "host", codec_text(monitor->host));
	json_object_set_new(json, "method", json_string(monitor->method));
	json_object_set_new(json, "headers", headers_json(monitor->headers, monitor->header_count));
	json_object_set_new(json, "body", codec_text(monitor->body));
	json_object_set_new(json, "expect_status", json_string(monitor->expect_status_text));
	json_object_set_new(json, "expect_body", codec_text(monitor->expect_body));
	json_object_set_new(json, "expect_body_regex", codec_text(monitor->expect_body_regex));
	json_object_set_new(json, "expect_headers",
			    headers_json(monitor->expect_headers, monitor->expect_header_count));
	json_object_set_new(json, "redirects", json_integer(monitor->redirects));
	json_object_set_new(json, "http", json_string(http_words[monitor->http2]));
}

static void encode_tls(json_t *json, const struct monitor *monitor)
{
	json_object_set_new(json, "sni", codec_text(monitor->sni));
	json_object_set_new(json, "verify", json_boolean(monitor->verify));
	json_object_set_new(json, "ca_file", codec_text(monitor->ca_file));
	json_object_set_new(json, "client_cert", codec_text(monitor->client_cert));
	json_object_set_new(json, "client_key", codec_text(monitor->client_key));
	json_object_set_new(json, "min_tls", json_string(tls_words[monitor->min_tls]));
	json_object_set_new(json, "cert_warn_days", json_integer(monitor->cert_warn_days));
}

static void encode_timing(json_t *json, const struct monitor *monitor)
{
	json_object_set_new(json, "interval_ms", json_integer(monitor->interval_ms));
	json_object_set_new(json, "timeout_ms", json_integer(monitor->timeout_ms));
	json_object_set_new(json, "fall", json_integer(monitor->fall));
	json_object_set_new(json, "rise", json_integer(monitor->rise));
	json_object_set_new(json, "recheck_ms", json_integer(monitor->recheck_ms));
	json_object_set_new(json, "degraded_above_ms", json_integer(monitor->degraded_above_ms));
	json_object_set_new(json, "flap_half_life_s", json_integer(monitor->flap_half_life_s));
	json_object_set_new(json, "allow_link_local", json_boolean(monitor->allow_link_local));
}

json_t *codec_encode_monitor(const struct object *object)
{
	const struct monitor *monitor = &object->monitor;
	json_t *json =
		json_pack("{s:s, s:s}", "name", monitor->name, "type", type_words[monitor->type]);
	if (monitor->type != MONITOR_ICMP)
		json_object_set_new(json, "port", json_integer(monitor->port));
	if (speaks_http(monitor->type))
		encode_http(json, monitor);
	if (speaks_tls(monitor->type))
		encode_tls(json, monitor);
	if (speaks_http(monitor->type) || speaks_tls(monitor->type))
		json_object_set_new(json, "connection",
				    json_string(connection_words[monitor->connection]));
	if (monitor->type == MONITOR_TCP) {
		json_object_set_new(json, "send", codec_text(monitor->send));
		json_object_set_new(json, "expect", codec_text(monitor->expect));
	}
	if (monitor->type == MONITOR_DNS) {
		json_object_set_new(json, "host", codec_text(monitor->host));
		json_object_set_new(json, "query_type", json_string(monitor->query_type));
		json_object_set_new(json, "expect_rcode", json_string(monitor->expect_rcode));
		json_object_set_new(json, "transport",
				    json_string(transport_words[monitor->transport]));
		json_object_set_new(json, "expect_body", codec_text(monitor->expect_body));
	}
	encode_timing(json, monitor);
	return json;
}
