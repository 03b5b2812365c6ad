/*
 * sock: the sockets of a responder: which options they carry, and binding them.
 */
#ifndef MERIDIAN_GEODNS_SOCK_H
#define MERIDIAN_GEODNS_SOCK_H

#include "base/error.h"
#include "geodns/io.h"

enum { SOCK_ADDRESS_TEXT = 64 }; /* octets of sock_format()'s longest text with its NUL */

/* False where the kernel has no sockets of FAMILY (AF_INET, AF_INET6) at all. */
bool sock_family_is_there(int family);

/*
 * A socket of TYPE (SOCK_DGRAM or SOCK_STREAM) bound to AT, close-on-exec. An address that this
 * machine does not have yet is bound all the same (IP_FREEBIND): an anycast address may come later.
 * SHARED: several sockets of this process bind the same address (SO_REUSEPORT). Returns the
 * descriptor, which the caller closes; -1 and ERROR, which names the address and the remedy.
 */
int sock_bind(const struct io_address *at, int type, bool shared, struct error *error)
	__attribute__((warn_unused_result));

/* Whether AT is 0.0.0.0 or ::, so that an answer's source address has to be chosen. */
bool sock_is_wildcard(const struct io_address *at);

/* The port that FD is bound to. */
uint16_t sock_port(int fd);

/* "192.0.2.1:53" or "[2001:db8::1]:53". */
void sock_format(const struct io_address *at, char text[SOCK_ADDRESS_TEXT]);

#endif
