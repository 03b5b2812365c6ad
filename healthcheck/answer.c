/* Knows which status, header and body an HTTP monitor is content with. */
#include "healthcheck/answer.h"

#include "base/mem.h"
#include "healthcheck/reason.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_STEP = 4096, SEEN_MAX = 120 };

void answer_init(struct answer *answer, const struct monitor *monitor)
{
	*answer = (struct answer){.monitor = monitor};
	struct error error;
	if (monitor->expect_header_count > 0)
		answer->header_seen = mem_array(monitor->expect_header_count, sizeof(char *));
	if (monitor->expect_body_regex == NULL)
		return;
	answer->pattern = pattern_new(monitor->expect_body_regex, &error);
	if (answer->pattern == NULL)
		answer->unusable = mem_strdup(error.text);
}

static void forget_fields(struct answer *answer)
{
	for (size_t i = 0; i < answer->monitor->expect_header_count; i++) {
		free(answer->header_seen[i]);
		answer->header_seen[i] = NULL;
	}
	answer->header_found = 0;
}

static void forget(struct answer *answer)
{
	forget_fields(answer);
	free(answer->body);
	answer->body = NULL;
	answer->body_capacity = 0;
}

void answer_fini(struct answer *answer)
{
	forget(answer);
	free(answer->header_seen);
	pattern_free(answer->pattern);
	free(answer->unusable);
}

void answer_begin(struct answer *answer)
{
	forget(answer);
	answer->status = 0;
	answer->header_octets = answer->body_octets = 0;
	answer->headers_cut = answer->body_cut = false;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": 0 where it is none. */
static unsigned status_in(const char *line, size_t len)
{
	const char *at = len > 5 && memcmp(line, "HTTP/", 5) == 0 ? memchr(line, ' ', len) : NULL;
	if (at == NULL || (size_t)(at - line) + 4 > len)
		return 0;
	unsigned status = 0;
	for (int i = 1; i <= 3; i++) {
		if (!isdigit((unsigned char)at[i]))
			return 0;
		status = 10 * status + (unsigned)(at[i] - '0');
	}
	return status;
}

static void look_for(struct answer *answer, size_t index, const char *value, size_t len)
{
	const char *wanted = answer->monitor->expect_headers[index].value;
	if (memmem(value, len, wanted, strlen(wanted)) != NULL) {
		answer->header_found |= UINT32_C(1) << index;
		return;
	}
	if (answer->header_seen[index] == NULL)
		answer->header_seen[index] =
			mem_printf("%.*s", len < SEEN_MAX ? (int)len : SEEN_MAX, value);
}

static void note_field(struct answer *answer, const char *line, size_t len)
{
	const struct monitor *monitor = answer->monitor;
	const char *colon = memchr(line, ':', len);
	if (colon == NULL)
		return;
	size_t name_len = (size_t)(colon - line);
	const char *value = colon + 1, *end = line + len;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	for (size_t i = 0; i < monitor->expect_header_count; i++) {
		const char *name = monitor->expect_headers[i].name;
		if (strlen(name) == name_len && strncasecmp(name, line, name_len) == 0)
			look_for(answer, i, value, (size_t)(end - value));
	}
}

bool answer_line(struct answer *answer, const char *line, size_t len)
{
	answer->header_octets += len;
	answer->headers_cut = answer->header_octets > ANSWER_HEADERS_MAX;
	if (answer->headers_cut)
		return false;
	unsigned status = status_in(line, len);
	if (status != 0) { /* after an interim answer, too (RFC 9110 section 15.2) */
		answer->status = status;
		forget_fields(answer);
	} else if (answer->monitor->expect_header_count > 0) {
		note_field(answer, line, len);
	}
	return true;
}

bool answer_wants_body(const struct answer *answer)
{
	return answer->monitor->expect_body != NULL || answer->pattern != NULL;
}

bool answer_body(struct answer *answer, const char *octets, size_t len)
{
	size_t room = ANSWER_BODY_MAX - answer->body_octets, taken = len < room ? len : room;
	size_t needed = answer->body_octets + taken;
	if (answer_wants_body(answer)) {
		if (needed > answer->body_capacity) {
			answer->body_capacity = needed < BODY_STEP ? BODY_STEP : ANSWER_BODY_MAX;
			answer->body = mem_resize(answer->body, answer->body_capacity, 1);
		}
		memcpy(answer->body + answer->body_octets, octets, taken);
	}
	answer->body_octets = needed;
	answer->body_cut = len > room;
	return !answer->body_cut;
}

static bool status_wanted(const struct monitor *monitor, unsigned status)
{
	for (size_t i = 0; i < monitor->expect_status_count; i++)
		if (status >= monitor->expect_status[i].first &&
		    status <= monitor->expect_status[i].last)
			return true;
	return monitor->expect_status_count == 0 && status >= 200 && status <= 299;
}

static void judge_headers(const struct answer *answer, struct probe_result *result)
{
	const struct monitor *monitor = answer->monitor;
	for (size_t i = 0; i < monitor->expect_header_count; i++) {
		const struct header *wanted = &monitor->expect_headers[i];
		if ((answer->header_found & UINT32_C(1) << i) != 0)
			continue;
		if (answer->header_seen[i] != NULL)
			reason_set(result, PROBE_FAILED, PROBE_REASON_HEADER,
				   "header %.80s is \"%s\", wanted \"%.80s\"", wanted->name,
				   answer->header_seen[i], wanted->value);
		else
			reason_set(result, PROBE_FAILED, PROBE_REASON_HEADER,
				   "header %.80s is missing, wanted \"%.80s\"", wanted->name,
				   wanted->value);
		return;
	}
}

static void judge_body(const struct answer *answer, struct probe_result *result)
{
	const struct monitor *monitor = answer->monitor;
	const char *body = answer->body != NULL ? answer->body : "", *text = monitor->expect_body;
	if (text != NULL && memmem(body, answer->body_octets, text, strlen(text)) == NULL) {
		reason_body(result, text, answer->body_octets, answer->body_cut);
		return;
	}
	if (answer->pattern == NULL)
		return;
	switch (pattern_search(answer->pattern, body, answer->body_octets)) {
	case PATTERN_FOUND:
		break;
	case PATTERN_MISSING:
		reason_set(result, PROBE_FAILED, PROBE_REASON_BODY,
			   "body does not match \"%.120s\" (%s%zu octets read)",
			   monitor->expect_body_regex, answer->body_cut ? "first " : "",
			   answer->body_octets);
		break;
	case PATTERN_TOO_COSTLY:
		reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "\"%.120s\" takes too long to match against this body; make it simpler",
			   monitor->expect_body_regex);
	}
}

void answer_judge(const struct answer *answer, struct probe_result *result)
{
	const struct monitor *monitor = answer->monitor;
	if (!status_wanted(monitor, answer->status))
		reason_status(result, (long)answer->status,
			      monitor->expect_status_text != NULL ? monitor->expect_status_text
								  : "200-299");
	else if (answer->unusable != NULL)
		reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL, "%s", answer->unusable);
	else
		judge_headers(answer, result);
	if (result->outcome == PROBE_PASSED)
		judge_body(answer, result);
}
