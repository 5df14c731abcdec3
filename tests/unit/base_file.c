/* Files are written whole or not at all, private, and never through a symlink. */
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static int names_in(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count - 2; /* . and .. */
}

static void file_must_hold(const char *path, const char *text)
{
	struct fr_buffer buffer;

	fr_buffer_init(&buffer, 1 << 20);
	assert_int_equal(fr_file_read(path, &buffer, NULL), FR_OK);
	assert_string_equal(fr_buffer_text(&buffer), text);
	fr_buffer_fini(&buffer);
}

static void a_replaced_file_holds_the_new_bytes_and_is_private(void **state)
{
	char path[TEST_PATH_MAX];
	mode_t before = umask(0);

	test_folder_path(*state, "file", path);
	assert_int_equal(fr_file_replace(path, "one", 3, NULL), FR_OK);
	file_must_hold(path, "one");
	assert_int_equal(fr_file_replace(path, "two!", 4, NULL), FR_OK);
	file_must_hold(path, "two!");
	assert_int_equal(mode_of(path), 0600);
	(void)umask(0777);
	assert_int_equal(fr_file_replace(path, "", 0, NULL), FR_OK);
	(void)umask(before);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(fr_file_size(path), 0);
	assert_int_equal(names_in(((struct test_folder *)*state)->path), 1);
}

static void replacing_a_symlink_leaves_its_target_alone(void **state)
{
	char path[TEST_PATH_MAX], target[TEST_PATH_MAX];

	test_folder_path(*state, "link", path);
	test_folder_path(*state, "target", target);
	test_folder_write(*state, "target", "precious");
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(fr_file_replace(path, "mine", 4, NULL), FR_OK);
	file_must_hold(target, "precious");
	file_must_hold(path, "mine");
}

static void creating_never_touches_what_is_there(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "file", path);
	assert_int_equal(fr_file_create(path, "first", 5, &err), FR_OK);
	assert_int_equal(fr_file_create(path, "second", 6, &err), FR_NONE);
	assert_non_null(strstr(err.text, path));
	file_must_hold(path, "first");
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(names_in(((struct test_folder *)*state)->path), 1);
}

static void creating_does_not_follow_a_dangling_symlink(void **state)
{
	char path[TEST_PATH_MAX], target[TEST_PATH_MAX];

	test_folder_path(*state, "link", path);
	test_folder_path(*state, "target", target);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(fr_file_create(path, "x", 1, NULL), FR_NONE);
	assert_int_equal(access(target, F_OK), -1);
}

static void of_many_creators_one_wins_and_its_bytes_are_whole(void **state)
{
	enum { CREATORS = 8, BYTES = 20000 };
	char path[TEST_PATH_MAX];
	static char data[BYTES];
	int winners = 0;
	int i, status;

	test_folder_path(*state, "file", path);
	for (i = 0; i < CREATORS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			memset(data, 'a' + i, sizeof data);
			_exit(fr_file_create(path, data, sizeof data, NULL) == FR_OK ? 0 : 1);
		}
	}
	for (i = 0; i < CREATORS; i++) {
		assert_true(wait(&status) > 0);
		winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	assert_int_equal(winners, 1);
	assert_int_equal(fr_file_size(path), BYTES);
	assert_int_equal(names_in(((struct test_folder *)*state)->path), 1);
}

static void a_leftover_of_a_crash_does_not_stop_a_write(void **state)
{
	char name[64], path[TEST_PATH_MAX];

	test_folder_path(*state, "file", path);
	(void)snprintf(name, sizeof name, "file.%ld-0.tmp", (long)getpid());
	test_folder_write(*state, name, "left behind");
	assert_int_equal(fr_file_replace(path, "new", 3, NULL), FR_OK);
	file_must_hold(path, "new");
}

static void a_missing_folder_is_named(void **state)
{
	struct fr_error err;
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "missing/file", path);
	assert_int_equal(fr_file_replace(path, "x", 1, &err), FR_IO);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(fr_file_create(path, "x", 1, &err), FR_IO);
}

