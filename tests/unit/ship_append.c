#include "support/test.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "ship/append.h"
#include "support/folder.h"

#define LINE_A "{\"eventId\":\"aaa\",\"x\":1}\n"
#define LINE_B "{\"eventId\":\"bbb\",\"x\":22}\n"
#define LINE_C "{\"eventId\":\"ccc\",\"x\":333}\n"
#define LINE_D "{\"eventId\":\"ddd\",\"x\":4444}\n"

static const char *this_program;

struct world {
	struct test_folder folder;
	char path[TEST_PATH_MAX];
};

static int world_make(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	test_folder_make(&world->folder);
	(void)test_folder_path(&world->folder, "out.ndjson", world->path);
	*state = world;
	return 0;
}

static int world_end(void **state)
{
	struct world *world = *state;

	test_folder_remove(&world->folder);
	free(world);
	return 0;
}

static enum fr_status append_with(const struct world *world, const char *text, int64_t rotate_bytes)
{
	struct fr_lines lines = {text, strlen(text)};
	struct fr_error err = {.text = ""};

	return fr_append_once(world->path, lines, rotate_bytes, &err);
}

static enum fr_status append(const struct world *world, const char *text)
{
	return append_with(world, text, 0);
}

static void expect_file(const char *path, const char *expected)
{
	size_t length = 0;
	char *text = test_file_read(path, &length);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
	free(text);
}

static void expect(const struct world *world, const char *expected)
{
	expect_file(world->path, expected);
}

