/* Knows which queries and answers are so usual that a copy or two make them. */
#include "geodns/answer_short.h"

#include "geodns/answering.h"
#include "geodns/deciding.h"
#include "geodns/limit.h"
#include "geodns/lookup_quick.h"
#include "geodns/plain_query.h"
#include "geodns/plain_reply.h"
#include "geodns/poolset_copy.h"
#include "geodns/wire/rdata_names.h"

/*
 * Each stage is a function of its own that finds what it needs in answerer->asked: as one function,
 * they would spend a fifth of their instructions on moving values out of each other's way.
 */
#define STAGE static __attribute__((noinline))

/* Where records are written to, behind the question. */
static inline uint8_t *records_at(const struct short_query *asked)
{
	return asked->out + asked->end;
}

/* Whatever fits into the least size fits (RFC 6891 section 6.2.5); more is rare. Question and OPT
 * are much shorter, whatever is in it (DNS_NSID_MAX). */
static inline size_t room_for(const struct short_query *asked)
{
	return DNS_UDP_MIN - asked->end - asked->opt_room;
}

/* What was written: COUNTS is answers << 16 | authority records, FLAGS are AA and RCODE. */
static inline bool found(struct short_query *asked, size_t len, uint32_t counts, unsigned flags)
{
	asked->len = (uint32_t)len;
	asked->counts = counts;
	asked->flags = (uint16_t)flags;
	return true;
}

/* RFC 2308 sections 2.1, 2.2 and 5: the SOA, and RCODE. False where that may not fit. */
STAGE bool write_negative(struct answerer *answerer, const struct zone_live *zone,
			  uint32_t ttl_most_s, enum dns_rcode rcode)
{
	struct short_query *asked = &answerer->asked;
	const struct zone_settings *settings = zone_settings(zone);
	size_t room = room_for(asked);
	if (settings->soa_len > room || ZONE_SOA_USUAL > room)
		return false;
	/* The question ends with the apex, type and class. */
	zone_copy_soa_roomy(zone, settings, asked->end - 4 - zone->name_len,
			    service_least(settings->negative_ttl, ttl_most_s), records_at(asked));
	return found(asked, settings->soa_len, 1, DNS_FLAG_AA | (unsigned)rcode);
}

/* The addresses of ANSWER, or that there are none. Host names are for the long way, as they lead
 * on. */
static bool write_answer(struct answerer *answerer, const struct node *node,
			 const struct service_answer *answer)
{
	struct short_query *asked = &answerer->asked;
	size_t len;
	asked->scope = answer->scope;
	if (answer->type == NULL)
		return write_negative(answerer, node->zone, answer->ttl_s, DNS_RCODE_NOERROR);
	if (answer->is_cname)
		return false;
	unsigned count = poolset_write(answer->set, answer->type, answer->ttl_s, answer->pick,
				       records_at(asked), room_for(asked), &len);
	if (count == 0)
		return false;
	counters_answer(answerer->counters, node->service->counters, node->service->counters_len,
			answer->chosen.choice->pool);
	return found(asked, len, count << 16, DNS_FLAG_AA);
}

/* The client subnet where the service of NODE looks at it, else NULL. */
static const struct addr *subnet_for(struct answerer *answerer, const struct node *node)
{
	const struct short_query *asked = &answerer->asked;
	if (asked->source == 0 || !zone_settings(node->zone)->ecs)
		return NULL;
	if (asked->has_more)
		return &answerer->more.ecs.address;
	uint32_t address = htobe32(asked->address);
	answerer->subnet = (struct addr){.family = ADDR_IPV4};
	memcpy(answerer->subnet.bytes, &address, sizeof address);
	return &answerer->subnet;
}

/* What a service says, in whatever way it is steered. */
STAGE bool write_steered(struct answerer *answerer, const struct node *node)
{
	struct rng before = answerer->rng;
	struct service_client client = {.ecs = subnet_for(answerer, node),
					.resolver = answerer->asked.resolver,
					.chance = rng_quick(&answerer->rng)};
	struct service_answer answer = service_decide(node->service, answerer->asked.type, &client);
	bool written = write_answer(answerer, node, &answer);
	if (!written)
		answerer->rng = before;
	return written;
}

