/* Knows the commands that ask the daemons how things are: status, health, anycast. */
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "cli/in_force.h"
#include "cli/options.h"
#include "cli/print.h"
#include "db/control.h"
#include "db/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASK_TIMEOUT_MS = 3000, READY_POLL_MS = 100 };

static const char *const daemons[] = {"geodns", "healthcheck", "bgpctl", "web"};

/* The daemon's status, or {"daemon", "error"} where it does not answer. */
static json_t *ask_status(const struct instance *instance, const char *daemon)
{
	struct error error = {0};
	char *path = instance_socket(instance, daemon);
	json_t *status = control_ask(path, "status", NULL, ASK_TIMEOUT_MS, &error);
	free(path);
	return status != NULL ? status
			      : json_pack("{s:s, s:s}", "daemon", daemon, "error", error.text);
}

static json_t *ask_all(const struct instance *instance)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof daemons / sizeof *daemons; i++)
		json_array_append_new(list, ask_status(instance, daemons[i]));
	struct error error = {0};
	struct store *store = store_open(instance->config_db, STORE_READ, &error);
	struct model *model = store != NULL ? store_load(store, &error) : NULL;
	json_t *all = json_pack("{s:o, s:o, s:o}", "daemons", list, "revision",
				model != NULL ? json_integer(model->revision) : json_null(),
				"overrides", model != NULL ? in_force(model) : json_array());
	if (model == NULL)
		json_object_set_new(all, "store_error", json_string(error.text));
	model_unref(model);
	store_close(store);
	return all;
}

/* A daemon is well when it answers, is at the store's revision and has no problem. */
static bool is_well(const json_t *status, const json_t *revision)
{
	return json_object_get(status, "error") == NULL &&
	       json_array_size(json_object_get(status, "problems")) == 0 &&
	       json_equal(json_object_get(status, "revision"), revision);
}

static bool all_well(const json_t *all)
{
	size_t i;
	const json_t *status, *revision = json_object_get(all, "revision");
	json_array_foreach(json_object_get(all, "daemons"), i, status)
	{
		if (!is_well(status, revision))
			return false;
	}
	return json_is_integer(revision);
}

static void print_status(const json_t *all)
{
	static const char *const heads[] = {"DAEMON", "STATE", "REVISION", "SINCE", "PROBLEM"};
	const json_t *status, *revision = json_object_get(all, "revision"), *problem;
	struct table table;
	size_t i, j;
	table_init(&table, 5, heads);
	json_array_foreach(json_object_get(all, "daemons"), i, status)
	{
		const json_t *problems = json_object_get(status, "problems");
		const json_t *failure = json_object_get(status, "error");
		table_cell(&table, daemons[i]);
		table_cell(&table, failure != NULL	       ? "unreachable"
				   : is_well(status, revision) ? "well"
							       : "degraded");
		table_cell(&table, member_text(status, "revision"));
		table_cell(&table, ago_text(member_text(status, "since"), wall_now_ms()));
		table_cell(&table, failure != NULL
					   ? json_string_value(failure)
					   : json_string_value(json_array_get(problems, 0)));
		json_array_foreach(problems, j, problem)
		{
			for (int column = 0; j > 0 && column < 4; column++)
				table_cell(&table, " ");
			if (j > 0)
				table_cell(&table, json_string_value(problem));
		}
	}
	table_print(&table);
	printf("store: revision %s%s\n",
	       json_is_null(revision) ? "unreadable: " : member_text(all, "revision"),
	       member_text(all, "store_error"));
	in_force_print(json_object_get(all, "overrides"));
}

