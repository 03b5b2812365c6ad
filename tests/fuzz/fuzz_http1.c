/* The HTTP/1.1 reader: a server's octets, in pieces whose size the first octet says. */
#include "healthcheck/http1.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char body[] = "ok", name[] = "X-Served-By", value[] = "cache";
	static struct header header = {.name = name, .value = value};
	const struct monitor monitor = {
		.expect_body = body, .expect_headers = &header, .expect_header_count = 1};
	struct probe_result judged = {.outcome = PROBE_PASSED};
	struct answer answer;
	struct http1 http1 = {0};
	if (len == 0)
		return 0;
	size_t step = data[0] % 64 + 1;
	enum http1_result result = HTTP1_MORE;
	answer_init(&answer, &monitor);
	http1_begin(&http1, &answer, (data[0] & 64) != 0);
	for (size_t at = 1; at < len && result == HTTP1_MORE; at += step)
		result = http1_take(&http1, (const char *)data + at,
				    len - at < step ? len - at : step);
	if (result == HTTP1_MORE)
		result = http1_closed(&http1);
	if (result == HTTP1_DONE)
		answer_judge(&answer, &judged);
	if (answer.body_octets > ANSWER_BODY_MAX || http1.line_len > ANSWER_HEADERS_MAX)
		abort();
	http1_fini(&http1);
	answer_fini(&answer);
	return 0;
}
