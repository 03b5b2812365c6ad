/* Knows how a question put by a person becomes a query, and the response becomes text. */
#include "geodns/explain.h"

#include "base/mem.h"
#include "db/control.h"
#include "db/rdata.h"
#include "geodns/answer.h"
#include "geodns/explanation.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 512 };

static json_t *addr_json(const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];
	addr_format(addr, text);
	return json_string(text);
}

/* A question as it was put. */
struct asked {
	const char *name, *type_text;
	uint8_t wire[NAME_WIRE_MAX];
	uint16_t type;
};

static const char *text_of(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

static json_t *read_question(const json_t *args, struct asked *asked)
{
	asked->name = text_of(args, "name");
	asked->type_text = text_of(args, "type");
	if (asked->type_text == NULL)
		asked->type_text = "A";
	if (asked->name == NULL || name_text_parse(asked->name, asked->wire) == 0)
		return control_failure("\"name\" is not a domain name");
	if (strcmp(asked->type_text, "ANY") == 0)
		asked->type = DNS_TYPE_ANY;
	else if (!rdata_type_parse(asked->type_text, &asked->type))
		return control_failure("\"%s\" is not a record type", asked->type_text);
	return NULL;
}

/* Whose question it is. A client alone stands for its resolver too. */
static json_t *read_client(const json_t *args, struct explanation *explanation)
{
	const char *client = text_of(args, "client"), *resolver = text_of(args, "resolver");
	if (client == NULL && resolver == NULL)
		return control_failure("whose question is it? give \"client\" or \"resolver\"");
	if (client != NULL && !prefix_parse_around(client, &explanation->subnet))
		return control_failure("\"%s\" is not an address or a prefix", client);
	explanation->has_subnet = client != NULL;
	explanation->resolver = explanation->subnet.addr;
	if (resolver != NULL && !addr_parse(resolver, &explanation->resolver))
		return control_failure("\"%s\" is not an address", resolver);
	return NULL;
}

/* Whether ID is an endpoint or a pool that is served. */
static bool is_known(const struct pools *pools, const char *id)
{
	if (strncmp(id, "pool/", 5) == 0)
		return pools_find(pools, id + 5) != NULL;
	size_t cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&pools->of, &cursor, &name, &value)) {
		const struct pool_live *pool = value;
		for (size_t i = 0; i < pool->config->pool.endpoint_count; i++) {
			if (strcmp(pool->endpoints[i].id, id) == 0)
				return true;
		}
	}
	return false;
}

static json_t *read_assumptions(const json_t *args, struct explanation *explanation)
{
	const json_t *down = json_object_get(args, "assume_down");
	explanation->down = mem_array(json_array_size(down), sizeof(char *));
	for (size_t i = 0; i < json_array_size(down); i++) {
		const char *id = json_string_value(json_array_get(down, i));
		if (id == NULL || !is_known(&explanation->responder->content.pools, id))
			return control_failure("there is no endpoint or pool \"%s\"",
					       id != NULL ? id : "");
		explanation->down[explanation->down_count++] = id;
	}
	return NULL;
}

static const struct pool_live *find_assumed(void *context, const char *name)
{
	return explanation_pool(context, name);
}

/* The plan of SERVICE as it would be: made once an explanation. */
static const struct plan *assume(void *context, const struct service_live *service)
{
	struct explanation *explanation = context;
	struct plan *plan = strmap_find(&explanation->plans, service->id);
	const struct content_service *of =
		content_service(&explanation->responder->content, service->id);
	if (plan == NULL && of != NULL) {
		plan = plan_new(of->steering->steer, of->steering->compiled, find_assumed,
				explanation);
		strmap_put(&explanation->plans, service->id, plan);
	}
	return plan;
}

static json_t *record_json(const struct message *message, const struct message_record *record)
{
	static uint8_t rdata[DNS_MESSAGE_MAX];
	char owner[NAME_TEXT_MAX], type[16];
	size_t len;
	name_text_format(record->owner, owner);
	rdata_type_format(record->type, type);
	char *data = message_rdata(message, record, rdata, &len)
			     ? rdata_format(record->type, rdata, len)
			     : NULL;
	json_t *text = json_sprintf("%s %u IN %s %s", owner, record->ttl_s, type,
				    data != NULL ? data : "");
	free(data);
	return text;
}

static const char *rcode_text(unsigned rcode)
{
	return counters_rcode_name(counters_rcode(rcode));
}

