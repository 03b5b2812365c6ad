/* Knows what each kind of find is answered with. */
#include "geodns/answer_short.h"
#include "geodns/answering.h"
#include "geodns/limit.h"
#include "geodns/wire/tsig.h"

enum {
	/* A name further back than this cannot be pointed to together with its suffixes (RFC 1035
	   section 4.1.4: 14 bits). */
	POINTER_MAX = 0x3fff - 255,
	RECORD_FIXED = 12,
	HINFO_TTL_S = 3600
};

static void point_owners(uint8_t *record, unsigned count, unsigned offset)
{
	for (; count > 0; count--) {
		wire_put_u16(record, (uint16_t)(DNS_POINTER | offset));
		record += RECORD_FIXED + wire_get_u16(record + 10);
	}
}

bool answering_put(struct answering *answering, enum reply_section section, const uint8_t *records,
		   size_t len, unsigned count, unsigned offset)
{
	struct reply *reply = &answering->reply;
	uint16_t from = reply->len;
	if (!reply_prepared(reply, section, records, len, count))
		return false;
	if (offset != DNS_HEADER_LEN)
		point_owners(reply->out + from, count, offset);
	return true;
}

bool answering_follow(struct answering *answering, unsigned offset)
{
	if (answering->links == ANSWER_CHAIN_MAX || offset > POINTER_MAX)
		return false;
	answering->seen[answering->links++] = answering->hash;
	const uint8_t *name = answering->reply.out + offset;
	answering->name_len = (uint8_t)name_len(name);
	answering->hash = name_lower_in_message(name, answering->name_len, answering->target);
	answering->name = answering->target;
	answering->at = (uint16_t)offset;
	for (unsigned i = 0; i < answering->links; i++) {
		if (answering->seen[i] == answering->hash)
			return false;
	}
	return true;
}

bool answering_soa(struct answering *answering, const struct zone_live *zone,
		   enum reply_section section, uint32_t ttl_s)
{
	const struct zone_settings *settings = zone_settings(zone);
	size_t room;
	uint8_t *at = reply_room(&answering->reply, &room);
	if (settings->soa_len > room) {
		answering->reply.truncated = true;
		return false;
	}
	zone_copy_soa(zone, settings, answering_suffix(answering, zone->name_len), ttl_s, at);
	reply_wrote(&answering->reply, section, settings->soa_len, 1);
	return true;
}

/* RFC 2308 sections 2.1, 2.2 and 5. */
static void answer_negative(struct answering *answering, const struct zone_live *zone,
			    uint32_t ttl_most_s)
{
	uint32_t ttl_s = zone_settings(zone)->negative_ttl;
	(void)answering_soa(answering, zone, REPLY_AUTHORITY,
			    ttl_s < ttl_most_s ? ttl_s : ttl_most_s);
}

/* The types of RFC 1035 whose answers hold several names, mostly of one zone. A CNAME's target
 * stays whole, for the chain to go on from. */
static bool is_compressed(uint16_t type)
{
	return type == DNS_TYPE_NS || type == DNS_TYPE_MX || type == DNS_TYPE_PTR;
}

/* Puts RRSET of NODE as an answer; returns the offset of the first record, 0 where it did not fit.
 */
static unsigned answer_rrset(struct answering *answering, const struct node *node,
			     const struct node_rrset *rrset)
{
	unsigned from = answering->reply.len;
	const uint8_t *records = node_records(node, rrset);
	bool fits = is_compressed(rrset->type)
			    ? reply_compressed(&answering->reply, REPLY_ANSWER, records,
					       rrset->count, answering->at)
			    : answering_put(answering, REPLY_ANSWER, records, rrset->len,
					    rrset->count, answering->at);
	return fits ? from : 0;
}

