/* Knows the command that shows what happened: events. */
#include "base/wall.h"
#include "cli/options.h"
#include "cli/print.h"
#include "db/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLLOW_POLL_MS = 250, FOLLOW_BATCH = 1000 };

static void print_event(const json_t *event, bool as_json)
{
	if (as_json) {
		char *text = json_dumps(event, JSON_COMPACT);
		puts(text);
		free(text);
	} else {
		const char *from = member_text(event, "from"), *to = member_text(event, "to");
		printf("%s %s", member_text(event, "time"), member_text(event, "object"));
		printf("%s%s%s%s", *from != '\0' || *to != '\0' ? " " : "", from,
		       *from != '\0' && *to != '\0' ? " -> " : "", to);
		const char *reason = member_text(event, "reason"),
			   *actor = member_text(event, "actor");
		printf("%s%s%s%s%s\n", *reason != '\0' ? ": " : "", reason,
		       *actor != '\0' ? " (" : "", actor, *actor != '\0' ? ")" : "");
	}
	fflush(stdout);
}

static void print_oldest_first(const json_t *events, bool as_json)
{
	for (size_t i = json_array_size(events); i > 0; i--)
		print_event(json_array_get(events, i - 1), as_json);
}

/* Prints what comes after CURSOR and is of WANTED until the process is ended. */
static int follow(const struct command *command, const char *folder, char *cursor,
		  const struct journal_filter *wanted, bool as_json)
{
	for (;;) {
		struct error error = {0};
		struct journal_filter filter = {.kind = wanted->kind,
						.object = wanted->object,
						.after = cursor,
						.limit = FOLLOW_BATCH};
		char *next = NULL;
		json_t *events = journal_read(folder, &filter, &next, &error);
		if (events == NULL) {
			free(cursor);
			return command_failed(command, &error);
		}
		for (size_t i = 0; i < json_array_size(events); i++)
			print_event(json_array_get(events, i), as_json);
		if (next != NULL) {
			free(cursor);
			cursor = next;
		}
		if (json_array_size(events) < FOLLOW_BATCH)
			usleep(FOLLOW_POLL_MS * 1000);
		json_decref(events);
	}
}

/* The cursor behind the newest event there is. */
static char *end_of(const char *folder, struct error *error)
{
	char *cursor = NULL;
	const struct journal_filter nothing = {.kind = "", .limit = 1};
	json_decref(journal_read(folder, &nothing, &cursor, error));
	return cursor;
}

/* A time, or how long ago. */
static bool read_time(const char *text, int64_t *ms)
{
	int64_t ago_ms;
	if (text == NULL || wall_parse(text, ms))
		return true;
	if (*text == '\0' || strchr("smhd", text[strlen(text) - 1]) == NULL ||
	    !duration_parse_ms(text, &ago_ms))
		return false;
	*ms = wall_now_ms() - ago_ms;
	return true;
}

/* What is asked for by words; false after it was said what is wrong with them. */
static bool read_filter(const char *limit, const char *since, const char *until,
			struct journal_filter *filter, struct error *error)
{
	long long number;
	if (!option_number(limit, &number) || number < 1 || number > 1000) {
		error_set(error, "--limit %s is not a number from 1 to 1000", limit);
		return false;
	}
	filter->limit = (size_t)number;
	if (read_time(since, &filter->since_ms) && read_time(until, &filter->until_ms))
		return true;
	error_set(error, "--since and --until are times as in 2026-01-02T03:04:05Z, or how long "
			 "ago, as in 2h (s, m, h or d)");
	return false;
}

int cmd_events(const struct command *command, int argc, char **argv)
{
	bool as_json = false, following = false;
	const char *limit = "50", *since = NULL, *until = NULL;
	struct journal_filter filter = {.newest_first = true};
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {
		{.name = "json", .flag = &as_json},
		{.name = "follow", .flag = &following},
		{.name = "limit", .value = &limit},
		{.name = "kind", .value = &filter.kind},
		{.name = "object", .value = &filter.object},
		{.name = "since", .value = &since},
		{.name = "until", .value = &until},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	if (following && until != NULL) {
		instance_fini(&instance);
		error_set(&error, "--follow goes on until it is ended: leave --until out");
		return command_failed(command, &error);
	}
	char *cursor = following ? end_of(instance.events_dir, &error) : NULL;
	json_t *events = NULL;
	if (read_filter(limit, since, until, &filter, &error))
		events = journal_read(instance.events_dir, &filter, NULL, &error);
	status = events != NULL ? EXIT_DONE : command_failed(command, &error);
	print_oldest_first(events, as_json);
	json_decref(events);
	if (following && status == EXIT_DONE)
		status = follow(command, instance.events_dir, cursor, &filter, as_json);
	else
		free(cursor);
	instance_fini(&instance);
	return status;
}
