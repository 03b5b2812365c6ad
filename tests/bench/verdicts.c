/*
 * verdicts: writes health words as the health checker would, at a rate, or one and watches for its
 * answer.
 *
 *     verdicts hold HEALTH POOL COUNT RATE SECONDS
 *     verdicts react HEALTH POOL PORT NAME ROUNDS
 *
 * `hold` makes the endpoints e0 to eCOUNT-1 of POOL up and keeps the table fresh for SECONDS, while
 * RATE verdicts a second go from up to down or back, one endpoint after the other. Prints how many
 * it changed. `react` turns e0 of POOL down and up, ROUNDS times each, and asks the responder at
 * 127.0.0.1 PORT for the A records of NAME until another answer comes: prints milliseconds from
 * before the word was written, a line a round.
 */
#include "base/mono.h"
#include "db/health.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 512, ANSWER_WAIT_MS = 100, STEP_US = 1000, GIVE_UP_MS = 5000 };

static void fail(const char *what)
{
	fprintf(stderr, "verdicts: %s\n", what);
	exit(1);
}

static void set(struct health_table *table, const char *pool, unsigned number, bool up)
{
	char target[128];
	snprintf(target, sizeof target, "endpoint/%s/e%u", pool, number);
	struct health_state state = {.verdict = up ? VERDICT_UP : VERDICT_DOWN,
				     .since_s = (uint32_t)time(NULL)};
	if (!health_set(table, target, state))
		fail("the health table is full");
}

/* As many changes as RATE asks for by NOW; endpoint n goes down in even turns, up in odd ones. */
static uint64_t change_until(struct health_table *table, const char *pool, unsigned count,
			     uint64_t changed, uint64_t wanted)
{
	for (; changed < wanted; changed++)
		set(table, pool, (unsigned)(changed % count), (changed / count) % 2 == 1);
	return changed;
}

static int hold(struct health_table *table, char **argv)
{
	const char *pool = argv[0];
	unsigned count = (unsigned)strtoul(argv[1], NULL, 10);
	double rate = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
	uint64_t changed = 0;
	for (unsigned i = 0; i < count; i++)
		set(table, pool, i, true);
	struct mono begin = mono_now();
	for (double at_s = 0; at_s < seconds;) {
		health_beat(table, mono_now());
		at_s = (double)mono_us_between(begin, mono_now()) / 1e6;
		changed = change_until(table, pool, count, changed, (uint64_t)(at_s * rate));
		usleep(rate > 0 ? STEP_US : 100 * STEP_US);
	}
	printf("%llu\n", (unsigned long long)changed);
	return 0;
}

static int open_socket(unsigned port)
{
	struct addr address;
	struct sockaddr_storage to;
	if (!addr_parse("127.0.0.1", &address))
		fail("no loopback address");
	socklen_t len = addr_to_sockaddr(&address, (uint16_t)port, &to);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) != 0)
		fail("no way to the server");
	return fd;
}

/* Asks once; false where no answer came. */
static bool ask(int fd, const uint8_t *query, size_t len, uint8_t answer[ANSWER_MAX])
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	memset(answer, 0, ANSWER_MAX);
	return send(fd, query, len, 0) == (ssize_t)len && poll(&wait, 1, ANSWER_WAIT_MS) == 1 &&
	       recv(fd, answer, ANSWER_MAX, 0) > 0;
}

static double until_another(int fd, const uint8_t *query, size_t len, const uint8_t *before,
			    struct mono begin)
{
	uint8_t answer[ANSWER_MAX];
	while (!ask(fd, query, len, answer) || memcmp(answer, before, ANSWER_MAX) == 0) {
		if (mono_ms_between(begin, mono_now()) > GIVE_UP_MS)
			fail("the answer did not change");
	}
	return (double)mono_us_between(begin, mono_now()) / 1000;
}

static int react(struct health_table *table, char **argv)
{
	uint8_t name[NAME_WIRE_MAX], query[ANSWER_MAX], before[ANSWER_MAX];
	int fd = open_socket((unsigned)strtoul(argv[1], NULL, 10));
	if (name_text_parse(argv[2], name) == 0)
		fail("a name that is none");
	struct message_question question = {
		.name = name, .type = DNS_TYPE_A, .class_ = DNS_CLASS_IN};
	size_t len = message_query(&question, query, sizeof query);
	unsigned turns = 2 * (unsigned)strtoul(argv[3], NULL, 10);
	set(table, argv[0], 0, true);
	set(table, argv[0], 1, true);
	health_beat(table, mono_now());
	/* Until the responder has seen that the table is fresh. */
	sleep(2);
	for (unsigned turn = 0; turn < turns; turn++) {
		health_beat(table, mono_now());
		if (!ask(fd, query, len, before))
			fail("no answer");
		struct mono begin = mono_now();
		set(table, argv[0], 0, turn % 2 == 1);
		printf("%.3f\n", until_another(fd, query, len, before, begin));
		usleep(50 * STEP_US);
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct error error = {""};
	bool is_hold = argc == 7 && strcmp(argv[1], "hold") == 0;
	bool is_react = argc == 7 && strcmp(argv[1], "react") == 0;
	if (!is_hold && !is_react) {
		fprintf(stderr, "usage: verdicts hold HEALTH POOL COUNT RATE SECONDS\n"
				"       verdicts react HEALTH POOL PORT NAME ROUNDS\n");
		return 2;
	}
	struct health_table *table = health_open_writer(argv[2], &error);
	if (table == NULL)
		fail(error.text);
	int status = is_hold ? hold(table, argv + 3) : react(table, argv + 3);
	health_close(table);
	return status;
}