/* RFC 8482 section 4.2: addresses that are decided per query are summed up as HINFO. */
static void answer_hinfo(struct answering *answering)
{
	static const uint8_t hinfo[] = {0xc0,
					0x0c,
					0,
					DNS_TYPE_HINFO,
					0,
					DNS_CLASS_IN,
					0,
					0,
					HINFO_TTL_S >> 8,
					HINFO_TTL_S & 0xff,
					0,
					9,
					7,
					'R',
					'F',
					'C',
					'8',
					'4',
					'8',
					'2',
					0};
	(void)answering_put(answering, REPLY_ANSWER, hinfo, sizeof hinfo, 1, answering->at);
}

static inline void count_answer(struct answering *answering, const struct service_live *service,
				uint32_t pool)
{
	struct counters *counters = answering->answerer->counters;
	if (counters == NULL)
		return;
	counters_answer(counters, service->counters, service->counters_len, pool);
}

static inline struct service_answer decide(struct answering *answering,
					   const struct zone_live *zone,
					   const struct service_live *service)
{
	struct answerer *answerer = answering->answerer;
	const struct ecs *ecs = &answering->query->ecs;
	/* SOURCE is above 0 only where there is an address. */
	bool usable = ecs->present && ecs->source > 0 && zone_settings(zone)->ecs;
	struct service_client client = {
		.ecs = usable ? &ecs->address : NULL,
		.resolver = answering->resolver,
		.chance = rng_quick(&answerer->rng),
	};
	if (answerer->assume != NULL)
		client.assumed = answerer->assume(answerer->assume_context, service);
	struct service_answer answer = service_decide(service, answering->query->qtype, &client);
	if (answerer->trace != NULL) {
		struct service_answer told = answer; /* the other one stays in registers */
		answerer->trace->service(answerer->trace->context, service, &told);
	}
	return answer;
}

/* True where a CNAME leads on. */
static bool answer_service(struct answering *answering, const struct lookup *lookup)
{
	const struct service_live *service = lookup->node->service;
	struct reply *reply = &answering->reply;
	uint16_t type = answering->query->qtype;
	struct service_answer answer = decide(answering, lookup->zone, service);
	/* RFC 8482 section 4.2: a CNAME is never summed up. */
	if (type == DNS_TYPE_ANY && !answer.is_cname) {
		answer_hinfo(answering);
		return false;
	}
	if (answer.scope > reply->ecs_scope)
		reply->ecs_scope = answer.scope;
	if (answer.type == NULL) {
		answer_negative(answering, lookup->zone, answer.ttl_s);
		return false;
	}
	size_t room, len;
	uint8_t *out = reply_room(reply, &room);
	unsigned count =
		poolset_write(answer.set, answer.type, answer.ttl_s, answer.pick, out, room, &len);
	if (count == 0) {
		reply->truncated = true;
		return false;
	}
	unsigned from = reply->len;
	if (answering->at != DNS_HEADER_LEN)
		point_owners(out, count, answering->at);
	reply_wrote(reply, REPLY_ANSWER, len, count);
	count_answer(answering, service, answer.chosen.choice->pool);
	return answer.is_cname && type != DNS_TYPE_CNAME && type != DNS_TYPE_ANY &&
	       answering_follow(answering, from + RECORD_FIXED);
}

/* The name exists, or a wildcard stands for it. True where a CNAME leads on. */
static bool answer_node(struct answering *answering, const struct lookup *lookup)
{
	const struct node *node = lookup->node;
	uint16_t type = answering->query->qtype;
	const struct node_rrset *rrset = node_find(node, type);
	/* RFC 8482 section 4.1: one RRset of those there are. */
	if (type == DNS_TYPE_ANY && node->rrset_count > 0)
		rrset = &node->rrsets[0];
	if (rrset != NULL) {
		(void)answer_rrset(answering, node, rrset);
		return false;
	}
	if (node->service != NULL)
		return answer_service(answering, lookup);
	if (type == DNS_TYPE_SOA && node->name_len == lookup->zone->name_len) {
		(void)answering_soa(answering, lookup->zone, REPLY_ANSWER,
				    zone_settings(lookup->zone)->soa_ttl);
		return false;
	}
	rrset = node_find(node, DNS_TYPE_CNAME);
	if (rrset == NULL) {
		answer_negative(answering, lookup->zone, UINT32_MAX);
		return false;
	}
	/* RFC 1034 section 4.3.2 step 3a. */
	unsigned from = answer_rrset(answering, node, rrset);
	return from != 0 && answering_follow(answering, from + RECORD_FIXED);
}

