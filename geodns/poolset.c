/* Knows which of a pool's endpoints may stand in an answer, and how one pick differs from the next.
 */
#include "geodns/poolset_copy.h"

#include "base/mem.h"
#include "geodns/wire/name_text.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, CLASS_IN = 1 };

/* The finaliser of MurmurHash3 (Appleby): every bit of the result depends on every bit of X. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ (x >> 33);
}

uint64_t poolset_score(uint64_t client, uint64_t seed)
{
	return mix(client ^ seed);
}

uint64_t poolset_seed(const char *name)
{
	uint64_t seed = UINT64_C(0xcbf29ce484222325);
	for (; *name != '\0'; name++)
		seed = (seed ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return mix(seed);
}

double poolset_weighted(uint64_t score, uint64_t weight)
{
	double chance = ((double)(score >> 11) + 0.5) * 0x1p-53; /* above 0 and below 1 */
	return (double)weight / -log(chance);
}

uint64_t poolset_client(const struct addr *addr)
{
	struct addr prefix = *addr;
	uint64_t high;
	(void)!addr_embedded_ipv4(addr, &prefix, NULL);
	addr_mask(&prefix, prefix.family == ADDR_IPV4 ? POOLSET_HASH_LEN4 : POOLSET_HASH_LEN6);
	memcpy(&high, prefix.bytes, sizeof high);
	return mix(high + prefix.family);
}

static uint16_t type_of(const struct pool *pool, const struct endpoint *endpoint)
{
	if (pool->cname)
		return TYPE_CNAME;
	return endpoint->ip.family == ADDR_IPV4 ? TYPE_A : TYPE_AAAA;
}

/* Who may stand in an answer of TYPE, as indices into the pool's endpoints. */
struct candidates {
	size_t count;
	uint16_t *at;
};

static bool is_candidate(const struct pool *pool, const bool *chosen, size_t i, uint16_t type)
{
	return chosen[i] && type_of(pool, &pool->endpoints[i]) == type;
}

static void find_candidates(const struct pool *pool, const bool *chosen, uint16_t type,
			    struct candidates *candidates)
{
	bool weighty = false;
	uint32_t best = UINT32_MAX;
	for (size_t i = 0; i < pool->endpoint_count; i++) {
		if (is_candidate(pool, chosen, i, type))
			weighty |= pool->endpoints[i].weight > 0;
	}
	for (size_t i = 0; i < pool->endpoint_count; i++) {
		const struct endpoint *endpoint = &pool->endpoints[i];
		if (is_candidate(pool, chosen, i, type) && (!weighty || endpoint->weight > 0) &&
		    endpoint->priority < best)
			best = endpoint->priority;
	}
	for (size_t i = 0; i < pool->endpoint_count && candidates->count < UINT16_MAX; i++) {
		const struct endpoint *endpoint = &pool->endpoints[i];
		if (is_candidate(pool, chosen, i, type) && (!weighty || endpoint->weight > 0) &&
		    (pool->answers != ANSWERS_FAILOVER || endpoint->priority == best))
			candidates->at[candidates->count++] = (uint16_t)i;
	}
}

static uint16_t take_of(const struct pool *pool, uint16_t type, size_t count)
{
	bool picks = pool->answers == ANSWERS_WEIGHTED || pool->answers == ANSWERS_HASH;
	size_t take = pool->max_answers > 0 ? pool->max_answers : picks ? 1 : count;
	if (type == TYPE_CNAME) /* RFC 1034 section 3.6.2: one at a name */
		take = 1;
	if (picks && take > POOLSET_TAKE_MAX)
		take = POOLSET_TAKE_MAX;
	return (uint16_t)(take < count ? take : count);
}

/* RDATA of an endpoint; returns its length, 0 where a host name is none. */
static size_t endpoint_rdata(const struct endpoint *endpoint, uint16_t type, uint8_t *rdata)
{
	size_t len = type == TYPE_A ? 4 : 16;
	if (type == TYPE_CNAME)
		return name_text_parse(endpoint->address, rdata);
	memcpy(rdata, endpoint->ip.bytes, len);
	return len;
}

static size_t record_put(uint8_t *out, uint16_t type, const struct endpoint *endpoint)
{
	const uint16_t head[] = {htobe16(0xc00c), htobe16(type), htobe16(CLASS_IN)};
	size_t len = endpoint_rdata(endpoint, type, out + POOLSET_RECORD_FIXED);
	uint16_t len_be = htobe16((uint16_t)len);
	memcpy(out, head, sizeof head);
	memset(out + 6, 0, 4);
	memcpy(out + 10, &len_be, sizeof len_be);
	return len;
}

