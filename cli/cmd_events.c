/* Knows the command that shows what happened: events. */
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

/* Prints what comes after CURSOR until the process is ended. */
static int follow(const struct command *command, const char *folder, char *cursor, bool as_json)
{
	for (;;) {
		struct error error = {0};
		struct journal_filter filter = {.after = cursor, .limit = FOLLOW_BATCH};
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
	char *cursor = NULL, *next = NULL;
	for (;;) {
		struct journal_filter filter = {.after = cursor, .limit = FOLLOW_BATCH};
		json_t *events = journal_read(folder, &filter, &next, error);
		size_t count = json_array_size(events);
		json_decref(events);
		if (next != NULL) {
			free(cursor);
			cursor = next;
			next = NULL;
		}
		if (count < FOLLOW_BATCH)
			return cursor;
	}
}

int cmd_events(const struct command *command, int argc, char **argv)
{
	bool as_json = false, following = false;
	const char *limit_text = "50";
	long long limit;
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {
		{.name = "json", .flag = &as_json},
		{.name = "follow", .flag = &following},
		{.name = "limit", .value = &limit_text},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	status = EXIT_DONE;
	char *cursor = following ? end_of(instance.events_dir, &error) : NULL;
	json_t *events = NULL;
	if (!option_number(limit_text, &limit) || limit < 1 || limit > 1000) {
		error_set(&error, "--limit %s is not a number from 1 to 1000", limit_text);
		status = command_failed(command, &error);
	} else {
		struct journal_filter filter = {.newest_first = true, .limit = (size_t)limit};
		events = journal_read(instance.events_dir, &filter, NULL, &error);
		if (events == NULL)
			status = command_failed(command, &error);
	}
	print_oldest_first(events, as_json);
	json_decref(events);
	if (following && status == EXIT_DONE)
		status = follow(command, instance.events_dir, cursor, as_json);
	else
		free(cursor);
	instance_fini(&instance);
	return status;
}
