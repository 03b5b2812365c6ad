/* Knows how a daemon that says no is told from one that says nothing. */
#include "web/ask.h"

#include "db/control.h"

#include <pthread.h>
#include <stdlib.h>

static const char *const names[] = {"geodns", "healthcheck", "bgpctl"};

const char *daemon_name(enum daemon daemon)
{
	return names[daemon];
}

enum ask_result ask(const struct app *app, enum daemon daemon, const char *verb, const json_t *args,
		    int timeout_ms, json_t **reply, struct error *error)
{
	char *path = instance_socket(&app->instance, names[daemon]);
	*reply = control_ask(path, verb, args, timeout_ms, error);
	enum ask_result result = ASK_DONE;
	if (*reply == NULL) {
		json_t *alive = control_ask(path, "status", NULL, timeout_ms, NULL);
		result = alive != NULL ? ASK_REFUSED : ASK_UNREACHABLE;
		json_decref(alive);
	}
	free(path);
	return result;
}

struct asking {
	const struct app *app;
	enum daemon daemon;
	const char *verb;
	struct answer *answer;
};

static void *ask_one(void *context)
{
	const struct asking *asking = context;
	char *path = instance_socket(&asking->app->instance, names[asking->daemon]);
	asking->answer->reply =
		control_ask(path, asking->verb, NULL, ASK_MS, &asking->answer->error);
	free(path);
	return NULL;
}

void ask_all(const struct app *app, const char *verb, struct answer answers[DAEMON_COUNT])
{
	struct asking asking[DAEMON_COUNT];
	pthread_t threads[DAEMON_COUNT];
	bool started[DAEMON_COUNT];
	for (int i = 0; i < DAEMON_COUNT; i++) {
		answers[i] = (struct answer){0};
		asking[i] = (struct asking){app, (enum daemon)i, verb, &answers[i]};
		started[i] = pthread_create(&threads[i], NULL, ask_one, &asking[i]) == 0;
		if (!started[i])
			ask_one(&asking[i]);
	}
	for (int i = 0; i < DAEMON_COUNT; i++) {
		if (started[i])
			pthread_join(threads[i], NULL);
	}
}

void answers_fini(struct answer answers[DAEMON_COUNT])
{
	for (int i = 0; i < DAEMON_COUNT; i++)
		json_decref(answers[i].reply);
}

struct response *ask_and_answer(const struct app *app, enum daemon daemon, const char *verb,
				const json_t *args, int timeout_ms)
{
	struct error error = {0};
	json_t *reply;
	switch (ask(app, daemon, verb, args, timeout_ms, &reply, &error)) {
	case ASK_DONE:
		return response_json(200, reply);
	case ASK_REFUSED:
		return problem(422, "%s", error.text);
	default:
		return problem(503, "%s", error.text);
	}
}
