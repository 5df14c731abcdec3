/* Connections of the transport: kept while they are good, given up without harm when the server
 * does, and never shared between two sinks. */
#include "support/test.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/process.h"
#include "support/rogue.h"
#include "unit/http_fixture.h"

#define EMPTY_200 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct test_rogue rogue;

static int connection_tear_down(void **state)
{
	test_rogue_stop(&rogue);
	return http_tear_down(state);
}

#define CONNECTION_TEST(test) \
	cmocka_unit_test_setup_teardown(test, http_set_up, connection_tear_down)

static void connection_begin(struct http_world *world, test_manner *manner)
{
	test_rogue_start(&rogue, manner, NULL);
	(void)snprintf(world->url, sizeof world->url, "http://127.0.0.1:%d/", rogue.port);
}

static void await_done(int visits)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (atomic_load(&rogue.tally->done) < visits) {
		assert_true(test_now_ms() < deadline);
		test_sleep_ms(2);
	}
}

static void answers_everything(struct test_visit *visit)
{
	while (test_visit_take(visit) && test_visit_tell(visit, EMPTY_200))
		;
}

static void answers_once_and_goes(struct test_visit *visit)
{
	if (test_visit_take(visit))
		(void)test_visit_tell(visit, EMPTY_200);
}

/* As a server does whose idle timer runs out just when the next request arrives. */
static void answers_once_and_goes_at_the_next(struct test_visit *visit)
{
	answers_once_and_goes(visit);
	(void)test_visit_take(visit);
}

static void a_good_connection_is_kept(void **state)
{
	struct http_world *world = *state;

	connection_begin(world, answers_everything);
	for (int i = 0; i < 50; i++)
		assert_int_equal(http_post(world, "x")->status, 200);
	assert_int_equal(atomic_load(&rogue.tally->connections), 1);
	assert_int_equal(atomic_load(&rogue.tally->requests), 50);
}

static void one_that_the_server_closed_while_it_was_idle_costs_nothing(void **state)
{
	struct http_world *world = *state;

	connection_begin(world, answers_once_and_goes);
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(http_post(world, "x")->status, 200);
		await_done(i);
	}
	assert_int_equal(atomic_load(&rogue.tally->connections), 5);
	assert_int_equal(atomic_load(&rogue.tally->requests), 5);
}

/* The same bytes with the same batch's id on a new connection; nobody counts that as ambiguous. */
static void one_that_is_closed_in_the_face_of_a_request_is_replaced(void **state)
{
	struct http_world *world = *state;

	connection_begin(world, answers_once_and_goes_at_the_next);
	assert_int_equal(http_post(world, "x")->status, 200);
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->seen.status, 200);
	assert_int_equal(atomic_load(&rogue.tally->connections), 2);
	assert_int_equal(atomic_load(&rogue.tally->requests), 3);
}

static void two_sinks_never_share_one(void **state)
{
	struct http_world *world = *state;
	struct fr_transport *first;

	connection_begin(world, answers_everything);
	assert_int_equal(http_post(world, "x")->status, 200);
	first = world->transport;
	world->transport = NULL; /* the next one is another sink's */
	assert_int_equal(http_post(world, "x")->status, 200);
	assert_int_equal(atomic_load(&rogue.tally->connections), 2);
	fr_transport_free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONNECTION_TEST(a_good_connection_is_kept),
		CONNECTION_TEST(one_that_the_server_closed_while_it_was_idle_costs_nothing),
		CONNECTION_TEST(one_that_is_closed_in_the_face_of_a_request_is_replaced),
		CONNECTION_TEST(two_sinks_never_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
