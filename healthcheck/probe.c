/* Knows which file probes which type of monitor. */
#include "healthcheck/probe.h"

#include "base/mem.h"
#include "healthcheck/off_limits.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"
#include "healthcheck/tls.h"
#include "healthcheck/transfers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct probe_env *probe_env_new(uv_loop_t *loop)
{
	struct probe_env *env = mem_new(struct probe_env);
	env->loop = loop;
	env->trust = trust_new();
	env->transfers = transfers_new(loop);
	env->tls = tls_contexts_new(env->trust);
	return env;
}

void probe_env_free(struct probe_env *env)
{
	if (env == NULL)
		return;
	transfers_free(env->transfers);
	tls_contexts_free(env->tls);
	trust_free(env->trust);
	free(env);
}

void probe_init(struct probe *probe, const struct probe_type *type, struct probe_env *env,
		const struct probe_spec *spec)
{
	const struct monitor *monitor = &spec->monitor->monitor;
	*probe = (struct probe){
		.type = type,
		.env = env,
		.monitor_object = object_ref(spec->monitor),
		.monitor = monitor,
		.address = mem_strdup(spec->address),
		.port = spec->port != 0 ? spec->port : monitor->port,
		.done = spec->done,
		.context = spec->context,
	};
	if (!addr_parse(spec->address, &probe->ip))
		probe->ip = (struct addr){.family = ADDR_NONE};
	bool ipv6 = probe->ip.family == ADDR_IPV6;
	probe->where = mem_printf("%s%s%s:%u", ipv6 ? "[" : "", probe->address, ipv6 ? "]" : "",
				  probe->port);
}

void probe_fini(struct probe *probe)
{
	object_unref(probe->monitor_object);
	free(probe->address);
	free(probe->where);
}

char *probe_server_name(const struct probe *probe)
{
	const struct monitor *monitor = probe->monitor;
	const char *host = monitor->host;
	if (monitor->sni != NULL || host == NULL)
		return mem_strdup(monitor->sni != NULL ? monitor->sni : probe->address);
	bool bracketed = host[0] == '[';
	host += bracketed ? 1 : 0;
	return mem_printf("%.*s", (int)strcspn(host, bracketed ? "]" : ":"), host);
}

void probe_finish(struct probe *probe, const struct probe_result *result)
{
	assert(probe->running);
	probe->running = false;
	probe->done(probe->context, result);
}

/* A check that is not made: it says each time why. */
static void refused_start(struct probe *probe)
{
	struct probe_result result = {0};
	const char *what = probe->ip.family != ADDR_NONE ? off_limits(&probe->ip) : NULL;
	if (what != NULL)
		reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "not checked: %s is %s, which the monitor does not allow "
			   "(allow_link_local)",
			   probe->address, what);
	else
		reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "not checked: a check of this type needs an IP address, not the name %s",
			   probe->address);
	probe_finish(probe, &result);
}

static void refused_free(struct probe *probe)
{
	probe_fini(probe);
	free(probe);
}

static struct probe *refused_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = refused_start, .free = refused_free};
	struct probe *probe = mem_new(struct probe);
	probe_init(probe, &type, env, spec);
	return probe;
}

struct probe *probe_new(struct probe_env *env, const struct object *object, const char *address,
			uint16_t port, probe_done *done, void *context)
{
	const struct monitor *monitor = &object->monitor;
	struct probe_spec spec = {.monitor = object,
				  .address = address,
				  .port = port,
				  .done = done,
				  .context = context};
	struct addr ip;
	bool number = addr_parse(address, &ip);
	if (number && !monitor->allow_link_local && off_limits(&ip) != NULL)
		return refused_new(env, &spec);
	switch (monitor->type) {
	case MONITOR_TCP:
		/* libcurl has a resolver that does not block; a number needs none. */
		if (number)
			return probe_tcp_new(env, &spec);
		return monitor->expect == NULL && monitor->send == NULL ? probe_http_new(env, &spec)
									: refused_new(env, &spec);
	case MONITOR_DNS:
		return number ? probe_dns_new(env, &spec) : refused_new(env, &spec);
	case MONITOR_ICMP:
		return number ? probe_icmp_new(env, &spec) : refused_new(env, &spec);
	case MONITOR_HTTPS:
	case MONITOR_HTTP:
	case MONITOR_TLS:
		break;
	}
	/* The common case costs a third less without libcurl, which does all the rest. */
	bool common = number && !monitor->http2 && monitor->redirects == 0;
	return common ? probe_direct_new(env, &spec) : probe_http_new(env, &spec);
}

void probe_start(struct probe *probe)
{
	assert(!probe->running);
	probe->running = true;
	probe->type->start(probe);
}

void probe_free(struct probe *probe)
{
	if (probe != NULL)
		probe->type->free(probe);
}
