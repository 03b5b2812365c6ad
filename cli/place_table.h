/* place_table: making an instance's geo table by meridian-geoc, when it is asked for or out of
 * date. */
#ifndef MERIDIAN_CLI_PLACE_TABLE_H
#define MERIDIAN_CLI_PLACE_TABLE_H

#include "db/instance.h"

enum place_table_due {
	PLACE_TABLE_WHEN_OLDER, /* than a database, or missing */
	PLACE_TABLE_ALWAYS,
	PLACE_TABLE_ALWAYS_SHRUNKEN /* and a database of under half its networks is meant */
};

/*
 * Compiles the MMDB files of the settings into GEO_DIR/places.tbl. False with ERROR where no
 * database is set or the compiler fails; the old table then stays.
 */
bool place_table_make(const struct instance *instance, enum place_table_due how,
		      struct error *error) __attribute__((warn_unused_result));

#endif