static size_t stride_of(uint16_t type)
{
	return POOLSET_RECORD_FIXED + (type == TYPE_A ? 4u : type == TYPE_AAAA ? 16u : 256u);
}

/* Whether clients are hashed by weights: those of candidates are all 0, or none is. */
static bool is_uneven(const struct pool *pool, const struct candidates *candidates)
{
	const struct endpoint *endpoints = pool->endpoints;
	for (size_t i = 1; pool->answers == ANSWERS_HASH && i < candidates->count; i++) {
		if (endpoints[candidates->at[i]].weight != endpoints[candidates->at[0]].weight)
			return true;
	}
	return false;
}

static size_t picks_size(const struct pool *pool, const struct candidates *candidates)
{
	bool picks = pool->answers == ANSWERS_WEIGHTED || pool->answers == ANSWERS_HASH;
	size_t each = is_uneven(pool, candidates) ? 2 : 1;
	return picks ? candidates->count * each * sizeof(uint64_t) : 0;
}

static void put_picks(const struct pool *pool, const struct candidates *candidates, uint8_t *out)
{
	uint64_t sum = 0;
	bool weighty = false;
	for (size_t i = 0; i < candidates->count; i++)
		weighty |= pool->endpoints[candidates->at[i]].weight > 0;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct endpoint *endpoint = &pool->endpoints[candidates->at[i]];
		sum += weighty ? endpoint->weight : 1;
		uint64_t pick = pool->answers == ANSWERS_HASH ? poolset_seed(endpoint->name) : sum;
		memcpy(out + i * sizeof pick, &pick, sizeof pick);
	}
	for (size_t i = 0; is_uneven(pool, candidates) && i < candidates->count; i++) {
		uint64_t weight = pool->endpoints[candidates->at[i]].weight;
		memcpy(out + (candidates->count + i) * sizeof weight, &weight, sizeof weight);
	}
}

/* Appends the candidates of TYPE to *SET. */
static struct poolset *add_type(struct poolset *set, const struct pool *pool, const bool *chosen,
				uint16_t type, size_t member)
{
	struct candidates candidates = {.at = mem_array(pool->endpoint_count, sizeof(uint16_t))};
	find_candidates(pool, chosen, type, &candidates);
	size_t stride = stride_of(type), picks = picks_size(pool, &candidates);
	uint32_t picks_at = (set->size + 7) / 8 * 8;
	uint32_t records_at = picks_at + (uint32_t)picks;
	uint32_t size = records_at + (uint32_t)(candidates.count * stride);
	set = mem_resize(set, size, 1);
	memset((uint8_t *)set + set->size, 0, size - set->size);
	uint16_t count = 0;
	uint8_t *records = (uint8_t *)set + records_at;
	for (size_t i = 0; i < candidates.count; i++) {
		const struct endpoint *endpoint = &pool->endpoints[candidates.at[i]];
		if (record_put(records + count * stride, type, endpoint) == 0)
			continue;
		candidates.at[count++] = candidates.at[i];
	}
	candidates.count = count;
	if (picks > 0)
		put_picks(pool, &candidates, (uint8_t *)set + picks_at);
	struct poolset_type made = {
		.count = count,
		.take = take_of(pool, type, count),
		.stride = (uint16_t)stride,
		.pick = pool->answers == ANSWERS_FAILOVER ? ANSWERS_ALL : (uint8_t)pool->answers,
		.uneven = is_uneven(pool, &candidates),
		.records_at = records_at,
		.picks_at = picks_at,
	};
	made.octets = (uint32_t)made.take * made.stride;
	memcpy((uint8_t *)set + member, &made, sizeof made);
	set->named = (uint16_t)(set->named + count);
	set->size = size;
	free(candidates.at);
	return set;
}

struct poolset *poolset_new(const struct pool *pool, const bool *chosen)
{
	struct poolset *set = mem_new(struct poolset);
	set->size = sizeof *set;
	if (pool->cname)
		return add_type(set, pool, chosen, TYPE_CNAME, offsetof(struct poolset, cname));
	set = add_type(set, pool, chosen, TYPE_A, offsetof(struct poolset, a));
	return add_type(set, pool, chosen, TYPE_AAAA, offsetof(struct poolset, aaaa));
}

