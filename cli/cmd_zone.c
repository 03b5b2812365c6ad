/* Knows the commands that move zones as RFC 1035 files: zone import, zone export. */
#include "cli/options.h"
#include "cli/store_access.h"
#include "db/names.h"
#include "db/zone_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ZONE_FILE_MAX = 1 << 30 };

/* What the reading of a file tells a person. */
struct narrator {
	const char *file;
	bool terminal;
};

/* One line that is written over. */
static void show_progress(void *context, const char *what, size_t count)
{
	(void)context;
	fprintf(stderr, "\r\033[K%zu %s", count, what);
}

static void end_progress(const struct narrator *narrator)
{
	if (narrator->terminal)
		fprintf(stderr, "\r\033[K");
}

static void show_remark(void *context, const char *sentence)
{
	const struct narrator *narrator = context;
	end_progress(narrator);
	fprintf(stderr, "%s: %s\n", narrator->file, sentence);
}

/* The file into CHANGES. Its name stands before what is wrong in it. */
static bool read_file(struct store *store, const char *zone, struct narrator *narrator,
		      struct changes *changes, struct findings *findings, struct error *error)
{
	struct error why = {0};
	struct zone_source source = {.zone = zone,
				     .progress = narrator->terminal ? show_progress : NULL,
				     .remark = show_remark,
				     .context = narrator};
	char *text = read_whole(narrator->file, ZONE_FILE_MAX, &source.len, error);
	if (text == NULL)
		return false;
	source.text = text;
	enum zone_import_result result = zone_import(store, &source, changes, findings, &why);
	if (result != ZONE_IMPORT_DONE)
		error_set(error, "%s: %s; nothing is imported", narrator->file, why.text);
	else if (narrator->terminal)
		show_progress(narrator, "changes are checked and written", changes->count);
	free(text);
	return result == ZONE_IMPORT_DONE;
}

/* NAME in its one spelling; false after the sentence. */
static bool take_zone(const struct command *command, const char *name, char zone[DNS_NAME_TEXT_MAX])
{
	struct error error = {0};
	const char *wrong = dns_name_canonical(name, zone);
	if (wrong == NULL)
		return true;
	error_set(&error, "\"%.80s\" %s", name, wrong);
	command_failed(command, &error);
	return false;
}

static int import_zone(const struct command *command, struct store *store, const char *zone,
		       const char *file, const struct author *author, bool dry_run)
{
	struct error error = {0};
	struct changes changes = {0};
	struct findings findings = {0};
	int64_t revision = 0;
	struct narrator narrator = {.file = file, .terminal = isatty(STDERR_FILENO) == 1};
	enum commit_result result = COMMIT_FAILED;
	if (read_file(store, zone, &narrator, &changes, &findings, &error))
		result = store_commit(store, &changes, author, NULL, dry_run, &revision, &findings,
				      &error);
	else if (findings.count > 0)
		result = COMMIT_INVALID;
	end_progress(&narrator);
	int status =
		store_report(command, result, file, dry_run, revision, &changes, &findings, &error);
	changes_fini(&changes);
	findings_fini(&findings);
	return status;
}

int cmd_zone_import(const struct command *command, int argc, char **argv)
{
	bool dry_run = false;
	const char *comment = "zone import";
	struct operands operands;
	struct instance instance;
	char zone[DNS_NAME_TEXT_MAX];
	const struct option_spec specs[] = {{.name = "dry-run", .flag = &dry_run},
					    {.name = "comment", .value = &comment},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 2, 2, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = take_zone(command, operands.at[0], zone)
				      ? store_access(command, &instance, STORE_WRITE)
				      : NULL;
	if (store != NULL) {
		char *name = command_author();
		const struct author author = {.name = name, .comment = comment};
		status = import_zone(command, store, zone, operands.at[1], &author, dry_run);
		free(name);
	}
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
	char zone[DNS_NAME_TEXT_MAX];
	struct store *store = take_zone(command, operands.at[0], zone)
				      ? store_access(command, &instance, STORE_READ)
				      : NULL;
	if (store != NULL && zone_export(store, zone, stdout, &error)) {
		status = EXIT_DONE;
	} else if (store != NULL) {
		if (error.text[0] == '\0')
			error_set(&error, "there is no zone %s", zone);
		command_failed(command, &error);
	}
	store_close(store);
	instance_fini(&instance);
	return status;
}
