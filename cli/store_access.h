/* store_access: opening an instance's store for a command, and turning a commit's result into words
 * and a status. */
#ifndef MERIDIAN_CLI_STORE_ACCESS_H
#define MERIDIAN_CLI_STORE_ACCESS_H

#include "cli/command.h"
#include "db/store.h"

/* NULL after the sentence has been printed; a missing store is told with `meridian init` as the
 * remedy. */
struct store *store_access(const struct command *command, const struct instance *instance,
			   enum store_mode mode);

/*
 * Says what a commit came to and returns the exit status. FILE names what the findings' pointers
 * point into. The changes are printed for a dry run.
 */
int store_report(const struct command *command, enum commit_result result, const char *file,
		 bool dry_run, int64_t revision, const struct changes *changes,
		 const struct findings *findings, const struct error *error);

/* A whole file into heap memory, at most LIMIT octets; "-" is standard input. NULL with ERROR. */
char *read_whole(const char *path, size_t limit, size_t *len, struct error *error);

#endif
