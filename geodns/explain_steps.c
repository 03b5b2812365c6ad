/* Knows how each step of a decision is told in a sentence. */
#include "geodns/explanation.h"

#include "base/mem.h"
#include "geodns/place_pattern.h"
#include "geodns/wire/name_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void explanation_step(struct explanation *explanation, const char *step, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	va_start(arguments, format);
	int len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0)
		return;
	json_array_append_new(explanation->steps,
			      json_pack("{s:s, s:s}", "step", step, "text", text));
	free(text);
}

const struct pool_live *explanation_pool(struct explanation *explanation, const char *name)
{
	const struct pool_live *pool = pools_find(&explanation->responder->content.pools, name);
	if (pool == NULL || explanation->down_count == 0)
		return pool;
	struct pool_live *assumed = strmap_find(&explanation->pools, name);
	if (assumed == NULL) {
		assumed = pools_assume(pool, explanation->down, explanation->down_count);
		strmap_put(&explanation->pools, name, assumed);
	}
	return assumed;
}

void explanation_name(void *context, const uint8_t *name, const struct zone_live *zone,
		      const char *what)
{
	char text[NAME_TEXT_MAX];
	name_text_format(name, text);
	if (zone == NULL)
		explanation_step(context, "zone", "%s %s", text, what);
	else
		explanation_step(context, "zone", "%s %s in zone %s", text, what, zone->text);
}

static json_t *text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

json_t *explanation_place(const struct atlas *atlas, const struct addr *addr)
{
	struct place_explanation known;
	char prefix[PREFIX_TEXT_MAX], address[ADDR_TEXT_MAX];
	place_explain(atlas->table, atlas->overrides, atlas->override_count, addr, &known);
	prefix_format(&known.prefix, prefix);
	addr_format(addr, address);
	bool located = (known.place.flags & PLACE_LOCATED) != 0;
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:b}", "address",
			 address, "continent", text_or_null(known.place.continent), "country",
			 text_or_null(known.place.country), "subdivision",
			 text_or_null(known.place.subdivision), "lat",
			 located ? json_real((double)known.place.lat) : json_null(), "lon",
			 located ? json_real((double)known.place.lon) : json_null(), "asn",
			 known.asn != 0 ? json_integer(known.asn) : json_null(), "source",
			 place_source_name(known.source), "prefix", prefix, "unroutable",
			 known.unroutable, "centroid", (known.place.flags & PLACE_CENTROID) != 0);
}

static bool by_subnet(const struct explanation *explanation, const struct addr *by)
{
	return by != &explanation->resolver;
}

/* Which address decides, and why it is that one. */
static void tell_client(struct explanation *explanation, const struct plan_chosen *chosen)
{
	char subnet[PREFIX_TEXT_MAX], resolver[ADDR_TEXT_MAX];
	prefix_format(&explanation->subnet, subnet);
	addr_format(&explanation->resolver, resolver);
	if (chosen->by == NULL)
		explanation_step(explanation, "client", "the decision does not depend on who asks");
	else if (by_subnet(explanation, chosen->by))
		explanation_step(explanation, "client", "the client subnet %s decides", subnet);
	else if (explanation->has_subnet)
		explanation_step(explanation, "client",
				 "the client subnet %s is of no use (no place, or the zone takes "
				 "none): the resolver's address %s decides",
				 subnet, resolver);
	else
		explanation_step(explanation, "client",
				 "there is no client subnet: the resolver's address %s decides",
				 resolver);
}

static void tell_place(struct explanation *explanation, const struct plan_chosen *chosen,
		       struct place_explanation *known)
{
	const struct atlas *atlas = explanation->responder->content.steerings.atlas;
	char place[PLACE_PATTERN_TEXT_MAX], prefix[PREFIX_TEXT_MAX], looked_up[ADDR_TEXT_MAX];
	place_explain(atlas->table, atlas->overrides, atlas->override_count, chosen->by, known);
	json_decref(explanation->place);
	explanation->place = explanation_place(atlas, chosen->by);
	json_object_set_new(explanation->place, "from",
			    json_string(by_subnet(explanation, chosen->by) ? "ecs" : "resolver"));
	place_pattern_write(&known->place, place);
	prefix_format(&known->prefix, prefix);
	addr_format(&known->looked_up, looked_up);
	if (known->unroutable)
		explanation_step(explanation, "place", "%s is private or reserved: of no place",
				 looked_up);
	else if (known->source == PLACE_SOURCE_NONE)
		explanation_step(explanation, "place", "nothing is known of where %s is",
				 looked_up);
	else
		explanation_step(explanation, "place", "%s is in %s, by %s for %s", looked_up,
				 place[0] != '\0' ? place : "no known place",
				 known->source == PLACE_SOURCE_OVERRIDE ? "an override"
									: "the database",
				 prefix);
}

