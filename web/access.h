/* access: who asks, and whether they may. */
#ifndef MERIDIAN_WEB_ACCESS_H
#define MERIDIAN_WEB_ACCESS_H

#include "web/app.h"

/* The session's cookie; "__Host-" binds it to this host under TLS. */
const char *access_cookie_name(const struct request *request);

/* Reads the token or the cookie. WHO is to be ended with principal_fini(). */
void access_identify(struct app *app, const struct request *request, struct principal *who);
void principal_fini(struct principal *who);

/* NULL where WHO may call ROUTE with these path parameters, else the answer: 401, 403. */
struct response *access_check(const struct request *request, const struct route *route,
			      char *const *parameter, const struct principal *who);

/* True where the request's Origin is absent or names the host it is sent to. */
bool access_origin_is_ours(const struct request *request);

#endif
