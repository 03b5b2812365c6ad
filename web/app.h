/* app: what the handlers share, and one request on its way through them. */
#ifndef MERIDIAN_WEB_APP_H
#define MERIDIAN_WEB_APP_H

#include "db/auth.h"
#include "db/instance.h"
#include "db/journal.h"
#include "web/config.h"
#include "web/idempotency.h"
#include "web/limiter.h"
#include "web/problem.h"
#include "web/router.h"

struct counters;
struct hub;
struct traffic;
struct verdicts;

struct app {
	struct instance instance;
	struct config *config;
	struct auth *auth;
	struct journal *journal;
	struct hub *hub;
	struct traffic *traffic;
	struct verdicts *verdicts;
	struct counters *counters;
	struct idempotency *idempotency;
	struct limiter *login_limit;	  /* by address */
	struct limiter *login_name_limit; /* by user name: many addresses, one name */
	struct limiter *write_limit;
	struct route_table routes;
	int64_t started_ms;
};

/* Who asks. ROLE_NONE: nobody known. */
struct principal {
	char name[64];
	enum role role;
	bool by_session, by_token;
	json_t *zones; /* owned; NULL: all */
};

struct call {
	const struct request *request;
	const struct route *route;
	char *const *parameter; /* the path's, decoded */
	struct principal who;
	json_t *body; /* parsed; NULL where the route takes none. Handlers may change it. */
	bool dry_run;
};

#endif