/* The least rule that names a prefix in which ADDR lies. */
static int32_t tag_of(const struct steer *steer, const struct addr *addr)
{
	int32_t tag = GEOMAP_NO_TAG;
	for (size_t i = 0; i < steer->cidr_count; i++) {
		const struct geomap_cidr *cidr = &steer->cidrs[i];
		if (prefix_contains(&cidr->prefix, addr) &&
		    (tag == GEOMAP_NO_TAG || cidr->tag < tag))
			tag = cidr->tag;
	}
	return tag;
}

static void tell_rule(struct explanation *explanation, const struct steer *steer,
		      const struct place_explanation *known)
{
	struct geomap_client client = {.place = &known->place,
				       .asn = steer->by_asn ? known->asn : 0,
				       .tag = tag_of(steer, &known->looked_up)};
	int at = steer_rule_of(steer, &client);
	if (at < 0) {
		explanation_step(explanation, "rule", "no rule matches: the default pool %s",
				 steer->has_default ? steer->pools[steer->default_pool].name : "");
		return;
	}
	const struct steer_rule *rule = &steer->rules[at];
	const char *match = steer_match_text(steer, at, &client);
	explanation_step(explanation, "rule", "rule %d (%s) matches by %s: pool %s%s", at + 1,
			 rule->text != NULL ? rule->text : "", match != NULL ? match : "prefix",
			 steer->pools[rule->pool].name,
			 rule->strict ? ", strict: no other pool" : "");
}

static void tell_distances(struct explanation *explanation, const struct steer *steer,
			   const struct place *place)
{
	for (size_t i = 0; i < steer->option_count; i++) {
		const struct steer_option *option = &steer->options[i];
		double km;
		if (steer_distance(steer, option, place, &km))
			explanation_step(explanation, "rule", "pool %s is %.0f km away%s",
					 steer->pools[option->pool].name, rint(km),
					 option->bias_km != 0 ? ", its bias taken off" : "");
		else
			explanation_step(explanation, "rule",
					 "the distance to pool %s is not known",
					 steer->pools[option->pool].name);
	}
	if (steer->has_default && (place->flags & PLACE_LOCATED) == 0)
		explanation_step(explanation, "rule", "no place is known: the default pool %s",
				 steer->pools[steer->default_pool].name);
}

/* The ranking of a choice: of weighted and hash that of the pool drawn. */
static void tell_ranking(struct explanation *explanation, const struct steering_live *steering,
			 const struct ranking *ranking)
{
	char *text = NULL;
	for (uint16_t i = 0; i < ranking->count; i++) {
		const char *name = steering->steer->pools[ranking->pools[i]].name;
		char *longer = text == NULL ? mem_strdup(name) : mem_printf("%s, %s", text, name);
		free(text);
		text = longer;
	}
	explanation_step(explanation, "ranking", "pools in this order: %s%s",
			 text != NULL ? text : "none",
			 ranking->strict ? " and no other (strict)" : "");
	free(text);
}

static void tell_endpoints(struct explanation *explanation, const struct pool_live *pool)
{
	const struct pool *config = &pool->config->pool;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint_live *endpoint = &pool->endpoints[i];
		explanation_step(explanation, "endpoint", "%s (%s) %s: %s",
				 config->endpoints[i].name, config->endpoints[i].address,
				 endpoint->effective.serving == SERVING_YES ? "serves"
									    : "does not serve",
				 endpoint->effective.why);
	}
}

static void tell_pool(struct explanation *explanation, const struct pool_live *pool, bool chosen)
{
	const struct pool *config = &pool->config->pool;
	if (pool->override != NULL)
		explanation_step(explanation, "pool", "%s %s: override %s", config->name,
				 pool->can_serve ? "can serve" : "is passed over", pool->override);
	else
		explanation_step(explanation, "pool", "%s %s: %zu of %zu endpoints serve%s",
				 config->name, pool->can_serve ? "can serve" : "is passed over",
				 pool->serving, config->endpoint_count,
				 pool->serving > 0 && !pool->can_serve ? ", below min_healthy"
								       : "");
	if (chosen)
		tell_endpoints(explanation, pool);
}

static void tell_pools(struct explanation *explanation, const struct steering_live *steering,
		       const struct ranking *ranking, const struct choice *choice)
{
	static const char *const whys[] = {
		[CHOICE_SERVE_ALL] =
			"nothing can serve: all that were not taken out by hand answer",
		[CHOICE_SERVE_LAST] = "nothing can serve: what served last answers",
		[CHOICE_FALLBACK] = "nothing can serve: the service's fallback pool answers",
		[CHOICE_EMPTY] = "nothing can serve: the answer is empty",
	};
	const char *chosen = steering->steer->pools[choice->pool].name;
	bool told = false;
	for (uint16_t i = 0; i < ranking->count && !told; i++) {
		const char *name = steering->steer->pools[ranking->pools[i]].name;
		const struct pool_live *pool = explanation_pool(explanation, name);
		told = choice->why == CHOICE_SERVES && ranking->pools[i] == choice->pool;
		if (pool != NULL)
			tell_pool(explanation, pool, told);
	}
	if (choice->why == CHOICE_SERVES)
		return;
	const struct pool_live *pool = explanation_pool(explanation, chosen);
	explanation_step(explanation, "pool", "%s (%s)", whys[choice->why], chosen);
	if (pool != NULL && choice->why != CHOICE_EMPTY)
		tell_endpoints(explanation, pool);
}

