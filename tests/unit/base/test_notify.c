/* What a service manager's socket gets, and that nobody listening is nothing to stumble over. */
#include "base/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket at NAME of LEN octets, as a service manager has one. */
static int listen_at(const char *name, size_t len)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	memcpy(at.sun_path, name, len);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	return fd;
}

static void assert_told_ready(int fd)
{
	char got[64] = "";
	assert_int_equal(recv(fd, got, sizeof got - 1, 0), 7);
	assert_string_equal(got, "READY=1");
	assert_true(recv(fd, got, sizeof got, 0) < 0);
	close(fd);
}

static void test_a_socket_in_the_file_system_is_told(void **state)
{
	(void)state;
	char folder[] = "/tmp/notify-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	int fd = listen_at(path, strlen(path));
	setenv("NOTIFY_SOCKET", path, 1);
	notify_ready();
	assert_told_ready(fd);
	unlink(path);
	rmdir(folder);
}

static void test_a_socket_in_the_abstract_namespace_is_told(void **state)
{
	(void)state;
	char name[64], variable[64];
	int len = snprintf(name + 1, sizeof name - 1, "meridian-notify-%d", (int)getpid()) + 1;
	name[0] = '\0';
	snprintf(variable, sizeof variable, "@%s", name + 1);
	int fd = listen_at(name, (size_t)len);
	setenv("NOTIFY_SOCKET", variable, 1);
	notify_ready();
	assert_told_ready(fd);
}

static void test_nobody_to_tell_leaves_no_descriptor_and_no_error(void **state)
{
	(void)state;
	char longest[300];
	memset(longest, 'x', sizeof longest - 1);
	longest[0] = '/';
	longest[sizeof longest - 1] = '\0';
	const char *const values[] = {NULL, "", "relative", "/nowhere/socket", longest};
	int before = dup(0);
	close(before);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		if (values[i] == NULL)
			unsetenv("NOTIFY_SOCKET");
		else
			setenv("NOTIFY_SOCKET", values[i], 1);
		notify_ready();
		int after = dup(0);
		close(after);
		assert_int_equal(after, before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_socket_in_the_file_system_is_told),
		cmocka_unit_test(test_a_socket_in_the_abstract_namespace_is_told),
		cmocka_unit_test(test_nobody_to_tell_leaves_no_descriptor_and_no_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
