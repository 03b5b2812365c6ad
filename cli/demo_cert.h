/* demo_cert: a private certificate authority of the demo and one certificate of its for the
 * backends. */
#ifndef MERIDIAN_CLI_DEMO_CERT_H
#define MERIDIAN_CLI_DEMO_CERT_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Writes FOLDER/ca.pem, server.pem and server.key (mode 0600), P-256, valid for DAYS from an hour
 * ago, for the DNS names in SAN ("DNS:www.demo.example,DNS:..."). The authority's key is not kept.
 * False with ERROR.
 */
bool demo_cert_write(const char *folder, const char *san, int days, struct error *error)
	__attribute__((warn_unused_result));

#endif