static void lines_are_appended_to_a_private_file(void **state)
{
	struct world *world = *state;
	struct stat info;

	assert_int_equal(append(world, LINE_A LINE_B), FR_OK);
	assert_int_equal(append(world, LINE_C), FR_OK);
	expect(world, LINE_A LINE_B LINE_C);
	assert_int_equal(stat(world->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

static void the_same_batch_again_adds_nothing(void **state)
{
	struct world *world = *state;

	assert_int_equal(append(world, LINE_A), FR_OK);
	assert_int_equal(append(world, LINE_A), FR_OK);
	assert_int_equal(append(world, LINE_B LINE_C), FR_OK);
	assert_int_equal(append(world, LINE_B LINE_C), FR_OK);
	expect(world, LINE_A LINE_B LINE_C);
}

static void an_earlier_batch_does_not_hide_a_later_one(void **state)
{
	struct world *world = *state;

	assert_int_equal(append(world, LINE_A LINE_B), FR_OK);
	assert_int_equal(append(world, LINE_C LINE_D), FR_OK);
	assert_int_equal(append(world, LINE_A LINE_C),
			 FR_OK); /* begins like one that is not last */
	expect(world, LINE_A LINE_B LINE_C LINE_D LINE_A LINE_C);
}

/* Wherever a crash cut the write, the next try gives whole lines, each once. */
static void a_batch_that_was_cut_anywhere_is_completed(void **state)
{
	static const char batch[] = LINE_B LINE_C LINE_D;
	struct world *world = *state;
	char text[512];
	size_t cut;

	for (cut = 0; cut <= strlen(batch); cut++) {
		(void)snprintf(text, sizeof text, LINE_A "%.*s", (int)cut, batch);
		test_folder_write(&world->folder, "out.ndjson", text);
		assert_int_equal(append(world, batch), FR_OK);
		expect(world, LINE_A LINE_B LINE_C LINE_D);
		(void)snprintf(text, sizeof text, "%.*s", (int)cut, batch);
		test_folder_write(&world->folder, "out.ndjson", text);
		assert_int_equal(append(world, batch), FR_OK);
		expect(world, LINE_B LINE_C LINE_D);
	}
}

static void a_torn_line_of_a_batch_that_never_comes_back_is_cut_off(void **state)
{
	struct world *world = *state;

	test_folder_write(&world->folder, "out.ndjson", LINE_A "{\"eventId\":\"zzz\",\"to");
	assert_int_equal(append(world, LINE_B), FR_OK);
	expect(world, LINE_A LINE_B);
	test_folder_write(&world->folder, "out.ndjson", "{\"eventId\":\"zzz\",\"to");
	assert_int_equal(append(world, LINE_B), FR_OK);
	expect(world, LINE_B);
}

static void blocks_that_a_power_cut_left_empty_are_cut_off(void **state)
{
	struct world *world = *state;
	struct fr_lines lines = {LINE_B, strlen(LINE_B)};
	struct fr_error err = {.text = ""};

	assert_int_equal(append(world, LINE_A), FR_OK);
	assert_int_equal(truncate(world->path, (off_t)strlen(LINE_A) + 5000), 0);
	assert_int_equal(fr_append_once(world->path, lines, 0, &err), FR_OK);
	expect(world, LINE_A LINE_B);
}

static void somebody_elses_last_line_is_ended_and_never_cut(void **state)
{
	struct world *world = *state;

	test_folder_write(&world->folder, "out.ndjson", "# my notes\nno line break");
	assert_int_equal(append(world, LINE_A), FR_OK);
	expect(world, "# my notes\nno line break\n" LINE_A);
}

static void a_very_long_foreign_line_is_ended_too(void **state)
{
	struct world *world = *state;
	char *text = malloc(400001), *expected = malloc(400100);

	memset(text, 'x', 400000);
	text[400000] = '\0';
	test_folder_write(&world->folder, "out.ndjson", text);
	assert_int_equal(append(world, LINE_A), FR_OK);
	(void)snprintf(expected, 400100, "%s\n" LINE_A, text);
	expect(world, expected);
	free(text);
	free(expected);
}

static void a_file_that_would_grow_past_its_size_is_rotated(void **state)
{
	struct world *world = *state;
	char older[TEST_PATH_MAX + 2];
	int64_t limit = (int64_t)strlen(LINE_A LINE_B) + 3;

	(void)snprintf(older, sizeof older, "%s.1", world->path);
	assert_int_equal(append_with(world, LINE_A, limit), FR_OK);
	assert_int_equal(append_with(world, LINE_B, limit), FR_OK);
	expect(world, LINE_A LINE_B);
	assert_int_equal(append_with(world, LINE_C, limit), FR_OK);
	expect(world, LINE_C);
	expect_file(older, LINE_A LINE_B);
	assert_int_equal(append_with(world, LINE_D LINE_A LINE_B, limit), FR_OK);
	expect(world, LINE_D LINE_A LINE_B); /* a batch larger than the limit still gets a file */
	expect_file(older, LINE_C);
}

static void a_batch_that_is_there_already_is_not_rotated_away(void **state)
{
	struct world *world = *state;
	char older[TEST_PATH_MAX + 2];

	(void)snprintf(older, sizeof older, "%s.1", world->path);
	assert_int_equal(append(world, LINE_A LINE_B), FR_OK);
	assert_int_equal(append_with(world, LINE_A LINE_B, 10), FR_OK);
	expect(world, LINE_A LINE_B);
	assert_int_equal(access(older, F_OK), -1);
}

static void what_is_no_plain_file_is_refused(void **state)
{
	struct world *world = *state;
	char other[TEST_PATH_MAX];

	(void)test_folder_path(&world->folder, "other", other);
	assert_int_equal(symlink(other, world->path), 0);
	assert_int_equal(append(world, LINE_A), FR_INVALID);
	assert_int_equal(access(other, F_OK), -1);
	assert_int_equal(unlink(world->path), 0);
	assert_int_equal(mkdir(world->path, 0700), 0);
	assert_int_equal(append(world, LINE_A), FR_INVALID);
	assert_int_equal(rmdir(world->path), 0);
	assert_int_equal(mkfifo(world->path, 0600), 0);
	assert_int_equal(append(world, LINE_A), FR_INVALID);
}

static void a_missing_folder_is_reported_with_its_name(void **state)
{
	struct world *world = *state;
	struct fr_lines lines = {LINE_A, strlen(LINE_A)};
	struct fr_error err = {.text = ""};
	char path[TEST_PATH_MAX];

	(void)test_folder_path(&world->folder, "missing/out.ndjson", path);
	assert_int_equal(fr_append_once(path, lines, 0, &err), FR_IO);
	assert_non_null(strstr(err.text, "missing/out.ndjson: No such file or directory"));
}

static void a_file_locked_by_another_program_is_busy(void **state)
{
	struct world *world = *state;
	FILE *other;

	assert_int_equal(append(world, LINE_A), FR_OK);
	other = fopen(world->path, "r");
	assert_non_null(other);
	assert_int_equal(flock(fileno(other), LOCK_EX), 0);
	assert_int_equal(append(world, LINE_B), FR_BUSY);
	assert_int_equal(fclose(other), 0);
	assert_int_equal(append(world, LINE_B), FR_OK);
	expect(world, LINE_A LINE_B);
}

/* A full disk, as the file size limit plays it: the write stops in the middle. */
static void a_write_that_fails_in_the_middle_is_taken_back(void **state)
{
	struct world *world = *state;
	struct rlimit before, small;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, handler;

	assert_int_equal(sigaction(SIGXFSZ, &ignore, &handler), 0);
	assert_int_equal(append(world, LINE_A), FR_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = strlen(LINE_A LINE_B) + 4;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(append(world, LINE_B LINE_C), FR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(sigaction(SIGXFSZ, &handler, NULL), 0);
	expect(world, LINE_A);
	assert_int_equal(append(world, LINE_B LINE_C), FR_OK);
	expect(world, LINE_A LINE_B LINE_C);
}

/* Dies at the named point in the middle of an append: a program of its own, since points are armed
 * once. */
static void append_and_die(const struct world *world, const char *point, const char *rotate_bytes)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setenv("FLIGHTREC_CRASH", point, 1);
		(void)execl(this_program, this_program, world->path, rotate_bytes, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_crash_at_any_point_neither_loses_nor_doubles_a_line(void **state)
{
	static const char *const points[] = {"append.before_write", "append.after_write",
					     "append.after_sync"};
	static const char *const rotating[] = {"append.before_rotate", "append.after_rotate",
					       "append.before_write", "append.after_write"};
	struct world *world = *state;
	char older[TEST_PATH_MAX + 2];
	size_t i;

#ifndef FR_CRASH_POINTS
	skip();
#endif
	(void)snprintf(older, sizeof older, "%s.1", world->path);
	for (i = 0; i < sizeof points / sizeof points[0]; i++) {
		test_folder_write(&world->folder, "out.ndjson", LINE_A);
		append_and_die(world, points[i], "0");
		assert_int_equal(append(world, LINE_B LINE_C), FR_OK);
		expect(world, LINE_A LINE_B LINE_C);
	}
	for (i = 0; i < sizeof rotating / sizeof rotating[0]; i++) {
		test_folder_write(&world->folder, "out.ndjson", LINE_A);
		append_and_die(world, rotating[i], "30");
		assert_int_equal(append_with(world, LINE_B LINE_C, 30), FR_OK);
		expect(world, LINE_B LINE_C);
		expect_file(older, LINE_A);
	}
}

/* With arguments: only appends, to be killed meanwhile. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_appended_to_a_private_file, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(the_same_batch_again_adds_nothing, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(an_earlier_batch_does_not_hide_a_later_one,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_batch_that_was_cut_anywhere_is_completed,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			a_torn_line_of_a_batch_that_never_comes_back_is_cut_off, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(blocks_that_a_power_cut_left_empty_are_cut_off,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(somebody_elses_last_line_is_ended_and_never_cut,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_very_long_foreign_line_is_ended_too, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_file_that_would_grow_past_its_size_is_rotated,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_batch_that_is_there_already_is_not_rotated_away,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(what_is_no_plain_file_is_refused, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_missing_folder_is_reported_with_its_name,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_file_locked_by_another_program_is_busy,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_write_that_fails_in_the_middle_is_taken_back,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			a_crash_at_any_point_neither_loses_nor_doubles_a_line, world_make,
			world_end),
	};

	this_program = argv[0];
	if (argc == 3) {
		struct fr_lines lines = {LINE_B LINE_C, strlen(LINE_B LINE_C)};

		return fr_append_once(argv[1], lines, strtol(argv[2], NULL, 10), NULL) == FR_OK ? 0
												: 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
