/* Local settings: paths below a folder, defaults, and refusals that name the setting. */
#include "db/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], conf[96];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/meridian-instance-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(conf, sizeof conf, "%s/meridian.conf", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(conf);
	return rmdir(dir);
}

static bool load(const char *text, struct instance *instance, struct error *error)
{
	if (text != NULL) {
		FILE *file = fopen(conf, "w");
		fputs(text, file);
		fclose(file);
	}
	return instance_load(dir, instance, error);
}

static void test_a_folder_without_settings_has_unprivileged_defaults(void **state)
{
	(void)state;
	struct instance instance;
	struct error error = {0};
	assert_true(load(NULL, &instance, &error));
	assert_int_equal(instance.dns_listen_count, 2);
	assert_string_equal(instance.dns_listen[0].host, "127.0.0.1");
	assert_int_equal(instance.dns_listen[0].port, 5300);
	assert_string_equal(instance.dns_listen[1].host, "::1");
	assert_int_equal(instance.web_listen.port, 8080);
	assert_non_null(strstr(instance.config_db, "/config.db"));
	char *socket = instance_socket(&instance, "geodns");
	assert_non_null(strstr(socket, "/run/geodns.sock"));
	free(socket);
	instance_fini(&instance);
}

static void test_every_setting_is_taken(void **state)
{
	(void)state;
	struct instance instance;
	struct error error = {0};
	assert_true(load(
		"[site]\nname = fra\n[dns]\nlisten = 192.0.2.1, [2001:db8::1]:5353\nthreads = 3\n"
		"udp_size = 1400\nnsid = fra1\n[geo]\ncity = /c\nasn = /a\n[web]\nlisten = "
		"[::1]:8443\n"
		"tls_cert = /x\ntls_key = /y\n[bird]\nsocket = /s\ninclude = /i\n[log]\nlevel = "
		"debug\n",
		&instance, &error));
	assert_string_equal(instance.site_name, "fra");
	assert_int_equal(instance.dns_listen[0].port, 53);
	assert_string_equal(instance.dns_listen[1].host, "2001:db8::1");
	assert_int_equal(instance.dns_listen[1].port, 5353);
	assert_int_equal(instance.dns_threads, 3);
	assert_int_equal(instance.dns_udp_size, 1400);
	assert_string_equal(instance.dns_nsid, "fra1");
	assert_string_equal(instance.geo_city, "/c");
	assert_string_equal(instance.web_listen.host, "::1");
	assert_int_equal(instance.web_listen.port, 8443);
	assert_string_equal(instance.bird_socket, "/s");
	assert_int_equal(instance.log_level, LOG_LEVEL_DEBUG);
	instance_fini(&instance);
}

static void test_a_bad_setting_is_refused_with_its_name_and_what_is_wanted(void **state)
{
	(void)state;
	static const struct {
		const char *text, *part;
	} table[] = {
		{"[dns]\nlisten = here\n", "[dns] listen = here: wanted is up to 32 addresses"},
		{"[dns]\nlisten = 192.0.2.1:0\n", "wanted is"},
		{"[dns]\nlisten = 192.0.2.1:65536\n", "wanted is"},
		{"[dns]\nlisten = [::1\n", "wanted is"},
		{"[dns]\nlisten =\n", "wanted is"},
		{"[dns]\nthreads = -1\n", "wanted is a number from 0"},
		{"[dns]\nudp_size = 511\n", "512 to 4096"},
		{"[dns]\nport = 53\n", "[dns] port is not a setting; known are [site] name"},
		{"[log]\nlevel = loud\n", "error, warning, notice"},
		{"[web]\ntls_cert = /x\n", "tls_cert and tls_key go together"},
		{"what is this\n", "line 1 is neither"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct instance instance;
		struct error error = {0};
		assert_false(load(table[i].text, &instance, &error));
		if (strstr(error.text, table[i].part) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", error.text, table[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_folder_without_settings_has_unprivileged_defaults, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(test_every_setting_is_taken, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			test_a_bad_setting_is_refused_with_its_name_and_what_is_wanted, make_dir,
			remove_dir),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
