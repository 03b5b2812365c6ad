/*
 * model: the configuration as typed, immutable objects: what the store holds, the document says and
 * every daemon reads.
 *
 * An object is one unit of change: it has a kind, an id, the revision that last changed it and a
 * reference count. A model is a set of objects at one revision; a new model shares every object
 * that did not change with the one before. Record sets (KIND_RRSET) are not part of a model, there
 * may be millions: they are read from the store by zone or name (store.h).
 *
 *   kind       id                          in the document
 *   site       fra                         sites[]
 *   region     dach                        regions[]
 *   geo        203.0.113.0/24              geo[]
 *   monitor    web                         monitors[]
 *   pool       eu                          pools[], with its endpoints
 *   zone       example.com                 zones[], without records and services
 *   rrset      example.com/www/A           zones[].records[]   (owner relative to the zone, "@" the
 * apex) service    example.com/www             zones[].services[] prefix     192.0.2.0/24
 * prefixes[] safety     safety                      safety alert      ops alerts[] override
 * endpoint/eu/eu1             none: operational state, kept with who and why, not exported
 */
#ifndef MERIDIAN_DB_MODEL_H
#define MERIDIAN_DB_MODEL_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
	KIND_SITE,
	KIND_REGION,
	KIND_GEO,
	KIND_MONITOR,
	KIND_POOL,
	KIND_ZONE,
	KIND_SERVICE,
	KIND_PREFIX,
	KIND_SAFETY,
	KIND_ALERT,
	KIND_OVERRIDE,
	KIND_RRSET,
	KIND_COUNT
};

struct texts {
	char **at;
	size_t count;
};

struct prefixes {
	struct prefix *at;
	size_t count;
};

struct asns {
	uint32_t *at;
	size_t count;
};

/* Degrees, WGS 84. Not KNOWN: no coordinates were given. */
struct position {
	double lat, lon;
	bool known;
};

struct site {
	char *name;
	struct position position;
};

/* Places are in octoDNS form: "EU", "EU-DE", "NA-US-CA". */
struct region {
	char *name;
	struct texts places;
	struct prefixes cidrs;
	struct asns asns;
};

/* What the operator knows of a prefix and the database does not. PLACE may be NULL, ASN 0: not
 * said. */
struct geo_override {
	struct prefix cidr;
	char *place;
	struct position position;
	uint32_t asn;
	char *note;
};

enum monitor_type {
	MONITOR_HTTPS,
	MONITOR_HTTP,
	MONITOR_TCP,
	MONITOR_TLS,
	MONITOR_DNS,
	MONITOR_ICMP
};
enum monitor_connection { CONNECTION_FRESH, CONNECTION_SESSION, CONNECTION_REUSE };
enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

struct status_range {
	uint16_t first, last;
};

struct header {
	char *name, *value;
};

enum monitor_transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* Absent text is NULL. HOST is the Host header of https and http, the name asked for of dns. */
struct monitor {
	char *name;
	enum monitor_type type;
	uint16_t port;
	char *path, *host, *sni, *method;
	struct header *headers;
	size_t header_count;
	struct status_range *expect_status;
	size_t expect_status_count;
	char *expect_status_text; /* as written, "200-299,304" */
	char *expect_body;
	char *expect_body_regex;       /* PCRE2 */
	struct header *expect_headers; /* a field of that name holds the value as a part */
	size_t expect_header_count;
	char *body;			  /* sent with a POST */
	uint16_t redirects;		  /* followed at most, on the target alone */
	char *send, *expect;		  /* tcp */
	char *query_type, *expect_rcode;  /* dns */
	enum monitor_transport transport; /* dns */
	bool allow_link_local;		  /* targets in link-local and metadata ranges too */
	bool verify;
	char *ca_file, *client_cert, *client_key;
	enum tls_version min_tls;
	bool http2;
	enum monitor_connection connection;
	uint32_t interval_ms, timeout_ms, recheck_ms,
		degraded_above_ms; /* degraded_above_ms 0: never */
	uint16_t fall, rise, cert_warn_days;
	uint32_t flap_half_life_s; /* of the penalty for going down; 0: flaps are not suppressed */
};

struct endpoint {
	char *name;
	char *address;	   /* as written: an IP address, or a host name in a cname pool */
	struct addr ip;	   /* ADDR_NONE in a cname pool */
	uint32_t weight;   /* 0: only when nobody else can serve */
	uint32_t priority; /* lower first, for answers "failover" */
	bool enabled;	   /* false: administratively out, never answered, not probed */
};

enum pool_answers { ANSWERS_ALL, ANSWERS_WEIGHTED, ANSWERS_HASH, ANSWERS_FAILOVER };

struct pool {
	char *name;
	bool cname; /* "kind": "cname" */
	struct position position;
	char *monitor; /* NULL: not monitored, its endpoints are always up */
	enum pool_answers answers;
	uint32_t max_answers; /* 0: all */
	uint32_t min_healthy;
	char *fallback; /* a pool, or NULL */
	struct endpoint *endpoints;
	size_t endpoint_count;
};

struct zone {
	char *name; /* lower case, no final dot; "." the root */
	uint32_t ttl, negative_ttl;
	char *primary, *contact;
	bool ecs;
};

