/* Knows the whole API by name. */
#include "web/routes.h"

#include "web/account.h"
#include "web/anycast_act.h"
#include "web/anycast_view.h"
#include "web/endpoint.h"
#include "web/event.h"
#include "web/health_view.h"
#include "web/metrics.h"
#include "web/object.h"
#include "web/openapi.h"
#include "web/override.h"
#include "web/overview.h"
#include "web/probe.h"
#include "web/question.h"
#include "web/status.h"
#include "web/whole.h"
#include "web/zone.h"
#include "web/zone_file.h"

#define API "/api/v1/"

/* clang-format off */
#define READ(pattern, handler, kind, summary) \
	{METHOD_GET, pattern, ROLE_VIEWER, BODY_NONE, handler, summary, kind}
#define WRITE(method, pattern, role, body, handler, kind, summary) \
	{METHOD_##method, pattern, role, body, handler, summary, kind}

#define COLLECTION(path, kind, what, creator) \
	READ(API path, object_list, kind, "List " what "s"), \
	WRITE(POST, API path, ROLE_OPERATOR, BODY_JSON, creator, kind, "Create a " what)
#define OBJECT(path, kind, role, what, putter, deleter) \
	READ(API path, object_get, kind, "Read a " what), \
	WRITE(PUT, API path, role, BODY_JSON, putter, kind, "Replace a " what), \
	WRITE(DELETE, API path, role, BODY_NONE, deleter, kind, "Delete a " what)
#define PATCH(path, kind, role, what) \
	WRITE(PATCH, API path, role, BODY_JSON, object_patch, kind, "Change parts of a " what)
#define OBJECTS(path, id, kind, what) \
	COLLECTION(path, kind, what, object_create), \
	OBJECT(path "/" id, kind, ROLE_OPERATOR, what, object_put, object_delete), \
	PATCH(path "/" id, kind, ROLE_OPERATOR, what)

#define RECORD "zones/{zone}/records/{name}/{type}"
#define ENDPOINTS API "pools/{pool}/endpoints"

static const struct route table[] = {
	READ(API "overview", overview_get, 0, "The first page in one call"),
	READ(API "status", status_get, 0, "All daemons at a glance"),
	READ(API "health", health_get_all, 0, "Pools and endpoints with their states"),
	READ(API "health/series", health_get_series, 0, "Latency and availability of an endpoint over time"),
	READ(API "anycast", anycast_get, 0, "Announcements and BGP sessions of this site"),
	READ(API "anycast/plan", anycast_plan_get, 0, "What would be announced now, to whom, and what the guard says"),
	WRITE(POST, API "anycast/plan", ROLE_VIEWER, BODY_DOCUMENT, anycast_plan_post, 0, "The same with a configuration document that is not applied"),
	WRITE(POST, API "anycast/confirm", ROLE_OPERATOR, BODY_JSON, anycast_confirm, 0, "Go on announcing after somebody changed BIRD's configuration"),
	READ(API "stats", stats_get, 0, "The counters of all daemons"),
	READ(API "geo_lookup", question_geo_lookup, 0, "Where an address is"),
	WRITE(POST, API "explain", ROLE_VIEWER, BODY_JSON, question_explain, 0, "Why a client gets an answer"),
	WRITE(POST, API "monitors/test", ROLE_OPERATOR, BODY_JSON, question_test_monitor, 0, "Run one check now"),
	READ(API "events", event_list, 0, "The time line"),
	READ(API "events/stream", event_stream, 0, "The live time line (server-sent events)"),

	COLLECTION("zones", KIND_ZONE, "zone", zone_create),
	OBJECT("zones/{zone}", KIND_ZONE, ROLE_OPERATOR, "zone", object_put, zone_delete),
	PATCH("zones/{zone}", KIND_ZONE, ROLE_OPERATOR, "zone"),
	COLLECTION("zones/{zone}/records", KIND_RRSET, "record set", object_create),
	OBJECT(RECORD, KIND_RRSET, ROLE_OPERATOR, "record set", object_put, object_delete),
	PATCH(RECORD, KIND_RRSET, ROLE_OPERATOR, "record set"),
	READ(API "zones/{zone}/file", zone_file_get, 0, "Export a zone as a master file"),
	WRITE(PUT, API "zones/{zone}/file", ROLE_OPERATOR, BODY_ZONE_FILE, zone_file_put, 0, "Import a zone from a master file"),
	OBJECTS("zones/{zone}/services", "{name}", KIND_SERVICE, "service"),
	READ(API "services", object_list, KIND_SERVICE, "List the services of all zones"),
	OBJECTS("regions", "{name}", KIND_REGION, "region"),
	OBJECTS("monitors", "{name}", KIND_MONITOR, "monitor"),
	OBJECTS("pools", "{name}", KIND_POOL, "pool"),
	READ(ENDPOINTS, endpoint_list, KIND_POOL, "List the endpoints of a pool"),
	WRITE(POST, ENDPOINTS, ROLE_OPERATOR, BODY_JSON, endpoint_create, KIND_POOL, "Create an endpoint"),
	READ(ENDPOINTS "/{name}", endpoint_get, KIND_POOL, "Read an endpoint"),
	WRITE(PUT, ENDPOINTS "/{name}", ROLE_OPERATOR, BODY_JSON, endpoint_put, KIND_POOL, "Replace an endpoint"),
	WRITE(PATCH, ENDPOINTS "/{name}", ROLE_OPERATOR, BODY_JSON, endpoint_patch, KIND_POOL, "Change parts of an endpoint"),
	WRITE(DELETE, ENDPOINTS "/{name}", ROLE_OPERATOR, BODY_NONE, endpoint_delete, KIND_POOL, "Delete an endpoint"),
	OBJECTS("geo", "{cidr+}", KIND_GEO, "prefix override of the geo database"),
	OBJECTS("sites", "{name}", KIND_SITE, "site"),
	OBJECTS("prefixes", "{prefix+}", KIND_PREFIX, "announced prefix"),
	OBJECTS("alerts", "{name}", KIND_ALERT, "alert"),
	READ(API "safety", object_get, KIND_SAFETY, "Read the safety rules"),
	WRITE(PUT, API "safety", ROLE_ADMIN, BODY_JSON, object_put, KIND_SAFETY, "Replace the safety rules"),
	PATCH("safety", KIND_SAFETY, ROLE_ADMIN, "safety rule"),
	COLLECTION("overrides", KIND_OVERRIDE, "override", override_create),
	OBJECT("overrides/{object+}", KIND_OVERRIDE, ROLE_OPERATOR, "override", override_put, object_delete),

	READ(API "config", whole_export, 0, "Export the configuration"),
	WRITE(PUT, API "config", ROLE_OPERATOR, BODY_DOCUMENT, whole_apply, 0, "Apply a configuration document"),
	READ(API "revisions", revision_list, 0, "List revisions, newest first"),
	READ(API "revisions/{n}", revision_get, 0, "One revision with its changes"),
	READ(API "revisions/{n}/diff", revision_diff, 0, "What differs between two revisions"),
	WRITE(POST, API "revisions/{n}/rollback", ROLE_OPERATOR, BODY_NONE, revision_rollback, 0, "Make everything as it was"),

	WRITE(POST, API "session", ROLE_NONE, BODY_JSON, session_start, 0, "Log in"),
	READ(API "session", session_get, 0, "Who I am"),
	WRITE(DELETE, API "session", ROLE_VIEWER, BODY_NONE, session_end, 0, "Log out"),
	WRITE(GET, API "users", ROLE_ADMIN, BODY_NONE, user_list, 0, "List users"),
	WRITE(POST, API "users", ROLE_ADMIN, BODY_JSON, user_create, 0, "Create a user"),
	WRITE(DELETE, API "users/{name}", ROLE_ADMIN, BODY_NONE, user_delete, 0, "Remove a user"),
	WRITE(PATCH, API "users/{name}", ROLE_ADMIN, BODY_JSON, user_set_role, 0, "Give a user another role"),
	WRITE(PUT, API "users/{name}/password", ROLE_VIEWER, BODY_JSON, user_set_password, 0, "Set a password"),
	WRITE(GET, API "tokens", ROLE_ADMIN, BODY_NONE, token_list, 0, "List tokens"),
	WRITE(POST, API "tokens", ROLE_ADMIN, BODY_JSON, token_create, 0, "Create a token"),
	WRITE(DELETE, API "tokens/{name}", ROLE_ADMIN, BODY_NONE, token_delete, 0, "Remove a token"),

	WRITE(GET, API "openapi.json", ROLE_NONE, BODY_NONE, openapi_get, 0, "This description"),
	WRITE(GET, "/healthz", ROLE_NONE, BODY_NONE, probe_alive, 0, "Whether the web daemon runs"),
	WRITE(GET, "/readyz", ROLE_NONE, BODY_NONE, probe_ready, 0, "Whether the configuration can be read"),
	WRITE(GET, "/metrics", ROLE_NONE, BODY_NONE, metrics_get, 0, "Prometheus metrics"),
};
/* clang-format on */

struct route_table routes(void)
{
	return (struct route_table){table, sizeof table / sizeof table[0]};
}
