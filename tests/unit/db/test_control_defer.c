/* The control socket's replies that take time. */
#include "db/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct control *control;
static struct control_ticket ticket;
static char path[64];

static json_t *handle(void *context, const char *verb, const json_t *args)
{
	(void)context;
	(void)args;
	if (strcmp(verb, "now") == 0)
		return json_pack("{s:s}", "said", "now");
	if (strcmp(verb, "later") == 0 || strcmp(verb, "inside") == 0)
		ticket = control_defer(control);
	if (strcmp(verb, "inside") == 0)
		control_answer(control, ticket, json_pack("{s:s}", "said", "inside"));
	return NULL;
}

static int setup(void **state)
{
	(void)state;
	struct error error;
	snprintf(path, sizeof path, "/tmp/test_control_defer.%d", (int)getpid());
	control = control_open(path, handle, NULL, &error);
	return control != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	control_close(control);
	return 0;
}

static int connect_client(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
	control_step(control);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), 0), (ssize_t)strlen(text));
	control_step(control);
}

static void expect(int fd, const char *text)
{
	char got[256];
	ssize_t n = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);
	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, text);
}

static void test_a_deferred_reply_comes_when_it_is_given_and_holds_later_requests_back(void **state)
{
	(void)state;
	int fd = connect_client();
	say(fd, "later\nnow\n");
	expect(fd, "");
	control_answer(control, ticket, json_pack("{s:s}", "said", "later"));
	expect(fd, "{\"said\":\"later\"}\n{\"said\":\"now\"}\n");
	close(fd);
}

static void test_other_clients_are_answered_while_one_waits(void **state)
{
	(void)state;
	int waiting = connect_client(), other = connect_client();
	say(waiting, "later\n");
	say(other, "now\n");
	expect(other, "{\"said\":\"now\"}\n");
	control_answer(control, ticket, json_pack("{s:s}", "said", "later"));
	expect(waiting, "{\"said\":\"later\"}\n");
	close(waiting);
	close(other);
}

static void test_a_deferred_reply_may_be_given_inside_the_handler(void **state)
{
	(void)state;
	int fd = connect_client();
	say(fd, "inside\nnow\n");
	expect(fd, "{\"said\":\"inside\"}\n{\"said\":\"now\"}\n");
	close(fd);
}

static void test_a_reply_for_a_client_that_left_goes_to_nobody(void **state)
{
	(void)state;
	int gone = connect_client();
	say(gone, "later\n");
	struct control_ticket old = ticket;
	close(gone);
	control_step(control);
	int next = connect_client(); /* takes the place of the one that left */
	say(next, "later\n");
	control_answer(control, old, json_pack("{s:s}", "said", "old"));
	expect(next, "");
	control_answer(control, ticket, json_pack("{s:s}", "said", "new"));
	expect(next, "{\"said\":\"new\"}\n");
	close(next);
}

static void test_an_unknown_verb_is_still_refused(void **state)
{
	(void)state;
	int fd = connect_client();
	say(fd, "nonsense\n");
	expect(fd, "{\"error\":\"\\\"nonsense\\\" is not a verb of this daemon\"}\n");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_deferred_reply_comes_when_it_is_given_and_holds_later_requests_back),
		cmocka_unit_test(test_other_clients_are_answered_while_one_waits),
		cmocka_unit_test(test_a_deferred_reply_may_be_given_inside_the_handler),
		cmocka_unit_test(test_a_reply_for_a_client_that_left_goes_to_nobody),
		cmocka_unit_test(test_an_unknown_verb_is_still_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
