/* Knows which thread answers what, and when it holds nothing. */
#include "geodns/workers.h"

#include "base/log.h"
#include "base/mem.h"
#include "geodns/answer_short.h"
#include "geodns/sock.h"
#include "geodns/tcp.h"
#include "geodns/udp.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MEASURE_ONE_IN = 256 }; /* queries: two looks at the clock cost a fifth of an answer */

struct worker {
	struct answerer answerer; /* its thread's alone, */
	struct addr client;	  /* and who sent it the packet at hand */
	unsigned until_measured;
	struct workers *all;
	struct counters *counters;
	unsigned index;
	bool running;
	pthread_t thread;
};

/* The UDP workers, then the one for TCP. */
struct workers {
	struct reply_server server;
	struct chaos chaos;
	_Atomic(struct cookie_secrets *) secrets; /* replaced by the control thread */
	uint8_t nsid[DNS_NSID_MAX];
	struct quiesce *quiesce;
	struct udp *udp;
	struct tcp *tcp;
	unsigned udp_count;
	struct worker at[];
};

static unsigned udp_workers(const struct instance *instance)
{
	cpu_set_t cpus;
	unsigned count = instance->dns_threads;
	if (count == 0 && sched_getaffinity(0, sizeof cpus, &cpus) == 0)
		count = (unsigned)CPU_COUNT(&cpus);
	return count < 1 ? 1 : count > 256 ? 256 : count;
}

unsigned workers_count(const struct instance *instance)
{
	return udp_workers(instance) + 1;
}

static __attribute__((noinline)) size_t respond_measured(struct worker *worker,
							 const struct packet *in,
							 const struct addr *client, uint8_t *out,
							 size_t out_cap)
{
	worker->until_measured = MEASURE_ONE_IN;
	struct mono before = mono_now();
	size_t len = answer_packet(&worker->answerer, in->bytes, in->len, client, in->stream, out,
				   out_cap);
	durations_add(&worker->counters->durations, mono_now().ns - before.ns);
	return len;
}

static size_t respond(void *context, const struct packet *in, uint8_t *out, size_t out_cap)
{
	struct worker *worker = context;
	uint16_t port;
	if (!addr_from_sockaddr(in->client, &worker->client, &port))
		return 0;
	if (--worker->until_measured == 0)
		return respond_measured(worker, in, &worker->client, out, out_cap);
	return answer_short(&worker->answerer, in->bytes, in->len, &worker->client, in->stream, out,
			    out_cap);
}

/* What holds until the next batch. */
static void look_around(struct worker *worker)
{
	struct answerer *answerer = &worker->answerer;
	answerer->now = mono_coarse();
	answerer->now_s = (uint32_t)time(NULL);
	answerer->cookies = atomic_load_explicit(&worker->all->secrets, memory_order_acquire);
}

static void quiescent(void *context)
{
	struct worker *worker = context;
	quiesce_pass(worker->all->quiesce, worker->index);
	look_around(worker);
}

static const struct io_hooks hooks = {.respond = respond, .quiescent = quiescent};

/* Where the kernel has no IPv6 its addresses are left out: [::] stands in the default. */
static bool listen_addresses(const struct instance *instance, struct io_address *listen,
			     unsigned *count, struct error *error)
{
	*count = 0;
	for (unsigned i = 0; i < instance->dns_listen_count; i++) {
		const struct listen_address *from = &instance->dns_listen[i];
		struct addr addr;
		if (!addr_parse(from->host, &addr)) {
			error_set(error, "[dns] listen: \"%s\" is not an IP address", from->host);
			return false;
		}
		struct io_address *at = &listen[*count];
		at->len = addr_to_sockaddr(&addr, from->port, &at->addr);
		if (sock_family_is_there(at->addr.ss_family))
			++*count;
		else
			log_notice("this machine has no IPv6: %s port %u is left out", from->host,
				   from->port);
	}
	if (*count == 0)
		error_set(error, "[dns] listen names IPv6 alone, and this machine has none");
	return *count > 0;
}

static bool open_sockets(struct workers *workers, const struct instance *instance,
			 struct error *error)
{
	struct io_address listen[LISTEN_MAX];
	unsigned count;
	if (!listen_addresses(instance, listen, &count, error))
		return false;
	struct udp_settings udp = {
		.listen = listen,
		.listen_count = count,
		.workers = workers->udp_count,
		.udp_size = workers->server.udp_size,
		.hooks = hooks,
	};
	struct tcp_settings tcp = {
		.listen = listen,
		.listen_count = count,
		.max_connections = TCP_MAX_CONNECTIONS,
		.max_per_prefix = TCP_MAX_PER_PREFIX,
		.idle_ms = TCP_IDLE_MS,
		.hooks = hooks,
	};
	workers->udp = udp_open(&udp, error);
	if (workers->udp == NULL)
		return false;
	workers->tcp = tcp_open(&tcp, error);
	if (workers->tcp != NULL)
		log_notice("listening on %u addresses", count);
	return workers->tcp != NULL;
}

