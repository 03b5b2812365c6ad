/* Knows how a batch lies in memory and how it goes through recvmmsg() and sendmmsg(). */
#include "geodns/udp_batch.h"

#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	BATCH = 32,	  /* nothing more is gained beyond */
	QUERY_ALIGN = 64, /* a query's buffer begins on a cache line */
	CONTROL_LEN = 64, /* octets of control data: one in_pktinfo or in6_pktinfo */
	PAGE = 4096
};

_Static_assert(CONTROL_LEN >= CMSG_SPACE(sizeof(struct in6_pktinfo)), "a destination fits");
_Static_assert(CONTROL_LEN >= CMSG_SPACE(sizeof(struct in_pktinfo)), "a destination fits");

union client {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/*
 * Everything a batch touches lies together on few pages: queries at a stride little above their
 * longest, answers packed one behind the other.
 */
struct udp_batch {
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_vec[BATCH], out_vec[BATCH];
	union client clients[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_LEN];
	const struct io_hooks *hooks;
	void *context;
	struct udp_batch_counters *counters;
	size_t size; /* of the mapping */
	size_t udp_size;
	bool wildcard;	  /* what the headers are for */
	uint8_t *answers; /* BATCH times udp_size octets */
};

static size_t round_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

/* The headers of slot I as recvmmsg() wants them; it overwrites the lengths. */
static inline void reset(struct udp_batch *batch, unsigned i, bool wildcard)
{
	struct msghdr *header = &batch->in[i].msg_hdr;
	header->msg_namelen = sizeof batch->clients[i];
	if (wildcard)
		header->msg_controllen = CONTROL_LEN;
}

/* All headers, where the socket before was of the other kind: destinations come with a wildcard's
 * queries alone. */
static void turn(struct udp_batch *batch, bool wildcard)
{
	for (unsigned i = 0; i < BATCH; i++) {
		batch->in[i].msg_hdr.msg_controllen = wildcard ? CONTROL_LEN : 0;
		batch->out[i].msg_hdr.msg_control = NULL;
		batch->out[i].msg_hdr.msg_controllen = 0;
	}
	batch->wildcard = wildcard;
}

static void init(struct udp_batch *batch, uint8_t *queries, size_t stride)
{
	for (unsigned i = 0; i < BATCH; i++) {
		batch->in_vec[i] = (struct iovec){queries + i * stride, stride};
		batch->in[i].msg_hdr = (struct msghdr){.msg_name = &batch->clients[i],
						       .msg_iov = &batch->in_vec[i],
						       .msg_iovlen = 1,
						       .msg_control = batch->control[i]};
		batch->out[i].msg_hdr =
			(struct msghdr){.msg_iov = &batch->out_vec[i], .msg_iovlen = 1};
		reset(batch, i, true);
	}
	batch->wildcard = true;
}

struct udp_batch *udp_batch_new(const struct io_hooks *hooks, void *context, uint16_t udp_size,
				struct udp_batch_counters *counters, struct error *error)
{
	/* One line more than the size, so that neighbours do not fall on the same cache sets. */
	size_t stride = round_up(udp_size, QUERY_ALIGN) + QUERY_ALIGN;
	size_t head = round_up(sizeof(struct udp_batch), QUERY_ALIGN);
	size_t size = round_up(head + BATCH * (stride + udp_size), PAGE);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		error_set_errno(error, "no memory for a UDP worker's buffers");
		return NULL;
	}
	struct udp_batch *batch = memory;
	batch->hooks = hooks;
	batch->context = context;
	batch->counters = counters;
	batch->size = size;
	batch->udp_size = udp_size;
	batch->answers = (uint8_t *)memory + head + BATCH * stride;
	init(batch, (uint8_t *)memory + head, stride);
	return batch;
}

void udp_batch_free(struct udp_batch *batch)
{
	if (batch != NULL)
		munmap(batch, batch->size);
}

/* One writer: a plain addition, published whole. */
static void count(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, before + more, memory_order_relaxed);
}

