/*
 * digest: the name of a text by what is in it (SHA-256), for records and comparisons.
 */
#ifndef MERIDIAN_BGPCTL_DIGEST_H
#define MERIDIAN_BGPCTL_DIGEST_H

#include <stddef.h>

enum { DIGEST_TEXT_MAX = 65 };

/* Writes the digest of LEN octets as 64 hexadecimal digits and a NUL. */
void digest_hex(const void *octets, size_t len, char hex[DIGEST_TEXT_MAX]);

#endif
