/* Where an app's files are: each rule of precedence, and what is refused. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/home.h"
#include "base/platform.h"
#include "support/folder.h"
#include "support/world.h"

struct place {
	struct test_folder folder;
	struct test_world world;
};

static int place_new(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	assert_non_null(place);
	test_folder_make(&place->folder);
	test_world_init(&place->world);
	test_world_set(&place->world, "HOME", place->folder.path);
	*state = place;
	return 0;
}

static int place_free(void **state)
{
	struct place *place = *state;

	test_folder_remove(&place->folder);
	free(place);
	return 0;
}

static void resolves_to(struct place *place, const char *app, const char *path,
			const char *expected)
{
	struct fr_home home;
	struct fr_error err = {FR_OK, ""};

	if (fr_home_resolve(&home, &place->world.env, app, path, NULL, &err) != FR_OK)
		fail_msg("%s", err.text);
	assert_string_equal(home.path, expected);
}

static void the_explicit_home_wins_then_the_variable_then_xdg_then_the_users_home(void **state)
{
	struct place *place = *state;
	char expected[2 * FR_PATH_MAX];

	(void)snprintf(expected, sizeof expected, "%s/%s/flightrec/default", place->folder.path,
		       fr_platform_state_folder);
	resolves_to(place, NULL, NULL, expected);
	test_world_set(&place->world, "XDG_STATE_HOME", "/xdg");
	resolves_to(place, NULL, NULL, "/xdg/flightrec/default");
	resolves_to(place, "my-app", NULL, "/xdg/flightrec/my-app");
	test_world_set(&place->world, "FLIGHTREC_APP", "from-env");
	resolves_to(place, NULL, NULL, "/xdg/flightrec/from-env");
	resolves_to(place, "said", NULL, "/xdg/flightrec/said");
	test_world_set(&place->world, "FLIGHTREC_HOME", "/var/home");
	resolves_to(place, NULL, NULL, "/var/home");
	resolves_to(place, NULL, "/explicit", "/explicit");
}

static void a_relative_xdg_variable_is_ignored(void **state)
{
	struct place *place = *state;
	char expected[2 * FR_PATH_MAX];

	test_world_set(&place->world, "XDG_STATE_HOME", "relative");
	(void)snprintf(expected, sizeof expected, "%s/%s/flightrec/default", place->folder.path,
		       fr_platform_state_folder);
	resolves_to(place, NULL, NULL, expected);
}

static void a_relative_home_is_made_absolute_at_once(void **state)
{
	struct place *place = *state;
	char expected[2 * FR_PATH_MAX];

	assert_int_equal(chdir(place->folder.path), 0);
	(void)snprintf(expected, sizeof expected, "%s/here", place->folder.path);
	resolves_to(place, NULL, "here", expected);
	resolves_to(place, NULL, "here//", expected);
	assert_int_equal(chdir("/"), 0);
	resolves_to(place, NULL, "/a/b/", "/a/b");
	resolves_to(place, NULL, "/", "/");
}

static void without_any_home_the_reason_is_said(void **state)
{
	struct place *place = *state;
	struct fr_home home;
	struct fr_error err;

	test_world_set(&place->world, "HOME", NULL);
	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, NULL, NULL, &err),
			 FR_INVALID);
	assert_non_null(strstr(err.text, "HOME"));
	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, "/x", NULL, &err), FR_OK);
	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, "", NULL, &err),
			 FR_INVALID);
}

static void config_resolves_to(struct place *place, const char *config, const char *expected,
			       bool is_explicit)
{
	struct fr_home home;

	assert_int_equal(fr_home_resolve(&home, &place->world.env, "my-app", "/x", config, NULL),
			 FR_OK);
	assert_string_equal(home.config, expected);
	assert_int_equal(home.config_explicit, is_explicit);
}

static void a_config_is_found_only_where_there_is_one(void **state)
{
	struct place *place = *state;
	char path[TEST_PATH_MAX];

	config_resolves_to(place, NULL, "", false);
	test_folder_path(&place->folder, ".config/flightrec", path);
	assert_int_equal(fr_folder_make(path, NULL), FR_OK);
	config_resolves_to(place, NULL, "", false);
	test_folder_write(&place->folder, ".config/flightrec/my-app.json", "{}");
	test_folder_path(&place->folder, ".config/flightrec/my-app.json", path);
	config_resolves_to(place, NULL, path, false);
	test_world_set(&place->world, "XDG_CONFIG_HOME", "/nowhere");
	config_resolves_to(place, NULL, "", false);
	test_world_set(&place->world, "FLIGHTREC_CONFIG", "/var/config.json");
	config_resolves_to(place, NULL, "/var/config.json", true);
	config_resolves_to(place, "/said.json", "/said.json", true);
}

static void only_plain_names_are_apps(void **state)
{
	static const char *const good[] = {"a", "0", "my-app", "a.b_c-d", "default", "9lives"};
	static const char *const bad[] = {"",  ".",   "..",  "-a",   "_a",
					  "A", "a b", "a/b", "../x", "\xc3\xa9"};
	char longest[66];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(fr_app_is_valid(good[i]));
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(fr_app_is_valid(bad[i]));
	memset(longest, 'a', sizeof longest - 1);
	longest[65] = '\0';
	assert_false(fr_app_is_valid(longest));
	longest[64] = '\0';
	assert_true(fr_app_is_valid(longest));
}

static void a_wrong_app_is_refused_with_where_it_came_from(void **state)
{
	struct place *place = *state;
	struct fr_home home;
	struct fr_error err;

	assert_int_equal(fr_home_resolve(&home, &place->world.env, "../x", NULL, NULL, &err),
			 FR_INVALID);
	assert_non_null(strstr(err.text, "../x"));
	test_world_set(&place->world, "FLIGHTREC_APP", "No Good");
	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, NULL, NULL, &err),
			 FR_INVALID);
	assert_non_null(strstr(err.text, "FLIGHTREC_APP"));
}

static void making_a_home_makes_it_private_and_twice_is_once(void **state)
{
	struct place *place = *state;
	struct fr_home home;
	struct stat info;

	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, NULL, NULL, NULL), FR_OK);
	assert_int_equal(stat(home.path, &info), -1);
	assert_int_equal(fr_home_make(&home, NULL), FR_OK);
	assert_int_equal(fr_home_make(&home, NULL), FR_OK);
	assert_int_equal(stat(home.path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
}

/* Six processes that begin at one byte of a pipe; each makes the same new homes, one after the
 * other. */
