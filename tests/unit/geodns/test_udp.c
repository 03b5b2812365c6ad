/* Holds the UDP workers to what they promise, with real sockets on loopback and a responder that
 * echoes. */
#include "geodns/udp.h"

#include "base/addr.h"
#include "geodns/sock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { UDP_SIZE = 1232, LISTENS_MAX = 3, WORKERS_MAX = 2 };

static atomic_uint quiet;

/* Echoes; silent to what begins with '!'; as long as can be to what begins with '+'. */
static size_t respond(void *worker, const struct packet *in, uint8_t *out, size_t out_cap)
{
	(void)worker;
	assert_int_equal(out_cap, UDP_SIZE);
	assert_false(in->stream);
	if (in->len > 0 && in->bytes[0] == '!')
		return 0;
	if (in->len > 0 && in->bytes[0] == '+') {
		memset(out, '+', out_cap);
		return out_cap;
	}
	memcpy(out, in->bytes, in->len < out_cap ? in->len : out_cap);
	return in->len < out_cap ? in->len : out_cap;
}

static void quiescent(void *worker)
{
	(void)worker;
	atomic_fetch_add(&quiet, 1);
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
	struct udp *udp;
	pthread_t threads[WORKERS_MAX];
	unsigned workers;
};

struct start {
	struct udp *udp;
	unsigned index;
};

static void *run(void *argument)
{
	struct start *start = argument;
	struct error error;
	bool ran = udp_run(start->udp, start->index, NULL, &error);
	free(start);
	return ran ? argument : NULL;
}

static void start(struct fixture *fixture, const struct io_address *listen, unsigned count,
		  unsigned workers)
{
	struct udp_settings settings = {.listen = listen,
					.listen_count = count,
					.workers = workers,
					.udp_size = UDP_SIZE,
					.hooks = {respond, quiescent}};
	struct error error;
	fixture->udp = udp_open(&settings, &error);
	if (fixture->udp == NULL)
		fail_msg("%s", error.text);
	fixture->workers = workers;
	for (unsigned i = 0; i < workers; i++) {
		struct start *begin = malloc(sizeof *begin);
		assert_non_null(begin);
		*begin = (struct start){fixture->udp, i};
		assert_int_equal(pthread_create(&fixture->threads[i], NULL, run, begin), 0);
	}
}

static void stop(struct fixture *fixture)
{
	udp_stop(fixture->udp);
	for (unsigned i = 0; i < fixture->workers; i++) {
		void *ran;
		pthread_join(fixture->threads[i], &ran);
		assert_non_null(ran);
	}
	udp_close(fixture->udp);
}

/* A client connected to TEXT and PORT: it takes answers from there alone. */
static int client(const char *text, uint16_t port)
{
	struct io_address to = address(text, port);
	int fd = socket(to.addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval timeout = {.tv_sec = 2};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to.addr, to.len), 0);
	return fd;
}

static void assert_echoes(int fd, const char *text)
{
	char answer[2048];
	assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
	assert_int_equal(recv(fd, answer, sizeof answer, 0), strlen(text));
	assert_memory_equal(answer, text, strlen(text));
}

static void test_one_address_answers_and_keeps_silent_as_told(void **state)
{
	(void)state;
	struct io_address listen = address("127.0.0.1", 0);
	struct fixture fixture;
	start(&fixture, &listen, 1, 1);
	int fd = client("127.0.0.1", udp_port(fixture.udp, 0));
	assert_int_equal(send(fd, "!no", 3, 0), 3);
	assert_echoes(fd, "hello");
	char answer[2048];
	for (int i = 0; i < 40; i++)
		assert_int_equal(send(fd, "+", 1, 0), 1);
	for (int i = 0; i < 40; i++)
		assert_int_equal(recv(fd, answer, sizeof answer, 0), UDP_SIZE);
	close(fd);
	struct udp_counters counters;
	usleep(20000);
	udp_counters(fixture.udp, 0, &counters);
	assert_int_equal(counters.received, 42);
	assert_int_equal(counters.sent, 41);
	assert_in_range(counters.batches, 3, 42);
	stop(&fixture);
}

