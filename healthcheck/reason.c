/* Knows the sentences. */
#include "healthcheck/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *probe_reason_name(enum probe_reason reason)
{
	static const char *const names[] = {
		[PROBE_REASON_NONE] = "none",
		[PROBE_REASON_REFUSED] = "refused",
		[PROBE_REASON_UNREACHABLE] = "unreachable",
		[PROBE_REASON_TIMEOUT] = "timeout",
		[PROBE_REASON_CLOSED] = "closed",
		[PROBE_REASON_TLS] = "tls",
		[PROBE_REASON_CERTIFICATE] = "certificate",
		[PROBE_REASON_STATUS] = "status",
		[PROBE_REASON_HEADER] = "header",
		[PROBE_REASON_BODY] = "body",
		[PROBE_REASON_PROTOCOL] = "protocol",
		[PROBE_REASON_NAME] = "name",
		[PROBE_REASON_LOCAL] = "local",
	};
	return names[reason];
}

/* The least and the most that may follow LEAD: no overlong forms, no surrogates, nothing above
 * U+10FFFF, for jansson refuses a text with them whole (RFC 3629 section 4). */
static bool may_follow(unsigned char lead, unsigned char second)
{
	unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	return second >= least && second <= most;
}

/* Octets of a UTF-8 sequence that begins at TEXT; 0: none does. */
static size_t sequence_at(const unsigned char *text)
{
	size_t len = text[0] < 0x80   ? 1
		     : text[0] < 0xc2 ? 0
		     : text[0] < 0xe0 ? 2
		     : text[0] < 0xf0 ? 3
		     : text[0] < 0xf5 ? 4
				      : 0;
	if (len > 1 && !may_follow(text[0], text[1]))
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Servers and cut-off texts bring octets that no JSON text may hold. */
static void make_printable(char *text)
{
	unsigned char *at = (unsigned char *)text;
	while (*at != '\0') {
		size_t len = sequence_at(at);
		if (len == 0 || *at < ' ' || *at == 0x7f)
			*at = '?';
		at += len > 0 ? len : 1;
	}
}

void reason_set(struct probe_result *result, enum probe_outcome outcome, enum probe_reason reason,
		const char *format, ...)
{
	result->outcome = outcome;
	result->reason = reason;
	va_list args;
	va_start(args, format);
	vsnprintf(result->text, sizeof result->text, format, args);
	va_end(args);
	make_printable(result->text);
}

static const char *stage_text(enum reason_stage stage)
{
	switch (stage) {
	case REASON_CONNECTING:
		return "while connecting";
	case REASON_HANDSHAKING:
		return "during the TLS handshake";
	case REASON_AWAITING_ANSWER:
		return "while waiting for the first byte";
	case REASON_AWAITING_REPLY:
		return "while waiting for the reply";
	case REASON_READING_ANSWER:
		break;
	}
	return "while reading the answer";
}

static bool is_ours(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS ||
	       code == EADDRNOTAVAIL || code == EACCES || code == EPERM || code == EAFNOSUPPORT;
}

void reason_errno(struct probe_result *result, int code, enum reason_stage stage, const char *where)
{
	if (is_ours(code))
		reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "this machine cannot open a connection to %s: %s", where,
			   strerror(code));
	else if (code == ECONNREFUSED)
		reason_set(result, PROBE_FAILED, PROBE_REASON_REFUSED, "connection refused to %s",
			   where);
	else if (code == EHOSTUNREACH || code == ENETUNREACH || code == EHOSTDOWN ||
		 code == ENETDOWN)
		reason_set(result, PROBE_FAILED, PROBE_REASON_UNREACHABLE, "no route to %s: %s",
			   where, strerror(code));
	else if (code == ETIMEDOUT)
		reason_set(result, PROBE_FAILED, PROBE_REASON_TIMEOUT,
			   "the network gave up %s to %s: %s", stage_text(stage), where,
			   strerror(code));
	else if (code == 0)
		reason_set(result, PROBE_FAILED, PROBE_REASON_CLOSED, "%s closed the connection %s",
			   where, stage_text(stage));
	else
		reason_set(result, PROBE_FAILED, PROBE_REASON_CLOSED,
			   "connection to %s broke %s: %s", where, stage_text(stage),
			   strerror(code));
}

void reason_timeout(struct probe_result *result, uint32_t timeout_ms, enum reason_stage stage,
		    const char *where)
{
	reason_set(result, PROBE_FAILED, PROBE_REASON_TIMEOUT, "timeout after %u ms to %s %s",
		   timeout_ms, where, stage_text(stage));
}

void reason_status(struct probe_result *result, long status, const char *wanted)
{
	reason_set(result, PROBE_FAILED, PROBE_REASON_STATUS, "status %ld, wanted %s", status,
		   wanted);
}

void reason_body(struct probe_result *result, const char *wanted, size_t read, bool cut)
{
	if (cut)
		reason_set(result, PROBE_FAILED, PROBE_REASON_BODY,
			   "body lacks \"%.120s\" (first 64 KB read)", wanted);
	else
		reason_set(result, PROBE_FAILED, PROBE_REASON_BODY,
			   "body lacks \"%.120s\" (%zu octets read)", wanted, read);
}
