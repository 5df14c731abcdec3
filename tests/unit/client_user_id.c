/* The host's own id of its user never outlives the call that took it: free() is wrapped (ld
 * --wrap) to look at the memory it is given. */
#include "support/test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/options.h"
#include "client_fixture.h"

void __wrap_free(void *memory);
void __real_free(void *memory);

static const char user_id[] = "user-123";
static const char *watched; /* memory that holds the id */
static bool was_freed, was_wiped;

void __wrap_free(void *memory)
{
	if (memory != NULL && memory == watched) {
		static const char nothing[sizeof user_id];

		was_freed = true;
		was_wiped = memcmp(memory, nothing, sizeof nothing) == 0;
		watched = NULL;
	}
	__real_free(memory);
}

static flightrec_options *watched_options(struct client *client)
{
	flightrec_options *options = client_options(client);

	flightrec_options_set_user_id(options, user_id);
	assert_string_equal(options->user_id, user_id);
	watched = options->user_id;
	was_freed = was_wiped = false;
	return options;
}

static void it_is_wiped_when_it_is_set_anew(void **state)
{
	flightrec_options *options = watched_options(*state);

	flightrec_options_set_user_id(options, "another");
	assert_true(was_freed);
	assert_true(was_wiped);
	flightrec_options_free(options);
}

static void it_is_wiped_with_the_options(void **state)
{
	flightrec_options_free(watched_options(*state));
	assert_true(was_freed);
	assert_true(was_wiped);
}

static void it_is_wiped_by_open_which_keeps_only_the_bucket(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, watched_options(client));

	assert_true(was_freed);
	assert_true(was_wiped);
	assert_int_equal(flightrec_user_bucket(recorder), 25);
}

static void it_is_wiped_by_an_open_that_fails(void **state)
{
	flightrec_options *options = watched_options(*state);
	flightrec *recorder;

	flightrec_options_set_app(options, "No App");
	assert_int_equal(flightrec_open(&recorder, options), FLIGHTREC_INVALID);
	assert_null(recorder);
	assert_true(was_freed);
	assert_true(was_wiped);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(it_is_wiped_when_it_is_set_anew),
		CLIENT_TEST(it_is_wiped_with_the_options),
		CLIENT_TEST(it_is_wiped_by_open_which_keeps_only_the_bucket),
		CLIENT_TEST(it_is_wiped_by_an_open_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