/* The choice for the place of the client subnet where ECS, else of the resolver; NULL where that is
 * not of IPv4, or the client subnet has none. */
STAGE const struct choice *choose_by_place(struct short_query *asked, const struct plan *plan,
					   bool ecs)
{
	uint32_t key = asked->address;
	if (!ecs) {
		if (asked->resolver->family != ADDR_IPV4)
			return NULL;
		key = ranges_key4(asked->resolver);
	}
	struct geomap_found place = geomap_find4(plan->map, key);
	asked->scope = ecs ? place.scope : 0;
	if (place.value != GEOMAP_NO_PLACE)
		return &plan->choices[place.value];
	return ecs ? NULL : &plan->choices[plan->unknown];
}

/* All addresses of TYPE in turn, one by chance the first. */
STAGE void write_addresses(struct answerer *answerer, const struct poolset *set,
			   const struct poolset_type *type, uint32_t ttl_s)
{
	struct poolset_pick pick = {.chance = service_turn(rng_quick(&answerer->rng))};
	(void)poolset_copy_addresses(set, type, poolset_first(type, pick), htobe32(ttl_s),
				     records_at(&answerer->asked));
}

/* What a service says, where that is all of a pool's addresses, and the pool is the place's. */
STAGE bool write_service(struct answerer *answerer, const struct node *node)
{
	struct short_query *asked = &answerer->asked;
	const struct service_live *service = node->service;
	const struct plan *plan = atomic_load_explicit(&service->cell->plan, memory_order_acquire);
	const struct choice *choice = plan->choices;
	if (plan->count > 1) {
		bool ecs = asked->source > 0 && zone_settings(node->zone)->ecs;
		if (plan->map == NULL || asked->has_more)
			return write_steered(answerer, node);
		choice = choose_by_place(asked, plan, ecs);
	}
	if (choice == NULL || choice->set == NULL ||
	    (asked->type != DNS_TYPE_A && asked->type != DNS_TYPE_AAAA))
		return write_steered(answerer, node);
	const struct poolset *set = choice->set;
	const struct poolset_type *type = asked->type == DNS_TYPE_A ? &set->a : &set->aaaa;
	if (type->count == 0 || type->pick != ANSWERS_ALL || type->octets > room_for(asked))
		return write_steered(answerer, node);
	counters_answer(answerer->counters, service->counters, service->counters_len, choice->pool);
	(void)found(asked, type->octets, (uint32_t)type->take << 16, DNS_FLAG_AA);
	uint32_t ttl_s = service_least(choice->ttl_cap_s, service->ttl_s);
	if (type->count == 1)
		poolset_copy_address(set, type, htobe32(ttl_s), records_at(asked));
	else
		write_addresses(answerer, set, type, ttl_s);
	return true;
}

/* Names in records may be compressed (RFC 3597 section 4): those are for the long way. */
STAGE bool write_rrset(struct short_query *asked, const struct node *node,
		       const struct node_rrset *rrset)
{
	if (rrset->len > room_for(asked) || rdata_names_of(rrset->type).names != 0)
		return false;
	memcpy(records_at(asked), node_records(node, rrset), rrset->len);
	return found(asked, rrset->len, (uint32_t)rrset->count << 16, DNS_FLAG_AA);
}

/* Nothing of the type is NODATA, unless NODE is an alias, or the zone's SOA is asked for. */
STAGE bool write_nodata(struct answerer *answerer, const struct node *node)
{
	if (answerer->asked.type == DNS_TYPE_SOA || node_find(node, DNS_TYPE_CNAME) != NULL)
		return false;
	return write_negative(answerer, node->zone, UINT32_MAX, DNS_RCODE_NOERROR);
}

/* What NODE says, which is at the name, or the wildcard that stands for it. */
static inline bool write_node(struct answerer *answerer, const struct node *node)
{
	struct short_query *asked = &answerer->asked;
	const struct node_rrset *rrset = node_find(node, asked->type);
	if (rrset != NULL)
		return write_rrset(asked, node, rrset);
	if (node->service != NULL)
		return write_service(answerer, node);
	return write_nodata(answerer, node);
}

