/* Knows the order in which a client's pools are asked: by rule, by distance, as written. */
#include "geodns/steer.h"

#include "base/mem.h"
#include "geodns/distance.h"
#include "geodns/place_pattern.h"

#include <stdlib.h>
#include <string.h>

void rankings_fini(struct rankings *rankings)
{
	for (size_t i = 0; i < rankings->count; i++)
		free(rankings->at[i]);
	free(rankings->at);
	free(rankings->slots);
	*rankings = (struct rankings){0};
}

/* A ranking under construction. Longer than any: every pool of the steering stands once. */
struct draft {
	const struct steer *steer;
	struct ranking *ranking;
};

static struct draft draft_new(const struct steer *steer)
{
	size_t size = sizeof(struct ranking) + steer->pool_count * sizeof(uint16_t);
	return (struct draft){.steer = steer, .ranking = mem_array(1, size)};
}

static void draft_add(struct draft *draft, uint16_t pool)
{
	struct ranking *ranking = draft->ranking;
	for (uint16_t i = 0; i < ranking->count; i++) {
		if (ranking->pools[i] == pool)
			return;
	}
	ranking->pools[ranking->count++] = pool;
}

/* A pool goes with its fallbacks: they come before what else the ranking holds. */
static void draft_add_chain(struct draft *draft, uint16_t pool)
{
	const struct steer_pool *of = &draft->steer->pools[pool];
	draft_add(draft, pool);
	for (uint16_t n = 0; n < of->chain_count; n++)
		draft_add(draft, of->chain[n]);
}

static bool same_ranking(const struct ranking *a, const struct ranking *b)
{
	return a->count == b->count && a->strict == b->strict &&
	       memcmp(a->pools, b->pools, a->count * sizeof *a->pools) == 0;
}

