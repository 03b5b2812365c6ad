/*
 * zone: the zones that are served and the upkeep of their names: empty non-terminals, cuts, SOA.
 *
 * The control thread writes; workers read names through names.h and lookup.h, and of a zone its
 * settings, serial and counts, each one atomic word. A name is put or removed at the cost of that
 * name and of the empty non-terminals above it.
 */
#ifndef MERIDIAN_GEODNS_ZONE_H
#define MERIDIAN_GEODNS_ZONE_H

#include "base/strmap.h"
#include "geodns/names.h"
#include "geodns/wire/cursor.h"
#include "geodns/wire/dns.h"

#include <stdatomic.h>

/* The SOA is refreshed by nobody here: these are for secondaries that come, RFC 1912 section 2.2.
 */
enum { ZONE_REFRESH_S = 3600, ZONE_RETRY_S = 600, ZONE_EXPIRE_S = 1209600 };

/* As many octets of an SOA can be read whatever its length; few are longer. */
enum { ZONE_SOA_USUAL = 96 };

/* What follows from the zone's own object; immutable, replaced as a whole. */
struct zone_settings {
	bool ecs;
	uint32_t soa_ttl;
	uint32_t negative_ttl; /* min(SOA TTL, minimum): RFC 2308 section 5 */
	uint16_t soa_len;
	uint8_t soa[]; /* as an answer: c0 0c, SOA, IN, TTL, RDATA; the serial is patched in */
};

struct zone_live {
	char *text; /* "example.com" */
	uint64_t hash;
	uint8_t labels, name_len;
	uint8_t name[NODE_NAME_MAX + 1]; /* lower-case wire form */
	_Atomic(struct zone_settings *) settings;
	_Atomic uint32_t serial;   /* the revision of its last change, modulo 2^32 */
	_Atomic bool failed;	   /* its records could not be read: SERVFAIL */
	_Atomic uint32_t cuts;	   /* names below the apex with NS, and names with DNAME */
	_Atomic uint32_t subzones; /* served zones below this one */
	_Atomic bool redirected;   /* the apex has DNAME: nothing below it is what it says */
	struct node *first;	   /* all nodes; the control thread's alone */
	uint16_t mark;		   /* the control thread's alone */
};

struct zones {
	struct names *names;
	struct quiesce *quiesce;
	struct strmap of;    /* text -> struct zone_live */
	struct strmap below; /* text -> number of served zones strictly below it */
};

void zones_init(struct zones *zones, struct quiesce *quiesce);
/* No reader may be left. */
void zones_fini(struct zones *zones);

/* The zone of CONFIG (a KIND_ZONE), added with an empty apex, and as failed until its records are
 * loaded, where it was not there; its settings are CONFIG's. NULL with ERROR where a name in it is
 * none. */
struct zone_live *zones_put(struct zones *zones, const struct object *config, struct error *error);
struct zone_live *zones_find(const struct zones *zones, const char *text);
/* Removes the zone and all its names. */
void zones_remove(struct zones *zones, struct zone_live *zone);

/*
 * Makes NAME (relative, "@" the apex) hold exactly RRSETS and SERVICE; nothing of either leaves an
 * empty non-terminal or no name. False with ERROR: what was there stays.
 */
bool zone_put_name(struct zones *zones, struct zone_live *zone, const char *name,
		   const struct object *const *rrsets, size_t count,
		   const struct service_live *service, struct error *error)
	__attribute__((warn_unused_result));

/* Begins and ends a load of the whole zone: what zone_put_name did not name in between is removed.
 */
void zone_load_begin(struct zone_live *zone);
void zone_load_end(struct zones *zones, struct zone_live *zone);

void zone_set_serial(struct zone_live *zone, int64_t revision);
/* A zone whose records cannot be read is served as SERVFAIL until it can. */
void zone_set_failed(struct zone_live *zone, bool failed);

static inline const struct zone_settings *zone_settings(const struct zone_live *zone)
{
	return atomic_load_explicit(&zone->settings, memory_order_acquire);
}

/* Makes the copy of SETTINGS' SOA at OUT the ZONE's of now, with TTL; its owner stands at OFFSET in
 * the message. */
static inline void zone_patch_soa(const struct zone_live *zone,
				  const struct zone_settings *settings, unsigned offset,
				  uint32_t ttl_s, uint8_t *out)
{
	wire_put_u16(out, (uint16_t)(DNS_POINTER | offset));
	wire_put_u32(out + 6, ttl_s);
	/* The serial is the first of the five numbers at the end (RFC 1035 section 3.3.13). */
	wire_put_u32(out + settings->soa_len - 20,
		     atomic_load_explicit(&zone->serial, memory_order_acquire));
}

/* Copies the SOA of ZONE, SETTINGS->soa_len octets, to OUT, and patches it. */
static inline void zone_copy_soa(const struct zone_live *zone, const struct zone_settings *settings,
				 unsigned offset, uint32_t ttl_s, uint8_t *out)
{
	wire_copy_blocks(out, settings->soa, settings->soa_len);
	zone_patch_soa(zone, settings, offset, ttl_s, out);
}

/* The same where SETTINGS->soa_len and ZONE_SOA_USUAL octets may be written. */
static inline void zone_copy_soa_roomy(const struct zone_live *zone,
				       const struct zone_settings *settings, unsigned offset,
				       uint32_t ttl_s, uint8_t *out)
{
	memcpy(out, settings->soa, ZONE_SOA_USUAL);
	if (__builtin_expect(settings->soa_len > ZONE_SOA_USUAL, 0))
		wire_copy_blocks(out, settings->soa, settings->soa_len);
	zone_patch_soa(zone, settings, offset, ttl_s, out);
}

/* True where a name two labels or more below the apex may lie under a cut, a DNAME or another
 * served zone. */
static inline bool zone_is_irregular(const struct zone_live *zone)
{
	return (atomic_load_explicit(&zone->cuts, memory_order_acquire) |
		atomic_load_explicit(&zone->subzones, memory_order_acquire)) != 0;
}

#endif
