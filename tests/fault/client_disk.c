/* What a host is told when the disk fails under a record call, and that the next one works. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/client_fixture.h"
#include "support/fault_vfs.h"

static flightrec *open_with(struct client *client, enum flightrec_durability durability)
{
	flightrec_options *options = client_options(client);

	flightrec_options_set_durability(options, durability);
	return client_open(client, options);
}

/* The first two events are recorded while all is well, the third meets the fault, and the fourth
 * comes after it; what the third was told is the result. */
static enum flightrec_status record_through(struct client *client, flightrec *recorder,
					    const struct fault_plan *plan)
{
	enum flightrec_status status;

	assert_int_equal(flightrec_record(recorder, "before", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "before", NULL), FLIGHTREC_OK);
	fault_vfs_arm(plan);
	status = flightrec_record(recorder, "during", NULL);
	assert_true(fault_vfs_disarm());
	assert_int_equal(flightrec_record(recorder, "after", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending WHERE name <> 'during'"),
			 3);
	return status;
}

static long long count_during(const struct client *client)
{
	return client_ask(client, "SELECT count(*) FROM pending WHERE name = 'during'");
}

static void assert_gapless(const struct client *client)
{
	assert_int_equal(client_ask(client, "SELECT max(seq) + 1 = count(*) FROM pending"), 1);
}

static void a_full_disk_is_full(void **state)
{
	const struct fault_plan plan = {
		.operations = FAULT_WRITE, .countdown = 1, .for_ever = true, .is_full = true};
	struct client *client = *state;

	assert_int_equal(record_through(client, open_with(client, FLIGHTREC_PROCESS), &plan),
			 FLIGHTREC_FULL);
	assert_int_equal(count_during(client), 0);
	assert_gapless(client);
}

static void a_disk_that_cannot_be_written_is_an_io_failure(void **state)
{
	const struct fault_plan plan = {
		.operations = FAULT_WRITE, .countdown = 1, .for_ever = true};
	struct client *client = *state;

	assert_int_equal(record_through(client, open_with(client, FLIGHTREC_PROCESS), &plan),
			 FLIGHTREC_IO);
	assert_int_equal(count_during(client), 0);
	assert_gapless(client);
	assert_non_null(strstr(client->log, "call=record"));
}

static void a_flush_that_fails_leaves_the_event_there_and_says_uncertain(void **state)
{
	const struct fault_plan plan = {.operations = FAULT_SYNC, .countdown = 1, .for_ever = true};
	struct client *client = *state;

	assert_int_equal(record_through(client, open_with(client, FLIGHTREC_POWER), &plan),
			 FLIGHTREC_UNCERTAIN);
	assert_int_equal(count_during(client), 1);
	assert_gapless(client);
}

static void a_queue_that_cannot_be_made_is_made_by_the_next_event(void **state)
{
	const struct fault_plan plan = {.operations = FAULT_OPEN, .countdown = 1, .for_ever = true};
	struct client *client = *state;
	flightrec *recorder = open_with(client, FLIGHTREC_PROCESS);

	fault_vfs_arm(&plan);
	assert_int_equal(flightrec_record(recorder, "during", NULL), FLIGHTREC_IO);
	assert_true(fault_vfs_disarm());
	assert_int_equal(flightrec_record(recorder, "after", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 1);
}

static int disk_install(void **state)
{
	(void)state;
	fault_vfs_install();
	return 0;
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_full_disk_is_full),
		CLIENT_TEST(a_disk_that_cannot_be_written_is_an_io_failure),
		CLIENT_TEST(a_flush_that_fails_leaves_the_event_there_and_says_uncertain),
		CLIENT_TEST(a_queue_that_cannot_be_made_is_made_by_the_next_event),
	};

	return cmocka_run_group_tests(tests, disk_install, NULL);
}
