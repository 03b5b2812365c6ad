/* The control socket: lines in, JSON out, between a server thread and clients. */
#include "db/control.h"

#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENOUGH_MS = 60000 }; /* under a sanitizer on a busy machine, too */

static char folder[64], path[96];
static struct control *control;
static pthread_t server;
static atomic_bool stop;

static json_t *answer(void *context, const char *verb, const json_t *args)
{
	(void)context;
	if (strcmp(verb, "echo") == 0)
		return json_pack("{s:O?}", "args", args);
	if (strcmp(verb, "big") == 0) {
		json_t *list = json_array();
		for (int i = 0; i < 200000; i++)
			json_array_append_new(list, json_integer(i));
		return json_pack("{s:o}", "list", list);
	}
	if (strcmp(verb, "fail") == 0)
		return control_failure("the pool \"%s\" does not exist", "eu");
	return NULL;
}

static void *serve(void *unused)
{
	while (!atomic_load(&stop)) {
		struct pollfd poller = {.fd = control_fd(control), .events = POLLIN};
		poll(&poller, 1, 20);
		control_step(control);
	}
	return unused;
}

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-control-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/geodns.sock", folder);
	control = control_open(path, answer, NULL, NULL);
	atomic_store(&stop, false);
	return control == NULL ? -1 : pthread_create(&server, NULL, serve, NULL);
}

static int finish(void **state)
{
	(void)state;
	atomic_store(&stop, true);
	pthread_join(server, NULL);
	control_close(control);
	return rmdir(folder);
}

static void test_a_request_is_answered_with_its_arguments(void **state)
{
	(void)state;
	struct error error = {0};
	json_t *args = json_pack("{s:s, s:i}", "name", "www", "n", 7);
	json_t *reply = control_ask(path, "echo", args, ENOUGH_MS, &error);
	assert_string_equal(error.text, "");
	assert_true(json_equal(json_object_get(reply, "args"), args));
	json_decref(reply);
	json_decref(args);
}

static void test_a_reply_larger_than_the_socket_buffer_arrives_whole(void **state)
{
	(void)state;
	struct error error = {0};
	json_t *reply = control_ask(path, "big", NULL, ENOUGH_MS, &error);
	assert_string_equal(error.text, "");
	assert_int_equal(json_array_size(json_object_get(reply, "list")), 200000);
	json_decref(reply);
}

static void test_a_failure_is_the_error_of_the_client(void **state)
{
	(void)state;
	struct error error = {0};
	assert_null(control_ask(path, "fail", NULL, ENOUGH_MS, &error));
	assert_string_equal(error.text, "the pool \"eu\" does not exist");
	assert_null(control_ask(path, "dance", NULL, ENOUGH_MS, &error));
	assert_string_equal(error.text, "\"dance\" is not a verb of this daemon");
}

static void test_a_daemon_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct error error = {0};
	assert_null(control_ask("/nonexistent/run/bgpctl.sock", "status", NULL, 100, &error));
	assert_string_equal(error.text,
			    "meridian-bgpctl is not running (/nonexistent/run/bgpctl.sock)");
}

static int connect_raw(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
	(void)state;
	static const char requests[] = "echo [1]\necho [2]\nfail\necho x{\n";
	static const char replies[] =
		"{\"args\":[2]}\n{\"error\":\"the pool \\\"eu\\\" does not exist\"}\n";
	char got[1024] = "";
	size_t used = 0;
	int fd = connect_raw();
	assert_int_equal(write(fd, requests, strlen(requests)), strlen(requests));
	while (used < sizeof got - 1 && strstr(got, "not JSON") == NULL) {
		ssize_t n = read(fd, got + used, sizeof got - 1 - used);
		assert_true(n > 0);
		used += (size_t)n;
		got[used] = '\0';
	}
	assert_non_null(strstr(got, replies));
	close(fd);
}

static void test_a_line_without_end_is_cut_off(void **state)
{
	(void)state;
	static char junk[CONTROL_REQUEST_MAX + 100];
	memset(junk, 'a', sizeof junk);
	int fd = connect_raw();
	size_t sent = 0;
	while (sent < sizeof junk) {
		ssize_t n = send(fd, junk + sent, sizeof junk - sent, MSG_NOSIGNAL);
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	char byte;
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	close(fd);
	test_a_request_is_answered_with_its_arguments(state);
}

/* A peer of another user and group is let go, whatever the file's mode says. */
static void test_a_stranger_is_not_let_in(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can become another user\n");
		skip();
	}
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	pid_t child = fork();
	if (child == 0) {
		if (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 ||
		    setresuid(65534, 65534, 65534) != 0)
			_exit(3);
		json_t *reply = control_ask(path, "echo", NULL, 1000, NULL);
		_exit(reply == NULL ? 0 : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(path, 0660), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_a_daemon_without_a_descriptor_left_sheds_the_client_and_goes_on(void **state)
{
	struct rlimit before, low;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	low = before;
	low.rlim_cur = (rlim_t)fd + 1; /* nothing above what is open now */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0); /* the server closes it */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(fd);
	assert_true(got <= 0);
	test_a_request_is_answered_with_its_arguments(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_is_answered_with_its_arguments),
		cmocka_unit_test(test_a_reply_larger_than_the_socket_buffer_arrives_whole),
		cmocka_unit_test(test_a_failure_is_the_error_of_the_client),
		cmocka_unit_test(test_a_daemon_that_is_not_there_is_named),
		cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
		cmocka_unit_test(test_a_line_without_end_is_cut_off),
		cmocka_unit_test(test_a_stranger_is_not_let_in),
		cmocka_unit_test(
			test_a_daemon_without_a_descriptor_left_sheds_the_client_and_goes_on),
	};
	return cmocka_run_group_tests(tests, start, finish);
}