static void homes_made_by_many_at_once_are_found_by_all(void **state)
{
	enum { MAKERS = 6, HOMES = 300 };
	struct place *place = *state;
	struct fr_home home;
	int start[2], failed = 0;

	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, NULL, NULL, NULL), FR_OK);
	assert_int_equal(pipe(start), 0);
	for (int i = 0; i < MAKERS; i++)
		if (fork() == 0) {
			char byte;
			size_t length = strlen(home.path);

			(void)close(start[1]);
			(void)!read(start[0], &byte,
				    1); /* returns when the parent closes its end */
			for (int n = 0; n < HOMES; n++) {
				(void)snprintf(home.path + length, sizeof home.path - length, "-%d",
					       n);
				if (fr_home_make(&home, NULL) != FR_OK)
					_exit(1);
			}
			_exit(0);
		}
	(void)close(start[0]);
	(void)close(start[1]);
	for (int i = 0; i < MAKERS; i++) {
		int code = 0;

		assert_true(wait(&code) > 0);
		failed += code != 0;
	}
	assert_int_equal(failed, 0);
}

static void a_home_that_is_a_symlink_is_refused(void **state)
{
	struct place *place = *state;
	struct fr_home home;
	struct fr_error err;
	char path[TEST_PATH_MAX];

	test_folder_path(&place->folder, "link", path);
	assert_int_equal(symlink("/nowhere", path), 0);
	assert_int_equal(fr_home_resolve(&home, &place->world.env, NULL, path, NULL, NULL), FR_OK);
	assert_int_equal(fr_home_make(&home, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
}

static void the_root_of_all_homes_is_their_parent(void **state)
{
	struct place *place = *state;
	char root[FR_PATH_MAX];

	test_world_set(&place->world, "XDG_STATE_HOME", "/xdg");
	assert_int_equal(fr_home_root(root, &place->world.env, NULL), FR_OK);
	assert_string_equal(root, "/xdg/flightrec");
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, place_new, place_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_PLACE(the_explicit_home_wins_then_the_variable_then_xdg_then_the_users_home),
		IN_A_PLACE(a_relative_xdg_variable_is_ignored),
		IN_A_PLACE(a_relative_home_is_made_absolute_at_once),
		IN_A_PLACE(without_any_home_the_reason_is_said),
		IN_A_PLACE(a_config_is_found_only_where_there_is_one),
		cmocka_unit_test(only_plain_names_are_apps),
		IN_A_PLACE(a_wrong_app_is_refused_with_where_it_came_from),
		IN_A_PLACE(making_a_home_makes_it_private_and_twice_is_once),
		IN_A_PLACE(homes_made_by_many_at_once_are_found_by_all),
		IN_A_PLACE(a_home_that_is_a_symlink_is_refused),
		IN_A_PLACE(the_root_of_all_homes_is_their_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
