/* Holds the compiler to its promise: a sound table in one step, or the old one untouched; and its
 * sandbox to what it denies. */
#include "geodns/geoc_compile.h"

#include "base/mem.h"
#include "base/rng.h"
#include "geodns/geoc_sandbox.h"
#include "geodns/refusal.h"
#include "tests/unit/geodns/geoc/mmdb_writer.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_geoc.XXXXXX";
static char country[64], city[64], out[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(country, sizeof country, "%s/country.mmdb", folder);
	snprintf(city, sizeof city, "%s/city.mmdb", folder);
	snprintf(out, sizeof out, "%s/places.tbl", folder);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	unlink(country);
	unlink(city);
	unlink(out);
	refusal_leave(out, NULL);
	return 0;
}

static int remove_folder(void **state)
{
	remove_files(state);
	return rmdir(folder);
}

/* COUNT /24 networks of CODE from 5.0.0.0 on. */
static void write_countries(const char *path, const char *code, unsigned count)
{
	struct mmdb_writer *writer = mem_new(struct mmdb_writer);
	writer_init(writer, 6, 24, "Test-Country");
	int records[2] = {writer_country(writer, code), writer_country(writer, "FR")};
	for (unsigned i = 0; i < count; i++) {
		char text[32];
		snprintf(text, sizeof text, "5.0.%u.0/24", i);
		writer_insert(writer, text, records[i % 2]);
	}
	writer_write(writer, path);
	free(writer);
}

static bool compile(struct error *error)
{
	const struct geoc_request request = {.out = out, .database = {country}};
	char report[256];
	return geoc_compile(&request, report, error);
}

static char *contents(const char *path, size_t *len)
{
	char *bytes = NULL;
	FILE *from = fopen(path, "rb"), *to = open_memstream(&bytes, len);
	assert_non_null(from);
	for (int octet; (octet = getc(from)) != EOF;)
		putc(octet, to);
	fclose(to);
	fclose(from);
	return bytes;
}

