/* What root makes in a folder of somebody else; for an ordinary user there is nothing to see but
 * that nothing fails. */
#include "base/owner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOMEBODY = 65534 };

struct place {
	char folder[32], path[64];
	int fd;
};

static int make_file(void **state)
{
	static struct place place;
	strcpy(place.folder, "/tmp/owner-XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	snprintf(place.path, sizeof place.path, "%s/file", place.folder);
	place.fd = open(place.path, O_RDWR | O_CREAT, 0600);
	assert_true(place.fd >= 0);
	*state = &place;
	return 0;
}

static int remove_file(void **state)
{
	struct place *place = *state;
	close(place->fd);
	unlink(place->path);
	return rmdir(place->folder);
}

static uid_t owner_of(int fd)
{
	struct stat now;
	assert_int_equal(fstat(fd, &now), 0);
	return now.st_uid;
}

static void test_a_file_in_ones_own_folder_stays_ones_own(void **state)
{
	struct place *place = *state;
	struct error error = {""};
	assert_true(owner_from_folder(place->fd, place->path, &error));
	assert_int_equal(owner_of(place->fd), geteuid());
	assert_string_equal(error.text, "");
}

static void test_what_root_makes_falls_to_the_owner_of_the_folder(void **state)
{
	struct place *place = *state;
	struct error error = {""};
	if (geteuid() != 0 || chown(place->folder, SOMEBODY, (gid_t)-1) != 0) {
		print_message("skipped: only root can give files away\n");
		skip();
	}
	assert_true(owner_from_folder(place->fd, place->path, &error));
	assert_int_equal(owner_of(place->fd), SOMEBODY);
}

static void test_a_folder_that_is_not_there_is_told(void **state)
{
	struct place *place = *state;
	struct error error = {""};
	if (geteuid() != 0) {
		print_message("skipped: only root looks at the folder\n");
		skip();
	}
	assert_false(owner_from_folder(place->fd, "/nowhere/at/all", &error));
	assert_string_equal(error.text, "/nowhere/at/all cannot be given to the owner of its "
					"folder: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_file_in_ones_own_folder_stays_ones_own,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(
			test_what_root_makes_falls_to_the_owner_of_the_folder, make_file,
			remove_file),
		cmocka_unit_test_setup_teardown(test_a_folder_that_is_not_there_is_told, make_file,
						remove_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
