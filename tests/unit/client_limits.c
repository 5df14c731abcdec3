/* A runaway loop: what it may do to the queue, to other names and to other threads, and what is
 * told about it.
 */
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_fixture.h"
#include "support/process.h"

static void a_runaway_loop_is_limited_and_told_about(void **state)
{
	struct client *client = *state;
	flightrec *recorder;

	client_configure(client, "{\"limits\":{\"burst\":5,\"per_second\":1}}");
	recorder = client_open(client, NULL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_OK);
	for (int i = 0; i < 7; i++)
		assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_LIMITED);
	assert_int_equal(flightrec_record(recorder, "other", NULL), FLIGHTREC_OK);
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT sum(json_extract(properties, '$.count'))"
					    " FROM event WHERE name = 'flightrec.suppressed'"),
			 7);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending WHERE name = 'loop'"), 5);
}

static void a_runaway_loop_of_the_builder_is_told_about_while_it_runs(void **state)
{
	struct client *client = *state;
	flightrec *recorder;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	recorder = client_open(client, NULL);
	assert_int_equal(flightrec_commit(recorder, flightrec_event_new("loop")), FLIGHTREC_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(flightrec_commit(recorder, flightrec_event_new("loop")),
				 FLIGHTREC_LIMITED);
	assert_int_equal(
		client_ask(client,
			   "SELECT count(*) FROM event WHERE name = 'flightrec.suppressed'"),
		1);
}

static void closing_does_not_wait_for_a_lock_that_is_held(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);
	flightrec *recorder;
	long long start;
	pid_t holder;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	flightrec_options_set_busy_timeout(options, 3000);
	recorder = client_open(client, options);
	assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_LIMITED);
	holder = client_hold_lock(client);
	assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_LIMITED);
	start = test_now_ms();
	client_close(client); /* with something left to report */
	assert_in_range(test_now_ms() - start, 0, 500);
	client_free_lock(holder);
}

static void a_million_events_in_a_loop_leave_the_queue_to_the_others(void **state)
{
	struct client *client = *state;
	unsigned recorded = 0, refused = 0;
	flightrec *recorder;

	client_configure(client, "{\"limits\":{\"burst\":100,\"per_second\":1}}");
	recorder = client_open(client, NULL);
	for (int i = 0; i < 1000000; i++) {
		enum flightrec_status status = flightrec_record(recorder, "loop", "{\"n\":1}");

		recorded += status == FLIGHTREC_OK;
		refused += status == FLIGHTREC_LIMITED;
		if (i % 10000 == 0)
			assert_int_equal(flightrec_record(recorder, "other", NULL), FLIGHTREC_OK);
	}
	assert_int_equal(recorded + refused, 1000000);
	assert_in_range(recorded, 100, 1000); /* and one for each second that it took */
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'loop'"),
			 recorded);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'other'"),
			 100);
	assert_int_equal(client_ask(client, "SELECT sum(properties ->> 'count') FROM event"
					    " WHERE name = 'flightrec.suppressed'"),
			 refused);
	assert_int_equal(client_ask(client, "SELECT events FROM refused"
					    " WHERE reason = 'limited' AND name = 'loop'"),
			 refused);
}

/* Everything that takes the desk, from another thread, while a report has failed and the host is
 * told so: with the desk held it would never come back. */
struct desk_asker {
	flightrec *recorder;
	atomic_bool has_been_told, has_answered;
};

static void *desk_ask(void *argument)
{
	struct desk_asker *asker = argument;

	(void)flightrec_set_common(asker->recorder, NULL);
	atomic_store(&asker->has_answered, true);
	return NULL;
}

static void on_line(void *context, int level, const char *text)
{
	struct desk_asker *asker = context;
	pthread_t thread;

	(void)level;
	if (strstr(text, "suppressed.unreported") == NULL)
		return;
	atomic_store(&asker->has_been_told, true);
	if (pthread_create(&thread, NULL, desk_ask, asker) != 0)
		return;
	(void)pthread_detach(thread);
	for (int i = 0; i < TEST_PATIENCE_MS && !atomic_load(&asker->has_answered); i++)
		test_sleep_ms(1);
}

