/* Knows the commands that move whole documents: init, check, apply, export. */
#include "cli/options.h"
#include "cli/print.h"
#include "cli/store_access.h"
#include "db/auth.h"
#include "db/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cmd_init(const struct command *command, int argc, char **argv)
{
	struct instance instance;
	struct error error = {0};
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = NULL;
	struct auth *auth = NULL;
	if (!instance_prepare(&instance, &error) ||
	    (store = store_open(instance.config_db, STORE_WRITE, &error)) == NULL ||
	    (auth = auth_open(instance.auth_db, &error)) == NULL) {
		command_failed(command, &error);
	} else {
		printf("the store is at %s, revision %lld\n", instance.config_db,
		       (long long)store_revision(store, &error));
		status = EXIT_DONE;
	}
	auth_close(auth);
	store_close(store);
	instance_fini(&instance);
	return status;
}

/* Reads FILE against STORE and commits; a dry run stops before the commit, JUDGING says whether
 * that would succeed. */
static int take_document(const struct command *command, struct store *store, const char *file,
			 bool prune, bool dry_run, bool judging, struct author author)
{
	struct error error = {0};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision = 0;
	size_t len;
	char *text = read_whole(file, DOCUMENT_MAX, &len, &error);
	if (text == NULL)
		return command_failed(command, &error);
	char *name = command_author();
	author.name = name;
	enum commit_result result = COMMIT_INVALID;
	if (document_read(text, len, prune, store, &changes, &findings))
		result = store_commit(store, &changes, &author, NULL, dry_run, &revision, &findings,
				      &error);
	int status = EXIT_DONE;
	if (judging && (result == COMMIT_DONE || result == COMMIT_NOTHING))
		printf("%s is valid; apply would change %zu object%s\n", file, changes.count,
		       changes.count == 1 ? "" : "s");
	else
		status = store_report(command, result, file, dry_run, revision, &changes, &findings,
				      &error);
	free(name);
	free(text);
	changes_fini(&changes);
	findings_fini(&findings);
	return status;
}

int cmd_apply(const struct command *command, int argc, char **argv)
{
	bool dry_run = false, prune = false;
	struct author author = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {
		{.name = "dry-run", .flag = &dry_run},
		{.name = "prune", .flag = &prune},
		{.name = "comment", .value = &author.comment},
		{.name = "confirm", .value = &author.confirmed},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	struct store *store = store_access(command, &instance, STORE_WRITE);
	status = EXIT_FAILED;
	if (store != NULL)
		status = take_document(command, store, operands.at[0], prune, dry_run, false,
				       author);
	store_close(store);
	instance_fini(&instance);
	return status;
}

/*
 * Judges a document against the store of the instance where there is one, else against an empty
 * one: then a name that the document does not define is a finding.
 */
int cmd_check(const struct command *command, int argc, char **argv)
{
	struct operands operands;
	struct instance instance;
	struct error error = {0};
	char scratch[] = "/tmp/meridian-check-XXXXXX", path[64] = "";
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	bool has_store = access(instance.config_db, R_OK) == 0;
	if (!has_store) {
		if (mkdtemp(scratch) == NULL) {
			error_set_errno(&error, "cannot make a scratch folder %s", scratch);
			instance_fini(&instance);
			return command_failed(command, &error);
		}
		snprintf(path, sizeof path, "%s/config.db", scratch);
	}
	struct store *store =
		store_open(has_store ? instance.config_db : path, STORE_WRITE, &error);
	status = store == NULL ? command_failed(command, &error)
			       : take_document(command, store, operands.at[0], false, true, true,
					       (struct author){0});
	store_close(store);
	if (!has_store) {
		static const char *const suffixes[] = {"", "-wal", "-shm"};
		for (size_t i = 0; i < 3; i++) {
			char file[80];
			snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
			unlink(file);
		}
		rmdir(scratch);
	}
	instance_fini(&instance);
	return status;
}

int cmd_export(const struct command *command, int argc, char **argv)
{
	const char *revision_text = "0";
	long long revision;
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {{.name = "revision", .value = &revision_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = NULL;
	if (!option_number(revision_text, &revision)) {
		error_set(&error, "--revision %s is not a number", revision_text);
		command_failed(command, &error);
	} else if ((store = store_access(command, &instance, STORE_READ)) != NULL) {
		json_t *document = document_export(store, revision, &error);
		if (document != NULL) {
			print_json(document);
			status = EXIT_DONE;
		} else {
			command_failed(command, &error);
		}
		json_decref(document);
	}
	store_close(store);
	instance_fini(&instance);
	return status;
}