static uint64_t hash_ranking(const struct ranking *ranking)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ ranking->strict; /* FNV-1a */
	for (uint16_t i = 0; i < ranking->count; i++)
		hash = (hash ^ ranking->pools[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* The slot that holds a ranking like RANKING, or the free one where it belongs. */
static uint32_t *slot_of(struct rankings *rankings, const struct ranking *ranking)
{
	size_t i = hash_ranking(ranking) & (rankings->slot_count - 1);
	while (rankings->slots[i] != 0 &&
	       !same_ranking(rankings->at[rankings->slots[i] - 1], ranking))
		i = (i + 1) & (rankings->slot_count - 1);
	return &rankings->slots[i];
}

static void grow_slots(struct rankings *rankings)
{
	free(rankings->slots);
	rankings->slot_count = rankings->slot_count > 0 ? 2 * rankings->slot_count : 16;
	rankings->slots = mem_array(rankings->slot_count, sizeof *rankings->slots);
	for (size_t i = 0; i < rankings->count; i++)
		*slot_of(rankings, rankings->at[i]) = (uint32_t)i + 1;
}

/* Gives back what the draft had room for. */
static uint32_t draft_append(struct draft *draft, struct rankings *rankings)
{
	size_t size = sizeof(struct ranking) + draft->ranking->count * sizeof(uint16_t);
	if (rankings->count == rankings->capacity) {
		rankings->capacity = rankings->capacity > 0 ? 2 * rankings->capacity : 8;
		rankings->at = mem_resize(rankings->at, rankings->capacity, sizeof *rankings->at);
	}
	rankings->at[rankings->count] = mem_resize(draft->ranking, size, 1);
	return (uint32_t)rankings->count++;
}

/* Equal rankings are one, so that a map joins their ranges and the ECS scope is as wide as can be.
 * A city database can have a ranking for each of its places. */
static uint32_t draft_keep(struct draft *draft, struct rankings *rankings)
{
	if (2 * (rankings->count + 1) > rankings->slot_count)
		grow_slots(rankings);
	uint32_t *slot = slot_of(rankings, draft->ranking);
	if (*slot != 0) {
		free(draft->ranking);
		return *slot - 1;
	}
	*slot = (uint32_t)rankings->count + 1;
	return draft_append(draft, rankings);
}

static bool meets(const struct steer_match *match, const struct geomap_client *client)
{
	return match->asn != 0 ? match->asn == client->asn
			       : place_pattern_matches(&match->place, client->place);
}

int steer_rule_of(const struct steer *steer, const struct geomap_client *client)
{
	int rule = client->tag;
	for (size_t i = 0; i < steer->match_count; i++) {
		const struct steer_match *match = &steer->matches[i];
		if (rule != GEOMAP_NO_TAG && (int)match->rule >= rule)
			break;
		if (meets(match, client))
			return (int)match->rule;
	}
	return rule == GEOMAP_NO_TAG ? -1 : rule;
}

const char *steer_match_text(const struct steer *steer, int rule,
			     const struct geomap_client *client)
{
	for (size_t i = 0; i < steer->match_count; i++) {
		if ((int)steer->matches[i].rule == rule && meets(&steer->matches[i], client))
			return steer->matches[i].text;
	}
	return NULL;
}

static uint32_t rank_by_rules(const struct steer *steer, struct rankings *rankings,
			      const struct geomap_client *client)
{
	struct draft draft = draft_new(steer);
	int at = steer_rule_of(steer, client);
	const struct steer_rule *rule = at >= 0 ? &steer->rules[at] : NULL;
	if (rule != NULL && rule->strict) {
		draft.ranking->strict = true;
		draft_add(&draft, rule->pool);
		return draft_keep(&draft, rankings);
	}
	if (rule != NULL)
		draft_add_chain(&draft, rule->pool);
	if (steer->has_default)
		draft_add_chain(&draft, steer->default_pool);
	return draft_keep(&draft, rankings);
}

bool steer_distance(const struct steer *steer, const struct steer_option *option,
		    const struct place *place, double *km)
{
	const struct position *to = &steer->pools[option->pool].position;
	if (!to->known || (place->flags & PLACE_LOCATED) == 0)
		return false;
	*km = distance_km((double)place->lat, (double)place->lon, to->lat, to->lon) -
	      option->bias_km;
	return true;
}

/* An option and how far it is. */
struct distant {
	double km;
	size_t option;
};

static int by_distance(const void *a, const void *b)
{
	const struct distant *x = a, *y = b;
	if (x->km != y->km)
		return x->km < y->km ? -1 : 1;
	return x->option < y->option ? -1 : x->option > y->option;
}

/*
 * Beyond the nearest few pools order matters no more, and full rankings would be as many as there
 * are places: what is left follows as written.
 */
static uint32_t rank_by_distance(const struct steer *steer, struct rankings *rankings,
				 const struct geomap_client *client)
{
	struct draft draft = draft_new(steer);
	struct distant *distant = mem_array(steer->option_count, sizeof *distant);
	size_t count = 0;
	for (size_t i = 0; i < steer->option_count; i++) {
		double km;
		if (steer_distance(steer, &steer->options[i], client->place, &km))
			distant[count++] = (struct distant){.km = km, .option = i};
	}
	qsort(distant, count, sizeof *distant, by_distance);
	/* A client of no known place, like one whose place is known, may have a default. */
	if (count == 0 && steer->has_default)
		draft_add_chain(&draft, steer->default_pool);
	for (size_t i = 0; i < count && i < STEER_NEAREST_MAX; i++)
		draft_add_chain(&draft, steer->options[distant[i].option].pool);
	for (size_t i = 0; i < steer->option_count; i++)
		draft_add_chain(&draft, steer->options[i].pool);
	free(distant);
	return draft_keep(&draft, rankings);
}

uint32_t steer_rank(const struct steer *steer, struct rankings *rankings,
		    const struct geomap_client *client)
{
	return steer->steering == STEERING_RULES ? rank_by_rules(steer, rankings, client)
						 : rank_by_distance(steer, rankings, client);
}

uint32_t steer_rank_option(const struct steer *steer, struct rankings *rankings, size_t i)
{
	struct draft draft = draft_new(steer);
	draft_add_chain(&draft, steer->options[i].pool);
	return draft_append(&draft, rankings);
}

uint32_t steer_rank_all(const struct steer *steer, struct rankings *rankings)
{
	struct draft draft = draft_new(steer);
	for (size_t i = 0; i < steer->option_count; i++)
		draft_add_chain(&draft, steer->options[i].pool);
	return draft_keep(&draft, rankings);
}
