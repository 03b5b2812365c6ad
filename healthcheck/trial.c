/* Knows how a check is made on demand. */
#include "healthcheck/trial.h"

#include "base/mem.h"
#include "db/codec.h"
#include "healthcheck/report.h"

#include <stdlib.h>

struct trial {
	struct trials *trials;
	struct control *control;
	struct control_ticket ticket;
	struct probe *probe;
	struct trial *next;
};

static void trial_end(struct trial *trial)
{
	struct trial **link = &trial->trials->first;
	while (*link != trial)
		link = &(*link)->next;
	*link = trial->next;
	trial->trials->count--;
	probe_free(trial->probe);
	free(trial);
}

static void on_done(void *context, const struct probe_result *result)
{
	struct trial *trial = context;
	struct control *control = trial->control;
	struct control_ticket ticket = trial->ticket;
	json_t *reply = report_result(result);
	trial_end(trial);
	control_answer(control, ticket, reply);
}

static struct object *decode_monitor(const json_t *json, json_t **failure)
{
	struct findings findings = {.count = 0};
	json_t *named = json_deep_copy(json);
	if (json_object_get(named, "name") == NULL)
		json_object_set_new(named, "name", json_string("test"));
	struct object *monitor = codec_decode(KIND_MONITOR, named, NULL, "/monitor", &findings);
	json_decref(named);
	if (monitor == NULL) {
		*failure = control_failure(
			"%s: %s", findings.count > 0 ? findings.at[0].pointer : "/monitor",
			findings.count > 0 ? findings.at[0].message : "is not a monitor");
		json_object_set_new(*failure, "errors", findings_json(&findings));
	}
	findings_fini(&findings);
	return monitor;
}

/* The monitor that ARGS name or hold, referenced; NULL with *FAILURE. */
static struct object *find_monitor(const struct model *model, const json_t *json, json_t **failure)
{
	if (json_is_object(json))
		return decode_monitor(json, failure);
	const char *name = json_string_value(json);
	if (name == NULL) {
		*failure = control_failure("\"monitor\" is neither a name nor a monitor");
		return NULL;
	}
	const struct object *monitor = model != NULL ? model_find(model, KIND_MONITOR, name) : NULL;
	if (monitor == NULL)
		*failure = control_failure("there is no monitor \"%s\"", name);
	return monitor != NULL ? object_ref(monitor) : NULL;
}

static void start(struct trials *trials, struct control *control, const struct object *monitor,
		  const char *address, uint16_t port)
{
	struct trial *trial = mem_new(struct trial);
	trial->trials = trials;
	trial->control = control;
	trial->ticket = control_defer(control);
	trial->next = trials->first;
	trials->first = trial;
	trials->count++;
	trial->probe = probe_new(trials->env, monitor, address, port, on_done, trial);
	probe_start(trial->probe);
}

json_t *trial_answer(struct trials *trials, struct control *control, const struct model *model,
		     const json_t *args)
{
	const char *address = json_string_value(json_object_get(args, "address"));
	const json_t *port = json_object_get(args, "port");
	json_int_t number = port == NULL || json_is_null(port) ? 0 : json_integer_value(port);
	if (address == NULL)
		return control_failure("\"address\" is missing");
	if (number < 0 || number > UINT16_MAX ||
	    (port != NULL && !json_is_null(port) && number == 0))
		return control_failure("\"port\" is not a number from 1 to 65535");
	if (trials->count >= TRIALS_MAX)
		return control_failure("%d tests are under way already; try again shortly",
				       TRIALS_MAX);
	json_t *failure = NULL;
	struct object *monitor = find_monitor(model, json_object_get(args, "monitor"), &failure);
	if (monitor != NULL)
		start(trials, control, monitor, address, (uint16_t)number);
	object_unref(monitor);
	return failure;
}

void trials_fini(struct trials *trials)
{
	while (trials->first != NULL)
		trial_end(trials->first);
}