/*
 * Turns the destination of a query into the source of its answer, in place. The way back is the
 * routing table's choice, as for any answer; link-local addresses alone mean nothing without their
 * interface (RFC 4007 section 6).
 */
static void answer_from_destination(struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = (struct in_pktinfo *)(void *)CMSG_DATA(c);
			info->ipi_ifindex = 0;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (struct in6_pktinfo *)(void *)CMSG_DATA(c);
			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
		}
	}
}

/* Sends COUNT answers. One that the kernel refuses (no route, a filter) is left out, the others go.
 */
static void send_answers(struct udp_batch *batch, int fd, unsigned answers)
{
	unsigned done = 0, failed = 0;
	while (done + failed < answers) {
		int sent = sendmmsg(fd, batch->out + done + failed, answers - done - failed, 0);
		if (sent > 0)
			done += (unsigned)sent;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			failed = answers - done; /* the queue stayed full: clients ask again */
		else if (errno != EINTR)
			failed++;
	}
	count(&batch->counters->sent, done);
	if (failed > 0)
		count(&batch->counters->send_failed, failed);
}

/* Queues the answer of LEN octets at BYTES to the sender of slot I as the Nth to be sent. Its
 * control data stay empty where they never were anything else. */
static inline void queue(struct udp_batch *batch, unsigned i, unsigned n, uint8_t *bytes,
			 size_t len, bool wildcard)
{
	struct msghdr *from = &batch->in[i].msg_hdr, *to = &batch->out[n].msg_hdr;
	batch->out_vec[n] = (struct iovec){bytes, len};
	to->msg_name = from->msg_name;
	to->msg_namelen = from->msg_namelen;
	if (!wildcard)
		return;
	to->msg_control = NULL;
	to->msg_controllen = 0;
	if (from->msg_controllen > 0) {
		answer_from_destination(from);
		to->msg_control = from->msg_control;
		to->msg_controllen = from->msg_controllen;
	}
}

/* Answers RECEIVED queries into the packed answers; returns how many there are to be sent. */
static unsigned respond(struct udp_batch *batch, unsigned received, bool wildcard)
{
	unsigned answers = 0;
	uint8_t *at = batch->answers;
	struct packet packet = {.stream = false};
	for (unsigned i = 0; i < received; i++) {
		struct mmsghdr *in = &batch->in[i];
		if ((in->msg_hdr.msg_flags & MSG_TRUNC) != 0)
			count(&batch->counters->cut, 1);
		packet.bytes = batch->in_vec[i].iov_base;
		packet.len = in->msg_len;
		packet.client = &batch->clients[i].any;
		size_t len = batch->hooks->respond(batch->context, &packet, at, batch->udp_size);
		if (len > 0) {
			queue(batch, i, answers++, at, len, wildcard);
			at += len;
		}
		reset(batch, i, wildcard);
	}
	return answers;
}

enum udp_batch_result udp_batch_answer(struct udp_batch *batch, int fd, bool wildcard, int flags)
{
	if (batch->wildcard != wildcard)
		turn(batch, wildcard);
	int received = recvmmsg(fd, batch->in, BATCH, flags, NULL);
	if (received < 0) {
		bool nothing = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
		return nothing ? UDP_BATCH_EMPTY : UDP_BATCH_FAILED;
	}
	unsigned answers = respond(batch, (unsigned)received, wildcard);
	if (answers > 0)
		send_answers(batch, fd, answers);
	count(&batch->counters->received, (uint64_t)received);
	count(&batch->counters->batches, 1);
	return UDP_BATCH_ANSWERED;
}

void udp_batch_read_counters(const struct udp_batch_counters *counters, struct udp_counters *out)
{
	out->received = atomic_load_explicit(&counters->received, memory_order_relaxed);
	out->sent = atomic_load_explicit(&counters->sent, memory_order_relaxed);
	out->batches = atomic_load_explicit(&counters->batches, memory_order_relaxed);
	out->send_failed = atomic_load_explicit(&counters->send_failed, memory_order_relaxed);
	out->cut = atomic_load_explicit(&counters->cut, memory_order_relaxed);
}
