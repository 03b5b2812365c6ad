/*
 * check: what can only be judged with the other objects at hand; the one validation that every
 * writer passes.
 *
 * References (pool, monitor, region, zone, site), fallback pools, a CNAME beside other data, a
 * service beside A/AAAA/CNAME of its name, records outside their zone, duplicate ids, deletion of
 * something still in use.
 */
#ifndef MERIDIAN_DB_CHECK_H
#define MERIDIAN_DB_CHECK_H

#include "db/codec.h"

/* One object to be put or removed, and where the user wrote it. */
struct change {
	enum kind kind;
	char *id;	       /* owned by the change */
	struct object *before; /* NULL: did not exist. Filled by the store. Referenced. */
	struct object *after;  /* NULL: removed. Referenced. */
	char *pointer;	       /* may be NULL */
};

struct changes {
	struct change *at;
	size_t count, capacity;
};

void changes_put(struct changes *changes, struct object *after,
		 const char *pointer); /* takes the reference of AFTER */
void changes_remove(struct changes *changes, enum kind kind, const char *id, const char *pointer);
void change_fini(struct change *change);
void changes_fini(struct changes *changes);

/* How the check asks for record sets, which are not in the model. Calls VISIT for each stored rrset
 * of ZONE (NAME NULL: all). */
typedef void check_rrset_visit(void *context, const struct object *rrset);
struct check_records {
	void *store;
	void (*each)(void *store, const char *zone, const char *name, check_rrset_visit *visit,
		     void *context);
};

/*
 * Judges AFTER, the model as it would be, and the rrsets that CHANGES touch. Findings carry the
 * pointer of the change where it has one. Where a removal is blocked by a user of the object, the
 * finding's message names every user and *BLOCKED is set.
 */
void check_changes(const struct model *after, const struct changes *changes,
		   const struct check_records *records, struct findings *findings, bool *blocked);

/*
 * No change takes a prefix away from a site that announces it unless CONFIRMED names the prefix
 * ("prefix/192.0.2.0/24", comma-separated; may be NULL): configuration must not withdraw by
 * accident. CHANGES hold `before`. True, with findings, where one does.
 */
bool check_sites(const struct changes *changes, const char *confirmed, struct findings *findings);

#endif
