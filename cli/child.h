/*
 * child: a program that `meridian run` keeps running: started in a process group of its own (so
 * that Ctrl-C reaches only us), ended with us whatever happens to us, started again when it ends
 * unasked.
 */
#ifndef MERIDIAN_CLI_CHILD_H
#define MERIDIAN_CLI_CHILD_H

#include "base/error.h"
#include "base/mono.h"

#include <stdbool.h>
#include <sys/types.h>

enum { CHILD_ARGS_MAX = 12, CHILD_RESTART_MIN_MS = 500, CHILD_RESTART_MAX_MS = 10000 };

struct child {
	char name[32];
	char *argv[CHILD_ARGS_MAX + 1]; /* owned; argv[0] is the program's path */
	pid_t pid;			/* 0: not running */
	bool wanted;
	bool quiet; /* what it says goes to nowhere */
	struct mono started, restart_at;
	int restart_ms;
};

/* ARGS end with NULL and are copied; args[0] is the program's path. */
void child_init(struct child *child, const char *name, bool quiet, const char *const *args);
void child_fini(struct child *child);

bool child_start(struct child *child, struct error *error) __attribute__((warn_unused_result));

/* Asks it to end (SIGTERM), and after TIMEOUT_MS makes it (SIGKILL). Returns when it is gone. */
void child_stop(struct child *child, int timeout_ms);

/* Tells that PID, waited for with STATUS, was this child; says so in the log and plans the restart.
 */
void child_ended(struct child *child, int status, struct mono now);

/* Starts it again when its time has come. */
void child_tend(struct child *child, struct mono now);

/* The path of a program beside ours (/proc/self/exe); the caller frees. */
char *program_beside(const char *name);

/* The path of NAME in $PATH, or NULL; the caller frees. */
char *program_in_path(const char *name);

/* Runs ARGS to the end with our stdout and stderr. False with ERROR when it cannot be run or fails.
 */
bool program_run(const char *const *args, struct error *error) __attribute__((warn_unused_result));

#endif
