/* tls_words: what an error of OpenSSL's means, in an operator's words (pure). */
#ifndef MERIDIAN_HEALTHCHECK_TLS_WORDS_H
#define MERIDIAN_HEALTHCHECK_TLS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What an OpenSSL error text says of a handshake that failed ("error:0A000410:SSL routines::...",
 * as libcurl hands it on), as a half-sentence: "the server sent the alert handshake failure". OUT
 * holds LEN octets. False where TEXT holds no OpenSSL error code.
 */
bool tls_words(const char *text, char *out, size_t len) __attribute__((warn_unused_result));

#endif
