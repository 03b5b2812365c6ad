/* Knows which file probes which type of monitor. */
#include "healthcheck/probe.h"

#include "base/mem.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"
#include "healthcheck/transfers.h"

#include <assert.h>
#include <stdlib.h>

struct probe_env *probe_env_new(uv_loop_t *loop)
{
	struct probe_env *env = mem_new(struct probe_env);
	env->loop = loop;
	env->trust = trust_new();
	env->transfers = transfers_new(loop);
	return env;
}

void probe_env_free(struct probe_env *env)
{
	if (env == NULL)
		return;
	transfers_free(env->transfers);
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

void probe_finish(struct probe *probe, const struct probe_result *result)
{
	assert(probe->running);
	probe->running = false;
	probe->done(probe->context, result);
}

static const char *type_name(enum monitor_type type)
{
	static const char *const names[] = {
		[MONITOR_HTTPS] = "https", [MONITOR_HTTP] = "http", [MONITOR_TCP] = "tcp",
		[MONITOR_TLS] = "tls",	   [MONITOR_DNS] = "dns",   [MONITOR_ICMP] = "icmp",
	};
	return names[type];
}

static void unsupported_start(struct probe *probe)
{
	struct probe_result result = {0};
	reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
		   "monitor type %s is not probed by this version",
		   type_name(probe->monitor->type));
	probe_finish(probe, &result);
}

static void unsupported_free(struct probe *probe)
{
	probe_fini(probe);
	free(probe);
}

static struct probe *unsupported_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = unsupported_start,
					       .free = unsupported_free};
	struct probe *probe = mem_new(struct probe);
	probe_init(probe, &type, env, spec);
	return probe;
}

struct probe *probe_new(struct probe_env *env, const struct object *monitor, const char *address,
			uint16_t port, probe_done *done, void *context)
{
	struct probe_spec spec = {.monitor = monitor,
				  .address = address,
				  .port = port,
				  .done = done,
				  .context = context};
	struct addr ip;
	switch (monitor->monitor.type) {
	case MONITOR_TCP:
		/* libcurl has a resolver that does not block; a number needs none. */
		return addr_parse(address, &ip) ? probe_tcp_new(env, &spec)
						: probe_http_new(env, &spec);
	case MONITOR_HTTPS:
	case MONITOR_HTTP:
	case MONITOR_TLS:
		return probe_http_new(env, &spec);
	case MONITOR_DNS:
	case MONITOR_ICMP:
		break;
	}
	return unsupported_new(env, &spec);
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
