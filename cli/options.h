/* options: a command's words as its table says; --dir and --help are understood everywhere. */
#ifndef MERIDIAN_CLI_OPTIONS_H
#define MERIDIAN_CLI_OPTIONS_H

#include "cli/command.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPTION_REPEAT_MAX = 64 };

struct option_list {
	const char *at[OPTION_REPEAT_MAX];
	size_t count;
};

/* Exactly one of FLAG, VALUE, LIST is set: what --NAME sets. */
struct option_spec {
	const char *name; /* without dashes */
	bool *flag;
	const char **value;
	struct option_list *list; /* may be given again and again */
};

struct operands {
	const char *at[8];
	size_t count;
};

/*
 * Reads ARGV into the variables of SPECS (ended by a NULL name) and the rest into OPERANDS, of
 * which LEAST to MOST must be there; loads the instance of --dir where INSTANCE is not NULL (the
 * caller frees it). Returns -1 to go on, or the exit status after what was to be said has been
 * said. Everything set points into ARGV.
 */
int options_read(const struct command *command, int argc, char **argv,
		 const struct option_spec *specs, size_t least, size_t most,
		 struct operands *operands, struct instance *instance);

/* "meridian NAME: SENTENCE" on stderr; returns EXIT_FAILED. */
int command_failed(const struct command *command, const struct error *error);

/* Reads a whole decimal number of 0 or more; false where TEXT is not one. */
bool option_number(const char *text, long long *number) __attribute__((warn_unused_result));

/* "cli:NAME" of the user at the terminal (the one behind sudo, where there is one). The caller
 * frees. */
char *command_author(void);

#endif