static void other_threads_are_not_held_while_a_report_is_committed(void **state)
{
	static struct desk_asker asker; /* outlives a thread that hangs */
	struct client *client = *state;
	flightrec_options *options = client_options(client);
	pid_t holder;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	flightrec_options_set_busy_timeout(options, 100);
	flightrec_options_set_logger(options, on_line, &asker);
	asker.recorder = client_open(client, options);
	assert_int_equal(flightrec_record(asker.recorder, "loop", NULL), FLIGHTREC_OK);
	holder = client_hold_lock(client);
	for (int i = 0; i < 100 && !atomic_load(&asker.has_been_told); i++)
		(void)flightrec_record(asker.recorder, "loop",
				       NULL); /* limited, but on a bad day */
	client_free_lock(holder);
	assert_true(atomic_load(&asker.has_been_told));
	assert_true(atomic_load(&asker.has_answered));
}

static void count_line(void *context, int level, const char *text)
{
	(void)level;
	*(int *)context += strstr(text, "suppressed.unreported") != NULL;
}

static void a_report_that_cannot_be_made_is_not_tried_again_by_every_call(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);
	flightrec *recorder;
	int failures = 0, refused = 0;
	pid_t holder;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	flightrec_options_set_logger(options, count_line, &failures);
	recorder = client_open(client, options);
	assert_int_equal(flightrec_record(recorder, "loop", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "other", NULL), FLIGHTREC_OK);
	holder = client_hold_lock(client);
	for (int i = 0; i < 20; i++)
		refused += flightrec_record(recorder, i % 2 == 0 ? "loop" : "other", NULL) ==
			   FLIGHTREC_LIMITED;
	client_free_lock(holder);
	assert_in_range(refused, 10, 20); /* one may pass in every second that it takes */
	assert_int_equal(failures, 1);
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT properties ->> 'count' FROM event"
					    " WHERE name = 'flightrec.suppressed'"),
			 refused);
	assert_int_equal(client_ask(client, "SELECT sum(events) FROM refused"), refused);
}

static void an_internal_name_is_not_told_by_a_report_that_may_leave(void **state)
{
	struct client *client = *state;
	int i;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1},\"privacy\":{"
				 "\"internal\":{\"env\":\"FR_TEST_INSIDER\",\"value\":\"yes\"}}}");
	assert_int_equal(setenv("FR_TEST_INSIDER", "yes", 1), 0);
	(void)client_open(client, NULL);
	for (i = 0; i < 5; i++)
		(void)flightrec_record_internal(client->recorder, "secret_project", NULL);
	client_close(client);
	assert_int_equal(unsetenv("FR_TEST_INSIDER"), 0);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE internal = 0 AND "
					    "(name || properties) LIKE '%secret_project%'"),
			 0);
	assert_in_range(client_ask(client, "SELECT count(*) FROM event WHERE name = "
					   "'flightrec.suppressed'"),
			1, 2);
}

static void the_last_report_keeps_to_the_choice_made_meanwhile(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);
	int i;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	(void)client_open(client, options);
	for (i = 0; i < 5; i++)
		(void)flightrec_record(client->recorder, "loop", NULL);
	client_choose(client, "local");
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = "
					    "'flightrec.suppressed' AND consent = 'local'"),
			 1);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(an_internal_name_is_not_told_by_a_report_that_may_leave),
		CLIENT_TEST(the_last_report_keeps_to_the_choice_made_meanwhile),
		CLIENT_TEST(a_runaway_loop_is_limited_and_told_about),
		CLIENT_TEST(a_runaway_loop_of_the_builder_is_told_about_while_it_runs),
		CLIENT_TEST(closing_does_not_wait_for_a_lock_that_is_held),
		CLIENT_TEST(a_million_events_in_a_loop_leave_the_queue_to_the_others),
		CLIENT_TEST(other_threads_are_not_held_while_a_report_is_committed),
		CLIENT_TEST(a_report_that_cannot_be_made_is_not_tried_again_by_every_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
