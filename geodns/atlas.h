/*
 * atlas: what is known of places at one moment: the compiled table and the operator's overrides.
 *
 * Immutable and counted, so that maps can be compiled from it on another thread while the next one
 * is taken up.
 */
#ifndef MERIDIAN_GEODNS_ATLAS_H
#define MERIDIAN_GEODNS_ATLAS_H

#include "base/error.h"
#include "geodns/place_override.h"

/* A table file and who still reads it. */
struct atlas_table;

struct atlas {
	unsigned refs; /* atomic */
	struct atlas_table *file;
	const struct place_table *table; /* NULL: none could be read yet */
	struct place_override *overrides;
	size_t override_count;
};

struct atlas *atlas_ref(struct atlas *atlas);
void atlas_unref(struct atlas *atlas); /* NULL is allowed */

/* OLD's table (OLD may be NULL) with the overrides of MODEL. */
struct atlas *atlas_with_overrides(const struct atlas *old, const struct model *model);

/* OLD's overrides with the table at PATH; NULL with ERROR where that is no sound table. */
struct atlas *atlas_with_table(const struct atlas *old, const char *path, struct error *error)
	__attribute__((warn_unused_result));

#endif
