/* dispatch: from a request to a handler and back: routes, access, limits, bodies, idempotency, the
 * headers of every answer. */
#ifndef MERIDIAN_WEB_DISPATCH_H
#define MERIDIAN_WEB_DISPATCH_H

#include "web/app.h"
#include "web/http.h"

enum {
	BODY_UNKNOWN_MAX = 64 << 10, /* before the caller is known */
	BODY_JSON_MAX = 1 << 20,
	BODY_DOCUMENT_MAX = 64 << 20
};

/* What http.h wants of APP. */
struct http_handler dispatch_handler(struct app *app);

#endif