static unsigned files_in_folder(void)
{
	unsigned count = 0;
	DIR *dir = opendir(folder);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void assert_place(const char *text, const char *code)
{
	struct error error = {""};
	struct addr addr;
	struct place_found found;
	struct place_table *table = place_table_open(out, &error);
	assert_non_null(table);
	assert_true(addr_parse(text, &addr));
	place_table_find(table, &addr, &found);
	assert_string_equal(found.place.country, code);
	place_table_close(table);
}

static void test_a_new_table_replaces_the_old_one(void **state)
{
	(void)state;
	struct error error = {""};
	struct stat status;
	write_countries(country, "DE", 8);
	assert_true(compile(&error));
	assert_place("5.0.0.1", "DE");
	write_countries(country, "US", 8);
	assert_true(compile(&error));
	assert_place("5.0.0.1", "US");
	assert_int_equal(files_in_folder(), 2);
	assert_int_equal(stat(out, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644); /* the responder is another user */
}

static void test_a_city_database_wins_and_the_country_database_fills_its_gaps(void **state)
{
	(void)state;
	struct error error = {""};
	char report[256];
	const struct geoc_request request = {
		.out = out, .database = {[PLACE_FROM_COUNTRY] = country, [PLACE_FROM_CITY] = city}};
	write_countries(country, "DE", 8);
	write_countries(city, "US", 3);
	assert_true(geoc_compile(&request, report, &error));
	assert_place("5.0.2.1", "US");
	assert_place("5.0.4.1", "DE");
	assert_place("5.0.9.1", "");
}

static void test_a_shrunken_database_is_refused_until_it_is_accepted(void **state)
{
	(void)state;
	struct error error = {""};
	char report[256];
	write_countries(country, "DE", 20);
	assert_true(compile(&error));
	write_countries(country, "US", 10);
	assert_true(compile(&error)); /* half is not under half */
	write_countries(country, "CN", 4);
	assert_false(compile(&error));
	assert_non_null(strstr(error.text, "has shrunk from 10 to 4 networks"));
	assert_place("5.0.0.1", "US");
	const struct geoc_request accepting = {
		.out = out, .database = {country}, .accept_shrunken = true};
	assert_true(geoc_compile(&accepting, report, &error));
	assert_place("5.0.0.1", "CN");
}

/* What the responder tells of (refusal.h). */
static void test_why_a_database_was_refused_stands_beside_the_table_until_one_is_taken(void **state)
{
	(void)state;
	struct error error = {""};
	struct refusal refusal = {.why = {""}};
	write_countries(country, "DE", 20);
	assert_true(compile(&error));
	assert_false(refusal_follow(&refusal, out));
	write_countries(country, "CN", 4);
	assert_false(compile(&error));
	assert_true(refusal_follow(&refusal, out));
	assert_string_equal(refusal.why.text, error.text);
	assert_false(refusal_follow(&refusal, out));
	write_countries(country, "DE", 20);
	assert_true(compile(&error));
	assert_true(refusal_follow(&refusal, out));
	assert_string_equal(refusal.why.text, "");
}

static void test_a_truncated_database_is_refused_and_the_table_kept(void **state)
{
	(void)state;
	struct error error = {""};
	size_t len, table_len, after_len;
	write_countries(country, "DE", 20);
	assert_true(compile(&error));
	char *whole = contents(country, &len), *table = contents(out, &table_len);
	for (size_t cut = 0; cut < len; cut += 97) {
		FILE *to = fopen(country, "wb");
		fwrite(whole, 1, cut, to);
		fclose(to);
		if (compile(&error))
			fail_msg("cut at %zu of %zu is taken", cut, len);
		assert_non_null(strstr(error.text, country));
	}
	char *after = contents(out, &after_len);
	assert_int_equal(after_len, table_len);
	assert_memory_equal(after, table, table_len);
	assert_int_equal(files_in_folder(), 3); /* with why it was refused */
	free(whole);
	free(table);
	free(after);
}

/* What cannot be told from sound data becomes a sound table; all else is refused. */
static void test_flipped_octets_never_make_an_unsound_table(void **state)
{
	(void)state;
	struct error error = {""};
	struct rng rng;
	size_t len;
	rng_init(&rng, 3);
	write_countries(country, "DE", 20);
	char *whole = contents(country, &len);
	for (int round = 0; round < 300; round++) {
		size_t at = rng_below(&rng, len);
		char before = whole[at];
		whole[at] = (char)(whole[at] ^ (1 << rng_below(&rng, 8)));
		FILE *to = fopen(country, "wb");
		fwrite(whole, 1, len, to);
		fclose(to);
		whole[at] = before;
		unlink(out);
		if (compile(&error)) {
			struct place_table *table = place_table_open(out, &error);
			assert_non_null(table);
			place_table_close(table);
		} else {
			assert_true(error.text[0] != '\0');
			assert_int_not_equal(access(out, F_OK), 0);
		}
	}
	free(whole);
}

static void test_what_is_no_file_is_refused(void **state)
{
	(void)state;
	static const char *const paths[] = {"/nonexistent", "/dev/zero", "/tmp", "/proc/self/exe"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct error error = {""};
		char report[256];
		const struct geoc_request request = {.out = out, .database = {paths[i]}};
		assert_false(geoc_compile(&request, report, &error));
		assert_non_null(strstr(error.text, paths[i]));
		assert_int_equal(files_in_folder(), 1); /* why it was refused */
	}
}

/* Runs ATTEMPT in a sandboxed child; returns its wait status. */
static int in_sandbox(int (*attempt)(void))
{
	struct error error;
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(geoc_sandbox_enter(&error) ? attempt() : 99);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 1 : 0;
}

static int create_file(void)
{
	return open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 1 : 0;
}

static int start_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static int take_three_gigabytes(void)
{
	return malloc((size_t)3 << 30) != NULL ? 1 : 0;
}

static void test_the_sandbox_kills_what_leaves_it(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("[  SKIPPED ] a sanitizer needs calls that the sandbox forbids\n");
	skip();
#endif
	int (*const attempts[])(void) = {open_socket, create_file, start_program};
	for (size_t i = 0; i < 3; i++) {
		int status = in_sandbox(attempts[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
	assert_int_equal(in_sandbox(take_three_gigabytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_new_table_replaces_the_old_one, remove_files),
		cmocka_unit_test_teardown(
			test_a_city_database_wins_and_the_country_database_fills_its_gaps,
			remove_files),
		cmocka_unit_test_teardown(test_a_shrunken_database_is_refused_until_it_is_accepted,
					  remove_files),
		cmocka_unit_test_teardown(
			test_why_a_database_was_refused_stands_beside_the_table_until_one_is_taken,
			remove_files),
		cmocka_unit_test_teardown(test_a_truncated_database_is_refused_and_the_table_kept,
					  remove_files),
		cmocka_unit_test_teardown(test_flipped_octets_never_make_an_unsound_table,
					  remove_files),
		cmocka_unit_test_teardown(test_what_is_no_file_is_refused, remove_files),
		cmocka_unit_test(test_the_sandbox_kills_what_leaves_it),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
