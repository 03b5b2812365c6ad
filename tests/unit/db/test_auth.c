/* Users, sessions and tokens in a file of their own. */
#include "db/auth.h"

#include "base/wall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];
static struct auth *auth;

static const char good[] = "correct horse battery";

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-auth-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	auth = auth_open(path, NULL);
	return auth == NULL ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	auth_close(auth);
	const char *const endings[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		char file[128];
		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		unlink(file);
	}
	return rmdir(folder);
}

static void add_user(const char *name, enum role role)
{
	struct error error = {0};
	if (!auth_user_add(auth, name, good, role, &error))
		fail_msg("%s", error.text);
}

static void test_file_and_its_wal_are_the_owners_alone(void **state)
{
	(void)state;
	const char *const endings[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		char file[128];
		struct stat info;
		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		assert_int_equal(stat(file, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
}

static void test_password_is_checked_and_gives_the_role(void **state)
{
	(void)state;
	assert_true(auth_is_empty(auth));
	add_user("ops", ROLE_OPERATOR);
	assert_false(auth_is_empty(auth));
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_OPERATOR);
	assert_int_equal(auth_check_password(auth, "ops", "correct horse batterx"), ROLE_NONE);
	assert_int_equal(auth_check_password(auth, "nobody", good), ROLE_NONE);
	assert_int_equal(auth_check_password(auth, "ops", ""), ROLE_NONE);
	char longest[2000];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(auth_check_password(auth, "ops", longest), ROLE_NONE);
}

static double seconds_to_check(const char *name)
{
	int64_t before = wall_now_ms();
	for (int i = 0; i < 5; i++)
		(void)auth_check_password(auth, name, "not the password");
	return (double)(wall_now_ms() - before) / 1000;
}

static void test_unknown_name_costs_as_much_as_a_wrong_password(void **state)
{
	(void)state;
	add_user("ops", ROLE_VIEWER);
	double known = seconds_to_check("ops"), unknown = seconds_to_check("nobody");
	/* An answer without a hash takes a thousandth of the time. */
	assert_true(unknown > known / 4);
}

static void test_user_is_refused_with_a_reason(void **state)
{
	(void)state;
	struct error error = {0};
	assert_false(auth_user_add(auth, "ops", "too short", ROLE_ADMIN, &error));
	assert_non_null(strstr(error.text, "10"));
	static const char *const bad[] = {"", "Ops", "-ops", "a b", "\xc3\xa4", "a/b"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(auth_user_add(auth, bad[i], good, ROLE_ADMIN, &error));
	add_user("ops", ROLE_ADMIN);
	assert_false(auth_user_add(auth, "ops", good, ROLE_ADMIN, &error));
	assert_string_equal(error.text, "there is a user ops already");
	assert_false(auth_user_remove(auth, "nobody", &error));
	assert_string_equal(error.text, "there is no user nobody");
}

static void test_new_password_ends_the_sessions_of_the_user(void **state)
{
	(void)state;
	char first[AUTH_SECRET_MAX], other[AUTH_SECRET_MAX], name[64];
	add_user("ops", ROLE_ADMIN);
	add_user("eve", ROLE_VIEWER);
	assert_true(auth_session_start(auth, "ops", 1000, first, NULL));
	assert_true(auth_session_start(auth, "eve", 1000, other, NULL));
	assert_true(auth_user_set_password(auth, "ops", "another long one", NULL));
	assert_int_equal(auth_session_find(auth, first, 2000, name), ROLE_NONE);
	assert_int_equal(auth_session_find(auth, other, 2000, name), ROLE_VIEWER);
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_NONE);
	assert_int_equal(auth_check_password(auth, "ops", "another long one"), ROLE_ADMIN);
	assert_true(auth_user_remove(auth, "eve", NULL));
	assert_int_equal(auth_session_find(auth, other, 2000, name), ROLE_NONE);
}

static void test_new_role_holds_at_once_and_ends_the_sessions(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], name[64];
	add_user("ops", ROLE_ADMIN);
	add_user("eve", ROLE_VIEWER);
	assert_true(auth_session_start(auth, "eve", 1000, secret, NULL));
	assert_true(auth_user_set_role(auth, "eve", ROLE_OPERATOR, NULL));
	assert_int_equal(auth_check_password(auth, "eve", good), ROLE_OPERATOR);
	assert_int_equal(auth_session_find(auth, secret, 2000, name), ROLE_NONE);
	assert_false(auth_user_set_role(auth, "nobody", ROLE_OPERATOR, NULL));
}

static void test_last_admin_stays_admin(void **state)
{
	(void)state;
	struct error error = {0};
	add_user("ops", ROLE_ADMIN);
	assert_false(auth_user_set_role(auth, "ops", ROLE_VIEWER, &error));
	assert_string_equal(error.text, "the last admin cannot be taken away");
	assert_false(auth_user_remove(auth, "ops", NULL));
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_ADMIN);
	add_user("eve", ROLE_ADMIN);
	assert_true(auth_user_set_role(auth, "ops", ROLE_VIEWER, NULL));
	assert_false(auth_user_remove(auth, "eve", NULL));
}

