/* Knows the commands that move zones as RFC 1035 files: zone import, zone export. */
#include "cli/options.h"
#include "cli/store_access.h"
#include "db/zone_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ZONE_FILE_MAX = 1 << 30 };

static void show_progress(void *context, size_t records)
{
	(void)context;
	fprintf(stderr, "\r%zu records read\n", records);
}

/* FILE into CHANGES. The name of the file stands before what is wrong in it. */
static bool read_file(struct store *store, const char *zone, const char *file,
		      struct changes *changes, struct findings *findings, struct error *error)
{
	struct error why = {0};
	struct zone_source source = {.zone = zone,
				     .progress = isatty(STDERR_FILENO) == 1 ? show_progress : NULL};
	char *text = read_whole(file, ZONE_FILE_MAX, &source.len, error);
	if (text == NULL)
		return false;
	source.text = text;
	enum zone_import_result result = zone_import(store, &source, changes, findings, &why);
	if (result != ZONE_IMPORT_DONE)
		error_set(error, "%s: %s; nothing is imported", file, why.text);
	free(text);
	return result == ZONE_IMPORT_DONE;
}

int cmd_zone_import(const struct command *command, int argc, char **argv)
{
	bool dry_run = false;
	const char *comment = NULL;
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	struct changes changes = {0};
	struct findings findings = {0};
	int64_t revision = 0;
	const struct option_spec specs[] = {{.name = "dry-run", .flag = &dry_run},
					    {.name = "comment", .value = &comment},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 2, 2, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = store_access(command, &instance, STORE_WRITE);
	if (store != NULL) {
		char *name = command_author();
		const struct author author = {.name = name,
					      .comment = comment != NULL ? comment : "zone import"};
		enum commit_result result = COMMIT_FAILED;
		if (read_file(store, operands.at[0], operands.at[1], &changes, &findings, &error))
			result = store_commit(store, &changes, &author, NULL, dry_run, &revision,
					      &findings, &error);
		else if (findings.count > 0)
			result = COMMIT_INVALID;
		status = store_report(command, result, operands.at[1], dry_run, revision, &changes,
				      &findings, &error);
		free(name);
	}
	changes_fini(&changes);
	findings_fini(&findings);
	store_close(store);
	instance_fini(&instance);
	return status;
}

int cmd_zone_export(const struct command *command, int argc, char **argv)
{
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = store_access(command, &instance, STORE_READ);
	if (store != NULL && zone_export(store, operands.at[0], stdout, &error)) {
		status = EXIT_DONE;
	} else if (store != NULL) {
		if (error.text[0] == '\0')
			error_set(&error, "there is no zone %s", operands.at[0]);
		command_failed(command, &error);
	}
	store_close(store);
	instance_fini(&instance);
	return status;
}
