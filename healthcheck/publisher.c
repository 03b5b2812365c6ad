/* Knows what is told to whom when a verdict changes. */
#include "healthcheck/publisher.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"

#include <stdlib.h>

enum { TOLD_PAGE = 1000, TOLD_PAGES_MAX = 64 };

static void note_told(struct publisher *publisher, const json_t *events)
{
	const json_t *event;
	size_t i;
	json_array_foreach(events, i, event)
	{
		const char *id = json_string_value(json_object_get(event, "object"));
		const char *to = json_string_value(json_object_get(event, "to"));
		enum certificate_state state;
		if (id != NULL && certificate_state_parse(to, &state) &&
		    strmap_find(&publisher->told, id) == NULL)
			strmap_put(&publisher->told, id,
				   (void *)(uintptr_t)certificate_state_name(state));
	}
}

/* By pages, newest first: one certificate on ten thousand endpoints makes as many events at once.
 */
static void read_told(struct publisher *publisher, const char *events_dir)
{
	struct error error;
	char *cursor = NULL;
	size_t count = TOLD_PAGE;
	for (int page = 0; page < TOLD_PAGES_MAX && count == TOLD_PAGE; page++) {
		struct journal_filter filter = {.kind = "certificate",
						.newest_first = true,
						.after = cursor,
						.limit = TOLD_PAGE};
		char *next = NULL;
		json_t *events = journal_read(events_dir, &filter, &next, &error);
		count = json_array_size(events);
		note_told(publisher, events);
		json_decref(events);
		free(cursor);
		cursor = next;
	}
	free(cursor);
}

void publisher_init(struct publisher *publisher, const char *path, const char *events_dir,
		    struct journal *journal, const struct fleet *fleet)
{
	*publisher = (struct publisher){.path = path, .journal = journal, .fleet = fleet};
	read_told(publisher, events_dir);
	publisher_beat(publisher);
}

void publisher_fini(struct publisher *publisher)
{
	health_close(publisher->table);
	strmap_fini(&publisher->told);
}

static void write_word(struct publisher *publisher, const struct member *member)
{
	if (publisher->table == NULL ||
	    health_set(publisher->table, member->id, target_state(member->target)))
		return;
	if (publisher->error.text[0] == '\0')
		log_error("the health table is full; %s and others have no word in it", member->id);
	error_set(&publisher->error, "the health table is full (%d targets)", HEALTH_CAPACITY);
}

/* Why the verdict is what it now is; OUT is used where it has to be put together. */
static const char *why(const struct target *target, struct error *out)
{
	if (target->memory.verdict != VERDICT_UP)
		return target->reason;
	error_set(out, "passed %u checks in a row", target->memory.passed);
	return out->text;
}

static void tell(struct publisher *publisher, const struct member *member, enum verdict before)
{
	struct error sentence;
	const struct target *target = member->target;
	const char *reason = why(target, &sentence);
	const char *from = verdict_name(before), *to = verdict_name(target->memory.verdict);
	log_notice("%s is %s, was %s: %s", member->id, to, from,
		   reason != NULL ? reason : "no reason known");
	journal_add(publisher->journal, &(struct event){.time_ms = target->since_ms,
							.kind = "endpoint",
							.object = member->id,
							.from = from,
							.to = to,
							.reason = reason,
							.actor = "health"});
}

/* A certificate is told of when it comes near its end, when that is passed, and when another took
 * its place. */
static void tell_cert(struct publisher *publisher, struct member *member)
{
	const struct target *target = member->target;
	const struct certificate *cert = target->cert;
	int64_t now_ms = wall_now_ms();
	struct error reason;
	char date[WALL_TEXT_MAX];
	if (cert == NULL)
		return;
	if (!member->cert_seen)
		(void)certificate_state_parse(strmap_find(&publisher->told, member->id),
					      &member->cert);
	member->cert_seen = true;
	enum certificate_state now =
		certificate_judge(cert, target->monitor->monitor.cert_warn_days, now_ms);
	if (now == member->cert)
		return;
	wall_format(cert->not_after_ms, date);
	if (now == CERTIFICATE_EXPIRED)
		error_set(&reason, "certificate of %.200s expired on %s", cert->subject, date);
	else
		error_set(&reason, "certificate of %.200s expires on %s, in %lld days",
			  cert->subject, date, (long long)certificate_days_left(cert, now_ms));
	log_notice("%s: %s", member->id, reason.text);
	journal_add(publisher->journal,
		    &(struct event){.kind = "certificate",
				    .object = member->id,
				    .from = certificate_state_name(member->cert),
				    .to = certificate_state_name(now),
				    .reason = reason.text,
				    .actor = "health"});
	member->cert = now;
}

