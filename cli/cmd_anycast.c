/* Knows how a forecast of announcements is asked for and shown: anycast plan. */
#include "cli/options.h"
#include "cli/print.h"
#include "cli/store_access.h"
#include "db/control.h"
#include "db/document.h"
#include "db/plan_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_TIMEOUT_MS = 5000 };

/* Reads FILE against the store, says what the store would say of it, and returns what to ask of the
 * controller; NULL after the sentence. */
static json_t *read_file(const struct command *command, const struct instance *instance,
			 const char *file, bool prune)
{
	struct error error = {0};
	struct findings findings = {0};
	struct changes changes = {0};
	json_t *json = NULL;
	int64_t revision;
	size_t len;
	char *text = read_whole(file, DOCUMENT_MAX, &len, &error);
	struct store *store = text != NULL ? store_access(command, instance, STORE_READ) : NULL;
	if (text == NULL)
		command_failed(command, &error);
	if (store != NULL && document_read(text, len, prune, store, &changes, &findings)) {
		const struct author author = {.name = "plan"};
		enum commit_result result = store_commit(store, &changes, &author, NULL, true,
							 &revision, &findings, &error);
		/* What is refused is shown all the same: the plan says why it would matter. */
		if (result == COMMIT_FAILED)
			command_failed(command, &error);
		else
			json = plan_request(&changes);
	}
	print_findings(file, &findings);
	store_close(store);
	free(text);
	changes_fini(&changes);
	findings_fini(&findings);
	return json;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t at_len = strcspn(at, "\n");
		if (at_len == len && memcmp(at, line, len) == 0)
			return true;
		at += at_len + (at[at_len] == '\n');
	}
	return false;
}

/* The lines of TEXT that OTHER does not have, but for generation and time. */
static void print_lines(const char *text, const char *other, char sign)
{
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "\n");
		if (len > 0 && at[0] != '#' && !has_line(other, at, len))
			printf("%c%.*s\n", sign, (int)len, at);
		at += len + (at[len] == '\n');
	}
}

static void print_plan(const json_t *plan)
{
	static const char *const heads[] = {"PREFIX", "NOW", "THEN", "LATER", "GUARD", "REASON"};
	static const char *const peer_heads[] = {"SESSION", "PREFIX", "EXPORTED NOW", "THEN"};
	const json_t *row, *file = json_object_get(plan, "file");
	struct table table;
	size_t i;
	table_init(&table, 6, heads);
	json_array_foreach(json_object_get(plan, "prefixes"), i, row)
	{
		const char *rule = member_text(row, "blocked_by");
		table_cell(&table, member_text(row, "prefix"));
		table_cell(&table, member_text(row, "now"));
		table_cell(&table, member_text(row, "then"));
		table_cell(&table, member_text(row, "later"));
		table_cell(&table, *rule != '\0' ? rule : "passes");
		table_cell(&table, member_text(row, "reason"));
	}
	table_print(&table);
	table_init(&table, 4, peer_heads);
	json_array_foreach(json_object_get(plan, "exports"), i, row)
	{
		table_cell(&table, member_text(row, "peer"));
		table_cell(&table, member_text(row, "prefix"));
		table_cell(&table, member_text(row, "now"));
		table_cell(&table, member_text(row, "then"));
	}
	table_print(&table);
	const char *before = json_string_value(json_object_get(file, "before"));
	const char *after = json_string_value(json_object_get(file, "after"));
	printf("%s:\n", member_text(file, "path"));
	print_lines(before, after, '-');
	print_lines(after, before, '+');
	printf("nothing is written, and BIRD is told nothing\n");
}

int cmd_anycast_plan(const struct command *command, int argc, char **argv)
{
	const char *file = NULL;
	bool as_json = false, prune = false;
	struct error error = {0};
	struct instance instance;
	json_t *args = NULL;
	const struct option_spec specs[] = {{.name = "apply", .value = &file},
					    {.name = "prune", .flag = &prune},
					    {.name = "json", .flag = &as_json},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	args = file != NULL ? read_file(command, &instance, file, prune) : plan_request(NULL);
	char *path = instance_socket(&instance, "bgpctl");
	json_t *plan =
		args != NULL ? control_ask(path, "plan", args, PLAN_TIMEOUT_MS, &error) : NULL;
	if (plan != NULL)
		status = EXIT_DONE, (as_json ? print_json : print_plan)(plan);
	else if (args != NULL)
		command_failed(command, &error);
	json_decref(plan);
	json_decref(args);
	free(path);
	instance_fini(&instance);
	return status;
}
