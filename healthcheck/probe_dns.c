/* Knows the dns check on the wire: a datagram, or a message with its length before it over TCP (RFC
 * 1035 section 4.2). */
#include "base/mem.h"
#include "base/mono.h"
#include "base/rng.h"
#include "healthcheck/channel.h"
#include "healthcheck/dns_check.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MAX = 65535, PREFIX_LEN = 2, READS_MAX = 16 };

struct probe_dns {
	struct probe probe; /* first */
	struct channel channel;
	struct dns_check check;
	struct rng rng;
	bool askable, tcp;

	/* of the running check */
	struct mono began;
	bool connected;
	struct probe_phases phases;
	uint8_t *reply; /* of TCP; freed at its end */
	size_t read;
};

static void finish(struct probe_dns *dns, struct probe_result *result)
{
	result->phases = dns->phases;
	result->phases.total_us = (uint32_t)mono_us_between(dns->began, mono_now());
	channel_close(&dns->channel);
	free(dns->reply);
	dns->reply = NULL;
	probe_finish(&dns->probe, result);
}

static void fail(struct probe_dns *dns, int code)
{
	struct probe_result result = {0};
	reason_errno(&result, code, dns->connected ? REASON_AWAITING_REPLY : REASON_CONNECTING,
		     dns->probe.where);
	finish(dns, &result);
}

/* True when OCTETS were the reply, and the check is over. */
static bool judge(struct probe_dns *dns, const uint8_t *octets, size_t len)
{
	struct probe_result result = {0};
	if (!dns_check_judge(&dns->check, octets, len, &result))
		return false;
	dns->phases.first_byte_us =
		(uint32_t)mono_us_between(dns->began, mono_now()) - dns->phases.connect_us;
	finish(dns, &result);
	return true;
}

static void read_datagrams(struct probe_dns *dns)
{
	uint8_t octets[4096];
	/* No more: others are due, too, and a flood is no reply. */
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t len = recv(dns->channel.fd, octets, sizeof octets, 0);
		if (len < 0) {
			if (errno != EAGAIN)
				fail(dns, errno);
			return;
		}
		if (judge(dns, octets, (size_t)len))
			return;
	}
}

/* Octets of the message with its prefix, as far as is known. */
static size_t wanted_octets(const struct probe_dns *dns)
{
	if (dns->read < PREFIX_LEN)
		return PREFIX_LEN;
	return PREFIX_LEN + ((size_t)dns->reply[0] << 8 | dns->reply[1]);
}

static void read_stream(struct probe_dns *dns)
{
	if (dns->reply == NULL)
		dns->reply = mem_array(PREFIX_LEN + MESSAGE_MAX, 1);
	for (;;) {
		ssize_t got = recv(dns->channel.fd, dns->reply + dns->read,
				   wanted_octets(dns) - dns->read, 0);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			fail(dns, got < 0 ? errno : 0);
			return;
		}
		dns->read += (size_t)got;
		if (dns->read < PREFIX_LEN || dns->read < wanted_octets(dns))
			continue;
		if (!judge(dns, dns->reply + PREFIX_LEN, dns->read - PREFIX_LEN)) {
			struct probe_result result = {0};
			reason_set(&result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
				   "%s sent what is no reply to the query", dns->probe.where);
			finish(dns, &result);
		}
		return;
	}
}

static bool send_query(struct probe_dns *dns)
{
	uint8_t octets[PREFIX_LEN + DNS_CHECK_MAX] = {(uint8_t)(dns->check.len >> 8),
						      (uint8_t)dns->check.len};
	memcpy(octets + PREFIX_LEN, dns->check.query, dns->check.len);
	const uint8_t *from = dns->tcp ? octets : octets + PREFIX_LEN;
	size_t len = dns->check.len + (dns->tcp ? PREFIX_LEN : 0);
	/* A new connection's buffer takes a query whole. */
	return send(dns->channel.fd, from, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void on_ready(void *context, int events)
{
	struct probe_dns *dns = context;
	if (!dns->connected) {
		int code = channel_error(&dns->channel);
		if (code != 0) {
			fail(dns, code);
			return;
		}
		dns->connected = true;
		if (dns->tcp)
			dns->phases.connect_us = (uint32_t)mono_us_between(dns->began, mono_now());
		if (!send_query(dns))
			fail(dns, errno);
		else
			channel_wait(&dns->channel, UV_READABLE);
		return;
	}
	(void)events;
	if (dns->tcp)
		read_stream(dns);
	else
		read_datagrams(dns);
}

static void on_late(void *context)
{
	struct probe_dns *dns = context;
	struct probe_result result = {0};
	reason_timeout(&result, dns->probe.monitor->timeout_ms,
		       dns->connected ? REASON_AWAITING_REPLY : REASON_CONNECTING,
		       dns->probe.where);
	finish(dns, &result);
}

static int open_datagrams(struct probe_dns *dns)
{
	struct sockaddr_storage to;
	socklen_t len = addr_to_sockaddr(&dns->probe.ip, dns->probe.port, &to);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	/* Connected: replies of nobody else are heard, and a closed port is told. */
	if (connect(fd, (const struct sockaddr *)&to, len) != 0) {
		int code = errno;
		close(fd);
		return code;
	}
	return channel_open(&dns->channel, fd, UV_WRITABLE);
}

static void dns_start(struct probe *probe)
{
	struct probe_dns *dns = (struct probe_dns *)probe;
	dns->began = mono_now();
	dns->connected = false;
	dns->phases = (struct probe_phases){0};
	dns->read = 0;
	if (!dns->askable) {
		struct probe_result result = {0};
		reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
			   "the monitor's name or type cannot be asked for");
		finish(dns, &result);
		return;
	}
	dns_check_set_id(&dns->check, (uint16_t)rng_next(&dns->rng));
	int code = dns->tcp ? channel_connect(&dns->channel, &probe->ip, probe->port)
			    : open_datagrams(dns);
	if (code != 0)
		fail(dns, code);
	else
		channel_deadline(&dns->channel, probe->monitor->timeout_ms);
}

static void dns_free(struct probe *probe)
{
	struct probe_dns *dns = (struct probe_dns *)probe;
	probe_fini(probe);
	free(dns->reply);
	channel_free(&dns->channel, free);
}

struct probe *probe_dns_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = dns_start, .free = dns_free};
	struct probe_dns *dns = mem_new(struct probe_dns);
	probe_init(&dns->probe, &type, env, spec);
	dns->askable = dns_check_make(dns->probe.monitor, &dns->check);
	dns->tcp = dns->probe.monitor->transport == TRANSPORT_TCP;
	rng_init(&dns->rng, rng_seed());
	channel_init(&dns->channel, env->loop);
	dns->channel.ready = on_ready;
	dns->channel.late = on_late;
	dns->channel.context = dns;
	return &dns->probe;
}
