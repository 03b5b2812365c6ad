/* Knows which names of class CHAOS there are, and which text each shows. */
#include "geodns/chaos.h"

#include <string.h>

/* The text of the name of LEN octets, lower case; NULL where it is not shown. */
static const char *text_of(const struct chaos *chaos, const uint8_t *name, size_t len)
{
	static const struct {
		const char *wire;
		size_t len;
		bool is_id;
	} known[] = {
		{"\2id\6server", 11, true},	 /* RFC 4892 section 3.1 */
		{"\10hostname\4bind", 15, true}, /* the same, section 2 */
		{"\7version\6server", 16, false},
		{"\7version\4bind", 14, false},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (len == known[i].len && memcmp(name, known[i].wire, len) == 0)
			return known[i].is_id ? chaos->id : chaos->version;
	}
	return NULL;
}

bool chaos_answer(const struct chaos *chaos, struct reply *reply)
{
	const struct query *query = reply->query;
	const char *text = text_of(chaos, query->qname, query->qname_len);
	if (text == NULL)
		return false;
	reply->authoritative = true;
	if (query->qtype != DNS_TYPE_TXT && query->qtype != DNS_TYPE_ANY)
		return true;
	uint8_t rdata[3 + CHAOS_TEXT_MAX];
	size_t len = strnlen(text, CHAOS_TEXT_MAX);
	wire_put_u16(rdata, (uint16_t)(1 + len));
	rdata[2] = (uint8_t)len;
	memcpy(rdata + 3, text, len);
	/* RFC 4892 section 3.1: of TTL 0. */
	const struct reply_rrset rrset = {.type = DNS_TYPE_TXT,
					  .class_ = DNS_CLASS_CH,
					  .rdatas = rdata,
					  .len = 3 + len,
					  .count = 1};
	(void)reply_rrset(reply, REPLY_ANSWER, &rrset);
	return true;
}
