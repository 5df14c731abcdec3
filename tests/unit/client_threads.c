/* All threads may share one recorder. */
#include "support/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_fixture.h"

enum { THREADS = 8, EVENTS = 1000 };

struct worker {
	flightrec *recorder;
	int number;
	int events;
	int refused;
	pthread_t thread;
};

static void *record_events(void *argument)
{
	struct worker *self = argument;
	char json[64];

	for (int i = 0; i < self->events; i++) {
		(void)snprintf(json, sizeof json, "{\"thread\":%d,\"i\":%d}", self->number, i);
		if (flightrec_record(self->recorder, "e", json) != FLIGHTREC_OK)
			self->refused++;
	}
	return NULL;
}

static void *change_common_properties(void *argument)
{
	struct worker *self = argument;
	char json[64];

	for (int i = 0; i < self->events; i++) {
		(void)snprintf(json, sizeof json, "{\"common\":%d}", i);
		if (flightrec_set_common(self->recorder, i % 3 == 0 ? NULL : json) != FLIGHTREC_OK)
			self->refused++;
		if (flightrec_user_bucket(self->recorder) > 29 ||
		    strlen(flightrec_session_id(self->recorder)) != 36)
			self->refused++;
	}
	return NULL;
}

static void start(struct worker *worker, flightrec *recorder, int number, int events,
		  void *(*work)(void *))
{
	*worker = (struct worker){.recorder = recorder, .number = number, .events = events};
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
}

static void finish(struct worker workers[], int count)
{
	for (int i = 0; i < count; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_int_equal(workers[i].refused, 0);
	}
}

static void unlimit(struct client *client)
{
	client_configure(client, "{\"limits\":{\"burst\":0,\"per_second\":0}}");
}

static void eight_threads_lose_nothing_and_leave_no_gap(void **state)
{
	struct client *client = *state;
	struct worker workers[THREADS];
	flightrec *recorder;

	unlimit(client);
	recorder = client_open(client, NULL);
	for (int i = 0; i < THREADS; i++)
		start(&workers[i], recorder, i, EVENTS, record_events);
	finish(workers, THREADS);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), THREADS * EVENTS);
	assert_int_equal(client_ask(client, "SELECT count(DISTINCT seq) FROM event"),
			 THREADS * EVENTS);
	assert_int_equal(client_ask(client, "SELECT max(seq) FROM event"), THREADS * EVENTS - 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM session"), 1);
	assert_int_equal(client_ask(client, "SELECT count(DISTINCT properties) FROM event"),
			 THREADS * EVENTS);
	/* what one thread recorded stands in the order in which it did */
	assert_int_equal(
		client_ask(client,
			   "SELECT count(*) FROM (SELECT json_extract(properties, '$.i') AS i,"
			   " row_number() OVER (PARTITION BY json_extract(properties, '$.thread')"
			   " ORDER BY seq) - 1 AS place FROM event) WHERE i <> place"),
		0);
}

static void common_properties_may_change_while_others_record(void **state)
{
	struct client *client = *state;
	struct worker workers[4];
	flightrec *recorder;

	unlimit(client);
	recorder = client_open(client, NULL);
	for (int i = 0; i < 2; i++) {
		start(&workers[i], recorder, i, 300, record_events);
		start(&workers[i + 2], recorder, i, 300, change_common_properties);
	}
	finish(workers, 4);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 600);
}

static void two_recorders_of_one_process_are_two_sessions(void **state)
{
	struct client *client = *state;
	struct worker workers[2];
	flightrec *other = NULL;

	unlimit(client);
	start(&workers[0], client_open(client, NULL), 0, 300, record_events);
	assert_int_equal(flightrec_open(&other, client_options(client)), FLIGHTREC_OK);
	start(&workers[1], other, 1, 300, record_events);
	finish(workers, 2);
	flightrec_close(other);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM (SELECT session FROM event"
					    " GROUP BY session HAVING count(DISTINCT seq) = 300"
					    " AND max(seq) = 299)"),
			 2);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(eight_threads_lose_nothing_and_leave_no_gap),
		CLIENT_TEST(common_properties_may_change_while_others_record),
		CLIENT_TEST(two_recorders_of_one_process_are_two_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