/* What the wildcard below ENCLOSER says, or that there is none. */
STAGE bool write_wildcard(struct answerer *answerer, const struct node *encloser)
{
	const struct node *node = lookup_wildcard(answerer->names, encloser);
	answerer->asked.wildcard = node != NULL;
	return node != NULL
		       ? write_node(answerer, node)
		       : write_negative(answerer, encloser->zone, UINT32_MAX, DNS_RCODE_NXDOMAIN);
}

/* What is said of a name that is not in the table. */
STAGE bool write_absent(struct answerer *answerer)
{
	struct short_query *asked = &answerer->asked;
	const struct node *encloser =
		lookup_above(answerer->names, answerer->qname, asked->end - 4 - DNS_HEADER_LEN);
	if (encloser == NULL)
		return found(asked, 0, 0, DNS_RCODE_REFUSED);
	if (!lookup_is_open(encloser, true))
		return false;
	if (node_has_wildcard(encloser))
		return write_wildcard(answerer, encloser);
	return write_negative(answerer, encloser->zone, UINT32_MAX, DNS_RCODE_NXDOMAIN);
}

STAGE bool write_present(struct answerer *answerer, const struct node *node)
{
	return lookup_is_open(node, false) && write_node(answerer, node);
}

/* Puts OPT with whatever the query's options ask for at OPT; returns its octets. A cookie of ours
 * proves the client's address (RFC 7873 section 5.2.4). */
STAGE size_t write_options(struct answerer *answerer, uint8_t *opt)
{
	const struct query *more = &answerer->more;
	struct short_query *asked = &answerer->asked;
	uint8_t cookie[COOKIE_LEN], *at = opt + EDNS_OPT_LEN;
	size_t cookie_len = 0;
	if (more->cookie_len != 0 && answerer->cookies != NULL) {
		asked->proven |= cookie_answer(answerer->cookies, more->cookie, more->cookie_len,
					       asked->resolver, answerer->now_s, cookie);
		cookie_len = COOKIE_LEN;
	}
	if (more->ecs.present)
		at = reply_put_ecs(at, &more->ecs, asked->scope);
	at = reply_asked_options(more, answerer->server, cookie, cookie_len, at);
	reply_put_opt_fixed(opt, answerer->server->udp_size, 0,
			    (asked->in[asked->end + 7] & 0x80) != 0,
			    (size_t)(at - opt - EDNS_OPT_LEN));
	return (size_t)(at - opt);
}

/* Puts what is around the records: header, question, OPT. Returns the octets of it all. */
static inline size_t finish(struct answerer *answerer)
{
	struct short_query *asked = &answerer->asked;
	const uint8_t *in = asked->in;
	uint8_t *out = asked->out;
	size_t end = asked->end, opt_len = asked->opt_len, len = end + asked->len;
	reply_copy_question(out, in, end); /* the octets before it too, where it is short */
	plain_put_header(out, in, asked->flags, asked->counts);
	if (opt_len == 0)
		return len;
	if (__builtin_expect(asked->has_more, 0))
		opt_len = write_options(answerer, out + len);
	else
		plain_put_opt(out + len, in + end, opt_len, answerer->server->udp_size,
			      asked->scope);
	if (__builtin_expect(asked->flags == DNS_RCODE_REFUSED, 0))
		opt_len = plain_put_reason(out + len, opt_len);
	return len + opt_len;
}

static inline void count(const struct answerer *answerer)
{
	const struct short_query *asked = &answerer->asked;
	counters_short(answerer->counters, asked->stream,
		       (enum dns_rcode)(asked->flags & DNS_FLAG_RCODE),
		       asked->resolver->family == ADDR_IPV6, asked->has_ecs, asked->type);
}

