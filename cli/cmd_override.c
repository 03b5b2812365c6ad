/* Knows the commands that force an object's state for a time: override, override end. */
#include "base/wall.h"
#include "cli/options.h"
#include "cli/store_access.h"

#include <stdio.h>
#include <stdlib.h>

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

/* The override as the JSON that the codec reads, so that the command and the API are judged alike.
 */
static json_t *override_json(const struct operands *operands, const char *reason,
			     const char *author, int64_t for_ms)
{
	char starts[WALL_TEXT_MAX], ends[WALL_TEXT_MAX];
	int64_t now_ms = wall_now_ms();
	wall_format(now_ms, starts);
	wall_format(now_ms + for_ms, ends);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "object", operands->at[0], "action",
			 operands->at[1], "reason", reason, "author", author, "starts", starts,
			 "ends", ends);
}

int cmd_override(const struct command *command, int argc, char **argv)
{
	const char *reason = NULL, *for_text = NULL;
	int64_t for_ms;
	struct operands operands;
	struct instance instance;
	struct findings findings = {0};
	struct changes changes = {0};
	const struct option_spec specs[] = {{.name = "reason", .value = &reason},
					    {.name = "for", .value = &for_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 2, 2, &operands, &instance);
	if (status >= 0)
		return status;
	if (reason == NULL || for_text == NULL || !duration_parse_ms(for_text, &for_ms) ||
	    for_ms == 0) {
		fprintf(stderr, "meridian override: say why and how long: --reason TEXT --for 30m "
				"(s, m, h or d)\n");
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	char *author = command_author();
	json_t *json = override_json(&operands, reason, author, for_ms);
	struct object *object = codec_decode(KIND_OVERRIDE, json, NULL, "", &findings);
	if (object != NULL) {
		changes_put(&changes, object, NULL);
		status = write_changes(command, &instance, &changes, author, reason);
	} else {
		struct error none = {0};
		status = store_report(command, COMMIT_INVALID, "override", false, 0, &changes,
				      &findings, &none);
	}
	json_decref(json);
	free(author);
	findings_fini(&findings);
	instance_fini(&instance);
	return status;
}

int cmd_override_end(const struct command *command, int argc, char **argv)
{
	struct operands operands;
	struct instance instance;
	struct error error = {0};
	struct changes changes = {0};
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = store_access(command, &instance, STORE_READ);
	struct object *present =
		store != NULL ? store_get(store, KIND_OVERRIDE, operands.at[0], &error) : NULL;
	if (present != NULL) {
		char *author = command_author();
		changes_remove(&changes, KIND_OVERRIDE, operands.at[0], NULL);
		status = write_changes(command, &instance, &changes, author, "override ended");
		free(author);
	} else if (store != NULL) {
		if (error.text[0] == '\0')
			error_set(&error, "%s has no override", operands.at[0]);
		command_failed(command, &error);
	}
	object_unref(present);
	store_close(store);
	instance_fini(&instance);
	return status;
}
