/* Knows the icmp check: an echo request and its reply (RFC 792, RFC 4443 section 4). */
#include "base/mem.h"
#include "base/mono.h"
#include "base/rng.h"
#include "healthcheck/channel.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET_MAX = 1500, READS_MAX = 16 };

/* What an echo is told from others by: a random number, since the kernel sets the identifier of a
 * ping socket. */
struct echo {
	uint8_t type, code;
	uint16_t checksum_be, identifier, sequence_be;
	uint64_t nonce;
};

struct probe_icmp {
	struct probe probe; /* first */
	struct channel channel;
	struct rng rng;
	bool ipv6, raw;
	struct mono began;
	uint64_t nonce;
};

static void finish(struct probe_icmp *icmp, struct probe_result *result)
{
	result->phases.total_us = (uint32_t)mono_us_between(icmp->began, mono_now());
	channel_close(&icmp->channel);
	probe_finish(&icmp->probe, result);
}

static void fail(struct probe_icmp *icmp, int code)
{
	struct probe_result result = {0};
	if (code == EACCES || code == EPERM)
		reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "this machine lets the checker send no echo request: neither does "
			   "net.ipv4.ping_group_range hold its group nor has it CAP_NET_RAW");
	else
		reason_errno(&result, code, REASON_AWAITING_REPLY, icmp->probe.where);
	finish(icmp, &result);
}

/* A ping socket where the system grants them, else a raw one where we may; -1 with errno. */
static int open_socket(struct probe_icmp *icmp)
{
	int family = icmp->ipv6 ? AF_INET6 : AF_INET;
	int protocol = icmp->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	icmp->raw = fd < 0 && errno == EACCES;
	if (icmp->raw)
		fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	return fd;
}

/* RFC 1071; of IPv6 the kernel sets it. */
static uint16_t checksum(const void *octets, size_t len)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint16_t word;
		memcpy(&word, (const char *)octets + i, sizeof word);
		sum += word;
	}
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static bool send_echo(struct probe_icmp *icmp, int fd)
{
	struct echo echo = {.type = icmp->ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
			    .identifier = (uint16_t)icmp->nonce,
			    .nonce = icmp->nonce};
	if (!icmp->ipv6)
		echo.checksum_be = checksum(&echo, sizeof echo);
	return send(fd, &echo, sizeof echo, MSG_NOSIGNAL) == (ssize_t)sizeof echo;
}

/* Whether LEN octets at PACKET are the reply to our request. */
static bool is_reply(const struct probe_icmp *icmp, const uint8_t *packet, size_t len)
{
	struct echo echo;
	size_t skip = icmp->raw && !icmp->ipv6 && len > 0 ? (size_t)(packet[0] & 15) * 4 : 0;
	if (len < skip + sizeof echo)
		return false;
	memcpy(&echo, packet + skip, sizeof echo);
	return echo.type == (icmp->ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
	       echo.nonce == icmp->nonce;
}

static void on_ready(void *context, int events)
{
	struct probe_icmp *icmp = context;
	uint8_t packet[PACKET_MAX];
	(void)events;
	/* No more: others are due, too, and a flood is no reply. */
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t len = recv(icmp->channel.fd, packet, sizeof packet, 0);
		if (len < 0) {
			if (errno != EAGAIN)
				fail(icmp, errno);
			return;
		}
		if (!is_reply(icmp, packet, (size_t)len))
			continue;
		struct probe_result result = {.outcome = PROBE_PASSED};
		result.phases.first_byte_us = (uint32_t)mono_us_between(icmp->began, mono_now());
		finish(icmp, &result);
		return;
	}
}

static void on_late(void *context)
{
	struct probe_icmp *icmp = context;
	struct probe_result result = {0};
	reason_timeout(&result, icmp->probe.monitor->timeout_ms, REASON_AWAITING_REPLY,
		       icmp->probe.where);
	finish(icmp, &result);
}

static void icmp_start(struct probe *probe)
{
	struct probe_icmp *icmp = (struct probe_icmp *)probe;
	struct sockaddr_storage to;
	socklen_t len = addr_to_sockaddr(&probe->ip, 0, &to);
	icmp->began = mono_now();
	icmp->nonce = rng_next(&icmp->rng);
	int fd = open_socket(icmp);
	if (fd < 0) {
		fail(icmp, errno);
		return;
	}
	if (connect(fd, (const struct sockaddr *)&to, len) != 0 || !send_echo(icmp, fd)) {
		int code = errno;
		close(fd);
		fail(icmp, code);
		return;
	}
	int code = channel_open(&icmp->channel, fd, UV_READABLE);
	if (code != 0)
		fail(icmp, code);
	else
		channel_deadline(&icmp->channel, probe->monitor->timeout_ms);
}

static void icmp_free(struct probe *probe)
{
	struct probe_icmp *icmp = (struct probe_icmp *)probe;
	probe_fini(probe);
	channel_free(&icmp->channel, free);
}

struct probe *probe_icmp_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = icmp_start, .free = icmp_free};
	struct probe_icmp *icmp = mem_new(struct probe_icmp);
	probe_init(&icmp->probe, &type, env, spec);
	free(icmp->probe.where);
	icmp->probe.where = mem_strdup(icmp->probe.address); /* there is no port */
	icmp->ipv6 = icmp->probe.ip.family == ADDR_IPV6;
	rng_init(&icmp->rng, rng_seed());
	channel_init(&icmp->channel, env->loop);
	icmp->channel.ready = on_ready;
	icmp->channel.late = on_late;
	icmp->channel.context = icmp;
	return &icmp->probe;
}