/* The answer of LEN octets as its rate allows it. */
STAGE size_t limit(struct answerer *answerer, size_t len)
{
	const struct short_query *asked = &answerer->asked;
	enum rrl_action action = RRL_PASS;
	if (!rrl_allows(answerer->rrl, asked->resolver))
		action = rrl_account(
			answerer->rrl, asked->resolver,
			limit_class(asked->out, asked->flags & DNS_FLAG_RCODE, asked->wildcard),
			asked->hash, answerer->now);
	if (action != RRL_PASS)
		return answer_limited(answerer, asked->in, asked->in_len, asked->resolver, action,
				      asked->out, len, asked->cap);
	count(answerer);
	return len;
}

/* Any options, in any order. False where they are malformed. */
STAGE bool read_options(struct answerer *answerer)
{
	struct short_query *asked = &answerer->asked;
	struct query *more = &answerer->more;
	edns_clear_options(more);
	if (!edns_parse_options(more, asked->in + asked->end + EDNS_OPT_LEN,
				asked->opt_len - EDNS_OPT_LEN, asked->stream))
		return false;
	asked->has_more = true;
	asked->has_ecs = more->ecs.present;
	asked->source = more->ecs.present ? more->ecs.source : 0;
	asked->opt_room = (uint32_t)(reply_opt_room(more, answerer->server) + EDNS_OPTION_HEAD +
				     COOKIE_LEN + EDNS_EDE_LEN);
	return true;
}

/* The OPT behind the question. False where it is none, of a version above 0, or malformed. */
static inline __attribute__((always_inline)) bool read_opt(struct answerer *answerer,
							   struct short_query *asked)
{
	const uint8_t *opt = asked->in + asked->end;
	uint32_t len = (uint32_t)plain_opt_len(opt, asked->in_len - asked->end);
	if (len == 0)
		return false;
	asked->opt_len = len;
	asked->opt_room = len + EDNS_EDE_LEN;
	asked->has_ecs = len > EDNS_OPT_LEN;
	return plain_read_subnet(opt, len, &asked->source, &asked->address) ||
	       read_options(answerer);
}

/* find() of a name of less than 16 octets. */
STAGE const struct node *find_short(struct answerer *answerer, size_t len)
{
	struct short_query *asked = &answerer->asked;
	asked->hash = name_fold_in_message(asked->in + DNS_HEADER_LEN, len, answerer->qname);
	return names_probe(answerer->names, asked->hash, answerer->qname, len, names_is);
}

/* The node of the question's name, which is put into answerer->qname; NULL where there is none. */
STAGE const struct node *find(struct answerer *answerer)
{
	struct short_query *asked = &answerer->asked;
	size_t len = asked->end - 4 - DNS_HEADER_LEN;
	if (len < 16)
		return find_short(answerer, len);
	asked->hash = name_fold_long(asked->in + DNS_HEADER_LEN, len, answerer->qname);
	return names_probe(answerer->names, asked->hash, answerer->qname, len, names_is_long);
}

/* What the short way does not know: nothing was counted, and no chance drawn. */
STAGE size_t leave(struct answerer *answerer)
{
	const struct short_query *asked = &answerer->asked;
	return answer_general(answerer, asked->in, asked->in_len, asked->resolver, asked->stream,
			      asked->out, asked->cap);
}

size_t answer_short(struct answerer *answerer, const uint8_t *in, size_t in_len,
		    const struct addr *resolver, bool stream, uint8_t *out, size_t cap)
{
	struct short_query *asked = &answerer->asked;
	asked->in = in;
	asked->in_len = in_len;
	asked->resolver = resolver;
	asked->out = out;
	asked->cap = cap;
	asked->opt_len = asked->opt_room = 0;
	asked->source = asked->scope = 0;
	asked->has_ecs = asked->has_more = false;
	asked->wildcard = false;
	asked->stream = asked->proven = stream;
	asked->end = plain_read_question(in, in_len, &asked->type);
	if (asked->end == 0 || answerer->counters == NULL ||
	    (in[11] != 0 && !read_opt(answerer, asked)))
		return leave(answerer);
	const struct node *node = find(answerer);
	bool written = node != NULL ? write_present(answerer, node) : write_absent(answerer);
	if (!written)
		return leave(answerer);
	size_t len = finish(answerer);
	if (answerer->rrl != NULL && !asked->proven)
		return limit(answerer, len);
	count(answerer);
	return len;
}
