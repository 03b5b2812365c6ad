/*
 * command: one subcommand of `meridian`: its name, how it is used, what it does.
 *
 * A command's function reads its own options with options_read(), prints results on stdout and
 * sentences about failure on stderr, and returns the exit status: 0 done, 1 failed, 2 used wrongly.
 */
#ifndef MERIDIAN_CLI_COMMAND_H
#define MERIDIAN_CLI_COMMAND_H

#include "base/error.h"
#include "db/instance.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
	const char *name;  /* "apply", or "zone import" for a command of two words */
	const char *usage; /* what follows the name: "FILE [--dry-run]" */
	const char *about; /* one line */
	int (*run)(const struct command *command, int argc,
		   char **argv); /* argv[0] is the name's last word */
};

int cmd_run(const struct command *command, int argc, char **argv);
int cmd_demo(const struct command *command, int argc, char **argv);
int cmd_init(const struct command *command, int argc, char **argv);
int cmd_check(const struct command *command, int argc, char **argv);
int cmd_apply(const struct command *command, int argc, char **argv);
int cmd_export(const struct command *command, int argc, char **argv);
int cmd_history(const struct command *command, int argc, char **argv);
int cmd_diff(const struct command *command, int argc, char **argv);
int cmd_rollback(const struct command *command, int argc, char **argv);
int cmd_zone_import(const struct command *command, int argc, char **argv);
int cmd_zone_export(const struct command *command, int argc, char **argv);
int cmd_status(const struct command *command, int argc, char **argv);
int cmd_health(const struct command *command, int argc, char **argv);
int cmd_anycast(const struct command *command, int argc, char **argv);
int cmd_anycast_plan(const struct command *command, int argc, char **argv);
int cmd_anycast_confirm(const struct command *command, int argc, char **argv);
int cmd_bird_setup(const struct command *command, int argc, char **argv);
int cmd_freeze(const struct command *command, int argc, char **argv);
int cmd_unfreeze(const struct command *command, int argc, char **argv);
int cmd_explain(const struct command *command, int argc, char **argv);
int cmd_geo_lookup(const struct command *command, int argc, char **argv);
int cmd_geo_compile(const struct command *command, int argc, char **argv);
int cmd_events(const struct command *command, int argc, char **argv);
int cmd_override(const struct command *command, int argc, char **argv);
int cmd_override_end(const struct command *command, int argc, char **argv);
int cmd_user_add(const struct command *command, int argc, char **argv);
int cmd_token_add(const struct command *command, int argc, char **argv);

#endif
