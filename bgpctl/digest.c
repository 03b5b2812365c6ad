/* Knows how a text is named by its content. */
#include "bgpctl/digest.h"

#include <openssl/sha.h>

#include <stdio.h>

void digest_hex(const void *octets, size_t len, char hex[DIGEST_TEXT_MAX])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256(octets, len, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
