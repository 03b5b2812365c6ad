/* Knows which queries and answers are so usual that nothing has to be kept of them in between. */
#include "geodns/answer_plain.h"

#include "geodns/answering.h"
#include "geodns/deciding.h"
#include "geodns/names_layout.h"
#include "geodns/poolset_copy.h"
#include "geodns/wire/edns.h"
#include "geodns/wire/rdata_names.h"

#define NOT_PLAIN SIZE_MAX /* octets: the query is for the long way */

enum { TYPE_META_FIRST = 128 }; /* RFC 6895 section 3.1: from here on questions, not data */

/* What of a query counts, in registers. */
struct plain {
	uint16_t type;
	uint8_t source; /* of the client subnet, 0 where there is none */
	size_t opt_len; /* 0: no EDNS */
};

/* OPCODE QUERY, one question, no answer or authority records, none or one additional record. */
static inline bool has_plain_header(const uint8_t *header)
{
	uint64_t counts;
	memcpy(&counts, header + 4, sizeof counts);
	return (header[2] & (DNS_FLAG_QR | DNS_FLAG_OPCODE) >> 8) == 0 &&
	       (counts & ~htobe64(1)) == htobe64(UINT64_C(1) << 48);
}

/* The family 1 client subnet in the LEN octets at DATA, its address to SUBNET. */
static inline __attribute__((always_inline)) bool read_subnet(struct plain *plain,
							      const uint8_t *data, size_t len,
							      struct addr *subnet)
{
	uint32_t address;
	if (!edns_read_ecs4(data, len, &plain->source, &address))
		return false;
	address = htobe32(address);
	subnet->family = ADDR_IPV4;
	memset(subnet->bytes, 0, sizeof subnet->bytes);
	memcpy(subnet->bytes, &address, sizeof address);
	return true;
}

/* An OPT of version 0 with no option, or an IPv4 client subnet alone. */
static inline __attribute__((always_inline)) bool read_opt(struct plain *plain, const uint8_t *opt,
							   size_t left, struct addr *subnet)
{
	if (left < EDNS_OPT_LEN || wire_get_u32(opt) >> 8 != DNS_TYPE_OPT)
		return false;
	size_t len = wire_get_u16(opt + 9);
	if (len > left - EDNS_OPT_LEN || opt[6] != 0)
		return false;
	plain->opt_len = EDNS_OPT_LEN + len;
	if (len == 0)
		return true;
	const uint8_t *option = opt + EDNS_OPT_LEN;
	size_t data_len = len - EDNS_OPTION_HEAD;
	return len >= EDNS_OPTION_HEAD + EDNS_ECS_FIXED &&
	       wire_get_u32(option) == ((uint32_t)DNS_OPTION_ECS << 16 | data_len) &&
	       read_subnet(plain, option + EDNS_OPTION_HEAD, data_len, subnet);
}

/* What stands behind the question's name, in LEFT octets at AT. */
static inline __attribute__((always_inline)) bool read_rest(struct plain *plain, const uint8_t *at,
							    size_t left, bool has_opt,
							    struct addr *subnet)
{
	if (left < 4)
		return false;
	uint32_t question = wire_get_u32(at);
	plain->type = (uint16_t)(question >> 16);
	if ((question & 0xffff) != DNS_CLASS_IN || plain->type >= TYPE_META_FIRST)
		return false;
	return !has_opt || read_opt(plain, at + 4, left - 4, subnet);
}

/* The node of exactly the name, in a zone that is served and has nothing that could lie above it;
 * NULL for any other. */
static inline const struct node *find_node(const struct names *names, uint64_t hash,
					   const uint8_t *name, size_t len)
{
	const struct node *node = names_probe(names, hash, name, len);
	if (node == NULL)
		return NULL;
	const struct zone_live *zone = node->zone;
	if (atomic_load_explicit(&zone->failed, memory_order_relaxed) ||
	    (zone_is_irregular(zone) && node->name_len != zone->name_len))
		return NULL;
	return node;
}

/* The records that answer, before they are written. */
struct found {
	size_t len;
	unsigned count;
	uint8_t scope;
};

/* The first of the addresses to be written; only among several is there one to be chosen. */
static inline unsigned first_of(struct rng *rng, const struct poolset_type *type)
{
	if (type->count == 1)
		return 0;
	return poolset_first(type, (struct poolset_pick){.chance = service_turn(rng_quick(rng))});
}

/* Writes the addresses that the service of NODE gives this client to OUT, of ROOM octets. False
 * where it gives something else, or steers by chance or hash. */
static inline __attribute__((always_inline)) bool write_service(
	struct answerer *answerer, const struct service_live *service, uint16_t qtype,
	const struct addr *ecs, const struct addr *resolver, uint8_t *out, size_t room,
	struct found *found)
{
	const struct plan *plan = atomic_load_explicit(&service->cell->plan, memory_order_acquire);
	if (!plan_is_by_place(plan))
		return false;
	struct service_answer answer =
		service_answer_of(service, qtype, plan, plan_choose_by_place(plan, ecs, resolver));
	if (answer.type == NULL || answer.is_cname || answer.type->pick != ANSWERS_ALL ||
	    (size_t)answer.type->take * answer.type->stride > room)
		return false;
	found->scope = answer.scope;
	found->count = answer.type->take;
	found->len = poolset_copy_addresses(answer.set, answer.type,
					    first_of(&answerer->rng, answer.type),
					    htobe32(answer.ttl_s), out);
	uint32_t pool = answer.chosen.choice->pool;
	counters_add(
		&answerer->counters
			 ->answers[pool < service->counters_len ? service->counters + pool : 0]);
	return true;
}

