/* Knows how a person says that a change of BIRD's configuration was looked at: anycast confirm. */
#include "cli/options.h"
#include "cli/print.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIRM_TIMEOUT_MS = 3000 };

/* Without an ID: what there is to confirm, and how. */
static int show(const struct command *command, const char *path)
{
	struct error error = {0};
	json_t *reply = control_ask(path, "anycast", NULL, CONFIRM_TIMEOUT_MS, &error);
	if (reply == NULL)
		return command_failed(command, &error);
	const json_t *conf = json_object_get(json_object_get(reply, "bird"), "conf");
	if (strcmp(member_text(conf, "state"), "changed") == 0)
		printf("somebody changed %s\nlook at it, then: meridian anycast confirm %s\n",
		       member_text(conf, "files"), member_text(conf, "id"));
	else
		printf("nothing is to be confirmed: BIRD's configuration is %s\n",
		       member_text(conf, "state"));
	json_decref(reply);
	return EXIT_DONE;
}

static int confirm(const struct command *command, const char *path, const char *id)
{
	struct error error = {0};
	char *author = command_author();
	json_t *args = json_pack("{s:s, s:s}", "id", id, "actor", author);
	json_t *reply = control_ask(path, "confirm", args, CONFIRM_TIMEOUT_MS, &error);
	int status = EXIT_DONE;
	if (reply != NULL)
		printf("confirmed: what waited is announced now\n");
	else
		status = command_failed(command, &error);
	json_decref(reply);
	json_decref(args);
	free(author);
	return status;
}

int cmd_anycast_confirm(const struct command *command, int argc, char **argv)
{
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 1, &operands, &instance);
	if (status >= 0)
		return status;
	char *path = instance_socket(&instance, "bgpctl");
	status = operands.count > 0 ? confirm(command, path, operands.at[0]) : show(command, path);
	free(path);
	instance_fini(&instance);
	return status;
}
