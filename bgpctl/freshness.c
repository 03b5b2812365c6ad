/* Knows how old the responder's configuration and places are, and when that is too old. */
#include "bgpctl/freshness.h"

#include "base/wall.h"
#include "db/control.h"

#include <inttypes.h>
#include <stdio.h>

enum { ASK_MS = 500 };
#define DAY_MS INT64_C(86400000)

static int64_t built_ms(const json_t *places, const char *database)
{
	int64_t ms;
	const json_t *found = json_object_get(places, database);
	const char *text = json_string_value(json_object_get(found, "built"));
	return text != NULL && wall_parse(text, &ms) ? ms : -1;
}

struct freshness_seen freshness_read(const json_t *status)
{
	const json_t *revision = json_object_get(status, "revision");
	const json_t *places = json_object_get(status, "places");
	struct freshness_seen seen = {.revision = -1};
	if (json_is_integer(revision))
		seen.revision = json_integer_value(revision);
	seen.places_built_ms = built_ms(places, "city");
	if (seen.places_built_ms < 0)
		seen.places_built_ms = built_ms(places, "country");
	return seen;
}

struct freshness_seen freshness_ask(const char *path)
{
	struct error error = {0};
	json_t *status = control_ask(path, "status", NULL, ASK_MS, &error);
	struct freshness_seen seen = freshness_read(status);
	json_decref(status);
	return seen;
}

void freshness_take(struct freshness_seen *known, const struct freshness_seen *seen)
{
	if (seen->revision >= 0)
		*known = *seen;
}

void freshness_judge(struct freshness *freshness, const struct freshness_seen *seen, int64_t newest,
		     const struct freshness_limits *limits, struct mono now, int64_t wall_ms)
{
	if (newest >= 0 && freshness->awaited > newest)
		freshness->awaited = newest;
	if (freshness->awaited <= seen->revision && newest > seen->revision) {
		freshness->awaited = newest;
		freshness->awaited_since = now;
	}
	bool behind = seen->revision >= 0 && newest >= 0 && seen->revision < freshness->awaited;
	freshness->text[0] = '\0';
	int64_t behind_ms = behind ? mono_ms_between(freshness->awaited_since, now) : 0;
	int64_t age_ms = seen->places_built_ms >= 0 ? wall_ms - seen->places_built_ms : 0;
	if (limits->config_s > 0 && behind_ms >= 1000 * (int64_t)limits->config_s)
		snprintf(freshness->text, sizeof freshness->text,
			 "the responder answers from revision %" PRId64 " for more than %u s; the "
			 "store is newer",
			 seen->revision, limits->config_s);
	else if (limits->places_days > 0 && age_ms >= DAY_MS * (int64_t)limits->places_days)
		snprintf(freshness->text, sizeof freshness->text,
			 "the responder's place database is older than %u days",
			 limits->places_days);
}
