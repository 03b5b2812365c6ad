/* Knows what a service names: its pools with their fallbacks, its regions written out as matches.
 */
#include "geodns/steer.h"

#include "base/error.h"
#include "base/mem.h"
#include "geodns/place_pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void steer_free(struct steer *steer)
{
	if (steer == NULL)
		return;
	for (size_t i = 0; i < steer->pool_count; i++)
		free(steer->pools[i].name);
	for (size_t i = 0; i < steer->rule_count; i++)
		free(steer->rules[i].text);
	for (size_t i = 0; i < steer->match_count; i++)
		free(steer->matches[i].text);
	free(steer->pools);
	free(steer->options);
	free(steer->rules);
	free(steer->matches);
	free(steer->cidrs);
	free(steer->key);
	free(steer);
}

bool steer_uses_place(const struct steer *steer)
{
	return steer->steering == STEERING_RULES || steer->steering == STEERING_NEAREST;
}

static int find_pool(const struct steer *steer, const char *name)
{
	for (size_t i = 0; i < steer->pool_count; i++) {
		if (strcmp(steer->pools[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/* The index of the pool NAME, added without its chain where it is new; -1 where there is none. */
static int add_pool(struct steer *steer, const struct model *model, const char *name)
{
	const struct object *pool = name != NULL ? model_find(model, KIND_POOL, name) : NULL;
	int at = pool != NULL ? find_pool(steer, name) : -1;
	if (pool == NULL || at >= 0 || steer->pool_count >= UINT16_MAX)
		return at;
	steer->pools = mem_resize(steer->pools, steer->pool_count + 1, sizeof *steer->pools);
	steer->pools[steer->pool_count] = (struct steer_pool){
		.name = mem_strdup(name),
		.position = pool->pool.position,
	};
	return (int)steer->pool_count++;
}

/* Follows the fallbacks of each pool; those of a strict rule are followed too, and not used. */
static void add_chains(struct steer *steer, const struct model *model)
{
	for (size_t i = 0; i < steer->pool_count; i++) {
		const struct object *pool = model_find(model, KIND_POOL, steer->pools[i].name);
		for (uint16_t n = 0; n < STEER_CHAIN_MAX && pool->pool.fallback != NULL; n++) {
			int next = add_pool(steer, model, pool->pool.fallback);
			if (next < 0)
				break;
			steer->pools[i].chain[n] = (uint16_t)next;
			steer->pools[i].chain_count = (uint16_t)(n + 1);
			pool = model_find(model, KIND_POOL, steer->pools[next].name);
		}
	}
}

static void add_option(struct steer *steer, const struct model *model, const struct pool_ref *ref)
{
	int pool = add_pool(steer, model, ref->pool);
	if (pool < 0)
		return;
	steer->options =
		mem_resize(steer->options, steer->option_count + 1, sizeof *steer->options);
	steer->options[steer->option_count++] = (struct steer_option){
		.pool = (uint16_t)pool, .weight = ref->weight, .bias_km = ref->bias_km};
}

static void add_cidr(struct steer *steer, const struct prefix *prefix, uint32_t rule)
{
	steer->cidrs = mem_resize(steer->cidrs, steer->cidr_count + 1, sizeof *steer->cidrs);
	steer->cidrs[steer->cidr_count++] =
		(struct geomap_cidr){.prefix = *prefix, .tag = (int32_t)rule};
}

static void add_match(struct steer *steer, uint32_t rule, const char *place, uint32_t asn,
		      const char *text)
{
	struct steer_match match = {.rule = rule, .asn = asn};
	if (asn == 0 && !place_pattern_read(place, &match.place))
		return;
	match.text = mem_strdup(text);
	steer->by_asn |= asn != 0;
	steer->matches = mem_resize(steer->matches, steer->match_count + 1, sizeof *steer->matches);
	steer->matches[steer->match_count++] = match;
}

static void add_region(struct steer *steer, const struct model *model, uint32_t rule,
		       const char *name)
{
	const struct object *object = model_find(model, KIND_REGION, name);
	if (object == NULL)
		return;
	const struct region *region = &object->region;
	char *text = mem_printf("region:%s", name);
	for (size_t i = 0; i < region->places.count; i++)
		add_match(steer, rule, region->places.at[i], 0, text);
	for (size_t i = 0; i < region->asns.count; i++)
		add_match(steer, rule, NULL, region->asns.at[i], text);
	for (size_t i = 0; i < region->cidrs.count; i++)
		add_cidr(steer, &region->cidrs.at[i], rule);
	free(text);
}

static char *append(char *text, const char *more)
{
	char *longer = text == NULL ? mem_strdup(more) : mem_printf("%s, %s", text, more);
	free(text);
	return longer;
}

static void add_rule(struct steer *steer, const struct model *model, const struct rule *rule)
{
	int pool = add_pool(steer, model, rule->pool);
	if (pool < 0)
		return;
	uint32_t at = (uint32_t)steer->rule_count;
	struct steer_rule made = {.pool = (uint16_t)pool, .strict = rule->strict};
	for (size_t i = 0; i < rule->match_count; i++) {
		const struct match *match = &rule->matches[i];
		made.text = append(made.text, match->text);
		if (match->kind == MATCH_CIDR)
			add_cidr(steer, &match->cidr, at);
		else if (match->kind == MATCH_REGION)
			add_region(steer, model, at, match->text);
		else
			add_match(steer, at, match->text, match->kind == MATCH_ASN ? match->asn : 0,
				  match->text);
	}
	steer->rules = mem_resize(steer->rules, steer->rule_count + 1, sizeof *steer->rules);
	steer->rules[steer->rule_count++] = made;
}

/* Everything that a ranking or a plan depends on, as text. */
static char *make_key(const struct steer *steer)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		abort();
	fprintf(out, "%d %d %d %d\n", (int)steer->steering, (int)steer->on_all_down,
		steer->has_fallback ? steer->fallback_pool : -1,
		steer->has_default ? steer->default_pool : -1);
	for (size_t i = 0; i < steer->pool_count; i++) {
		const struct steer_pool *pool = &steer->pools[i];
		fprintf(out, "p %s %d %.6f %.6f", pool->name, pool->position.known,
			pool->position.lat, pool->position.lon);
		for (uint16_t n = 0; n < pool->chain_count; n++)
			fprintf(out, " %u", pool->chain[n]);
		fputc('\n', out);
	}
	for (size_t i = 0; i < steer->option_count; i++)
		fprintf(out, "o %u %u %d\n", steer->options[i].pool, steer->options[i].weight,
			steer->options[i].bias_km);
	for (size_t i = 0; i < steer->rule_count; i++)
		fprintf(out, "r %u %d\n", steer->rules[i].pool, steer->rules[i].strict);
	for (size_t i = 0; i < steer->match_count; i++) {
		char place[PLACE_PATTERN_TEXT_MAX];
		place_pattern_write(&steer->matches[i].place, place);
		fprintf(out, "m %u %s %u %s\n", steer->matches[i].rule, place,
			steer->matches[i].asn, steer->matches[i].text);
	}
	for (size_t i = 0; i < steer->cidr_count; i++) {
		char prefix[PREFIX_TEXT_MAX];
		prefix_format(&steer->cidrs[i].prefix, prefix);
		fprintf(out, "c %s %d\n", prefix, steer->cidrs[i].tag);
	}
	fclose(out);
	return text;
}

struct steer *steer_new(const struct service *service, const struct model *model,
			struct error *error)
{
	struct steer *steer = mem_new(struct steer);
	steer->steering = service->steering;
	steer->on_all_down = service->on_all_down;
	if (service->steering == STEERING_RULES) {
		for (size_t i = 0; i < service->rule_count; i++)
			add_rule(steer, model, &service->rules[i]);
	} else {
		for (size_t i = 0; i < service->pool_count; i++)
			add_option(steer, model, &service->pools[i]);
	}
	int pool = add_pool(steer, model, service->default_pool);
	steer->has_default = pool >= 0;
	steer->default_pool = pool >= 0 ? (uint16_t)pool : 0;
	pool = add_pool(steer, model, service->fallback_pool);
	steer->has_fallback = pool >= 0;
	steer->fallback_pool = pool >= 0 ? (uint16_t)pool : 0;
	add_chains(steer, model);
	if (steer->option_count == 0 && steer->rule_count == 0 && !steer->has_default) {
		error_set(error, "the service %s of zone %s names no pool that is there",
			  service->name, service->zone);
		steer_free(steer);
		return NULL;
	}
	steer->key = make_key(steer);
	return steer;
}
