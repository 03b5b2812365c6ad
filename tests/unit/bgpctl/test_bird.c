/* One connection to BIRD's control socket, against what a BIRD in trouble may do with it. */
#include "bgpctl/bird.h"

#include "base/mono.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char greeting[] = "0001 BIRD 2.0.12 ready.\n";
static char folder[] = "/tmp/meridian-bird-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/bird.ctl", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

/* A BIRD that greets and then says WORDS, again and again, until nobody listens. */
static pid_t start_talker(const char *words)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	strcpy(at.sun_path, path);
	(void)unlink(path);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 1), 0);
	pid_t talker = fork();
	if (talker != 0) {
		close(listener);
		return talker;
	}
	int client = accept(listener, NULL, NULL);
	(void)!write(client, greeting, sizeof greeting - 1);
	/* In large pieces, so that there is always something to be read. */
	static char many[1 << 17];
	for (size_t len = 0; len + strlen(words) < sizeof many; len += strlen(words))
		strcpy(many + len, words);
	while (send(client, many, strlen(many), MSG_NOSIGNAL) > 0)
		;
	_exit(0);
}

static void test_who_never_stops_talking_is_waited_for_no_longer_than_who_is_silent(void **state)
{
	struct bird_reply reply = {0};
	struct error error = {0};
	enum bird_reach reach;
	(void)state;
	/* Lines of log, which belong to no reply. */
	pid_t talker = start_talker("+<INFO> something happened again, and nobody asked for it\n");
	struct bird *bird = bird_open(path, &reach, &error);
	assert_non_null(bird);
	const struct mono start = mono_now();
	/* Else it would be for ever. */
	alarm(20);
	assert_false(bird_ask(bird, "show status", &reply, &reach, &error));
	alarm(0);
	assert_true(mono_ms_between(start, mono_now()) < 10 * BIRD_DEADLINE_MS);
	assert_int_equal(reach, BIRD_HUNG);
	assert_non_null(strstr(error.text, "show status"));
	/* And the connection is of no more use. */
	assert_false(bird_ask(bird, "show status", &reply, &reach, &error));
	bird_reply_fini(&reply);
	bird_close(bird);
	assert_int_equal(waitpid(talker, NULL, 0), talker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_who_never_stops_talking_is_waited_for_no_longer_than_who_is_silent),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