static void init_server(struct workers *workers, const struct instance *instance)
{
	size_t len = instance->dns_nsid != NULL ? strlen(instance->dns_nsid) : 0;
	len = len <= DNS_NSID_MAX ? len : DNS_NSID_MAX;
	if (len > 0)
		memcpy(workers->nsid, instance->dns_nsid, len);
	workers->server = (struct reply_server){.udp_size = (uint16_t)instance->dns_udp_size,
						.keepalive_100ms = TCP_IDLE_MS / 100,
						.nsid_len = (uint8_t)len,
						.nsid = workers->nsid};
	workers->chaos = (struct chaos){.id = instance->dns_chaos_id,
					.version = instance->dns_chaos_version};
}

static void init_worker(struct workers *workers, unsigned index, const struct names *names)
{
	struct worker *worker = &workers->at[index];
	worker->all = workers;
	worker->index = index;
	worker->counters = counters_new();
	worker->until_measured = 1;
	worker->answerer = (struct answerer){.names = names,
					     .server = &workers->server,
					     .counters = worker->counters,
					     .chaos = &workers->chaos};
	rng_init(&worker->answerer.rng, rng_seed());
}

/* Each UDP worker has an account of its own for its share of a source's queries: the kernel spreads
 * them by address and port, and those who forge vary the port. */
static void init_limits(struct workers *workers, const struct instance *instance)
{
	struct rrl_settings settings = {.rate = instance->dns_rrl_rate,
					.slip = instance->dns_rrl_slip,
					.share = workers->udp_count,
					.allow_count = instance->dns_rrl_allow_count};
	memcpy(settings.allow, instance->dns_rrl_allow,
	       settings.allow_count * sizeof *settings.allow);
	for (unsigned i = 0; i < workers->udp_count; i++)
		workers->at[i].answerer.rrl = rrl_new(&settings, rng_seed());
}

struct workers *workers_open(const struct instance *instance, const struct names *names,
			     struct quiesce *quiesce, struct error *error)
{
	unsigned count = workers_count(instance);
	struct workers *workers = mem_array(1, sizeof *workers + count * sizeof(struct worker));
	workers->udp_count = count - 1;
	workers->quiesce = quiesce;
	init_server(workers, instance);
	for (unsigned i = 0; i < count; i++)
		init_worker(workers, i, names);
	init_limits(workers, instance);
	if (open_sockets(workers, instance, error))
		return workers;
	workers_close(workers);
	return NULL;
}

static void *run(void *context)
{
	struct worker *worker = context;
	struct workers *workers = worker->all;
	struct error error = {""};
	look_around(worker);
	if (worker->index >= workers->udp_count) {
		tcp_run(workers->tcp, worker);
	} else if (!udp_run(workers->udp, worker->index, worker, &error)) {
		/* Its socket would take queries that nobody answers: better to be started again. */
		log_error("a worker cannot begin: %s", error.text);
		kill(getpid(), SIGTERM);
	}
	quiesce_leave(workers->quiesce, worker->index);
	return NULL;
}

bool workers_start(struct workers *workers, struct error *error)
{
	sigset_t all, before;
	bool good = true;
	/* Signals go to the control thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i <= workers->udp_count && good; i++) {
		struct worker *worker = &workers->at[i];
		good = pthread_create(&worker->thread, NULL, run, worker) == 0;
		worker->running = good;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!good)
		error_set_errno(error, "a thread that answers cannot be started");
	return good;
}

void workers_close(struct workers *workers)
{
	if (workers == NULL)
		return;
	if (workers->udp != NULL)
		udp_stop(workers->udp);
	if (workers->tcp != NULL)
		tcp_stop(workers->tcp);
	for (unsigned i = 0; i <= workers->udp_count; i++) {
		if (workers->at[i].running)
			pthread_join(workers->at[i].thread, NULL);
		counters_free(workers->at[i].counters);
		rrl_free(workers->at[i].answerer.rrl);
	}
	free(atomic_load(&workers->secrets));
	udp_close(workers->udp);
	tcp_close(workers->tcp);
	free(workers);
}

void workers_set_secrets(struct workers *workers, struct cookie_secrets *secrets)
{
	struct cookie_secrets *old =
		atomic_exchange_explicit(&workers->secrets, secrets, memory_order_acq_rel);
	quiesce_retire(workers->quiesce, old, free);
}

const struct reply_server *workers_server(const struct workers *workers)
{
	return &workers->server;
}

unsigned workers_threads(const struct workers *workers)
{
	return workers->udp_count + 1;
}

const struct counters *workers_counters(const struct workers *workers, unsigned index)
{
	return workers->at[index].counters;
}

void workers_udp(const struct workers *workers, struct udp_counters *sum)
{
	*sum = (struct udp_counters){0};
	for (unsigned i = 0; i < workers->udp_count; i++) {
		struct udp_counters one;
		udp_counters(workers->udp, i, &one);
		sum->received += one.received;
		sum->sent += one.sent;
		sum->batches += one.batches;
		sum->send_failed += one.send_failed;
		sum->cut += one.cut;
	}
}

void workers_tcp(const struct workers *workers, struct tcp_counters *counters)
{
	tcp_counters(workers->tcp, counters);
}
