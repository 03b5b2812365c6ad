/* Knows the command that plays a failure in the demo: demo. */
#include "cli/options.h"
#include "cli/print.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_backends(const json_t *reply)
{
	static const char *const heads[] = {"BACKEND", "ADDRESS", "STATE"};
	struct table table;
	const json_t *backend;
	size_t i;
	table_init(&table, 3, heads);
	json_array_foreach(json_object_get(reply, "backends"), i, backend)
	{
		table_cell(&table, member_text(backend, "name"));
		table_cell(&table, member_text(backend, "address"));
		table_cell(&table, member_text(backend, "state"));
	}
	table_print(&table);
}

int cmd_demo(const struct command *command, int argc, char **argv)
{
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 5, &operands, &instance);
	if (status >= 0)
		return status;
	const char *verb = operands.at[0];
	bool asks = strcmp(verb, "status") == 0,
	     acts = strcmp(verb, "stop") == 0 || strcmp(verb, "start") == 0;
	if ((!asks && !acts) || (asks ? operands.count != 1 : operands.count < 2)) {
		fprintf(stderr, "usage: meridian %s %s\n", command->name, command->usage);
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	char *path = instance_socket(&instance, "run");
	json_t *reply = NULL;
	size_t asked = 0;
	do {
		json_t *args = acts ? json_pack("{s:s}", "name", operands.at[1 + asked]) : NULL;
		json_decref(reply);
		reply = control_ask(path, asks ? "backends" : verb, args, 5000, &error);
		json_decref(args);
	} while (reply != NULL && ++asked + 1 < operands.count);
	if (reply != NULL)
		print_backends(reply);
	if (reply == NULL && access(path, F_OK) != 0)
		error_set(&error, "no `meridian run` has the folder %s now",
			  instance.dir != NULL ? instance.dir : instance.run_dir);
	status = reply != NULL ? EXIT_DONE : command_failed(command, &error);
	json_decref(reply);
	free(path);
	instance_fini(&instance);
	return status;
}
