/* A home's folder is made privately, and is refused when it is not really ours. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"

static int folder_new(void **state)
{
	struct test_folder *folder = malloc(sizeof *folder);

	assert_non_null(folder);
	test_folder_make(folder);
	*state = folder;
	return 0;
}

static int folder_free(void **state)
{
	test_folder_remove(*state);
	free(*state);
	return 0;
}

static unsigned mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(lstat(path, &info), 0);
	return info.st_mode & 07777;
}

static void missing_parents_are_made_and_private(void **state)
{
	char path[TEST_PATH_MAX];
	mode_t before = umask(0);

	test_folder_path(*state, "a//b/c/", path);
	assert_int_equal(fr_folder_make(path, NULL), FR_OK);
	(void)umask(before);
	assert_int_equal(mode_of(path), 0700);
	test_folder_path(*state, "a", path);
	assert_int_equal(mode_of(path), 0700);
	assert_int_equal(fr_folder_make(path, NULL), FR_OK);
}

static void a_folder_that_exists_is_left_as_it_is(void **state)
{
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "a", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0755), 0);
	test_folder_path(*state, "a/b", path);
	assert_int_equal(fr_folder_make(path, NULL), FR_OK);
	test_folder_path(*state, "a", path);
	assert_int_equal(mode_of(path), 0755);
}

static void a_file_in_the_way_is_named(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX];

	test_folder_write(*state, "file", "");
	test_folder_path(*state, "file/folder", path);
	assert_int_equal(fr_folder_make(path, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "not a folder"));
	test_folder_path(*state, "file", path);
	assert_int_equal(fr_folder_make(path, &err), FR_INVALID);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(fr_folder_check(path, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "not a folder"));
}

static void an_empty_path_is_refused(void **state)
{
	(void)state;
	assert_int_equal(fr_folder_make("", NULL), FR_INVALID);
	assert_int_equal(fr_folder_check("", NULL), FR_INVALID);
}

static void a_folder_open_to_others_is_closed_to_them(void **state)
{
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "home", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(fr_folder_check(path, NULL), FR_OK);
	assert_int_equal(mode_of(path), 0700);
	assert_int_equal(chmod(path, 0500), 0);
	assert_int_equal(fr_folder_check(path, NULL), FR_OK);
	assert_int_equal(mode_of(path), 0500);
}

static void a_missing_folder_is_no_fault(void **state)
{
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "home", path);
	assert_int_equal(fr_folder_check(path, NULL), FR_NONE);
	assert_int_equal(fr_folder_is_local(path, NULL), FR_OK);
}

static void a_symlink_is_refused_with_and_without_a_slash(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX], target[TEST_PATH_MAX];

	test_folder_path(*state, "real", target);
	test_folder_path(*state, "link", path);
	assert_int_equal(mkdir(target, 0700), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(fr_folder_check(path, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	test_folder_path(*state, "link///", path);
	assert_int_equal(fr_folder_check(path, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
}

static void a_folder_of_somebody_else_is_refused(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX];

	if (geteuid() == 0) {
		test_folder_path(*state, "home", path);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chown(path, 1, 1), 0);
		assert_int_equal(fr_folder_check(path, &err), FR_INVALID);
	} else {
		assert_int_equal(fr_folder_check("/", &err), FR_INVALID);
	}
	assert_non_null(strstr(err.text, "belongs to user"));
}

static void a_local_folder_passes_and_syncs(void **state)
{
	struct test_folder *folder = *state;

	assert_int_equal(fr_folder_is_local(folder->path, NULL), FR_OK);
	assert_int_equal(fr_folder_sync(folder->path, NULL), FR_OK);
}

static void syncing_a_missing_folder_fails(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "missing", path);
	assert_int_equal(fr_folder_sync(path, &err), FR_IO);
	assert_non_null(strstr(err.text, path));
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_new, folder_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(missing_parents_are_made_and_private),
		IN_A_FOLDER(a_folder_that_exists_is_left_as_it_is),
		IN_A_FOLDER(a_file_in_the_way_is_named),
		cmocka_unit_test(an_empty_path_is_refused),
		IN_A_FOLDER(a_folder_open_to_others_is_closed_to_them),
		IN_A_FOLDER(a_missing_folder_is_no_fault),
		IN_A_FOLDER(a_symlink_is_refused_with_and_without_a_slash),
		IN_A_FOLDER(a_folder_of_somebody_else_is_refused),
		IN_A_FOLDER(a_local_folder_passes_and_syncs),
		IN_A_FOLDER(syncing_a_missing_folder_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