enum steering {
	STEERING_RULES,
	STEERING_NEAREST,
	STEERING_FAILOVER,
	STEERING_WEIGHTED,
	STEERING_HASH
};
enum on_all_down {
	ALL_DOWN_SERVE_ALL,
	ALL_DOWN_SERVE_LAST,
	ALL_DOWN_FALLBACK_POOL,
	ALL_DOWN_EMPTY
};
enum match_kind { MATCH_PLACE, MATCH_REGION, MATCH_CIDR, MATCH_ASN };

/* TEXT is the match as written, except for MATCH_REGION: the region's name. */
struct match {
	enum match_kind kind;
	char *text;
	struct prefix cidr;
	uint32_t asn;
};

struct rule {
	struct match *matches;
	size_t match_count;
	char *pool;
	bool strict;
};

struct pool_ref {
	char *pool;
	uint32_t weight; /* steering weighted and hash; 1 where not written */
	int32_t bias_km; /* steering nearest: taken off the distance */
};

struct service {
	char *zone, *name;
	uint32_t ttl;
	enum steering steering;
	char *default_pool; /* rules: mandatory; else NULL */
	enum on_all_down on_all_down;
	char *fallback_pool; /* for ALL_DOWN_FALLBACK_POOL */
	struct rule *rules;  /* steering rules */
	size_t rule_count;
	struct pool_ref *pools; /* every other steering, in the order written */
	size_t pool_count;
};

/*
 * All records of one owner and type. DATA are presentation forms as the operator wrote them; RDATA
 * is the same in uncompressed wire form (RFC 3597 section 4), each record preceded by its length as
 * two octets in wire order.
 */
struct rrset {
	char *zone, *name, *type_text;
	uint16_t type;
	uint32_t ttl;
	struct texts data;
	uint8_t *rdata;
	size_t rdata_len;
};

enum backends_down { BACKENDS_DEGRADE, BACKENDS_WITHDRAW };

struct announce_prefix {
	struct prefix prefix;
	struct addr address;
	struct texts sites;
	char *interface;
	char *needs_dns; /* "example.com. SOA": what the responder must answer on ADDRESS; NULL: not
			    asked */
	struct texts needs_pools;
	enum backends_down on_backends_down;
	uint32_t drain_s, min_sites;
};

struct safety {
	uint32_t max_withdraw_per_10min;
	double panic_fraction;
	uint32_t database_old_days; /* a geo database older than that is told of; 0: none is */
};

enum alert_type { ALERT_WEBHOOK, ALERT_EMAIL };

struct alert {
	char *name;
	enum alert_type type;
	char *url, *secret_file; /* webhook */
	char *to, *from, *smtp;	 /* email; SMTP: "smtp://host:25" */
	struct texts events;
};

/* FREEZE is for prefixes alone: automation leaves them as they are. */
enum override_action { OVERRIDE_UP, OVERRIDE_DOWN, OVERRIDE_DRAIN, OVERRIDE_FREEZE };

/* OBJECT: "endpoint/POOL/NAME", "pool/NAME", "prefix/P", or "prefix/" and a star (FREEZE). In force
 * from STARTS_MS (inclusive) to ENDS_MS (exclusive). */
struct override {
	char *object;
	enum override_action action;
	char *reason, *author;
	int64_t starts_ms, ends_ms; /* wall clock, ms since 1970 */
};

struct object {
	enum kind kind;
	char *id;
	int64_t revision; /* that last changed it; 0 before it was stored */
	unsigned refs;	  /* atomically counted: object_ref, object_unref */
	union {
		struct site site;
		struct region region;
		struct geo_override geo;
		struct monitor monitor;
		struct pool pool;
		struct zone zone;
		struct service service;
		struct announce_prefix prefix;
		struct safety safety;
		struct alert alert;
		struct override override;
		struct rrset rrset;
	};
};

/* An empty object of KIND with one reference. Text inside an object is owned by it (heap). */
struct object *object_new(enum kind kind);
struct object *object_ref(const struct object *object);
void object_unref(struct object *object); /* NULL is allowed */

/* "site" ... "rrset"; the names of events, change feed, pointers and URLs. */
const char *kind_name(enum kind kind);
bool kind_parse(const char *text, enum kind *kind) __attribute__((warn_unused_result));

/* One kind's objects, sorted by id (strcmp). */
struct objects {
	struct object **at;
	size_t count;
};

struct model {
	int64_t revision;
	struct objects of[KIND_COUNT]; /* of[KIND_RRSET] stays empty */
	unsigned refs;
};

struct model *model_new(void); /* empty, revision 0, one reference */
struct model *model_ref(const struct model *model);
void model_unref(struct model *model); /* NULL is allowed */

/* NULL where there is none. The result lives as long as the model. */
const struct object *model_find(const struct model *model, enum kind kind, const char *id);

/*
 * A new model at REVISION: MODEL without the objects whose (kind, id) CHANGES name, and with the
 * new ones. Costs the pointers of the kinds touched, not the objects. PUT objects are referenced,
 * not taken.
 */
struct model_change {
	enum kind kind;
	const char *id;
	const struct object *put; /* NULL: removed */
};
struct model *model_with(const struct model *model, int64_t revision,
			 const struct model_change *changes, size_t count);

/* Where no safety object is stored, the defaults: 3, 0.5, and 45 days. */
struct safety model_safety(const struct model *model);

/* The override of OBJECT ("endpoint/eu/eu1") in force at NOW_MS, or NULL. */
const struct override *model_override(const struct model *model, const char *object,
				      int64_t now_ms);

/* The next moment after NOW_MS at which some override begins or ends; INT64_MAX where none does. */
int64_t model_next_override_change(const struct model *model, int64_t now_ms);

#endif
