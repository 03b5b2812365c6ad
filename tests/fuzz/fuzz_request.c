/* Any octets as a request target, a header, a cookie, entity tags and codings: what is taken holds
 * what it promises. */
#include "web/coding.h"
#include "web/precondition.h"
#include "web/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route table[] = {
	{.method = METHOD_PUT, .pattern = "/api/v1/zones/{zone}/records/{name}/{type}"},
	{.method = METHOD_PUT, .pattern = "/api/v1/prefixes/{prefix+}"},
};
static const struct route_table routes = {table, sizeof table / sizeof table[0]};

/* What was decoded can be encoded and decoded again to the same. */
static void check_round_trip(const char *text)
{
	char *encoded = percent_encode(text);
	char *decoded = percent_decode(encoded, strlen(encoded), false);
	assert(decoded != NULL && strcmp(decoded, text) == 0);
	free(encoded);
	free(decoded);
}

static void check_target(const char *text)
{
	struct request request = {0};
	struct route_match match;
	if (request_set_target(&request, text)) {
		assert(request.path[0] == '/' && strchr(request.path, '?') == NULL);
		for (size_t i = 0; i < request.query.count; i++)
			check_round_trip(request.query.at[i].value);
		(void)route_find(&routes, METHOD_PUT, request.path, &match);
		for (size_t i = 0; i < match.parameter_count; i++)
			check_round_trip(match.parameter[i]);
		route_match_fini(&match);
	}
	request_fini(&request);
}

static void check_headers(const char *text)
{
	struct request request = {0};
	char value[16];
	if (request_add_header(&request, "Cookie", text) &&
	    request_cookie(&request, "meridian", value, sizeof value))
		assert(strlen(value) < sizeof value && strchr(value, ';') == NULL);
	if (request_add_header(&request, text, "value"))
		assert(text[0] != '\0' && request_header(&request, text) != NULL);
	assert(!etag_matches(text, 17) || strstr(text, "\"17\"") != NULL || strcmp(text, "*") == 0);
	assert(accepts_coding(text, "gzip") <= 1000);
	request_fini(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);
	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	check_target(text);
	check_headers(text);
	free(text);
	return 0;
}
