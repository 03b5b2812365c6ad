/* run_settings: the meridian.conf that `meridian run` writes into a folder of its own. */
#ifndef MERIDIAN_CLI_RUN_SETTINGS_H
#define MERIDIAN_CLI_RUN_SETTINGS_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Writes DIR/meridian.conf where there is none, or where it was written here and a port is given
 * (0: as it is). A file that somebody edited is left alone; then giving a port is an error that
 * says what to edit. COUNTRY is the MMDB to name, or NULL.
 */
bool run_settings_write(const char *dir, unsigned dns_port, unsigned http_port, const char *country,
			struct error *error) __attribute__((warn_unused_result));

#endif
