/*
 * geoc_compile: from MMDB files to a place table file.
 */
#ifndef MERIDIAN_GEODNS_GEOC_COMPILE_H
#define MERIDIAN_GEODNS_GEOC_COMPILE_H

#include "base/error.h"
#include "geodns/place_table.h"

#include <stdbool.h>

struct geoc_request {
	const char *out;
	const char *database[PLACE_FROM_COUNT]; /* paths; NULL: not given */
	bool accept_shrunken; /* a database of under half the networks of the last is meant */
};

/*
 * Compiles, checks and puts the table in place of OUT in one step. False, with a sentence, where
 * any of it fails: OUT is then what it was. REPORT (for people) holds a line on success.
 */
bool geoc_compile(const struct geoc_request *request, char report[256], struct error *error)
	__attribute__((warn_unused_result));

#endif
