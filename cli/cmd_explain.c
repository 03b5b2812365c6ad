/* Knows the commands that ask the responder why: explain, geo lookup. */
#include "cli/options.h"
#include "cli/print.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>

enum { ASK_TIMEOUT_MS = 3000 };

static void print_lines(const char *head, const json_t *lines)
{
	size_t i;
	const json_t *line;
	json_array_foreach(lines, i, line)
		printf("%s%s\n", i == 0 ? head : "            ", json_string_value(line));
}

static void print_explanation(const json_t *reply)
{
	size_t i;
	const json_t *step;
	bool by_resolver = json_is_null(json_object_get(reply, "client"));
	printf("%s %s for %s%s\n\n", member_text(reply, "name"), member_text(reply, "type"),
	       by_resolver ? "resolver " : "",
	       member_text(reply, by_resolver ? "resolver" : "client"));
	json_array_foreach(json_object_get(reply, "steps"), i, step) printf(
		"%2zu. %-9s %s\n", i + 1, member_text(step, "step"), member_text(step, "text"));
	printf("\nrcode       %s\n", member_text(reply, "rcode"));
	print_lines("answer      ", json_object_get(reply, "answers"));
	print_lines("authority   ", json_object_get(reply, "authority"));
	printf("ECS scope   %s\n", by_resolver ? "none" : member_text(reply, "scope"));
}

static json_t *texts_json(const struct option_list *list)
{
	json_t *texts = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(texts, json_string(list->at[i]));
	return texts;
}

static int ask_responder(const struct command *command, const struct instance *instance,
			 const char *verb, json_t *args, void (*print)(const json_t *reply))
{
	struct error error = {0};
	char *path = instance_socket(instance, "geodns");
	json_t *reply = control_ask(path, verb, args, ASK_TIMEOUT_MS, &error);
	int status = EXIT_DONE;
	if (reply != NULL)
		print(reply);
	else
		status = command_failed(command, &error);
	json_decref(reply);
	json_decref(args);
	free(path);
	return status;
}

int cmd_explain(const struct command *command, int argc, char **argv)
{
	bool as_json = false;
	const char *client = NULL, *resolver = NULL;
	struct option_list assume_down = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {
		{.name = "json", .flag = &as_json},
		{.name = "client", .value = &client},
		{.name = "resolver", .value = &resolver},
		{.name = "assume-down", .list = &assume_down},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 1, 2, &operands, &instance);
	if (status >= 0)
		return status;
	if (client == NULL && resolver == NULL) {
		fprintf(stderr, "meridian explain: whose question is it? give --client ADDR[/LEN] "
				"or --resolver ADDR\n");
		instance_fini(&instance);
		return EXIT_USAGE;
	}
	json_t *args = json_pack("{s:s, s:s, s:s?, s:s?, s:o}", "name", operands.at[0], "type",
				 operands.count == 2 ? operands.at[1] : "A", "client", client,
				 "resolver", resolver, "assume_down", texts_json(&assume_down));
	status = ask_responder(command, &instance, "explain", args,
			       as_json ? print_json : print_explanation);
	instance_fini(&instance);
	return status;
}

static void print_place(const json_t *reply)
{
	static const char *const keys[] = {"continent", "country", "subdivision", "lat",
					   "lon",	"asn",	   "prefix",	  "source"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = member_text(reply, keys[i]);
		printf("%-12s %s\n", keys[i], *text != '\0' ? text : "-");
	}
}

int cmd_geo_lookup(const struct command *command, int argc, char **argv)
{
	bool as_json = false;
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = "json", .flag = &as_json}, {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	json_t *args = json_pack("{s:s}", "address", operands.at[0]);
	status = ask_responder(command, &instance, "geo_lookup", args,
			       as_json ? print_json : print_place);
	instance_fini(&instance);
	return status;
}