static void on_word(void *context, struct member *member, enum verdict before)
{
	struct publisher *publisher = context;
	write_word(publisher, member);
	tell_cert(publisher, member);
	if (before != member->target->memory.verdict)
		tell(publisher, member, before);
}

static void on_removed(void *context, const char *id)
{
	struct publisher *publisher = context;
	if (publisher->table != NULL)
		health_remove(publisher->table, id);
}

static void on_pool(void *context, const struct fleet_pool *pool, enum pool_state before)
{
	struct publisher *publisher = context;
	char *id = mem_printf("pool/%s", pool->name);
	const size_t *counts = pool->counts;
	struct error reason;
	error_set(&reason, "%zu up, %zu degraded, %zu down, %zu unknown; at least %u wanted",
		  counts[VERDICT_UP], counts[VERDICT_DEGRADED], counts[VERDICT_DOWN],
		  counts[VERDICT_UNKNOWN], pool->min_healthy);
	log_notice("%s is %s, was %s: %s", id, pool_state_name(pool->state),
		   pool_state_name(before), reason.text);
	journal_add(publisher->journal, &(struct event){.kind = "pool",
							.object = id,
							.from = pool_state_name(before),
							.to = pool_state_name(pool->state),
							.reason = reason.text,
							.actor = "health"});
	free(id);
}

static struct health_state on_held(void *context, const char *id)
{
	struct publisher *publisher = context;
	if (publisher->table == NULL)
		return (struct health_state){.verdict = VERDICT_NONE};
	return health_get(publisher->table, health_key(id));
}

struct fleet_listener publisher_listener(struct publisher *publisher)
{
	return (struct fleet_listener){.word = on_word,
				       .removed = on_removed,
				       .pool = on_pool,
				       .held = on_held,
				       .context = publisher};
}

static void write_all_words(struct publisher *publisher)
{
	size_t cursor = 0;
	const char *id;
	void *member;
	while (strmap_next(&publisher->fleet->members, &cursor, &id, &member))
		write_word(publisher, member);
}

static void open_table(struct publisher *publisher)
{
	bool failed_before = publisher->error.text[0] != '\0';
	publisher->error.text[0] = '\0';
	publisher->table = health_open_writer(publisher->path, &publisher->error);
	if (publisher->table == NULL) {
		if (!failed_before)
			log_error("%s; verdicts are not published until it works",
				  publisher->error.text);
		return;
	}
	if (failed_before)
		log_notice("the health table %s is open again", publisher->path);
	write_all_words(publisher);
	if (publisher->fleet->loaded)
		publisher_sweep(publisher);
}

void publisher_beat(struct publisher *publisher)
{
	if (publisher->table != NULL && health_lost(publisher->table)) {
		log_error("the health table %s was cut short; it is written again",
			  publisher->path);
		health_close(publisher->table);
		publisher->table = NULL;
	}
	if (publisher->table == NULL)
		open_table(publisher);
	if (publisher->table != NULL)
		health_beat(publisher->table, mono_now());
}

struct keys {
	uint64_t *at;
	size_t count;
};

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;
	return *left < *right ? -1 : *left > *right;
}

static bool keep(void *context, uint64_t key)
{
	const struct keys *keys = context;
	return bsearch(&key, keys->at, keys->count, sizeof key, compare_keys) != NULL;
}

void publisher_sweep(struct publisher *publisher)
{
	if (publisher->table == NULL || publisher->swept)
		return;
	const struct strmap *members = &publisher->fleet->members;
	struct keys keys = {.at = mem_array(members->count, sizeof(uint64_t))};
	size_t cursor = 0;
	const char *id;
	void *member;
	while (strmap_next(members, &cursor, &id, &member))
		keys.at[keys.count++] = health_key(id);
	qsort(keys.at, keys.count, sizeof *keys.at, compare_keys);
	health_retain(publisher->table, keep, &keys);
	free(keys.at);
	publisher->swept = true;
}
