/*
 * served: a document as it would be served, without sockets: a store in a folder of its own, the
 * content made from it, and a question put to the answer path as a packet.
 */
#ifndef MERIDIAN_TESTS_SERVED_H
#define MERIDIAN_TESTS_SERVED_H

#include "base/mem.h"
#include "base/wall.h"
#include "db/document.h"
#include "db/rdata.h"
#include "db/store.h"
#include "geodns/answer.h"
#include "geodns/content.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct served {
	char dir[64], path[96], health_path[96];
	struct store *writer, *reader;
	struct model *model;
	struct health_table *health;
	struct quiesce *quiesce;
	struct mapmaker *mapmaker;
	struct content content;
	struct reply_server server;
	struct answerer answerer;
	struct error error;
	int64_t now_ms;
};

static inline struct pools_view served_view(struct served *served)
{
	return (struct pools_view){.model = served->model,
				   .health = served->health,
				   .now = mono_now(),
				   .now_ms = served->now_ms};
}

static inline void served_commit(struct served *served, const char *document, bool prune)
{
	struct changes changes = {0};
	struct findings findings = {0};
	const struct author author = {.name = "test"};
	int64_t revision;
	bool read = document_read(document, strlen(document), prune, served->writer, &changes,
				  &findings);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s %s\n", findings.at[i].pointer, findings.at[i].message);
	assert_true(read);
	enum commit_result result = store_commit(served->writer, &changes, &author, NULL, false,
						 &revision, &findings, &served->error);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s %s\n", findings.at[i].pointer, findings.at[i].message);
	assert_int_equal(result, COMMIT_DONE);
	findings_fini(&findings);
	changes_fini(&changes);
}

static inline void served_refresh(struct served *served)
{
	struct moved *moved;
	size_t count;
	struct model *old = served->model;
	served->model = store_refresh(served->reader, old, &moved, &count, &served->error);
	assert_non_null(served->model);
	struct pools_view view = served_view(served);
	assert_true(content_apply(&served->content, served->reader, old, &view, moved, count,
				  &served->error));
	moved_free(moved, count);
	model_unref(old);
	(void)quiesce_reclaim(served->quiesce);
}

/* Has DOCUMENT committed, and taken up through the change feed. */
static inline void served_apply(struct served *served, const char *document, bool prune)
{
	served_commit(served, document, prune);
	served_refresh(served);
}

/* Puts an override in the store as the CLI does, and has it taken up; ENDS_MS in the past ends it.
 */
static inline void served_override(struct served *served, const char *object,
				   enum override_action action, int64_t starts_ms, int64_t ends_ms)
{
	struct changes changes = {0};
	struct findings findings = {0};
	const struct author author = {.name = "test"};
	int64_t revision;
	struct object *put = object_new(KIND_OVERRIDE);
	put->id = mem_strdup(object);
	put->override = (struct override){.object = mem_strdup(object),
					  .action = action,
					  .reason = mem_strdup("test"),
					  .author = mem_strdup("test"),
					  .starts_ms = starts_ms,
					  .ends_ms = ends_ms};
	changes_put(&changes, put, "");
	enum commit_result result = store_commit(served->writer, &changes, &author, NULL, false,
						 &revision, &findings, &served->error);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s %s\n", findings.at[i].pointer, findings.at[i].message);
	assert_int_equal(result, COMMIT_DONE);
	changes_fini(&changes);
	served_refresh(served);
}

/* TEXT with " for each ': documents in C are easier to read so. Good until the next call. */
static inline const char *served_json(const char *text)
{
	static char json[1 << 17];
	size_t len = strlen(text);
	assert_true(len < sizeof json);
	for (size_t i = 0; i <= len; i++)
		json[i] = text[i] == '\'' ? '"' : text[i];
	return json;
}

/* The content as a responder makes it that starts now. */
static inline void served_load(struct served *served)
{
	struct model *nothing = model_new();
	struct atlas *atlas = atlas_with_overrides(NULL, nothing);
	model_unref(nothing);
	content_init(&served->content, served->quiesce, served->mapmaker, atlas);
	atlas_unref(atlas);
	struct pools_view view = served_view(served);
	bool good = content_load(&served->content, served->reader, &view, &served->error);
	if (!good)
		print_error("%s\n", served->error.text);
	assert_true(good);
}

static inline void served_open(struct served *served, const char *document)
{
	static const uint8_t nsid[] = "test";
	memset(served, 0, sizeof *served);
	strcpy(served->dir, "/tmp/served-XXXXXX");
	assert_non_null(mkdtemp(served->dir));
	snprintf(served->path, sizeof served->path, "%s/config.db", served->dir);
	snprintf(served->health_path, sizeof served->health_path, "%s/health", served->dir);
	served->now_ms = wall_now_ms();
	served->writer = store_open(served->path, STORE_WRITE, &served->error);
	assert_non_null(served->writer);
	served_commit(served, document, false);
	served->reader = store_open(served->path, STORE_READ, &served->error);
	assert_non_null(served->reader);
	served->health = health_open_writer(served->health_path, &served->error);
	assert_non_null(served->health);
	health_beat(served->health, mono_now());
	served->quiesce = quiesce_new(0);
	served->mapmaker = mapmaker_new(&served->error);
	served->model = store_load(served->reader, &served->error);
	assert_non_null(served->model);
	served_load(served);
	served->server = (struct reply_server){.udp_size = DNS_UDP_DEFAULT,
					       .keepalive_100ms = 100,
					       .nsid_len = sizeof nsid - 1,
					       .nsid = nsid};
	served->answerer = (struct answerer){.names = served->content.zones.names,
					     .server = &served->server,
					     .counters = counters_new()};
	rng_init(&served->answerer.rng, 1);
	/* Maps that wait for their overrides are taken up before anybody asks. */
	for (int i = 0; i < 1000; i++) {
		usleep(100);
		steerings_take_maps(&served->content.steerings);
		bool behind = false;
		size_t cursor = 0;
		const char *key;
		void *steering;
		while (strmap_next(&served->content.steerings.of, &cursor, &key, &steering))
			behind |= ((struct steering_live *)steering)->users >
				  served->content.services.count;
		if (!behind)
			break;
	}
}