/* DS is the parent's (RFC 4035 section 3.1.4.1), and names in records may be compressed (RFC 3597
 * section 4): both are for the long way. */
static inline bool write_rrset(const struct node *node, const struct node_rrset *rrset,
			       uint8_t *out, size_t room, struct found *found)
{
	if (rrset->len > room || rrset->type == DNS_TYPE_DS ||
	    rdata_names_of(rrset->type).names != 0)
		return false;
	memcpy(out, node_records(node, rrset), rrset->len);
	*found = (struct found){.len = rrset->len, .count = rrset->count};
	return true;
}

/*
 * The query's own OPT of LEN octets, turned into the reply's: our size, version 0, no flag but DO
 * (RFC 6891 section 6.1.3), and in the client subnet, which goes back as it came, our SCOPE (RFC
 * 7871 section 7.2.1).
 */
static inline void write_opt(uint8_t *at, const uint8_t *opt, size_t len, uint16_t udp_size,
			     uint8_t scope)
{
	if (len >= 16) {
		memcpy(at, opt, 16);
		memcpy(at + len - 16, opt + len - 16, 16);
		at[EDNS_OPT_LEN + EDNS_OPTION_HEAD + 3] = scope;
	} else {
		memcpy(at, opt, 8);
		memcpy(at + 7, opt + 7, 4);
	}
	wire_put_u16(at + 3, udp_size);
	at[5] = 0;
	at[7] = opt[7] & 0x80;
	at[8] = 0;
}

static inline void write_header(uint8_t *out, const uint8_t *packet, unsigned answers)
{
	/* RFC 1035 section 4.1.1: id and RD as asked; QR, AA. */
	uint32_t first = wire_get_u32(packet) & (0xffff0000 | DNS_FLAG_RD);
	uint64_t counts; /* as they came: one question, OPT if and only if it was there */
	wire_put_u32(out, first | DNS_FLAG_QR | DNS_FLAG_AA);
	memcpy(&counts, packet + 4, sizeof counts);
	counts |= htobe64((uint64_t)answers << 32);
	memcpy(out + 4, &counts, sizeof counts);
}

/* The answer, or NOT_PLAIN: then nothing was counted and no chance drawn. */
static inline __attribute__((always_inline)) size_t answer_short(struct answerer *answerer,
								 const uint8_t *in, size_t in_len,
								 const struct addr *resolver,
								 uint8_t *out, size_t cap)
{
	struct plain plain = {0};
	struct found found = {0};
	if (in_len <= DNS_HEADER_LEN || !has_plain_header(in) || answerer->counters == NULL)
		return NOT_PLAIN;
	const uint8_t *name = in + DNS_HEADER_LEN;
	size_t name_len = name_scan(name, in_len - DNS_HEADER_LEN);
	size_t end = DNS_HEADER_LEN + name_len;
	if (name_len == 0 ||
	    !read_rest(&plain, in + end, in_len - end, in[11] != 0, &answerer->subnet))
		return NOT_PLAIN;
	end += 4;
	uint64_t hash = name_fold_in_message(name, name_len, answerer->qname);
	const struct node *node = find_node(answerer->names, hash, answerer->qname, name_len);
	if (node == NULL)
		return NOT_PLAIN;
	/* Whatever fits into the least size fits (RFC 6891 section 6.2.5); more is rare. Question
	 * and OPT are much shorter: the option is an IPv4 subnet at most. */
	size_t room = DNS_UDP_MIN - end - plain.opt_len;
	const struct node_rrset *rrset = node_find(node, plain.type);
	if (rrset != NULL) {
		if (!write_rrset(node, rrset, out + end, room, &found))
			return NOT_PLAIN;
	} else {
		bool usable = plain.source > 0 && zone_settings(node->zone)->ecs;
		if (node->service == NULL || !write_service(answerer, node->service, plain.type,
							    usable ? &answerer->subnet : NULL,
							    resolver, out + end, room, &found))
			return NOT_PLAIN;
	}
	reply_copy_question(out, in, end);
	write_header(out, in, found.count);
	uint8_t *at = out + end + found.len;
	if (plain.opt_len > 0)
		write_opt(at, in + end, plain.opt_len, answerer->server->udp_size, found.scope);
	size_t len = (size_t)(at - out) + plain.opt_len;
	if (answerer->rrl != NULL && !rrl_allows(answerer->rrl, resolver)) {
		enum rrl_action action =
			rrl_account(answerer->rrl, resolver, RRL_NORMAL, hash, answerer->now);
		if (action != RRL_PASS)
			return answer_limited(answerer, in, in_len, resolver, action, out, len,
					      cap);
	}
	counters_add(&answerer->counters
			      ->plain[resolver->family == ADDR_IPV6][plain.opt_len > EDNS_OPT_LEN]
				     [counters_type(plain.type)]);
	return len;
}

size_t answer_plain(struct answerer *answerer, const uint8_t *in, size_t in_len,
		    const struct addr *resolver, uint8_t *out, size_t cap)
{
	size_t len = answer_short(answerer, in, in_len, resolver, out, cap);
	return len != NOT_PLAIN ? len
				: answer_general(answerer, in, in_len, resolver, false, out, cap);
}
