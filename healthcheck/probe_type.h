/* probe_type: what a file that knows one kind of probe implements; for probe.c and probe_*.c only.
 */
#ifndef MERIDIAN_HEALTHCHECK_PROBE_TYPE_H
#define MERIDIAN_HEALTHCHECK_PROBE_TYPE_H

#include "healthcheck/probe.h"
#include "healthcheck/trust.h"

struct tls_contexts;
struct transfers;

struct probe_env {
	uv_loop_t *loop;
	struct trust *trust;
	struct transfers *transfers;
	struct tls_contexts *tls;
};

struct probe_type {
	/* Begins the check; ends in probe_finish(). */
	void (*start)(struct probe *probe);
	/* Ends what runs, silently, and frees the memory (perhaps after a turn of the loop). */
	void (*free)(struct probe *probe);
};

/* The first member of every type's own struct. */
struct probe {
	const struct probe_type *type;
	struct probe_env *env;
	struct object *monitor_object; /* referenced */
	const struct monitor *monitor; /* inside it */
	char *address;
	struct addr ip; /* ADDR_NONE: ADDRESS is a host name */
	uint16_t port;
	char *where; /* "192.0.2.10:443", "[2001:db8::10]:443" */
	probe_done *done;
	void *context;
	bool running;
};

/* Fills the common part of PROBE, a zeroed struct. */
struct probe_spec {
	const struct object *monitor;
	const char *address;
	uint16_t port;
	probe_done *done;
	void *context;
};
void probe_init(struct probe *probe, const struct probe_type *type, struct probe_env *env,
		const struct probe_spec *spec);
void probe_fini(struct probe *probe);

/* The name that the server is to have, on the heap: the monitor's sni, its host without a port, or
 * the address. */
char *probe_server_name(const struct probe *probe);

/* Reports RESULT to who waits for it. PROBE may be gone when this returns. */
void probe_finish(struct probe *probe, const struct probe_result *result);

struct probe *probe_http_new(struct probe_env *env, const struct probe_spec *spec);
struct probe *probe_direct_new(struct probe_env *env, const struct probe_spec *spec);
struct probe *probe_tcp_new(struct probe_env *env, const struct probe_spec *spec);
struct probe *probe_dns_new(struct probe_env *env, const struct probe_spec *spec);
struct probe *probe_icmp_new(struct probe_env *env, const struct probe_spec *spec);

#endif
