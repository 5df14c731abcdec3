/* Several requests at once over HTTP/2, as the transport sends them, without an agent. */
#include "support/test.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/certificates.h"
#include "support/process.h"
#include "support/rogue_http2.h"
#include "unit/http_fixture.h"

enum { AT_ONCE = 4 };

struct many_world {
	struct test_folder folder;
	struct test_rogue rogue;
	char ca[TEST_PATH_MAX], pem[TEST_PATH_MAX];
};

static struct many_world many;

static int many_set_up(void **state)
{
	struct test_authority *authority;

	many = (struct many_world){0};
	test_folder_make(&many.folder);
	authority = test_authority_new(&many.folder, "ca.pem");
	test_certificate_write(&many.folder, "server.pem", authority,
			       &(struct test_certificate){0});
	test_authority_free(authority);
	(void)test_folder_path(&many.folder, "ca.pem", many.ca);
	(void)test_folder_path(&many.folder, "server.pem", many.pem);
	return http_set_up(state);
}

static int many_tear_down(void **state)
{
	test_rogue_stop(&many.rogue);
	test_folder_remove(&many.folder);
	return http_tear_down(state);
}

#define MANY_TEST(test) cmocka_unit_test_setup_teardown(test, many_set_up, many_tear_down)

static void many_begin(struct http_world *world, test_manner *manner)
{
	test_rogue_start(&many.rogue, manner, many.pem);
	(void)snprintf(world->url, sizeof world->url, "https://127.0.0.1:%d/", many.rogue.port);
	world->settings.ca_file = many.ca;
	world->settings.inflight = AT_ONCE;
}

/* Runs the loop once; fails the test when its time is up. */
static void turn(struct http_world *world, long long deadline)
{
	const struct timeval soon = {1, 0};

	assert_true(test_now_ms() < deadline);
	(void)event_base_loopexit(world->loop, &soon);
	(void)event_base_loop(world->loop, EVLOOP_ONCE);
}

/* Answers nobody until all are there, and the last one first. */
static void answers_all_or_nobody(struct test_visit *visit)
{
	uint32_t streams[AT_ONCE];

	if (!test_visit_secure(visit, visit->context, true) || !test_http2_begin(visit))
		return;
	for (int i = 0; i < AT_ONCE; i++)
		streams[i] = test_http2_take(visit);
	for (int i = AT_ONCE; i-- > 0;)
		test_http2_answer(visit, streams[i]);
	test_visit_stall(visit);
}

static void several_requests_share_one_connection_at_the_same_time(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchanges[AT_ONCE];
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	struct fr_error err = {.text = ""};

	many_begin(world, answers_all_or_nobody);
	for (int i = 0; i < AT_ONCE; i++)
		assert_int_equal(http_try_send(world, "x", &exchanges[i], &err), FR_OK);
	while (world->seen.calls < AT_ONCE && world->seen.outcome == FR_OUTCOME_ANSWER)
		turn(world, deadline);
	assert_int_equal(world->seen.outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->seen.status, 200);
	assert_int_equal(atomic_load(&many.rogue.tally->connections), 1);
	assert_int_equal(atomic_load(&many.rogue.tally->requests), AT_ONCE);
}

/* Breaks the first off, and answers the others. */
static void breaks_one_of_many(struct test_visit *visit)
{
	uint32_t streams[AT_ONCE];

	if (!test_visit_secure(visit, visit->context, true) || !test_http2_begin(visit))
		return;
	for (int i = 0; i < AT_ONCE; i++)
		streams[i] = test_http2_take(visit);
	test_http2_reset(visit, streams[0], TEST_HTTP2_INTERNAL_ERROR);
	for (int i = 1; i < AT_ONCE; i++)
		test_http2_answer(visit, streams[i]);
	test_visit_stall(visit);
}

/* Counts outcomes of its own. */
static unsigned broken, answered;

static void on_result(void *context, const struct fr_exchange_result *result)
{
	(void)context;
	if (result->outcome == FR_OUTCOME_ANSWER && result->answer.status == 200)
		answered++;
	else if (result->outcome == FR_OUTCOME_AMBIGUOUS)
		broken++;
	else
		fail_msg("outcome %d: %s", (int)result->outcome, result->text);
}

static void one_broken_stream_takes_no_other_with_it(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	struct fr_error err = {.text = ""};

	broken = answered = 0;
	many_begin(world, breaks_one_of_many);
	assert_int_equal(fr_transport_new(&world->transport, world->loop, &world->settings,
					  &world->env, &err),
			 FR_OK);
	for (int i = 0; i < AT_ONCE; i++) {
		struct fr_request request;
		struct fr_sending sending = {&request, SINK_TIME_US, on_result, NULL};

		fr_request_init(&request, 1 << 20);
		assert_int_equal(fr_request_set_url(&request, world->url, &err), FR_OK);
		fr_buffer_add_text(&request.body, "x");
		assert_int_equal(fr_transport_send(world->transport, &sending, &exchange, &err),
				 FR_OK);
		fr_request_fini(&request);
	}
	while (broken + answered < AT_ONCE)
		turn(world, deadline);
	assert_int_equal(broken, 1);
	assert_int_equal(answered, AT_ONCE - 1);
	assert_int_equal(atomic_load(&many.rogue.tally->connections), 1);
}

/* A server without HTTP/2: as many connections as are allowed, and no more. */
static void visits_of_http1(struct test_visit *visit)
{
	if (!test_visit_secure(visit, visit->context, false))
		return;
	while (test_visit_take(visit) &&
	       test_visit_tell(visit, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		;
}

static void without_http2_each_has_a_connection_of_its_own_and_keeps_it(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchanges[AT_ONCE];
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	struct fr_error err = {.text = ""};

	many_begin(world, visits_of_http1);
	for (int round = 0; round < 3; round++) {
		world->seen.calls = 0;
		for (int i = 0; i < AT_ONCE; i++)
			assert_int_equal(http_try_send(world, "x", &exchanges[i], &err), FR_OK);
		while (world->seen.calls < AT_ONCE)
			turn(world, deadline);
	}
	assert_int_equal(atomic_load(&many.rogue.tally->requests), 3 * AT_ONCE);
	assert_int_equal(atomic_load(&many.rogue.tally->connections), AT_ONCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MANY_TEST(several_requests_share_one_connection_at_the_same_time),
		MANY_TEST(one_broken_stream_takes_no_other_with_it),
		MANY_TEST(without_http2_each_has_a_connection_of_its_own_and_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