static void move_file(const char *from_ending, const char *to_ending)
{
	char from[128], to[128];
	snprintf(from, sizeof from, "%s%s", path, from_ending);
	snprintf(to, sizeof to, "%s%s", path, to_ending);
	assert_int_equal(rename(from, to), 0);
}

/* A copy of the users, as a backup makes one, at PATH.copy. */
static void make_copy(const char *user)
{
	char copy[128], file[140];
	snprintf(copy, sizeof copy, "%s.copy", path);
	struct auth *other = auth_open(copy, NULL);
	assert_non_null(other);
	assert_true(auth_user_add(other, user, good, ROLE_ADMIN, NULL));
	auth_close(other);
	snprintf(file, sizeof file, "%s-wal", copy);
	unlink(file);
	snprintf(file, sizeof file, "%s-shm", copy);
	unlink(file);
}

static void test_file_put_in_place_of_another_is_taken_up(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], name[64];
	add_user("ops", ROLE_ADMIN);
	assert_true(auth_session_start(auth, "ops", 1000, secret, NULL));
	make_copy("eve");
	move_file(".copy", "");
	assert_int_equal(auth_session_find(auth, secret, 2000, name), ROLE_NONE);
	assert_int_equal(auth_check_password(auth, "eve", good), ROLE_ADMIN);
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_NONE);
	add_user("new", ROLE_VIEWER);
	assert_int_equal(auth_check_password(auth, "new", good), ROLE_VIEWER);
}

static void test_file_that_is_gone_is_read_on_but_not_changed(void **state)
{
	(void)state;
	struct error error = {0};
	add_user("ops", ROLE_ADMIN);
	move_file("", ".away");
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_ADMIN);
	assert_false(auth_user_add(auth, "eve", good, ROLE_VIEWER, &error));
	assert_non_null(strstr(error.text, "auth.db"));
	move_file(".away", "");
	add_user("eve", ROLE_VIEWER);
}

static void test_damaged_file_in_place_lets_nobody_in_until_it_is_mended(void **state)
{
	(void)state;
	char file[128];
	struct error error = {0};
	add_user("ops", ROLE_ADMIN);
	move_file("", ".away");
	FILE *garbage = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("garbage ", garbage);
	fclose(garbage);
	assert_null(auth_users(auth, &error));
	assert_non_null(strstr(error.text, "damaged"));
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_NONE);
	assert_false(auth_is_empty(auth));
	snprintf(file, sizeof file, "%s.away", path);
	assert_int_equal(rename(file, path), 0);
	usleep(1100000); /* a file that could not be opened is tried once a second */
	assert_int_equal(auth_check_password(auth, "ops", good), ROLE_ADMIN);
}

static void test_session_expires_when_idle_and_at_its_longest(void **state)
{
	(void)state;
	const int64_t idle = INT64_C(1000) * AUTH_SESSION_IDLE_S,
		      longest = INT64_C(1000) * AUTH_SESSION_MAX_S;
	char secret[AUTH_SECRET_MAX], name[64];
	add_user("ops", ROLE_ADMIN);
	assert_true(auth_session_start(auth, "ops", 0, secret, NULL));
	assert_int_equal(auth_session_find(auth, secret, idle, name), ROLE_NONE);
	assert_int_equal(auth_session_find(auth, secret, idle - 1, name), ROLE_ADMIN);
	assert_string_equal(name, "ops");
	/* It was just seen: it may idle anew, but not for ever. */
	int64_t now = idle - 1;
	for (; now < longest; now += idle / 2)
		assert_int_equal(auth_session_find(auth, secret, now, name), ROLE_ADMIN);
	assert_int_equal(auth_session_find(auth, secret, longest, name), ROLE_NONE);
}

static void test_ended_session_is_unknown(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], name[64];
	add_user("ops", ROLE_ADMIN);
	assert_true(auth_session_start(auth, "ops", 1000, secret, NULL));
	auth_session_end(auth, secret);
	assert_int_equal(auth_session_find(auth, secret, 1000, name), ROLE_NONE);
	assert_int_equal(auth_session_find(auth, "", 1000, name), ROLE_NONE);
}

