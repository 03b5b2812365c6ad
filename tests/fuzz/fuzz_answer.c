/* A whole packet, and the address it came from, to an answer: over zones with everything in them.
 */
#include "base/mem.h"
#include "geodns/answer.h"
#include "geodns/planner.h"
#include "geodns/steerings.h"
#include "geodns/wire/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 65535 };

static struct zones zones;
static struct steering_live *steering;
static struct service_live service = {.id = NULL, .ttl_s = 30};
static struct model *model;

/* A record set of one record, RDATA in wire form. */
static struct object *record(const char *name, uint16_t type, const void *rdata, size_t len)
{
	struct object *object = object_new(KIND_RRSET);
	struct rrset *rrset = &object->rrset;
	*rrset = (struct rrset){.zone = mem_strdup("f.test"),
				.name = mem_strdup(name),
				.type_text = mem_strdup("TYPE"),
				.type = type,
				.ttl = 300,
				.rdata = mem_array(1, len + 2),
				.rdata_len = len + 2};
	rrset->rdata[1] = (uint8_t)len;
	memcpy(rrset->rdata + 2, rdata, len);
	return object;
}

static void put(struct zone_live *zone, const char *name, uint16_t type, const void *rdata,
		size_t len, const struct service_live *with)
{
	struct object *object = record(name, type, rdata, len);
	const struct object *const rrsets[] = {object};
	struct error error;
	if (!zone_put_name(&zones, zone, name, rrsets, 1, with, &error))
		abort();
	object_unref(object);
}

static struct zone_live *add_zone(const char *name)
{
	struct error error;
	struct object *config = object_new(KIND_ZONE);
	config->id = mem_strdup(name);
	config->zone = (struct zone){.name = mem_strdup(name),
				     .ttl = 300,
				     .negative_ttl = 60,
				     .primary = mem_strdup("ns.f.test."),
				     .contact = mem_strdup("h.f.test."),
				     .ecs = true};
	struct zone_live *zone = zones_put(&zones, config, &error);
	object_unref(config);
	if (zone == NULL)
		abort();
	zone_set_failed(zone, false);
	return zone;
}

/* One zone with everything that makes a name lie elsewhere, one without. */
static void make_zones(struct quiesce *quiesce)
{
	static const uint8_t to_www[] = "\3www\1f\4test", to_loop[] = "\4loop\1f\4test";
	static const uint8_t ns[] = "\2ns\3sub\1f\4test", address[] = {192, 0, 2, 1};
	zones_init(&zones, quiesce);
	struct zone_live *zone = add_zone("f.test"), *plain = add_zone("g.test");
	put(zone, "www", DNS_TYPE_TXT, "\1w", 2, &service);
	put(zone, "alias", DNS_TYPE_CNAME, to_www, sizeof to_www, NULL);
	put(zone, "loop", DNS_TYPE_CNAME, to_loop, sizeof to_loop, NULL);
	put(zone, "*.wild", DNS_TYPE_CNAME, to_www, sizeof to_www, NULL);
	put(zone, "dname", DNS_TYPE_DNAME, to_loop + 5, sizeof to_loop - 5, NULL);
	put(zone, "sub", DNS_TYPE_NS, ns, sizeof ns, NULL);
	put(zone, "ns.sub", DNS_TYPE_A, address, sizeof address, NULL);
	put(zone, "a.b.c", DNS_TYPE_A, address, sizeof address, NULL);
	put(plain, "www", DNS_TYPE_TXT, "\1w", 2, &service);
	put(plain, "*.wild", DNS_TYPE_A, address, sizeof address, NULL);
	put(plain, "a.b.c", DNS_TYPE_A, address, sizeof address, NULL);
}

static struct endpoint *make_endpoints(size_t *count)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1"};
	struct endpoint *endpoints = mem_array(3, sizeof *endpoints);
	for (size_t i = 0; i < 3; i++) {
		endpoints[i] = (struct endpoint){.name = mem_printf("e%zu", i),
						 .address = mem_strdup(addresses[i]),
						 .weight = 1,
						 .enabled = true};
		if (!addr_parse(addresses[i], &endpoints[i].ip))
			abort();
	}
	*count = 3;
	return endpoints;
}