static void test_several_addresses_of_both_families_answer(void **state)
{
	(void)state;
	struct io_address listen[] = {address("127.0.0.1", 0), address("::1", 0),
				      address("127.0.0.2", 0)};
	struct fixture fixture;
	start(&fixture, listen, 3, 2);
	static const char *const TEXT[] = {"127.0.0.1", "::1", "127.0.0.2"};
	for (int round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 3; i++) {
			int fd = client(TEXT[i], udp_port(fixture.udp, i));
			assert_echoes(fd, TEXT[i]);
			close(fd);
		}
	}
	stop(&fixture);
}

static void test_wildcard_answers_leave_from_the_address_that_was_asked(void **state)
{
	(void)state;
	struct io_address listen[] = {address("0.0.0.0", 0), address("::", 0)};
	struct fixture fixture;
	start(&fixture, listen, 2, 1);
	/* A connected client drops what comes from elsewhere: 127.0.0.9 must answer as 127.0.0.9.
	 */
	int v4 = client("127.0.0.9", udp_port(fixture.udp, 0)),
	    v6 = client("::1", udp_port(fixture.udp, 1));
	for (int i = 0; i < 3; i++) {
		assert_echoes(v4, "four");
		assert_echoes(v6, "six");
	}
	close(v4);
	close(v6);
	stop(&fixture);
}

static void test_query_longer_than_the_buffer_is_cut_and_counted(void **state)
{
	(void)state;
	struct io_address listen = address("127.0.0.1", 0);
	struct fixture fixture;
	start(&fixture, &listen, 1, 1);
	int fd = client("127.0.0.1", udp_port(fixture.udp, 0));
	char bytes[4000];
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), UDP_SIZE);
	struct udp_counters counters;
	usleep(20000);
	udp_counters(fixture.udp, 0, &counters);
	assert_int_equal(counters.cut, 1);
	close(fd);
	stop(&fixture);
}

static void test_quiescent_is_called_without_queries(void **state)
{
	(void)state;
	struct io_address listen = address("127.0.0.1", 0);
	struct fixture fixture;
	start(&fixture, &listen, 1, 1);
	unsigned before = atomic_load(&quiet);
	usleep(5 * IO_QUIET_MS * 1000);
	assert_in_range(atomic_load(&quiet) - before, 2, 8);
	stop(&fixture);
}

static void test_port_of_another_responder_is_refused_with_its_address(void **state)
{
	(void)state;
	struct io_address listen = address("127.0.0.1", 0);
	struct fixture fixture;
	start(&fixture, &listen, 1, 1);
	struct io_address taken = address("127.0.0.1", udp_port(fixture.udp, 0));
	struct udp_settings settings = {.listen = &taken,
					.listen_count = 1,
					.workers = 1,
					.udp_size = UDP_SIZE,
					.hooks = {respond, quiescent}};
	struct error error;
	assert_null(udp_open(&settings, &error));
	assert_non_null(strstr(error.text, "UDP 127.0.0.1:"));
	assert_non_null(strstr(error.text, "another process holds it"));
	stop(&fixture);
}

static void test_address_that_is_not_here_yet_is_bound(void **state)
{
	(void)state;
	struct io_address listen = address("192.0.2.53", 0);
	struct fixture fixture;
	start(&fixture, &listen, 1, 1);
	assert_true(udp_port(fixture.udp, 0) != 0);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_address_answers_and_keeps_silent_as_told),
		cmocka_unit_test(test_several_addresses_of_both_families_answer),
		cmocka_unit_test(test_wildcard_answers_leave_from_the_address_that_was_asked),
		cmocka_unit_test(test_query_longer_than_the_buffer_is_cut_and_counted),
		cmocka_unit_test(test_quiescent_is_called_without_queries),
		cmocka_unit_test(test_port_of_another_responder_is_refused_with_its_address),
		cmocka_unit_test(test_address_that_is_not_here_yet_is_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
