/* ports: the addresses that a start is going to listen on are tried before anything is started. */
#ifndef MERIDIAN_CLI_PORTS_H
#define MERIDIAN_CLI_PORTS_H

#include "db/instance.h"

#include <stdbool.h>

/*
 * True where HOST (an address) and PORT can be bound as TYPE (SOCK_STREAM, SOCK_DGRAM) now. False
 * with ERROR, a sentence that ends in REMEDY, where somebody has it or this user may not. What else
 * goes wrong is for the program that listens there to tell.
 */
bool port_is_free(const char *host, uint16_t port, int type, const char *remedy,
		  struct error *error) __attribute__((warn_unused_result));

/* The addresses of the responder and of the page, as INSTANCE's settings name them. */
bool ports_are_free(const struct instance *instance, struct error *error)
	__attribute__((warn_unused_result));

#endif