static inline void served_close(struct served *served)
{
	counters_free(served->answerer.counters);
	mapmaker_free(served->mapmaker);
	content_fini(&served->content);
	quiesce_free(served->quiesce);
	model_unref(served->model);
	health_close(served->health);
	store_close(served->reader);
	store_close(served->writer);
	char *remove = mem_printf("rm -rf %s", served->dir);
	assert_int_equal(system(remove), 0);
	free(remove);
}

static inline void served_health(struct served *served, const char *target, enum verdict verdict,
				 uint16_t flip_after_s)
{
	struct health_state state = {.verdict = verdict, .flip_after_s = flip_after_s};
	assert_true(health_set(served->health, target, state));
	struct pools_view view = served_view(served);
	(void)content_judge(&served->content, &view, false);
	(void)quiesce_reclaim(served->quiesce);
}

/* A response as text, one record after the other with " | " between. */
struct said {
	unsigned rcode, flags;
	int scope; /* -1: no client subnet in the response */
	size_t len;
	char answer[4096], authority[4096], additional[4096];
	uint8_t bytes[65535];
};

static inline void said_add(char *text, const struct message *message,
			    const struct message_record *record)
{
	static uint8_t rdata[65535];
	char owner[NAME_TEXT_MAX], type[16];
	size_t len;
	name_text_format(record->owner, owner);
	rdata_type_format(record->type, type);
	assert_true(message_rdata(message, record, rdata, &len));
	char *data = rdata_format(record->type, rdata, len);
	size_t at = strlen(text);
	snprintf(text + at, 4096 - at, "%s%s %u %s %s", at > 0 ? " | " : "", owner, record->ttl_s,
		 type, data != NULL ? data : "?");
	free(data);
}

static inline void said_read(struct said *said)
{
	struct message message;
	struct message_record record;
	assert_true(message_open(&message, said->bytes, said->len));
	said->flags = message.flags;
	said->rcode = message.flags & DNS_FLAG_RCODE;
	said->scope = message_ecs_scope(&message);
	said->answer[0] = said->authority[0] = said->additional[0] = '\0';
	while (message_next(&message, &record)) {
		if (record.type == DNS_TYPE_OPT)
			continue;
		said_add(record.section == MESSAGE_ANSWER      ? said->answer
			 : record.section == MESSAGE_AUTHORITY ? said->authority
							       : said->additional,
			 &message, &record);
	}
	assert_false(message.reader.failed);
}

/* A question; what is NULL or 0 is left out. */
struct asking {
	const char *name, *type, *subnet, *resolver;
	bool stream, no_edns;
	uint16_t class_, udp_size;
};

static inline size_t asking_packet(const struct asking *asking, uint8_t *query, size_t cap)
{
	uint8_t name[NAME_WIRE_MAX];
	struct prefix subnet;
	struct message_question question = {
		.id = 7,
		.name = name,
		.class_ = asking->class_ != 0 ? asking->class_ : DNS_CLASS_IN,
		.udp_size = asking->no_edns	    ? 0
			    : asking->udp_size != 0 ? asking->udp_size
						    : 4096,
	};
	assert_true(name_text_parse(asking->name, name) > 0);
	if (strcmp(asking->type, "ANY") == 0)
		question.type = DNS_TYPE_ANY;
	else if (strcmp(asking->type, "AXFR") == 0)
		question.type = DNS_TYPE_AXFR;
	else
		assert_true(rdata_type_parse(asking->type, &question.type));
	if (asking->subnet != NULL) {
		assert_true(prefix_parse(asking->subnet, &subnet, NULL));
		question.ecs = &subnet;
	}
	size_t len = message_query(&question, query, cap);
	assert_true(len > 0);
	return len;
}

/* Each answer is given in the long way too, and is the same. */
static inline struct said *served_ask(struct served *served, const struct asking *asking)
{
	static struct said said;
	uint8_t query[600];
	struct addr resolver;
	size_t len = asking_packet(asking, query, sizeof query);
	assert_true(
		addr_parse(asking->resolver != NULL ? asking->resolver : "192.0.2.99", &resolver));
	struct rng before = served->answerer.rng;
	said.len = answer_packet(&served->answerer, query, len, &resolver, asking->stream,
				 said.bytes, asking->stream ? sizeof said.bytes : DNS_UDP_DEFAULT);
	assert_true(said.len > 0);
	static uint8_t other[sizeof said.bytes];
	struct rng after = served->answerer.rng;
	served->answerer.rng = before;
	assert_int_equal(answer_general(&served->answerer, query, len, &resolver, asking->stream,
					other, asking->stream ? sizeof other : DNS_UDP_DEFAULT),
			 said.len);
	assert_memory_equal(other, said.bytes, said.len);
	served->answerer.rng = after;
	said_read(&said);
	return &said;
}

/* The answer section alone. */
static inline const char *served_answer(struct served *served, const char *name, const char *type,
					const char *resolver)
{
	struct asking asking = {.name = name, .type = type, .resolver = resolver};
	return served_ask(served, &asking)->answer;
}

#endif