static void reading_tells_apart_why_it_cannot(void **state)
{
	struct fr_buffer buffer;
	struct fr_error err;
	char path[TEST_PATH_MAX], link[TEST_PATH_MAX];

	fr_buffer_init(&buffer, 1000);
	test_folder_path(*state, "file", path);
	test_folder_path(*state, "link", link);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(fr_file_read(path, &buffer, &err), FR_NONE);
	assert_int_equal(fr_file_read_linked(link, &buffer, &err), FR_NONE);
	test_folder_write(*state, "file", "text");
	assert_int_equal(fr_file_read(link, &buffer, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(fr_file_read(((struct test_folder *)*state)->path, &buffer, &err),
			 FR_INVALID);
	assert_int_equal(fr_file_read("/dev/zero", &buffer, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(buffer.length, 0);
	assert_int_equal(fr_file_read_linked(link, &buffer, &err), FR_OK);
	assert_string_equal(fr_buffer_text(&buffer), "text");
	fr_buffer_fini(&buffer);
}

static void reading_a_named_pipe_does_not_wait(void **state)
{
	struct fr_buffer buffer;
	char path[TEST_PATH_MAX];

	fr_buffer_init(&buffer, 1000);
	test_folder_path(*state, "pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(fr_file_read(path, &buffer, NULL), FR_INVALID);
	fr_buffer_fini(&buffer);
}

static void reading_stops_at_the_ceiling(void **state)
{
	static char text[50001];
	struct fr_buffer buffer;
	struct fr_error err;
	char path[TEST_PATH_MAX];

	memset(text, 'x', sizeof text - 1);
	test_folder_write(*state, "file", text);
	test_folder_path(*state, "file", path);
	fr_buffer_init(&buffer, sizeof text - 1);
	assert_int_equal(fr_file_read(path, &buffer, &err), FR_OK);
	assert_int_equal(buffer.length, sizeof text - 1);
	fr_buffer_fini(&buffer);
	fr_buffer_init(&buffer, sizeof text - 2);
	assert_int_equal(fr_file_read(path, &buffer, &err), FR_TOO_LARGE);
	assert_non_null(strstr(err.text, "49999"));
	fr_buffer_fini(&buffer);
}

static void a_file_somebody_else_may_write_is_not_believed(void **state)
{
	struct fr_buffer buffer;
	struct fr_error err;
	char path[TEST_PATH_MAX];

	fr_buffer_init(&buffer, 1000);
	test_folder_write(*state, "file", "text");
	test_folder_path(*state, "file", path);
	assert_int_equal(fr_file_read_owned(path, geteuid(), 022, &buffer, &err), FR_OK);
	fr_buffer_clear(&buffer);
	assert_int_equal(fr_file_read_owned(path, geteuid() + 1, 022, &buffer, &err), FR_INVALID);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(fr_file_read_owned(path, geteuid(), 022, &buffer, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "0620"));
	assert_int_equal(buffer.length, 0);
	fr_buffer_fini(&buffer);
}

static void paths_are_joined_with_one_slash(void **state)
{
	char path[FR_PATH_MAX], name[FR_PATH_MAX];

	(void)state;
	assert_int_equal(fr_path_join(path, "/a", "b", NULL), FR_OK);
	assert_string_equal(path, "/a/b");
	assert_int_equal(fr_path_join(path, "/a/", "b", NULL), FR_OK);
	assert_string_equal(path, "/a/b");
	assert_int_equal(fr_path_join(path, "/", "b", NULL), FR_OK);
	assert_string_equal(path, "/b");
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(fr_path_join(path, "/a", name, NULL), FR_TOO_LARGE);
	name[sizeof name - 4] = '\0';
	assert_int_equal(fr_path_join(path, "/a", name, NULL), FR_OK);
}

static void a_missing_file_has_no_size(void **state)
{
	char path[TEST_PATH_MAX];

	test_folder_path(*state, "file", path);
	assert_int_equal(fr_file_size(path), 0);
	test_folder_write(*state, "file", "12345");
	assert_int_equal(fr_file_size(path), 5);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_new, folder_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_replaced_file_holds_the_new_bytes_and_is_private),
		IN_A_FOLDER(replacing_a_symlink_leaves_its_target_alone),
		IN_A_FOLDER(creating_never_touches_what_is_there),
		IN_A_FOLDER(creating_does_not_follow_a_dangling_symlink),
		IN_A_FOLDER(of_many_creators_one_wins_and_its_bytes_are_whole),
		IN_A_FOLDER(a_leftover_of_a_crash_does_not_stop_a_write),
		IN_A_FOLDER(a_missing_folder_is_named),
		IN_A_FOLDER(reading_tells_apart_why_it_cannot),
		IN_A_FOLDER(reading_a_named_pipe_does_not_wait),
		IN_A_FOLDER(reading_stops_at_the_ceiling),
		IN_A_FOLDER(a_file_somebody_else_may_write_is_not_believed),
		cmocka_unit_test(paths_are_joined_with_one_slash),
		IN_A_FOLDER(a_missing_file_has_no_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