/* Puts the records of the response into RESULT. */
static void put_response(json_t *result, const uint8_t *bytes, size_t len)
{
	struct message message;
	struct message_record record;
	json_t *answers = json_array(), *authority = json_array(), *additional = json_array();
	json_t *ttl = NULL;
	if (message_open(&message, bytes, len)) {
		json_object_set_new(result, "rcode",
				    json_string(rcode_text(message.flags & DNS_FLAG_RCODE)));
		int scope = message_ecs_scope(&message);
		json_object_set_new(result, "scope",
				    scope >= 0 ? json_integer(scope) : json_null());
		while (message_next(&message, &record)) {
			if (record.type == DNS_TYPE_OPT)
				continue;
			json_t *to = record.section == MESSAGE_ANSWER	   ? answers
				     : record.section == MESSAGE_AUTHORITY ? authority
									   : additional;
			json_array_append_new(to, record_json(&message, &record));
			if (ttl == NULL)
				ttl = json_integer(record.ttl_s);
		}
	}
	json_object_set_new(result, "answers", answers);
	json_object_set_new(result, "authority", authority);
	json_object_set_new(result, "additional", additional);
	json_object_set_new(result, "ttl", ttl != NULL ? ttl : json_null());
}

static void tell_answer(struct explanation *explanation, const json_t *result)
{
	const json_t *answers = json_object_get(result, "answers");
	explanation_step(explanation, "answer", "the response is %s with %zu answer record%s",
			 text_of(result, "rcode"), json_array_size(answers),
			 json_array_size(answers) == 1 ? "" : "s");
}

/* Asks the answer path itself. */
static void ask(struct explanation *explanation, const struct asked *asked, json_t *result)
{
	struct responder *responder = explanation->responder;
	static uint8_t out[DNS_MESSAGE_MAX];
	uint8_t query[QUERY_MAX];
	struct message_question question = {
		.name = asked->wire,
		.type = asked->type,
		.class_ = DNS_CLASS_IN,
		.udp_size = DNS_UDP_DEFAULT,
		.ecs = explanation->has_subnet ? &explanation->subnet : NULL,
	};
	const struct trace trace = {
		.context = explanation, .name = explanation_name, .service = explanation_service};
	struct answerer answerer = {
		.names = responder->content.zones.names,
		.server = responder->server,
		.trace = &trace,
		.assume = explanation->down_count > 0 ? assume : NULL,
		.assume_context = explanation,
	};
	rng_init(&answerer.rng, rng_seed());
	size_t len = message_query(&question, query, sizeof query);
	/* As over TCP: an explanation has room. */
	len = answer_packet(&answerer, query, len, &explanation->resolver, true, out, sizeof out);
	put_response(result, out, len);
	tell_answer(explanation, result);
}

static void explanation_fini(struct explanation *explanation)
{
	size_t cursor = 0;
	const char *key;
	void *value;
	while (strmap_next(&explanation->plans, &cursor, &key, &value))
		free(value);
	cursor = 0;
	while (strmap_next(&explanation->pools, &cursor, &key, &value))
		pools_free_assumed(value);
	strmap_fini(&explanation->plans);
	strmap_fini(&explanation->pools);
	json_decref(explanation->place);
	json_decref(explanation->steps);
	free(explanation->down);
	free(explanation->service);
	free(explanation->pool);
}

static json_t *or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *tell(struct explanation *explanation, const struct asked *asked)
{
	json_t *result = json_object();
	json_object_set_new(result, "name", json_string(asked->name));
	json_object_set_new(result, "type", json_string(asked->type_text));
	char subnet[PREFIX_TEXT_MAX];
	prefix_format(&explanation->subnet, subnet);
	json_object_set_new(result, "client", or_null(explanation->has_subnet ? subnet : NULL));
	json_object_set_new(result, "resolver", addr_json(&explanation->resolver));
	ask(explanation, asked, result);
	json_object_set_new(result, "service", or_null(explanation->service));
	json_object_set_new(result, "pool", or_null(explanation->pool));
	json_object_set(result, "place",
			explanation->place != NULL ? explanation->place : json_null());
	json_object_set(result, "steps", explanation->steps);
	return result;
}

json_t *explain(struct responder *responder, const json_t *args)
{
	struct explanation explanation = {.responder = responder, .steps = json_array()};
	struct asked asked;
	json_t *result = read_question(args, &asked);
	if (result == NULL)
		result = read_client(args, &explanation);
	if (result == NULL)
		result = read_assumptions(args, &explanation);
	if (result == NULL)
		result = tell(&explanation, &asked);
	explanation_fini(&explanation);
	return result;
}

json_t *explain_geo_lookup(struct responder *responder, const json_t *args)
{
	const char *text = text_of(args, "address");
	struct addr addr;
	if (text == NULL || !addr_parse(text, &addr))
		return control_failure("\"%s\" is not an address", text != NULL ? text : "");
	return explanation_place(responder->content.steerings.atlas, &addr);
}