int cmd_status(const struct command *command, int argc, char **argv)
{
	bool as_json = false;
	const char *wait_text = "0";
	long long wait_s;
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {{.name = "json", .flag = &as_json},
					    {.name = "wait-ready", .value = &wait_text},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	if (!option_number(wait_text, &wait_s) || wait_s > 86400) {
		error_set(&error, "--wait-ready %s is not a number of seconds up to 86400",
			  wait_text);
		instance_fini(&instance);
		return command_failed(command, &error);
	}
	struct mono deadline = mono_add_ms(mono_now(), wait_s * 1000);
	json_t *all = ask_all(&instance);
	while (!all_well(all) && mono_ms_between(mono_now(), deadline) > 0) {
		usleep(READY_POLL_MS * 1000);
		json_decref(all);
		all = ask_all(&instance);
	}
	if (as_json)
		print_json(all);
	else
		print_status(all);
	status = all_well(all) ? EXIT_DONE : EXIT_FAILED;
	json_decref(all);
	instance_fini(&instance);
	return status;
}

static int by_id(const void *a, const void *b)
{
	const json_t *const *first = a, *const *second = b;
	return strcmp(json_string_value(json_object_get(*first, "id")),
		      json_string_value(json_object_get(*second, "id")));
}

/* The targets by their ids: the checker lists them as its table has them. Freed by the caller. */
static const json_t **sorted_targets(const json_t *list, size_t *count)
{
	*count = json_array_size(list);
	const json_t **targets = mem_array(*count + 1, sizeof *targets);
	for (size_t i = 0; i < *count; i++)
		targets[i] = json_array_get(list, i);
	qsort(targets, *count, sizeof *targets, by_id);
	return targets;
}

/* How long the last check took; NULL where there was none. */
static const char *took_text(const json_t *last, char *out, size_t size)
{
	const json_t *total = json_object_get(json_object_get(last, "phases_ms"), "total");
	snprintf(out, size, "%.1f ms", json_number_value(total));
	return total != NULL ? out : NULL;
}

/* What is left of the certificate; NULL where there is none. */
static const char *days_text(const json_t *cert, char *out, size_t size)
{
	json_int_t days = json_integer_value(json_object_get(cert, "days_left"));
	snprintf(out, size, days == 1 ? "%lld day" : "%lld days", (long long)days);
	return json_is_object(cert) ? out : NULL;
}

static void print_health(const json_t *reply)
{
	static const char *const heads[] = {"ENDPOINT", "ADDRESS", "STATE", "SINCE",
					    "TOOK",	"CERT",	   "REASON"};
	struct table table;
	size_t count;
	const json_t **targets = sorted_targets(json_object_get(reply, "targets"), &count);
	table_init(&table, 7, heads);
	for (size_t i = 0; i < count; i++) {
		const json_t *target = targets[i];
		char address[96], name[160], took[32], days[32];
		bool v6 = strchr(member_text(target, "address"), ':') != NULL;
		snprintf(name, sizeof name, "%s/%s", member_text(target, "pool"),
			 member_text(target, "endpoint"));
		snprintf(address, sizeof address, v6 ? "[%s]:%s" : "%s:%s",
			 member_text(target, "address"), member_text(target, "port"));
		table_cell(&table, name);
		table_cell(&table, address);
		table_cell(&table, json_is_true(json_object_get(target, "pending"))
					   ? "pending"
					   : member_text(target, "state"));
		table_cell(&table, ago_text(member_text(target, "since"), wall_now_ms()));
		table_cell(&table, took_text(json_object_get(target, "last"), took, sizeof took));
		table_cell(&table, days_text(json_object_get(target, "cert"), days, sizeof days));
		table_cell(&table, member_text(target, "reason"));
	}
	table_print(&table);
	free(targets);
	in_force_print(json_object_get(reply, "overrides"));
}

static void print_anycast(const json_t *reply)
{
	static const char *const heads[] = {"PREFIX", "ADDRESS", "STATE",      "VERIFIED",
					    "SINCE",  "TOOK",	 "BLOCKED BY", "REASON"};
	static const char *const session_heads[] = {"SESSION", "STATE", "SINCE", "INFO"};
	const json_t *row, *bird = json_object_get(reply, "bird");
	struct table table;
	char took[32];
	size_t i;
	table_init(&table, 8, heads);
	json_array_foreach(json_object_get(reply, "prefixes"), i, row)
	{
		const char *rule = member_text(row, "blocked_by");
		table_cell(&table, member_text(row, "prefix"));
		table_cell(&table, member_text(row, "address"));
		table_cell(&table, member_text(row, "state"));
		table_cell(&table, json_is_true(json_object_get(row, "verified")) ? "yes" : "no");
		table_cell(&table, ago_text(member_text(row, "since"), wall_now_ms()));
		snprintf(took, sizeof took, "%.0f ms",
			 json_number_value(json_object_get(row, "took_ms")));
		table_cell(&table, took);
		table_cell(&table, *rule != '\0' ? rule : NULL);
		table_cell(&table, member_text(row, "reason"));
	}
	table_print(&table);
	table_init(&table, 4, session_heads);
	json_array_foreach(json_object_get(reply, "sessions"), i, row)
	{
		table_cell(&table, member_text(row, "name"));
		table_cell(&table, member_text(row, "state"));
		table_cell(&table, ago_text(member_text(row, "since"), wall_now_ms()));
		table_cell(&table, member_text(row, "info"));
	}
	table_print(&table);
	const json_t *conf = json_object_get(bird, "conf");
	if (strcmp(member_text(conf, "state"), "changed") == 0)
		printf("BIRD's configuration was changed by somebody (%s), and announcing waits: "
		       "look at it, then `meridian anycast confirm %s`\n",
		       member_text(conf, "files"), member_text(conf, "id"));
	printf("BIRD: %s %s%s%s\n", member_text(bird, "state"), member_text(bird, "version"),
	       *member_text(bird, "error") != '\0' ? ": " : "", member_text(bird, "error"));
}

/* The checker tells what it sees; what was forced stands beside it. A store that cannot be read
 * hides no verdict. */
static void add_overrides(const struct instance *instance, json_t *reply)
{
	struct error error = {0};
	struct store *store = store_open(instance->config_db, STORE_READ, &error);
	struct model *model = store != NULL ? store_load(store, &error) : NULL;
	if (model != NULL)
		json_object_set_new(reply, "overrides", in_force(model));
	else
		fprintf(stderr, "meridian health: overrides are not known: %s\n", error.text);
	model_unref(model);
	store_close(store);
}

/* What is asked of whom, and how the answer is told. */
struct question {
	const char *daemon, *verb;
	void (*add)(const struct instance *instance, json_t *reply); /* NULL: nothing */
	void (*print)(const json_t *reply);
};

static int ask_and_print(const struct command *command, int argc, char **argv,
			 const struct question *question)
{
	bool as_json = false;
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {{.name = "json", .flag = &as_json}, {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	char *path = instance_socket(&instance, question->daemon);
	json_t *reply = control_ask(path, question->verb, NULL, ASK_TIMEOUT_MS, &error);
	if (reply != NULL && question->add != NULL)
		question->add(&instance, reply);
	if (reply == NULL)
		status = command_failed(command, &error);
	else
		status = EXIT_DONE, (as_json ? print_json : question->print)(reply);
	json_decref(reply);
	free(path);
	instance_fini(&instance);
	return status;
}

int cmd_health(const struct command *command, int argc, char **argv)
{
	static const struct question health = {"healthcheck", "health", add_overrides,
					       print_health};
	return ask_and_print(command, argc, argv, &health);
}

int cmd_anycast(const struct command *command, int argc, char **argv)
{
	static const struct question anycast = {"bgpctl", "anycast", NULL, print_anycast};
	return ask_and_print(command, argc, argv, &anycast);
}