static void add_pool(const char *name, enum pool_answers answers)
{
	struct object *pool = object_new(KIND_POOL);
	pool->id = mem_strdup(name);
	pool->pool.name = mem_strdup(name);
	pool->pool.answers = answers;
	pool->pool.endpoints = make_endpoints(&pool->pool.endpoint_count);
	struct model_change change = {.kind = KIND_POOL, .id = name, .put = pool};
	struct model *with = model_with(model, 1, &change, 1);
	model_unref(model);
	object_unref(pool);
	model = with;
}

/* Rules over two pools: one by prefix, one for the rest. */
static void make_service(struct quiesce *quiesce)
{
	static struct pools pools;
	static struct steerings steerings;
	static struct match match = {.kind = MATCH_CIDR};
	static char one[] = "one", two[] = "two", name[] = "www", zone[] = "f.test";
	static struct rule rule = {.matches = &match, .match_count = 1, .pool = one};
	const struct service config = {.zone = zone,
				       .name = name,
				       .steering = STEERING_RULES,
				       .rules = &rule,
				       .rule_count = 1,
				       .default_pool = two};
	struct error error;
	if (!prefix_parse("9.0.0.0/8", &match.cidr, NULL))
		abort();
	model = model_new();
	add_pool("one", ANSWERS_HASH);
	add_pool("two", ANSWERS_ALL);
	pools_init(&pools, quiesce);
	struct pools_view view = {.model = model, .now = mono_now()};
	for (size_t i = 0; i < 2; i++) {
		const struct object *pool = model->of[KIND_POOL].at[i];
		pools_put(&pools, pool);
		(void)pools_judge(&pools, pool->id, &view, true);
	}
	struct atlas *atlas = atlas_with_overrides(NULL, model);
	steerings_init(&steerings, quiesce, &pools, NULL, atlas);
	atlas_unref(atlas);
	steering = steerings_get(&steerings, &config, model, &error);
	if (steering == NULL)
		abort();
	service.cell = &steering->cell;
}

/* Two of them, each with its own account of the rate. */
static struct answerer *begin(unsigned which)
{
	static const struct reply_server server = {
		.udp_size = 1232, .nsid_len = 1, .nsid = (const uint8_t *)"n"};
	static const struct cookie_secrets secrets = {.count = 2, .at = {"first secret", "second"}};
	static const struct chaos chaos = {.id = "site", .version = "some"};
	static const struct rrl_settings limits = {.rate = 10, .slip = 2, .share = 1};
	static struct answerer answerers[2];
	if (answerers[0].names == NULL) {
		struct quiesce *quiesce = quiesce_new(0);
		make_service(quiesce);
		make_zones(quiesce);
		for (unsigned i = 0; i < 2; i++)
			answerers[i] = (struct answerer){.names = zones.names,
							 .server = &server,
							 .cookies = &secrets,
							 .chaos = &chaos,
							 .rrl = rrl_new(&limits, 1),
							 .counters = counters_new(),
							 .now_s = 1000000};
	}
	struct answerer *answerer = &answerers[which];
	answerer->now.ns += 10000000; /* about half of what one source sends is beyond its rate */
	rng_init(&answerer->rng, 1);
	return answerer;
}

/* Whatever was asked, the answer is a message that can be read to its end. */
static void check(const uint8_t *out, size_t len)
{
	struct message message;
	struct message_record record;
	if (len == 0)
		return;
	if (!message_open(&message, out, len))
		abort();
	while (message_next(&message, &record)) {
	}
	if (message.reader.failed || message.reader.at != len)
		abort();
}

/* The first octet says over what it came, the next four from whom. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[OUT_MAX], other[OUT_MAX];
	struct addr resolver = {.family = ADDR_IPV4};
	if (size < 5)
		return 0;
	struct answerer *answerer = begin(0);
	bool stream = (data[0] & 1) != 0;
	memcpy(resolver.bytes, data + 1, 4);
	size_t cap = stream ? OUT_MAX : 1232;
	size_t len = answer_packet(answerer, data + 5, size - 5, &resolver, stream, out, cap);
	check(out, len);
	/* The short way and the long one say the same. */
	answerer = begin(1);
	if (answer_general(answerer, data + 5, size - 5, &resolver, stream, other, cap) != len ||
	    memcmp(out, other, len) != 0)
		abort();
	return 0;
}
