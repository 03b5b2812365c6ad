/*
 * mmdb: a MaxMind DB file (format 2.0) read whole: every node of its search tree and every record
 * behind it is checked on the way.
 *
 * The file is hostile until proven otherwise; this runs in the sandbox of meridian-geoc alone.
 */
#ifndef MERIDIAN_GEODNS_MMDB_H
#define MERIDIAN_GEODNS_MMDB_H

#include "base/error.h"
#include "geodns/place_builder.h"
#include "geodns/place_table.h"

#include <stdbool.h>

struct mmdb_content {
	/* Values are numbers of PLACES for country and city, ASNs for asn. An IPv4-only database
	 * leaves the IPv6 part empty. */
	struct range_list ranges;
	struct place_database from;
};

/*
 * Reads the file at PATH as a database of KIND and adds its places to PLACES. False, with a
 * sentence that begins with a verb ("is cut short ..."), where it is damaged or of another kind.
 * CONTENT is all zeros before and ended with mmdb_content_fini() either way.
 */
bool mmdb_read(const char *path, enum place_source_kind kind, struct place_set *places,
	       struct mmdb_content *content, struct error *error)
	__attribute__((warn_unused_result));
void mmdb_content_fini(struct mmdb_content *content);

#endif
