/* Which files BIRD reads, and whether they are still what was accepted. */
#include "bgpctl/bird_conf.h"

#include "base/mem.h"
#include "bgpctl/conf_watch.h"

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

static char folder[] = "/tmp/mdn-conf-XXXXXX";

static char *in_folder(const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
	char *path = in_folder(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void drop(const char *name)
{
	char *path = in_folder(name);
	(void)unlink(path);
	free(path);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int empty_folder(void **state)
{
	static const char *const names[] = {"bird.conf", "a.conf",    "b.conf",	 "announce.conf",
					    "link.conf", "loop.conf", "accepted"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		drop(names[i]);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void refresh(struct bird_conf *conf)
{
	struct error error = {0};
	char *path = in_folder("bird.conf"), *own = in_folder("announce.conf");
	bird_conf_begin(conf, path);
	assert_true(bird_conf_refresh(conf, own, &error));
	free(path);
	free(own);
}

static bool lists(const struct bird_conf *conf, const char *name)
{
	char *path = in_folder(name);
	bool found = false;
	for (size_t i = 0; i < conf->count; i++)
		found = found || strcmp(conf->at[i].path, path) == 0;
	free(path);
	return found;
}

static void test_an_include_is_what_bird_takes_for_one(void **state)
{
	static const struct {
		const char *line, *pattern;
	} cases[] = {
		{"include \"/etc/bird/x.conf\";", "/etc/bird/x.conf"},
		{"\tinclude\t\"peers/*.conf\" ;\nmore", "/f/peers/*.conf"},
		{"include\"x\";", "/f/x"},
		{"# include \"x\";", NULL},
		{"include x;", NULL},
		{"include \"x\"", NULL},
		{"include \"\";", NULL},
		{"include \"x\n\";", NULL},
		{"including \"x\";", NULL},
		{"protocol bgp { include \"x\"; }", NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *pattern = bird_conf_included(cases[i].line, "/f");
		if (cases[i].pattern == NULL)
			assert_null(pattern);
		else
			assert_string_equal(pattern, cases[i].pattern);
		free(pattern);
	}
}

static void test_all_that_is_included_is_found_and_our_own_file_is_not(void **state)
{
	struct bird_conf conf = {0};
	char *own = in_folder("announce.conf"), *link = in_folder("link.conf");
	(void)state;
	put("bird.conf", "router id 1.2.3.4;\ninclude \"*.conf\";\n");
	put("a.conf", "include \"b.conf\";\n");
	put("b.conf", "include \"loop.conf\";\n");
	put("loop.conf", "include \"bird.conf\";\n");
	put("announce.conf", "# ours\n");
	/* As the package links it into BIRD's folder. */
	assert_int_equal(symlink(own, link), 0);
	refresh(&conf);
	assert_int_equal(conf.count, 4);
	assert_true(lists(&conf, "bird.conf") && lists(&conf, "a.conf") && lists(&conf, "b.conf") &&
		    lists(&conf, "loop.conf"));
	char *listing = bird_conf_listing(&conf);
	assert_non_null(strstr(listing, "/bird.conf\n"));
	assert_true(strstr(listing, "/bird.conf\n") < strstr(listing, "/a.conf\n"));
	free(listing);
	bird_conf_fini(&conf);
	free(own);
	free(link);
}

static void test_a_file_is_read_again_only_where_it_may_have_changed(void **state)
{
	struct bird_conf conf = {0};
	char *path = in_folder("bird.conf");
	(void)state;
	put("bird.conf", "one\n");
	refresh(&conf);
	char *first = bird_conf_listing(&conf);
	/* What was known is taken over as it stands, so it was not read. */
	conf.at[0].digest[0] = 'x';
	refresh(&conf);
	assert_int_equal(conf.at[0].digest[0], 'x');
	put("bird.conf", "two\n");
	refresh(&conf);
	char *second = bird_conf_listing(&conf);
	assert_string_not_equal(first, second);
	put("bird.conf", "one\n");
	refresh(&conf);
	char *third = bird_conf_listing(&conf);
	assert_string_equal(first, third);
	free(first);
	free(second);
	free(third);
	bird_conf_fini(&conf);
	free(path);
}

static void test_what_cannot_be_read_is_told_and_nothing_is_made_up(void **state)
{
	struct error error = {0};
	struct bird_conf conf = {0};
	(void)state;
	assert_true(bird_conf_refresh(&conf, "/nowhere", &error));
	bird_conf_begin(&conf, "bird.conf");
	assert_false(bird_conf_refresh(&conf, "/nowhere", &error));
	assert_non_null(strstr(error.text, "relative path"));
	bird_conf_begin(&conf, "/nowhere/bird.conf");
	assert_false(bird_conf_refresh(&conf, "/nowhere", &error));
	assert_non_null(strstr(error.text, "/nowhere/bird.conf"));
	assert_int_equal(conf.count, 0);
	bird_conf_fini(&conf);
}

static void test_differences_name_files_new_changed_and_gone(void **state)
{
	char files[CONF_WATCH_TEXT_MAX];
	(void)state;
	conf_watch_compare("1 /a\n2 /b\n3 /c\n", "1 /a\n9 /b\n4 /d\n", files);
	assert_string_equal(files, "/b, /d, /c (gone)");
	conf_watch_compare("1 /a\n", "1 /a\n", files);
	assert_string_equal(files, "");
	conf_watch_compare("", "1 /a b\n", files);
	assert_string_equal(files, "/a b");
}

static void test_the_first_is_accepted_and_another_only_by_its_id(void **state)
{
	struct instance instance = {.bird_dir = folder};
	struct conf_watch watch;
	char id[CONF_WATCH_ID_MAX];
	(void)state;
	conf_watch_init(&watch, &instance);
	assert_null(conf_watch_begins(&watch));
	assert_false(conf_watch_take(&watch, NULL));
	assert_false(conf_watch_take(&watch, mem_strdup("1 /etc/bird.conf\n")));
	assert_false(watch.changed);
	assert_true(conf_watch_take(&watch, mem_strdup("2 /etc/bird.conf\n")));
	assert_true(watch.changed);
	assert_string_equal(watch.files, "/etc/bird.conf");
	/* Told once; not known is no change. */
	assert_false(conf_watch_take(&watch, mem_strdup("2 /etc/bird.conf\n")));
	assert_false(conf_watch_take(&watch, NULL));
	assert_true(watch.changed);
	memcpy(id, watch.id, sizeof id);
	assert_true(conf_watch_take(&watch, mem_strdup("3 /etc/bird.conf\n")));
	assert_false(conf_watch_confirm(&watch, id));
	assert_true(watch.changed);
	/* Taken back: nobody has to confirm. */
	assert_true(conf_watch_take(&watch, mem_strdup("1 /etc/bird.conf\n")));
	assert_false(watch.changed);
	assert_true(conf_watch_take(&watch, mem_strdup("4 /etc/bird.conf\n")));
	assert_true(conf_watch_confirm(&watch, watch.id));
	assert_false(watch.changed);
	conf_watch_fini(&watch);
	/* A restart remembers. */
	conf_watch_init(&watch, &instance);
	char *begins = conf_watch_begins(&watch);
	assert_string_equal(begins, "/etc/bird.conf");
	free(begins);
	assert_true(conf_watch_take(&watch, mem_strdup("1 /etc/bird.conf\n")));
	assert_true(watch.changed);
	conf_watch_fini(&watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_include_is_what_bird_takes_for_one),
		cmocka_unit_test_teardown(
			test_all_that_is_included_is_found_and_our_own_file_is_not, empty_folder),
		cmocka_unit_test_teardown(test_a_file_is_read_again_only_where_it_may_have_changed,
					  empty_folder),
		cmocka_unit_test(test_what_cannot_be_read_is_told_and_nothing_is_made_up),
		cmocka_unit_test(test_differences_name_files_new_changed_and_gone),
		cmocka_unit_test_teardown(test_the_first_is_accepted_and_another_only_by_its_id,
					  empty_folder),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
