/* Holds TCP to RFC 7766 and to its limits, with real sockets on loopback and a responder that
 * echoes. */
#include "geodns/tcp.h"

#include "base/addr.h"
#include "base/mono.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { IDLE_MS = 300, CONNECTIONS = 8, A_PREFIX = 4 };

/* Echoes; silent to what begins with '!'; 65,535 octets to what begins with '+'. */
static size_t respond(void *worker, const struct packet *in, uint8_t *out, size_t out_cap)
{
	(void)worker;
	assert_int_equal(out_cap, 65535);
	assert_true(in->stream);
	if (in->len > 0 && in->bytes[0] == '!')
		return 0;
	if (in->len > 0 && in->bytes[0] == '+') {
		memset(out, '+', out_cap);
		return out_cap;
	}
	memcpy(out, in->bytes, in->len);
	return in->len;
}

static void quiescent(void *worker)
{
	(void)worker;
}

static struct io_address address(const char *text, uint16_t port)
{
	struct addr addr;
	struct io_address at = {0};
	assert_true(addr_parse(text, &addr));
	at.len = addr_to_sockaddr(&addr, port, &at.addr);
	return at;
}

struct fixture {
	struct tcp *tcp;
	pthread_t thread;
};

static void *run(void *argument)
{
	tcp_run(argument, NULL);
	return NULL;
}

static int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof *fixture);
	struct io_address listen[] = {address("127.0.0.1", 0), address("::1", 0)};
	struct tcp_settings settings = {.listen = listen,
					.listen_count = 2,
					.max_connections = CONNECTIONS,
					.max_per_prefix = A_PREFIX,
					.idle_ms = IDLE_MS,
					.hooks = {respond, quiescent}};
	struct error error;
	if (fixture == NULL)
		return -1;
	fixture->tcp = tcp_open(&settings, &error);
	if (fixture->tcp == NULL || pthread_create(&fixture->thread, NULL, run, fixture->tcp) != 0)
		return -1;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	tcp_stop(fixture->tcp);
	pthread_join(fixture->thread, NULL);
	tcp_close(fixture->tcp);
	free(fixture);
	return 0;
}

