/*
 * router: which handler answers a method and a path, out of a table (pure).
 *
 * A pattern is "/api/v1/zones/{zone}/records/{name}/{type}"; "{name+}" at the end takes the rest of
 * the path, one segment at least.
 */
#ifndef MERIDIAN_WEB_ROUTER_H
#define MERIDIAN_WEB_ROUTER_H

#include "db/auth.h"
#include "db/model.h"
#include "web/response.h"

enum { ROUTE_PARAMETERS_MAX = 4 };

struct app;
struct call;

/* What a body may be. */
enum body { BODY_NONE, BODY_JSON, BODY_DOCUMENT, BODY_ZONE_FILE };

struct route {
	enum method method; /* GET answers HEAD, too */
	const char *pattern;
	enum role role; /* ROLE_NONE: everybody */
	enum body body;
	struct response *(*handle)(struct app *app, struct call *call);
	const char *summary; /* for openapi.json */
	enum kind kind;	     /* of the object, where HANDLE serves many kinds */
};

struct route_table {
	const struct route *at;
	size_t count;
};

enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

struct route_match {
	const struct route *route;
	char *parameter[ROUTE_PARAMETERS_MAX]; /* decoded, in the pattern's order */
	size_t parameter_count;
	unsigned methods; /* bits (1 << enum method) that the path knows; for NO_METHOD */
};

/* PATH is still percent-encoded. The caller ends MATCH with route_match_fini() whatever came out.
 */
enum route_result route_find(const struct route_table *table, enum method method, const char *path,
			     struct route_match *match);
void route_match_fini(struct route_match *match);

/* The media type of the body that ROUTE takes. */
const char *route_body_type(const struct route *route);

/* "GET, HEAD, PUT" */
void route_methods_format(unsigned methods, char text[64]);

#endif
