/* Knows the class of a response, and how a truncated one says "ask over TCP". */
#include "geodns/limit.h"

enum rrl_class limit_class(const uint8_t *out, unsigned rcode, bool wildcard)
{
	if (rcode == DNS_RCODE_NXDOMAIN)
		return RRL_NXDOMAIN;
	if (rcode != DNS_RCODE_NOERROR)
		return RRL_ERROR;
	if (wildcard)
		return RRL_WILDCARD;
	return wire_get_u16(out + 6) > 0 ? RRL_NORMAL : RRL_EMPTY;
}

/* Nothing but the question with TC, no longer than the query: no gain for who forged it, and a
 * real client asks again over TCP. */
static size_t truncate(const struct answerer *answerer, const struct query *query, uint8_t *out,
		       size_t cap)
{
	struct reply reply;
	unsigned rcode = reply_rcode(query, out);
	bool authoritative = (out[2] & DNS_FLAG_AA >> 8) != 0;
	reply_begin(&reply, query, answerer->server, out, cap, false);
	reply.authoritative = authoritative;
	reply.rcode = (uint16_t)rcode;
	reply.truncated = true;
	return reply_end(&reply);
}

size_t limit_apply(struct answerer *answerer, const struct query *query, enum rrl_action action,
		   uint8_t *out, size_t len, size_t cap)
{
	if (action == RRL_PASS)
		return len;
	if (answerer->counters != NULL)
		counters_add(&answerer->counters->limited[action == RRL_DROP]);
	return action == RRL_DROP ? 0 : truncate(answerer, query, out, cap);
}

size_t limit_response(struct answerer *answerer, const struct query *query,
		      const struct addr *resolver, const struct limit_about *about, uint8_t *out,
		      size_t len, size_t cap)
{
	if (rrl_allows(answerer->rrl, resolver))
		return len;
	enum rrl_class class_ = limit_class(out, reply_rcode(query, out), about->wildcard);
	enum rrl_action action =
		rrl_account(answerer->rrl, resolver, class_, about->subject, answerer->now);
	return limit_apply(answerer, query, action, out, len, cap);
}