/* Who of the steering's pools may flip after TTL_S. */
static const char *who_flips(struct explanation *explanation, const struct steer *steer,
			     uint32_t ttl_s)
{
	for (size_t i = 0; i < steer->pool_count; i++) {
		const struct pool_live *pool = explanation_pool(explanation, steer->pools[i].name);
		size_t count = pool != NULL && pool->ttl_cap_s == ttl_s
				       ? pool->config->pool.endpoint_count
				       : 0;
		for (size_t k = 0; k < count; k++) {
			if (pool->endpoints[k].flip_after_s == ttl_s)
				return pool->endpoints[k].id;
		}
	}
	return "a target";
}

static void tell_ttl(struct explanation *explanation, const struct steer *steer,
		     const struct service_live *service, const struct service_answer *answer)
{
	if (answer->ttl_s < service->ttl_s)
		explanation_step(explanation, "ttl", "%u s instead of %u s: %s may flip by then",
				 answer->ttl_s, service->ttl_s,
				 who_flips(explanation, steer, answer->ttl_s));
	else
		explanation_step(explanation, "ttl", "%u s, the service's", answer->ttl_s);
	if (explanation->has_subnet)
		explanation_step(explanation, "scope",
				 answer->scope == 0
					 ? "%u: the answer holds for every client"
					 : "%u: the answer holds for every client in that prefix",
				 answer->scope);
}

/* The ranking that CHOICE of PLAN was resolved from. */
static const struct ranking *ranking_of(const struct steering_live *steering,
					const struct plan_chosen *chosen)
{
	enum steering kind = steering->steer->steering;
	bool by_option = kind == STEERING_WEIGHTED || kind == STEERING_HASH;
	return steering->compiled->rankings
		.at[by_option ? chosen->choice->option : chosen->ranking];
}

/* Of weighted and hash: the pool as the service names it, which one of its fallbacks may stand in
 * for. */
static const char *option_name(const struct steer *steer, const struct plan_chosen *chosen)
{
	return steer->pools[steer->options[chosen->choice->option].pool].name;
}

static void tell_decision(struct explanation *explanation, const struct steering_live *steering,
			  const struct service_answer *answer)
{
	const struct steer *steer = steering->steer;
	const struct plan_chosen *chosen = &answer->chosen;
	struct place_explanation known = {.asn = 0};
	/* One choice for all is made without asking; a person is told of the place all the same. */
	struct plan_chosen asked = *chosen;
	if (asked.by == NULL && steer_uses_place(steer))
		asked.by = explanation->has_subnet ? &explanation->subnet.addr
						   : &explanation->resolver;
	tell_client(explanation, &asked);
	if (asked.by != NULL)
		tell_place(explanation, &asked, &known);
	if (steer->steering == STEERING_RULES)
		tell_rule(explanation, steer, &known);
	else if (steer->steering == STEERING_NEAREST)
		tell_distances(explanation, steer, &known.place);
	else if (steer->steering == STEERING_WEIGHTED)
		explanation_step(explanation, "rule", "drawn by weight: pool %s",
				 option_name(steer, chosen));
	else if (steer->steering == STEERING_HASH)
		explanation_step(explanation, "rule", "by the hash of the client's prefix: pool %s",
				 option_name(steer, chosen));
	const struct ranking *ranking = ranking_of(steering, chosen);
	tell_ranking(explanation, steering, ranking);
	tell_pools(explanation, steering, ranking, chosen->choice);
}

void explanation_service(void *context, const struct service_live *service,
			 const struct service_answer *answer)
{
	struct explanation *explanation = context;
	const struct content_service *of =
		content_service(&explanation->responder->content, service->id);
	free(explanation->service);
	free(explanation->pool);
	explanation->service = mem_strdup(service->id);
	explanation->pool = NULL;
	if (of == NULL)
		return;
	if (answer->chosen.choice == NULL) {
		explanation_step(explanation, "answer",
				 "no pool of %s has anything of this type, for nobody",
				 service->id);
		return;
	}
	if (answer->chosen.choice->why != CHOICE_EMPTY)
		explanation->pool =
			mem_strdup(of->steering->steer->pools[answer->chosen.choice->pool].name);
	tell_decision(explanation, of->steering, answer);
	if (answer->type == NULL)
		explanation_step(explanation, "answer", "the pool has nothing of this type");
	tell_ttl(explanation, of->steering->steer, service, answer);
}