static uint64_t pick_at(const struct poolset *set, const struct poolset_type *type, unsigned i)
{
	uint64_t pick;
	memcpy(&pick, (const uint8_t *)set + type->picks_at + i * sizeof pick, sizeof pick);
	return pick;
}

static bool is_taken(const uint16_t *taken, unsigned count, unsigned i)
{
	for (unsigned k = 0; k < count; k++) {
		if (taken[k] == i)
			return true;
	}
	return false;
}

/* Without replacement: who is taken leaves its weight to nobody. */
static void pick_weighted(const struct poolset *set, const struct poolset_type *type,
			  uint64_t chance, uint16_t *taken)
{
	uint64_t left = pick_at(set, type, type->count - 1u);
	for (unsigned n = 0; n < type->take; n++) {
		uint64_t point = (uint64_t)(((unsigned __int128)mix(chance + n) * left) >> 64);
		uint64_t below = 0;
		unsigned i = 0;
		for (uint64_t sum = 0;; i++) {
			uint64_t weight = pick_at(set, type, i) - below;
			below += weight;
			if (is_taken(taken, n, i))
				continue;
			sum += weight;
			if (point < sum) {
				left -= weight;
				break;
			}
		}
		taken[n] = (uint16_t)i;
	}
}

/* How well CLIENT and the Ith candidate go together. A double holds 53 bits of an even score: of
 * two that differ in the rest alone the first wins. */
static double hash_score(const struct poolset *set, const struct poolset_type *type, unsigned i,
			 uint64_t client)
{
	uint64_t score = poolset_score(client, pick_at(set, type, i));
	return type->uneven ? poolset_weighted(score, pick_at(set, type, type->count + i))
			    : (double)score;
}

static void pick_hash(const struct poolset *set, const struct poolset_type *type, uint64_t client,
		      uint16_t *taken)
{
	for (unsigned n = 0; n < type->take; n++) {
		double best = -1;
		unsigned at = 0;
		for (unsigned i = 0; i < type->count; i++) {
			double score = hash_score(set, type, i, client);
			if (score > best && !is_taken(taken, n, i)) {
				best = score;
				at = i;
			}
		}
		taken[n] = (uint16_t)at;
	}
}

/* Copies a record with its TTL set; a CNAME's length is its own, not the stride. */
static size_t copy_record(const struct poolset *set, const struct poolset_type *type, unsigned i,
			  uint32_t ttl_be, uint8_t *out)
{
	const uint8_t *record = (const uint8_t *)set + type->records_at + i * type->stride;
	size_t len = POOLSET_RECORD_FIXED + (size_t)(record[10] << 8 | record[11]);
	memcpy(out, record, len);
	memcpy(out + 6, &ttl_be, sizeof ttl_be);
	return len;
}

/* The records that are picked, or host names: from the Ith on where all are. */
static __attribute__((noinline)) size_t copy_picked(const struct poolset *set,
						    const struct poolset_type *type, unsigned i,
						    uint32_t ttl_be, struct poolset_pick pick,
						    uint8_t *out)
{
	uint16_t taken[POOLSET_TAKE_MAX];
	size_t at = 0;
	if (type->pick == ANSWERS_WEIGHTED)
		pick_weighted(set, type, pick.chance, taken);
	else if (type->pick == ANSWERS_HASH)
		pick_hash(set, type, pick.client, taken);
	for (unsigned n = 0; n < type->take; n++) {
		unsigned record = type->pick == ANSWERS_ALL ? i : taken[n];
		at += copy_record(set, type, record, ttl_be, out + at);
		i = i + 1 == type->count ? 0 : i + 1;
	}
	return at;
}

unsigned poolset_write(const struct poolset *set, const struct poolset_type *type, uint32_t ttl_s,
		       struct poolset_pick pick, uint8_t *out, size_t room, size_t *len)
{
	uint32_t ttl_be = htobe32(ttl_s);
	if ((size_t)type->take * type->stride > room)
		return 0;
	unsigned first = poolset_first(type, pick);
	if (type->pick == ANSWERS_ALL && type != &set->cname)
		*len = poolset_copy_addresses(set, type, first, ttl_be, out);
	else
		*len = copy_picked(set, type, first, ttl_be, pick, out);
	return type->take;
}
