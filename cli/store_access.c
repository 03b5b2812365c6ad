/* Knows how a command reaches the store and how it tells what came of a write. */
#include "cli/store_access.h"

#include "base/mem.h"
#include "cli/options.h"
#include "cli/print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store *store_access(const struct command *command, const struct instance *instance,
			   enum store_mode mode)
{
	struct error error = {0};
	if (access(instance->config_db, F_OK) != 0 && errno == ENOENT) {
		error_set(&error, "there is no store at %s; create it with: meridian init%s%s",
			  instance->config_db, instance->dir != NULL ? " --dir " : "",
			  instance->dir != NULL ? instance->dir : "");
		command_failed(command, &error);
		return NULL;
	}
	struct store *store = store_open(instance->config_db, mode, &error);
	if (store == NULL)
		command_failed(command, &error);
	return store;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

int store_report(const struct command *command, enum commit_result result, const char *file,
		 bool dry_run, int64_t revision, const struct changes *changes,
		 const struct findings *findings, const struct error *error)
{
	switch (result) {
	case COMMIT_DONE:
		if (dry_run) {
			print_changes(changes);
			printf("%zu object%s would change; nothing is written\n", changes->count,
			       plural(changes->count));
		} else {
			printf("revision %" PRId64 ": %zu object%s changed\n", revision,
			       changes->count, plural(changes->count));
		}
		return EXIT_DONE;
	case COMMIT_NOTHING:
		printf("nothing to change: the store is at revision %" PRId64 "\n", revision);
		return EXIT_DONE;
	case COMMIT_INVALID:
	case COMMIT_BLOCKED:
		print_findings(file, findings);
		fprintf(stderr,
			"meridian %s: refused whole, nothing is written: %zu thing%s to mend\n",
			command->name, findings->count + findings->dropped,
			plural(findings->count + findings->dropped));
		return EXIT_FAILED;
	case COMMIT_STALE:
	case COMMIT_FAILED:
		break;
	}
	return command_failed(command, error);
}

char *read_whole(const char *path, size_t limit, size_t *len, struct error *error)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (file == NULL) {
		error_set_errno(error, "cannot read %s", path);
		return NULL;
	}
	size_t capacity = 1 << 16;
	char *text = mem_array(capacity, 1);
	*len = 0;
	for (size_t n; (n = fread(text + *len, 1, capacity - *len - 1, file)) > 0;) {
		*len += n;
		if (*len > limit)
			break;
		if (*len + 1 == capacity)
			text = mem_resize(text, capacity *= 2, 1);
	}
	bool failed = ferror(file) != 0;
	if (failed)
		error_set_errno(error, "cannot read %s", path);
	else if (*len > limit)
		error_set(error, "%s is larger than %zu octets", path, limit);
	if (file != stdin)
		fclose(file);
	if (failed || *len > limit) {
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}
