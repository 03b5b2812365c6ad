/*
 * presence: which addresses this machine has, and on which interface, kept current by netlink.
 */
#ifndef MERIDIAN_BGPCTL_PRESENCE_H
#define MERIDIAN_BGPCTL_PRESENCE_H

#include "base/addr.h"
#include "base/error.h"

struct presence;

/* Reads the addresses once. NULL with ERROR. */
struct presence *presence_open(struct error *error);
void presence_close(struct presence *presence); /* NULL is allowed */

/* Readable when an address came or went; -1 where the kernel does not tell: refresh by the clock.
 */
int presence_fd(const struct presence *presence);
/* Reads the addresses again. Where that fails, what was known stays, and *ERROR says why. */
bool presence_refresh(struct presence *presence, struct error *error);

/* True where INTERFACE (NULL or "": any) carries ADDRESS. All of 127.0.0.0/8 is on lo. */
bool presence_has(const struct presence *presence, const struct addr *address,
		  const char *interface);

#endif