static void test_secrets_do_not_stand_in_the_file(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], command[400];
	add_user("ops", ROLE_ADMIN);
	assert_true(auth_session_start(auth, "ops", 1000, secret, NULL));
	assert_int_equal(strlen(secret), 43); /* 256 bits of base64url */
	assert_int_equal(strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789-_"),
			 43);
	snprintf(command, sizeof command, "grep -q -a -e '%s' %s %s-wal", secret + 1, path, path);
	assert_int_not_equal(system(command), 0);
	snprintf(command, sizeof command, "grep -q -a -e '%s' %s %s-wal", good, path, path);
	assert_int_not_equal(system(command), 0);
	snprintf(command, sizeof command, "grep -q -a -e '\\$y\\$' %s %s-wal", path, path);
	assert_int_equal(system(command), 0);
}

static void test_token_carries_role_zones_and_expiry(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], name[64];
	json_t *wanted = json_pack("[s,s]", "example.com", "example.net"), *zones;
	struct error error = {0};
	assert_true(auth_token_add(auth, "ci", ROLE_OPERATOR, wanted, 5000, secret, &error));
	assert_int_equal(strncmp(secret, "mrd_", 4), 0);
	assert_int_equal(auth_token_find(auth, secret, 4999, name, &zones), ROLE_OPERATOR);
	assert_string_equal(name, "ci");
	assert_true(json_equal(zones, wanted));
	json_decref(zones);
	assert_int_equal(auth_token_find(auth, secret, 5000, name, &zones), ROLE_NONE);
	assert_null(zones);
	assert_false(auth_token_add(auth, "ci", ROLE_VIEWER, NULL, 0, secret, &error));
	assert_string_equal(error.text, "there is a token ci already");
	json_decref(wanted);
}

static void test_removed_token_is_unknown(void **state)
{
	(void)state;
	char secret[AUTH_SECRET_MAX], name[64];
	json_t *zones;
	assert_true(auth_token_add(auth, "ci", ROLE_VIEWER, NULL, 0, secret, NULL));
	assert_int_equal(auth_token_find(auth, secret, INT64_MAX, name, &zones), ROLE_VIEWER);
	assert_null(zones);
	json_t *tokens = auth_tokens(auth, NULL);
	assert_int_equal(json_array_size(tokens), 1);
	assert_true(json_is_null(json_object_get(json_array_get(tokens, 0), "expires")));
	json_decref(tokens);
	assert_true(auth_token_remove(auth, "ci", NULL));
	assert_int_equal(auth_token_find(auth, secret, 0, name, NULL), ROLE_NONE);
	assert_false(auth_token_remove(auth, "ci", NULL));
}

static void test_users_are_listed_without_their_hashes(void **state)
{
	(void)state;
	add_user("zoe", ROLE_VIEWER);
	add_user("amy", ROLE_ADMIN);
	json_t *users = auth_users(auth, NULL);
	assert_int_equal(json_array_size(users), 2);
	json_t *first = json_array_get(users, 0);
	assert_string_equal(json_string_value(json_object_get(first, "name")), "amy");
	assert_string_equal(json_string_value(json_object_get(first, "role")), "admin");
	assert_int_equal(json_object_size(first), 3);
	json_decref(users);
}

static void test_generated_passwords_differ_and_are_accepted(void **state)
{
	(void)state;
	char a[AUTH_SECRET_MAX], b[AUTH_SECRET_MAX];
	auth_generate_password(a);
	auth_generate_password(b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 24);
	assert_true(auth_user_add(auth, "admin", a, ROLE_ADMIN, NULL));
	assert_int_equal(auth_check_password(auth, "admin", a), ROLE_ADMIN);
}

#define AUTH_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AUTH_TEST(test_file_and_its_wal_are_the_owners_alone),
		AUTH_TEST(test_password_is_checked_and_gives_the_role),
		AUTH_TEST(test_unknown_name_costs_as_much_as_a_wrong_password),
		AUTH_TEST(test_user_is_refused_with_a_reason),
		AUTH_TEST(test_new_password_ends_the_sessions_of_the_user),
		AUTH_TEST(test_new_role_holds_at_once_and_ends_the_sessions),
		AUTH_TEST(test_last_admin_stays_admin),
		AUTH_TEST(test_file_put_in_place_of_another_is_taken_up),
		AUTH_TEST(test_file_that_is_gone_is_read_on_but_not_changed),
		AUTH_TEST(test_damaged_file_in_place_lets_nobody_in_until_it_is_mended),
		AUTH_TEST(test_session_expires_when_idle_and_at_its_longest),
		AUTH_TEST(test_ended_session_is_unknown),
		AUTH_TEST(test_secrets_do_not_stand_in_the_file),
		AUTH_TEST(test_token_carries_role_zones_and_expiry),
		AUTH_TEST(test_removed_token_is_unknown),
		AUTH_TEST(test_users_are_listed_without_their_hashes),
		AUTH_TEST(test_generated_passwords_differ_and_are_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
