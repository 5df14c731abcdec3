/* An armed crash point kills the process at the passing that was asked for, and all are listed. */
#include "support/test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crash.h"
#include "support/folder.h"

/* Passes three points three times each in a child; returns its wait status. */
static int child_pass(const char *armed, const char *list)
{
	pid_t child = fork();
	int status = 0;
	int i;

	assert_true(child >= 0);
	if (child == 0) {
		(void)(armed != NULL ? setenv("FLIGHTREC_CRASH", armed, 1)
				     : unsetenv("FLIGHTREC_CRASH"));
		(void)(list != NULL ? setenv("FLIGHTREC_CRASH_LIST", list, 1)
				    : unsetenv("FLIGHTREC_CRASH_LIST"));
		for (i = 0; i < 3; i++) {
			FR_CRASH_POINT("test.one");
			FR_CRASH_POINT("test.two");
			FR_CRASH_POINT("test.one_more");
		}
		_exit(42);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void must_die(const char *armed)
{
	int status = child_pass(armed, NULL);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void must_live(const char *armed)
{
	int status = child_pass(armed, NULL);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

static void an_unarmed_point_does_nothing(void **state)
{
	(void)state;
	must_live(NULL);
	must_live("");
	must_live("test.elsewhere");
	must_live("test.on");
}

static void an_armed_point_kills_at_the_wanted_passing(void **state)
{
	(void)state;
	must_die("test.one");
	must_die("test.two:1");
	must_die("test.two:3");
	must_live("test.two:4");
}

static void passed_points_are_listed_once(void **state)
{
	struct test_folder folder;
	char path[TEST_PATH_MAX];
	char *text;

	(void)state;
	test_folder_make(&folder);
	test_folder_path(&folder, "list", path);
	(void)child_pass("test.one_more:2", path);
	text = test_file_read(path, NULL);
	assert_non_null(text);
	assert_string_equal(text, "test.one\ntest.two\ntest.one_more\n");
	free(text);
	test_folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unarmed_point_does_nothing),
		cmocka_unit_test(an_armed_point_kills_at_the_wanted_passing),
		cmocka_unit_test(passed_points_are_listed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
