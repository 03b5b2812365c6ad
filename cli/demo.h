/*
 * demo: what `meridian run` shows on a machine that has nothing yet: a configuration, HTTPS
 * backends on loopback addresses, and, where BIRD is there, a private pair of it: this site's and
 * an upstream router's.
 */
#ifndef MERIDIAN_CLI_DEMO_H
#define MERIDIAN_CLI_DEMO_H

#include "cli/child.h"
#include "db/instance.h"
#include "db/store.h"

enum { DEMO_BACKENDS = 4, DEMO_PORT = 8443, DEMO_BGP_PORT = 1790 };

struct demo {
	struct child backends[DEMO_BACKENDS];
	struct child birds[2]; /* the site's, the upstream's */
	bool has_birds;
	char *upstream_socket;
};

/* True where the instance was begun with the demo. */
bool demo_is_there(const struct instance *instance);

/* Makes the demo's certificates and writes its configuration as a revision. False with ERROR. */
bool demo_create(const struct instance *instance, struct store *store, struct error *error)
	__attribute__((warn_unused_result));

/* Whether the fixed ports of backends and BIRDs can be had. False with ERROR. */
bool demo_ports_are_free(struct error *error) __attribute__((warn_unused_result));

/* Starts backends and BIRDs. Without BIRD in $PATH the demo goes without it and says so. False with
 * ERROR. */
bool demo_start(struct demo *demo, const struct instance *instance, struct error *error)
	__attribute__((warn_unused_result));
void demo_stop(struct demo *demo);

/* Which of the demo's programs PID is, or NULL. */
struct child *demo_child(struct demo *demo, pid_t pid);
struct child *demo_backend(struct demo *demo, const char *name);

#endif
