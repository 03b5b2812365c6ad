/*
 * echo: the floor under a UDP responder on plain sockets: what the kernel alone costs for taking a
 * datagram and sending one of an answer's length back, in the responder's own batches. No DNS.
 *
 *   echo PORT [MORE]      MORE octets are sent beyond those that came
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH = 32, STRIDE = 1344, MORE_MAX = 512 };

static uint8_t octets[BATCH][STRIDE];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr batch[BATCH];

static int open_port(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), queue = 4 << 20;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof queue);
	return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

/* A query becomes a response of one answer, as far as a load generator looks. */
static void turn(unsigned slot, unsigned more)
{
	octets[slot][2] |= 0x80;
	octets[slot][7] = 1;
	parts[slot].iov_len = batch[slot].msg_len + more;
}

static void reset(unsigned slot)
{
	parts[slot] = (struct iovec){octets[slot], STRIDE - MORE_MAX};
	batch[slot].msg_hdr = (struct msghdr){.msg_name = &peers[slot],
					      .msg_namelen = sizeof peers[slot],
					      .msg_iov = &parts[slot],
					      .msg_iovlen = 1};
}

int main(int argc, char **argv)
{
	unsigned more = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	int fd =
		argc > 1 && more <= MORE_MAX ? open_port((uint16_t)strtoul(argv[1], NULL, 10)) : -1;
	if (fd < 0) {
		fprintf(stderr, "usage: echo PORT [MORE]; PORT must be free on 127.0.0.1\n");
		return 2;
	}
	for (unsigned slot = 0; slot < BATCH; slot++)
		reset(slot);
	for (;;) {
		int got = recvmmsg(fd, batch, BATCH, MSG_WAITFORONE, NULL);
		for (int slot = 0; slot < got; slot++)
			turn((unsigned)slot, more);
		if (got > 0)
			(void)sendmmsg(fd, batch, (unsigned)got, 0);
		for (int slot = 0; slot < got; slot++)
			reset((unsigned)slot);
	}
}
