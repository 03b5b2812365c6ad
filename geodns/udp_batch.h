/*
 * udp_batch: up to 32 queries taken from a socket, answered and sent, with two system calls.
 */
#ifndef MERIDIAN_GEODNS_UDP_BATCH_H
#define MERIDIAN_GEODNS_UDP_BATCH_H

#include "geodns/udp.h"

#include <stdatomic.h>

/* Written by one worker, read by anyone, relaxed: each number stands for itself. */
struct udp_batch_counters {
	_Atomic uint64_t received, sent, batches, send_failed, cut;
};

enum udp_batch_result { UDP_BATCH_ANSWERED, UDP_BATCH_EMPTY, UDP_BATCH_FAILED };

/* Buffers for one worker. HOOKS and COUNTERS are borrowed until udp_batch_free(). NULL and ERROR
 * without memory. */
struct udp_batch *udp_batch_new(const struct io_hooks *hooks, void *context, uint16_t udp_size,
				struct udp_batch_counters *counters, struct error *error)
	__attribute__((warn_unused_result));
void udp_batch_free(struct udp_batch *batch);

/*
 * Takes what FD has, or waits for it as FLAGS (MSG_WAITFORONE or MSG_DONTWAIT) and the socket's
 * timeout say, and answers it. WILDCARD: FD was asked for destinations, and answers leave from
 * them.
 */
enum udp_batch_result udp_batch_answer(struct udp_batch *batch, int fd, bool wildcard, int flags);

void udp_batch_read_counters(const struct udp_batch_counters *counters, struct udp_counters *out);

#endif
