/* place_table: making an instance's geo table by meridian-geoc, when it is asked for or out of
 * date. */
#ifndef MERIDIAN_CLI_PLACE_TABLE_H
#define MERIDIAN_CLI_PLACE_TABLE_H

#include "db/instance.h"

/*
 * Compiles the MMDB files of the settings into GEO_DIR/places.tbl. Unless ALWAYS, only where the
 * table is missing or older than one of them. False with ERROR where no database is set or the
 * compiler fails; the old table then stays.
 */
bool place_table_make(const struct instance *instance, bool always, struct error *error)
	__attribute__((warn_unused_result));

#endif
