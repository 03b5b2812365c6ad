/* Knows the commands about revisions: history, diff, rollback. */
#include "cli/options.h"
#include "cli/print.h"
#include "cli/store_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_table(const json_t *list)
{
	static const char *const heads[] = {"REVISION", "TIME", "AUTHOR", "CHANGES", "COMMENT"};
	static const char *const keys[] = {"revision", "time", "author", "changes", "comment"};
	struct table table;
	const json_t *row;
	size_t i;
	table_init(&table, 5, heads);
	json_array_foreach(list, i, row)
	{
		for (size_t column = 0; column < 5; column++)
			table_cell(&table, member_text(row, keys[column]));
	}
	table_print(&table);
}

static void print_history(const struct revision *revisions, size_t count, bool as_json)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, revision_json(&revisions[i]));
	(as_json ? print_json : print_table)(list);
	json_decref(list);
}

int cmd_history(const struct command *command, int argc, char **argv)
{
	bool as_json = false;
	const char *limit_text = "50";
	long long limit;
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {{.name = "json", .flag = &as_json},
					    {.name = "limit", .value = &limit_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	struct store *store = store_access(command, &instance, STORE_READ);
	struct revision *revisions = NULL;
	size_t count = 0;
	status = EXIT_FAILED;
	if (!option_number(limit_text, &limit) || limit == 0) {
		error_set(&error, "--limit %s is not a number above 0", limit_text);
		command_failed(command, &error);
	} else if (store != NULL &&
		   store_history(store, 0, (size_t)limit, &revisions, &count, &error)) {
		print_history(revisions, count, as_json);
		status = EXIT_DONE;
	} else if (store != NULL) {
		command_failed(command, &error);
	}
	revisions_free(revisions, count);
	store_close(store);
	instance_fini(&instance);
	return status;
}

/* "diff N" is what revision N did; "diff N M" is what leads from N to M. */
static bool read_span(const struct operands *operands, int64_t *from, int64_t *to,
		      struct error *error)
{
	long long first, second;
	if (!option_number(operands->at[0], &first) ||
	    (operands->count == 2 && !option_number(operands->at[1], &second))) {
		error_set(error, "a revision is a number as `meridian history` lists it");
		return false;
	}
	if (operands->count == 1 && first == 0) {
		error_set(error, "revision 0 is the empty store; it changed nothing");
		return false;
	}
	*from = operands->count == 2 ? first : first - 1;
	*to = operands->count == 2 ? second : first;
	return true;
}

/* Asked for first, because of "diff 9" a refusal of revision 8 would surprise. */
static bool is_there(struct store *store, int64_t revision, struct error *error)
{
	int64_t newest = store_revision(store, error);
	if (newest >= revision)
		return true;
	if (newest >= 0)
		error_set(error, "there is no revision %" PRId64 "; the newest is %" PRId64,
			  revision, newest);
	return false;
}

static json_t *changes_json(const struct changes *changes)
{
	json_t *list = json_array();
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->at[i];
		json_array_append_new(
			list,
			json_pack(
				"{s:s, s:s, s:o?, s:o?}", "kind", kind_name(change->kind), "id",
				change->id, "before",
				change->before != NULL ? codec_encode(change->before) : json_null(),
				"after",
				change->after != NULL ? codec_encode(change->after) : json_null()));
	}
	return list;
}

int cmd_diff(const struct command *command, int argc, char **argv)
{
	bool as_json = false;
	int64_t from, to;
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	struct changes changes = {0};
	const struct option_spec specs[] = {{.name = "json", .flag = &as_json}, {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 2, &operands, &instance);
	if (status >= 0)
		return status;
	struct store *store = store_access(command, &instance, STORE_READ);
	status = EXIT_FAILED;
	if (store != NULL && read_span(&operands, &from, &to, &error) &&
	    is_there(store, to, &error) && store_diff(store, from, to, &changes, &error)) {
		if (as_json) {
			json_t *list = changes_json(&changes);
			print_json(list);
			json_decref(list);
		} else {
			print_changes(&changes);
		}
		status = EXIT_DONE;
	} else if (store != NULL) {
		command_failed(command, &error);
	}
	changes_fini(&changes);
	store_close(store);
	instance_fini(&instance);
	return status;
}

int cmd_rollback(const struct command *command, int argc, char **argv)
{
	bool dry_run = false;
	const char *comment = NULL, *confirmed = NULL;
	long long to;
	int64_t revision = 0;
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	struct findings findings = {0};
	struct changes changes = {0};
	const struct option_spec specs[] = {{.name = "dry-run", .flag = &dry_run},
					    {.name = "comment", .value = &comment},
					    {.name = "confirm", .value = &confirmed},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	struct store *store = store_access(command, &instance, STORE_WRITE);
	status = EXIT_FAILED;
	if (store != NULL && option_number(operands.at[0], &to)) {
		char *name = command_author();
		const struct author author = {
			.name = name, .comment = comment, .confirmed = confirmed};
		enum commit_result result = COMMIT_FAILED;
		if (store_rollback_changes(store, to, &changes, &error))
			result = store_rollback(store, to, &author, dry_run, &revision, &findings,
						&error);
		status = store_report(command, result, "rollback", dry_run, revision, &changes,
				      &findings, &error);
		free(name);
	} else if (store != NULL) {
		error_set(&error, "\"%s\" is not a revision; `meridian history` lists them",
			  operands.at[0]);
		command_failed(command, &error);
	}
	changes_fini(&changes);
	findings_fini(&findings);
	store_close(store);
	instance_fini(&instance);
	return status;
}
