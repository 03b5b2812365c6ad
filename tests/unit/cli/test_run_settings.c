/* The settings that `meridian run` writes are read by every daemon, and are left alone once they
 * are somebody's. */
#include "cli/run_settings.h"

#include "db/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-settings-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/meridian.conf", folder);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void write_as(unsigned dns_port, unsigned http_port, const char *country)
{
	struct error error = {0};
	if (!run_settings_write(folder, dns_port, http_port, country, &error))
		fail_msg("%s", error.text);
}

static void expect_ports(unsigned dns_port, unsigned http_port)
{
	struct error error = {0};
	struct instance instance;
	if (!instance_load(folder, &instance, &error))
		fail_msg("%s", error.text);
	assert_int_equal(instance.dns_listen_count, 2);
	assert_string_equal(instance.dns_listen[0].host, "127.0.0.1");
	assert_string_equal(instance.dns_listen[1].host, "::1");
	assert_int_equal(instance.dns_listen[0].port, dns_port);
	assert_int_equal(instance.dns_listen[1].port, dns_port);
	assert_int_equal(instance.web_listen.port, http_port);
	instance_fini(&instance);
}

static void test_settings_without_ports_have_the_defaults(void **state)
{
	(void)state;
	write_as(0, 0, NULL);
	expect_ports(5300, 8080);
}

static void test_ports_and_country_are_read_back(void **state)
{
	(void)state;
	struct error error = {0};
	struct instance instance;
	write_as(53, 65535, "/tmp/a b.mmdb");
	expect_ports(53, 65535);
	assert_true(instance_load(folder, &instance, &error));
	assert_string_equal(instance.geo_country, "/tmp/a b.mmdb");
	assert_int_equal(instance.bird_hold_up_s, 5);
	assert_int_equal(instance.bird_boot_hold_up_s, 3);
	assert_int_equal(instance.bird_announce_gap_s, 5);
	instance_fini(&instance);
}

static void test_a_start_without_ports_keeps_those_of_the_start_before(void **state)
{
	(void)state;
	write_as(5399, 8099, NULL);
	write_as(0, 0, NULL);
	expect_ports(5399, 8099);
	write_as(5398, 0, NULL);
	expect_ports(5398, 8099);
	write_as(0, 8098, NULL);
	expect_ports(5398, 8098);
}

static void test_settings_that_are_somebodys_are_left_alone(void **state)
{
	(void)state;
	static const char own[] = "[dns]\nlisten = 127.0.0.9:5353\n";
	char text[256] = "";
	struct error error = {0};
	FILE *file = fopen(path, "w");
	fputs(own, file);
	fclose(file);
	write_as(0, 0, "/tmp/country.mmdb");
	assert_false(run_settings_write(folder, 5300, 0, NULL, &error));
	assert_non_null(strstr(error.text, path));
	assert_false(run_settings_write(folder, 0, 8080, NULL, &error));
	file = fopen(path, "r");
	assert_int_equal(fread(text, 1, sizeof text - 1, file), sizeof own - 1);
	fclose(file);
	assert_string_equal(text, own);
}

static void test_a_folder_that_is_not_there_is_told(void **state)
{
	(void)state;
	struct error error = {0};
	assert_false(run_settings_write("/nonexistent", 0, 0, NULL, &error));
	assert_non_null(strstr(error.text, "/nonexistent/meridian.conf"));
}

#define SETTINGS_TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(test_settings_without_ports_have_the_defaults),
		SETTINGS_TEST(test_ports_and_country_are_read_back),
		SETTINGS_TEST(test_a_start_without_ports_keeps_those_of_the_start_before),
		SETTINGS_TEST(test_settings_that_are_somebodys_are_left_alone),
		cmocka_unit_test(test_a_folder_that_is_not_there_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
