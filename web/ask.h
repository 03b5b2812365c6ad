/* ask: questions to the other daemons, over their control sockets. */
#ifndef MERIDIAN_WEB_ASK_H
#define MERIDIAN_WEB_ASK_H

#include "web/app.h"

enum daemon { DAEMON_GEODNS, DAEMON_HEALTHCHECK, DAEMON_BGPCTL, DAEMON_COUNT };
enum { ASK_MS = 1500 }; /* what a person waits for a page at most */

const char *daemon_name(enum daemon daemon);

enum ask_result {
	ASK_DONE,
	ASK_REFUSED, /* the daemon is there and said no: ERROR is its sentence */
	ASK_UNREACHABLE
};

/* *REPLY gets a new reference where it is ASK_DONE, NULL else. ARGS may be NULL. */
enum ask_result ask(const struct app *app, enum daemon daemon, const char *verb, const json_t *args,
		    int timeout_ms, json_t **reply, struct error *error);

struct answer {
	json_t *reply; /* owned; NULL: not reachable */
	struct error error;
};

/* Asks all at the same time, so that one that hangs costs ASK_MS once. */
void ask_all(const struct app *app, const char *verb, struct answer answers[DAEMON_COUNT]);
void answers_fini(struct answer answers[DAEMON_COUNT]);

/* The answer to a call that only passes on: 200, 422 or 503. */
struct response *ask_and_answer(const struct app *app, enum daemon daemon, const char *verb,
				const json_t *args, int timeout_ms);

#endif