static void answer_failure(struct answering *answering, enum dns_rcode rcode, enum dns_ede ede)
{
	/* Where a CNAME led out of what we can answer, what was found so far is the answer. */
	if (answering->links > 0)
		return;
	answering->reply.rcode = (uint16_t)rcode;
	answering->reply.ede = (int16_t)ede;
}

static const char *kind_text(enum lookup_kind kind)
{
	static const char *const texts[] = {
		[LOOKUP_OUTSIDE] = "is in no zone that is served",
		[LOOKUP_FAILED] = "is in a zone that could not be loaded",
		[LOOKUP_FOUND] = "is there",
		[LOOKUP_WILDCARD] = "is answered by a wildcard",
		[LOOKUP_NXDOMAIN] = "does not exist",
		[LOOKUP_DELEGATION] = "is delegated to other name servers",
		[LOOKUP_DNAME] = "is redirected by a DNAME",
	};
	return texts[kind];
}

/* One step of the chain. True where it leads on. */
static bool answer_lookup(struct answering *answering, const struct lookup *lookup)
{
	switch (lookup->kind) {
	case LOOKUP_OUTSIDE:
		answer_failure(answering, DNS_RCODE_REFUSED, DNS_EDE_NOT_AUTHORITATIVE);
		return false;
	case LOOKUP_FAILED:
		answer_failure(answering, DNS_RCODE_SERVFAIL, DNS_EDE_INVALID_DATA);
		return false;
	case LOOKUP_DELEGATION:
		answering_refer(answering, lookup->zone, lookup->node);
		return false;
	case LOOKUP_NXDOMAIN:
		/* RFC 6604 section 3: the code is that of the last name of a chain. */
		answering->reply.authoritative = true;
		answering->reply.rcode = DNS_RCODE_NXDOMAIN;
		answer_negative(answering, lookup->zone, UINT32_MAX);
		return false;
	case LOOKUP_DNAME:
		answering->reply.authoritative = true;
		return answering_dname(answering, lookup->node);
	case LOOKUP_WILDCARD:
		answering->wildcard = true;
		break;
	case LOOKUP_FOUND:
		break;
	}
	answering->reply.authoritative = true;
	return answer_node(answering, lookup);
}

static void answer_name(struct answering *answering)
{
	const struct answerer *answerer = answering->answerer;
	struct lookup lookup;
	do {
		lookup = lookup_name(answerer->names, answering->hash, answering->name,
				     answering->name_len, answering->query->qtype);
		if (answerer->trace != NULL)
			answerer->trace->name(answerer->trace->context, answering->name,
					      lookup.zone, kind_text(lookup.kind));
	} while (answer_lookup(answering, &lookup));
}

/* Transfers come later; of the other classes CHAOS alone is in use. */
static bool is_refused(const struct query *query)
{
	return query->qclass != DNS_CLASS_IN || query->qtype == DNS_TYPE_AXFR ||
	       query->qtype == DNS_TYPE_IXFR;
}

static void answer_refused(struct answering *answering)
{
	const struct chaos *chaos = answering->answerer->chaos;
	if (answering->query->qclass == DNS_CLASS_CH && chaos != NULL &&
	    chaos_answer(chaos, &answering->reply))
		return;
	answer_failure(answering, DNS_RCODE_REFUSED, DNS_EDE_NOT_SUPPORTED);
}

/* RFC 7873 section 5.2: whoever sends a cookie gets one, whatever the answer. */
static void answer_cookie(struct answering *answering)
{
	const struct answerer *answerer = answering->answerer;
	const struct query *query = answering->query;
	if (answerer->cookies == NULL)
		return;
	answering->proven = cookie_answer(answerer->cookies, query->cookie, query->cookie_len,
					  answering->resolver, answerer->now_s, answering->cookie);
	reply_cookie(&answering->reply, answering->cookie, COOKIE_LEN);
}

