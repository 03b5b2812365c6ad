/* Knows how words on the command line become options, operands and an instance. */
#include "cli/options.h"

#include "base/mem.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage_error(const struct command *command, const char *what, const char *word)
{
	fprintf(stderr, "meridian %s: %s%s%s\nusage: meridian %s %s\n", command->name, what,
		word != NULL ? " " : "", word != NULL ? word : "", command->name, command->usage);
	return EXIT_USAGE;
}

static int print_help(const struct command *command)
{
	printf("usage: meridian %s %s\n\n%s\n\n  --dir DIR   the instance's folder (default: the "
	       "packaged paths)\n",
	       command->name, command->usage, command->about);
	return EXIT_DONE;
}

static const struct option_spec *find_spec(const struct option_spec *specs, const char *name,
					   size_t len)
{
	for (; specs != NULL && specs->name != NULL; specs++)
		if (strlen(specs->name) == len && memcmp(specs->name, name, len) == 0)
			return specs;
	return NULL;
}

/* Takes argv[*at], an option, and its value. Returns -1 to go on. */
static int take_option(const struct command *command, int argc, char **argv, int *at,
		       const struct option_spec *specs, const char **dir)
{
	const char *word = argv[*at], *name = word + 2, *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct option_spec own = {.name = "dir", .value = dir};
	const struct option_spec *spec =
		len == 3 && memcmp(name, "dir", 3) == 0 ? &own : find_spec(specs, name, len);
	if (spec == NULL)
		return usage_error(command, "there is no option", word);
	if (spec->flag != NULL) {
		*spec->flag = true;
		return equals == NULL ? -1 : usage_error(command, "no value belongs to", word);
	}
	const char *value = equals != NULL ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
	if (value == NULL)
		return usage_error(command, "a value is missing after", word);
	if (spec->value != NULL)
		*spec->value = value;
	else if (spec->list->count < OPTION_REPEAT_MAX)
		spec->list->at[spec->list->count++] = value;
	else
		return usage_error(command, "given too often:", word);
	return -1;
}

int options_read(const struct command *command, int argc, char **argv,
		 const struct option_spec *specs, size_t least, size_t most,
		 struct operands *operands, struct instance *instance)
{
	const char *dir = NULL;
	bool only_operands = false;
	struct operands none;
	struct error error = {0};
	if (operands == NULL)
		operands = &none;
	*operands = (struct operands){0};
	for (int i = 1; i < argc; i++) {
		if (!only_operands && strcmp(argv[i], "--") == 0) {
			only_operands = true;
		} else if (!only_operands && strcmp(argv[i], "--help") == 0) {
			return print_help(command);
		} else if (!only_operands && strncmp(argv[i], "--", 2) == 0) {
			int status = take_option(command, argc, argv, &i, specs, &dir);
			if (status >= 0)
				return status;
		} else if (operands->count == most) {
			return usage_error(command, "not expected:", argv[i]);
		} else {
			operands->at[operands->count++] = argv[i];
		}
	}
	if (operands->count < least)
		return usage_error(command, "something is missing", NULL);
	if (instance != NULL && !instance_load(dir, instance, &error))
		return command_failed(command, &error);
	return -1;
}

int command_failed(const struct command *command, const struct error *error)
{
	fprintf(stderr, "meridian %s: %s\n", command->name, error->text);
	return EXIT_FAILED;
}

bool option_number(const char *text, long long *number)
{
	char *end;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *number >= 0;
}

char *command_author(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *user = name == NULL ? getpwuid(getuid()) : NULL;
	if (user != NULL)
		name = user->pw_name;
	return name != NULL ? mem_printf("cli:%s", name) : mem_printf("cli:%u", (unsigned)getuid());
}
