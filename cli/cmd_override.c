/* Knows the commands that force an object's state: override, override end, anycast freeze,
 * unfreeze.
 */
#include "base/mem.h"
#include "base/wall.h"
#include "cli/options.h"
#include "cli/store_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 9999-12-31T23:59:59Z: what holds until somebody ends it. */
#define LAST_DAY_MS INT64_C(253402300799000)
enum { FOR_EVER = -1 };

/* Writes CHANGES as the author's revision; the changes are freed. */
static int write_changes(const struct command *command, const struct instance *instance,
			 struct changes *changes, const char *author_name, const char *comment)
{
	struct error error = {0};
	struct findings findings = {0};
	int64_t revision = 0;
	const struct author author = {.name = author_name, .comment = comment};
	int status = EXIT_FAILED;
	struct store *store = store_access(command, instance, STORE_WRITE);
	if (store != NULL) {
		enum commit_result result = store_commit(store, changes, &author, NULL, false,
							 &revision, &findings, &error);
		status = store_report(command, result, "override", false, revision, changes,
				      &findings, &error);
	}
	store_close(store);
	findings_fini(&findings);
	changes_fini(changes);
	return status;
}

/* When an override holds. */
struct span {
	int64_t from_ms, for_ms; /* FOR_EVER: until it is ended */
};

/* The override as the JSON that the codec reads, so that the command and the API are judged alike.
 */
static json_t *override_json(const char *object, const char *action, const char *reason,
			     const char *author, struct span span)
{
	char starts[WALL_TEXT_MAX], ends[WALL_TEXT_MAX];
	wall_format(span.from_ms, starts);
	wall_format(span.for_ms == FOR_EVER ? LAST_DAY_MS : span.from_ms + span.for_ms, ends);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "object", object, "action", action,
			 "reason", reason, "author", author, "starts", starts, "ends", ends);
}

static int force(const struct command *command, const struct instance *instance, const char *object,
		 const char *action, const char *reason, struct span span)
{
	struct findings findings = {0};
	struct changes changes = {0};
	int status;
	char *author = command_author();
	json_t *json = override_json(object, action, reason, author, span);
	struct object *decoded = codec_decode(KIND_OVERRIDE, json, NULL, "", &findings);
	if (decoded != NULL) {
		changes_put(&changes, decoded, NULL);
		status = write_changes(command, instance, &changes, author, reason);
	} else {
		struct error none = {0};
		status = store_report(command, COMMIT_INVALID, "override", false, 0, &changes,
				      &findings, &none);
	}
	json_decref(json);
	free(author);
	findings_fini(&findings);
	return status;
}

/* The range of the API. "30" alone might be meant as minutes: it is refused. */
static bool read_span(const char *text, int64_t *ms)
{
	const int64_t least_ms = 60000, most_ms = INT64_C(30) * 86400000;
	bool has_unit = *text != '\0' && strchr("smhd", text[strlen(text) - 1]) != NULL;
	return has_unit && duration_parse_ms(text, ms) && *ms >= least_ms && *ms <= most_ms;
}

/* A maintenance window begins at a time to come, within the next 90 days. */
static bool read_from(const char *text, int64_t *ms)
{
	const int64_t most_ms = INT64_C(90) * 86400000;
	int64_t now_ms = wall_now_ms();
	*ms = now_ms;
	return text == NULL || (wall_parse(text, ms) && *ms > now_ms && *ms <= now_ms + most_ms);
}

int cmd_override(const struct command *command, int argc, char **argv)
{
	const char *reason = NULL, *for_text = NULL, *from_text = NULL;
	struct span span;
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = "reason", .value = &reason},
					    {.name = "for", .value = &for_text},
					    {.name = "from", .value = &from_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 2, 2, &operands, &instance);
	if (status >= 0)
		return status;
	if (reason == NULL || for_text == NULL || !read_span(for_text, &span.for_ms)) {
		fprintf(stderr,
			"meridian override: say why and how long, with a unit and from 1m to "
			"30d: --reason TEXT --for 30m (s, m, h or d)\n");
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	if (!read_from(from_text, &span.from_ms)) {
		fprintf(stderr, "meridian override: --from is a time to come within 90 days, as in "
				"2026-01-02T03:04:05Z\n");
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	status = force(command, &instance, operands.at[0], operands.at[1], reason, span);
	instance_fini(&instance);
	return status;
}

/* Ends the override of OBJECT. */
static int end(const struct command *command, const struct instance *instance, const char *object,
	       const char *comment)
{
	struct error error = {0};
	struct changes changes = {0};
	int status = EXIT_FAILED;
	struct store *store = store_access(command, instance, STORE_READ);
	struct object *present =
		store != NULL ? store_get(store, KIND_OVERRIDE, object, &error) : NULL;
	if (present != NULL) {
		char *author = command_author();
		changes_remove(&changes, KIND_OVERRIDE, object, NULL);
		status = write_changes(command, instance, &changes, author, comment);
		free(author);
	} else if (store != NULL) {
		if (error.text[0] == '\0')
			error_set(&error, "%s has no override", object);
		command_failed(command, &error);
	}
	object_unref(present);
	store_close(store);
	return status;
}

int cmd_override_end(const struct command *command, int argc, char **argv)
{
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = end(command, &instance, operands.at[0], "override ended");
	instance_fini(&instance);
	return status;
}

/* The id of the override that freezes: of one prefix, or of all of them. */
static char *freeze_object(const struct operands *operands)
{
	return mem_printf("prefix/%s", operands->count > 0 ? operands->at[0] : "*");
}

int cmd_freeze(const struct command *command, int argc, char **argv)
{
	const char *reason = NULL, *for_text = NULL;
	int64_t for_ms = FOR_EVER;
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = "reason", .value = &reason},
					    {.name = "for", .value = &for_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 1, &operands, &instance);
	if (status >= 0)
		return status;
	if (reason == NULL ||
	    (for_text != NULL && (!duration_parse_ms(for_text, &for_ms) || for_ms == 0))) {
		fprintf(stderr, "meridian anycast freeze: say why: --reason TEXT; without --for it "
				"holds until `meridian anycast unfreeze`\n");
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	char *object = freeze_object(&operands);
	status = force(command, &instance, object, "freeze", reason,
		       (struct span){.from_ms = wall_now_ms(), .for_ms = for_ms});
	free(object);
	instance_fini(&instance);
	return status;
}

int cmd_unfreeze(const struct command *command, int argc, char **argv)
{
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 1, &operands, &instance);
	if (status >= 0)
		return status;
	char *object = freeze_object(&operands);
	status = end(command, &instance, object, "unfrozen");
	free(object);
	instance_fini(&instance);
	return status;
}
