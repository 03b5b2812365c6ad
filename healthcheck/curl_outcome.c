/* Knows what libcurl's result codes and error texts say of a target. */
#include "healthcheck/curl_outcome.h"

#include "healthcheck/reason.h"
#include "healthcheck/tls_words.h"

#include <errno.h>
#include <string.h>

static curl_off_t time_us(CURL *easy, CURLINFO which)
{
	curl_off_t us = 0;
	curl_easy_getinfo(easy, which, &us);
	return us > 0 ? us : 0;
}

static uint32_t part(curl_off_t end, curl_off_t begin)
{
	return end > begin ? (uint32_t)(end - begin) : 0;
}

void curl_outcome_phases(CURL *easy, bool tls, struct probe_phases *phases)
{
	curl_off_t looked_up = time_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
	curl_off_t connected = time_us(easy, CURLINFO_CONNECT_TIME_T);
	curl_off_t secured = tls ? time_us(easy, CURLINFO_APPCONNECT_TIME_T) : 0;
	curl_off_t first = time_us(easy, CURLINFO_STARTTRANSFER_TIME_T);
	phases->name_us = (uint32_t)looked_up;
	phases->connect_us = part(connected, looked_up);
	phases->tls_us = part(secured, connected);
	phases->first_byte_us = part(first, secured > connected ? secured : connected);
}

static enum reason_stage stage_of(const struct curl_outcome *outcome)
{
	if (outcome->code == CURLE_GOT_NOTHING)
		return REASON_AWAITING_ANSWER;
	if (time_us(outcome->easy, CURLINFO_STARTTRANSFER_TIME_T) > 0)
		return REASON_READING_ANSWER;
	if (time_us(outcome->easy, CURLINFO_PRETRANSFER_TIME_T) > 0)
		return REASON_AWAITING_ANSWER;
	if (outcome->tls)
		return outcome->handshaking ? REASON_HANDSHAKING : REASON_CONNECTING;
	return time_us(outcome->easy, CURLINFO_CONNECT_TIME_T) == 0 ? REASON_CONNECTING
								    : REASON_AWAITING_ANSWER;
}

/* libcurl keeps errno only of connect(2); of later failures it keeps the text. */
static int errno_in_text(const char *text)
{
	static const int codes[] = {ECONNRESET,	  EPIPE,       ETIMEDOUT,
				    EHOSTUNREACH, ENETUNREACH, ECONNABORTED};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strstr(text, strerror(codes[i])) != NULL)
			return codes[i];
	return 0;
}

static void say_broken(struct probe_result *result, const struct curl_outcome *outcome)
{
	char why[160];
	if (outcome->tls && tls_words(outcome->error, why, sizeof why)) {
		reason_set(result, PROBE_FAILED, PROBE_REASON_TLS, "TLS with %s failed: %s",
			   outcome->where, why);
		return;
	}
	reason_errno(result, errno_in_text(outcome->error), stage_of(outcome), outcome->where);
}

static void say_text(struct probe_result *result, const struct curl_outcome *outcome,
		     enum probe_outcome kind, enum probe_reason reason)
{
	const char *text =
		outcome->error[0] != '\0' ? outcome->error : curl_easy_strerror(outcome->code);
	reason_set(result, kind, reason, "%s: %s", outcome->where, text);
}

static void say_connect(struct probe_result *result, const struct curl_outcome *outcome)
{
	long code = 0;
	curl_easy_getinfo(outcome->easy, CURLINFO_OS_ERRNO, &code);
	if (code != 0)
		reason_errno(result, (int)code, REASON_CONNECTING, outcome->where);
	else
		say_text(result, outcome, PROBE_FAILED, PROBE_REASON_UNREACHABLE);
}

void curl_outcome(struct probe_result *result, const struct curl_outcome *outcome)
{
	switch (outcome->code) {
	case CURLE_OPERATION_TIMEDOUT:
		reason_timeout(result, outcome->timeout_ms, stage_of(outcome), outcome->where);
		break;
	case CURLE_COULDNT_CONNECT:
		say_connect(result, outcome);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
		reason_set(result, PROBE_FAILED, PROBE_REASON_NAME, "the name of %s has no address",
			   outcome->where);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		say_broken(result, outcome);
		break;
	case CURLE_UNSUPPORTED_PROTOCOL: /* libcurl takes it for HTTP/0.9 */
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the answer of %s is not HTTP: it does not begin with a status line",
			   outcome->where);
		break;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the answer of %s is not HTTP: %s", outcome->where, outcome->error);
		break;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
	case CURLE_URL_MALFORMAT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
		say_text(result, outcome, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL);
		break;
	default:
		say_text(result, outcome, PROBE_FAILED, PROBE_REASON_PROTOCOL);
	}
}