/* A connection from FROM, or from wherever where it is NULL. */
static int connect_from(const struct fixture *fixture, const char *from, unsigned listen)
{
	struct io_address to =
		address(listen == 0 ? "127.0.0.1" : "::1", tcp_port(fixture->tcp, listen));
	int fd = socket(to.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval timeout = {.tv_sec = 3};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
	if (from != NULL) {
		struct io_address at = address(from, 0);
		assert_int_equal(bind(fd, (struct sockaddr *)&at.addr, at.len), 0);
	}
	assert_int_equal(connect(fd, (struct sockaddr *)&to.addr, to.len), 0);
	return fd;
}

static void put(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static void take(int fd, void *bytes, size_t len)
{
	assert_int_equal(recv(fd, bytes, len, MSG_WAITALL), len);
}

static void assert_echoes(int fd)
{
	char answer[4];
	put(fd, "\0\2hi", 4);
	take(fd, answer, 4);
	assert_memory_equal(answer, "\0\2hi", 4);
}

/* Whether the other side has closed FD, or closes it within the time. */
static bool is_closed(int fd)
{
	char octet;
	return recv(fd, &octet, 1, 0) <= 0;
}

static bool is_open(int fd)
{
	char octet;
	return recv(fd, &octet, 1, MSG_DONTWAIT) < 0;
}

/* RFC 7766 section 6.2.1.1. */
static void test_queries_sent_together_are_all_answered(void **state)
{
	int fd = connect_from(*state, NULL, 0);
	put(fd, "\0\1a\0\2!x\0\2bc\0\0\0\3def", 18);
	char answers[14];
	/* The empty message is answered with silence, as nothing can be. */
	take(fd, answers, 12);
	assert_memory_equal(answers, "\0\1a\0\2bc\0\3def", 12);
	close(fd);
}

static void test_query_in_single_octets_is_answered(void **state)
{
	int fd = connect_from(*state, NULL, 1);
	for (unsigned i = 0; i < 5; i++) {
		put(fd, "\0\3abc" + i, 1);
		usleep(1000);
	}
	char answer[5];
	take(fd, answer, 5);
	assert_memory_equal(answer, "\0\3abc", 5);
	close(fd);
}

static void test_message_of_65535_octets_goes_both_ways(void **state)
{
	int fd = connect_from(*state, NULL, 0);
	uint8_t *bytes = malloc(2 + 65535), *back = malloc(2 + 65535);
	assert_non_null(bytes);
	assert_non_null(back);
	memset(bytes, 'z', 2 + 65535);
	bytes[0] = bytes[1] = 0xff;
	for (int i = 0; i < 3; i++) {
		put(fd, bytes, 2 + 65535);
		take(fd, back, 2 + 65535);
		assert_memory_equal(bytes, back, 2 + 65535);
	}
	free(bytes);
	free(back);
	assert_echoes(fd);
	close(fd);
}

/* RFC 7766 section 6.2.3. */
static void test_connection_without_a_whole_query_is_closed(void **state)
{
	int silent = connect_from(*state, NULL, 0), busy = connect_from(*state, NULL, 0);
	int dribbling = connect_from(*state, NULL, 0);
	put(dribbling, "\1\0", 2);
	struct mono begin = mono_now();
	while (mono_ms_between(begin, mono_now()) < 2 * IDLE_MS) {
		assert_echoes(busy);
		(void)send(dribbling, "x", 1, MSG_NOSIGNAL);
		usleep(50000);
	}
	assert_true(is_closed(silent));
	assert_true(is_closed(dribbling));
	assert_echoes(busy);
	struct tcp_counters counters;
	tcp_counters(((struct fixture *)*state)->tcp, &counters);
	assert_int_equal(counters.idle_closed, 2);
	close(silent);
	close(dribbling);
	close(busy);
}

static void test_client_that_does_not_read_is_dropped_and_hurts_no_other(void **state)
{
	int slow = connect_from(*state, NULL, 0), other = connect_from(*state, NULL, 0);
	int small = 4096;
	assert_int_equal(setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	for (int i = 0; i < 400; i++)
		put(slow, "\0\1+", 3);
	struct tcp_counters counters;
	for (int i = 0; i < 40; i++) {
		assert_echoes(other);
		usleep(25000);
		tcp_counters(((struct fixture *)*state)->tcp, &counters);
		if (counters.slow_closed == 1)
			break;
	}
	assert_int_equal(counters.slow_closed, 1);
	close(slow);
	close(other);
}

static void test_client_that_reads_late_gets_every_answer(void **state)
{
	int fd = connect_from(*state, NULL, 0);
	enum { QUERIES = 100 };
	for (int i = 0; i < QUERIES; i++)
		put(fd, "\0\1+", 3);
	usleep(IDLE_MS * 1000 / 3);
	uint8_t *answer = malloc(2 + 65535);
	assert_non_null(answer);
	for (int i = 0; i < QUERIES; i++) {
		take(fd, answer, 2 + 65535);
		assert_memory_equal(answer, "\377\377+", 3);
	}
	free(answer);
	assert_echoes(fd);
	close(fd);
}

static void test_connections_above_the_limit_of_a_prefix_are_refused(void **state)
{
	int fds[A_PREFIX];
	for (int i = 0; i < A_PREFIX; i++) {
		fds[i] = connect_from(*state, "127.0.1.1", 0);
		assert_echoes(fds[i]);
	}
	int above = connect_from(*state, "127.0.1.200", 0),
	    elsewhere = connect_from(*state, "127.0.2.1", 0);
	assert_true(is_closed(above));
	assert_echoes(elsewhere);
	close(above);
	/* One that goes makes room for another. */
	close(fds[0]);
	usleep(20000);
	fds[0] = connect_from(*state, "127.0.1.2", 0);
	assert_echoes(fds[0]);
	for (int i = 0; i < A_PREFIX; i++)
		close(fds[i]);
	close(elsewhere);
}

static void test_longest_idle_connection_gives_way_when_all_are_taken(void **state)
{
	static const char *const FROM[] = {"127.0.1.1", "127.0.2.1", "127.0.3.1"};
	int fds[CONNECTIONS];
	for (int i = 0; i < CONNECTIONS; i++) {
		fds[i] = connect_from(*state, FROM[i / 3], 0);
		assert_echoes(fds[i]);
	}
	assert_echoes(fds[0]); /* so that the second is the oldest */
	int more = connect_from(*state, "127.0.4.1", 0);
	assert_echoes(more);
	assert_true(is_closed(fds[1]));
	assert_true(is_open(fds[0]));
	assert_true(is_open(fds[2]));
	close(more);
	for (int i = 0; i < CONNECTIONS; i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_queries_sent_together_are_all_answered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_query_in_single_octets_is_answered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_message_of_65535_octets_goes_both_ways, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_connection_without_a_whole_query_is_closed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_client_that_does_not_read_is_dropped_and_hurts_no_other, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_client_that_reads_late_gets_every_answer,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_connections_above_the_limit_of_a_prefix_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_longest_idle_connection_gives_way_when_all_are_taken, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