/* What no name has to be looked up for. */
static __attribute__((noinline)) void answer_result(struct answering *answering,
						    enum query_result result)
{
	answering->reply.rcode = (uint16_t)query_rcode(result);
	/* RFC 7873 section 5.4: who asks whether a server cookie holds is told so. */
	if (result == QUERY_COOKIE_ONLY && answering->query->cookie_len > COOKIE_CLIENT_LEN &&
	    !answering->proven)
		answering->reply.rcode = DNS_RCODE_BADCOOKIE;
}

static size_t answer_query(struct answerer *answerer, const struct query *query,
			   enum query_result result, const struct addr *resolver, bool stream,
			   uint8_t *out, size_t cap)
{
	struct answering answering;
	answering.answerer = answerer;
	answering.query = query;
	answering.resolver = resolver;
	answering.name = query->qname;
	answering.name_len = query->qname_len;
	answering.at = DNS_HEADER_LEN;
	answering.hash = answering.subject = query->qname_hash;
	answering.links = 0;
	answering.redirections = 0;
	answering.wildcard = answering.proven = false;
	reply_begin(&answering.reply, query, answerer->server, out, cap, stream);
	if (query->cookie_len != 0)
		answer_cookie(&answering);
	if (result != QUERY_OK)
		answer_result(&answering, result);
	else if (is_refused(query))
		answer_refused(&answering);
	else
		answer_name(&answering);
	size_t len = reply_end(&answering.reply);
	if (__builtin_expect(result == QUERY_NOTAUTH, 0))
		len = tsig_refuse(query, out, len, answering.reply.end);
	if (answerer->rrl == NULL || stream || answering.proven)
		return len;
	const struct limit_about about = {.wildcard = answering.wildcard,
					  .subject = answering.subject};
	return limit_response(answerer, query, resolver, &about, out, len, cap);
}

static void count_packet(struct counters *counters, const struct query *query,
			 const struct addr *resolver, bool stream, const uint8_t *out, size_t len)
{
	counters_add(&counters->queries[stream][resolver->family == ADDR_IPV6]
				       [counters_type(query->qtype)]);
	if (query->ecs.present)
		counters_add(&counters->ecs);
	if (len == 0)
		return;
	counters_add(&counters->responses[counters_rcode(reply_rcode(query, out))]);
	if ((out[2] & DNS_FLAG_TC >> 8) != 0)
		counters_add(&counters->truncated);
}

size_t answer_general(struct answerer *answerer, const uint8_t *in, size_t in_len,
		      const struct addr *resolver, bool stream, uint8_t *out, size_t cap)
{
	struct query query;
	enum query_result result = query_parse(&query, in, in_len, stream);
	size_t len;
	if (result == QUERY_IGNORE) {
		if (answerer->counters != NULL)
			counters_add(&answerer->counters->ignored);
		return 0;
	}
	len = answer_query(answerer, &query, result, resolver, stream, out, cap);
	if (answerer->counters != NULL)
		count_packet(answerer->counters, &query, resolver, stream, out, len);
	return len;
}

size_t answer_limited(struct answerer *answerer, const uint8_t *in, size_t in_len,
		      const struct addr *resolver, enum rrl_action action, uint8_t *out, size_t len,
		      size_t cap)
{
	struct query query;
	(void)!query_parse(&query, in, in_len, false);
	len = limit_apply(answerer, &query, action, out, len, cap);
	if (answerer->counters != NULL)
		count_packet(answerer->counters, &query, resolver, false, out, len);
	return len;
}

size_t answer_packet(struct answerer *answerer, const uint8_t *in, size_t in_len,
		     const struct addr *resolver, bool stream, uint8_t *out, size_t cap)
{
	/* Whoever wants to be told, or assumes something, goes the long way. */
	if (answerer->trace == NULL && answerer->assume == NULL)
		return answer_short(answerer, in, in_len, resolver, stream, out, cap);
	return answer_general(answerer, in, in_len, resolver, stream, out, cap);
}
