/* HTTP/2, where the server offers it: batches share one connection; where it breaks, the batch
 * stays the same, and after three times in a row HTTP/1.1 is spoken. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secure_fixture.h"
#include "support/rogue_http2.h"

#define EMPTY_200 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void batches_share_one_connection_of_http2(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	fixture->nginx.has_http2 = true;
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"inflight\":4,\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"}");
	agent_record(fixture->agent, "e", 2000);
	agent_start(fixture->agent);
	secure_await_delivery(fixture, 2000);
	assert_in_range(test_nginx_count(&fixture->nginx, "HTTP/2.0"), 20, 30);
	assert_int_equal(test_nginx_count(&fixture->nginx, "HTTP/1"), 0);
	assert_int_equal(test_nginx_count(&fixture->nginx, " connection-request=1 "), 1);
}

/* ---- servers that break it ---- */

/* What every such server does: HTTP/2 by `act`, stream for stream; HTTP/1.1 well. */
static void serve(struct test_visit *visit, bool (*act)(struct test_visit *, uint32_t stream))
{
	uint32_t stream;

	if (!test_visit_secure(visit, visit->context, true))
		return;
	if (!test_visit_is_http2(visit)) {
		while (test_visit_take(visit) && test_visit_tell(visit, EMPTY_200))
			;
		return;
	}
	if (!test_http2_begin(visit))
		return;
	while ((stream = test_http2_take(visit)) != 0 && act(visit, stream))
		;
}

static bool stream_break(struct test_visit *visit, uint32_t stream)
{
	test_http2_reset(visit, stream, TEST_HTTP2_INTERNAL_ERROR);
	return true;
}

static void breaks_streams(struct test_visit *visit)
{
	serve(visit, stream_break);
}

static bool stream_garble(struct test_visit *visit, uint32_t stream)
{
	(void)stream;
	return test_visit_say(visit, "\x00\x00\x04\x01\x04\x7f\xff\xff\xff\xff\xff\xff\xff", 13);
}

static void talks_nonsense(struct test_visit *visit)
{
	serve(visit, stream_garble);
}

static bool connection_drop(struct test_visit *visit, uint32_t stream)
{
	(void)visit;
	(void)stream;
	return false;
}

static void hangs_up_on_http2(struct test_visit *visit)
{
	serve(visit, connection_drop);
}

/* The first stream of the first connection is refused: a server says so before it looks at it. */
static bool first_refuse(struct test_visit *visit, uint32_t stream)
{
	if (visit->number == 1 && stream == 1)
		test_http2_reset(visit, stream, TEST_HTTP2_REFUSED_STREAM);
	else
		test_http2_answer(visit, stream);
	return true;
}

static void refuses_a_stream(struct test_visit *visit)
{
	serve(visit, first_refuse);
}

/* It ends after each answer, politely. */
static bool goodbye_after_answer(struct test_visit *visit, uint32_t stream)
{
	test_http2_answer(visit, stream);
	test_http2_goodbye(visit, stream, TEST_HTTP2_NO_ERROR);
	return false;
}

static void says_goodbye_after_each_answer(struct test_visit *visit)
{
	serve(visit, goodbye_after_answer);
}

/* The first connection is ended before the request on it was looked at. */
static bool goodbye_before_answer(struct test_visit *visit, uint32_t stream)
{
	if (visit->number == 1) {
		test_http2_goodbye(visit, 0, TEST_HTTP2_NO_ERROR);
		return false;
	}
	test_http2_answer(visit, stream);
	return true;
}

static void says_goodbye_at_first(struct test_visit *visit)
{
	serve(visit, goodbye_before_answer);
}

static void visit_start(struct secure_fixture *fixture, test_manner *manner)
{
	static char pem[TEST_PATH_MAX];

	(void)test_folder_path(&fixture->agent->folder, "server.pem", pem);
	test_rogue_start(&fixture->rogue, manner, pem);
	secure_configure(fixture, "127.0.0.1", fixture->rogue.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"}");
	agent_record(fixture->agent, "e", 3);
	agent_start(fixture->agent);
	agent_await_queue(fixture->agent, "SELECT count(*) FROM pending", 0);
}

static long long ambiguous(const struct secure_fixture *fixture)
{
	return agent_ask_queue(fixture->agent, "SELECT ambiguous FROM sink");
}

/* The intake behind nothing: the rogue says what arrived. */
static void three_failures_lead_to_http1(struct secure_fixture *fixture, test_manner *manner)
{
	int http2;

	visit_start(fixture, manner);
	assert_int_equal(ambiguous(fixture), 3);
	http2 = atomic_load(&fixture->rogue.tally->http2);
	assert_in_range(http2, 1, 3);
	assert_int_equal(atomic_load(&fixture->rogue.tally->requests), 4);
	agent_record(fixture->agent, "e", 3); /* and it stays with it */
	agent_await_queue(fixture->agent, "SELECT count(*) FROM pending", 0);
	assert_int_equal(atomic_load(&fixture->rogue.tally->http2), http2);
	assert_int_equal(agent_ask_queue(fixture->agent, "SELECT count(*) FROM dead_letters"), 0);
}

static void streams_that_break_three_times_lead_to_http1(void **state)
{
	three_failures_lead_to_http1(*state, breaks_streams);
}

static void nonsense_three_times_leads_to_http1(void **state)
{
	three_failures_lead_to_http1(*state, talks_nonsense);
}

static void connections_cut_three_times_lead_to_http1(void **state)
{
	three_failures_lead_to_http1(*state, hangs_up_on_http2);
}

static void a_refused_stream_is_sent_again_and_is_not_ambiguous(void **state)
{
	struct secure_fixture *fixture = *state;

	visit_start(fixture, refuses_a_stream);
	assert_int_equal(ambiguous(fixture), 0);
	assert_int_equal(atomic_load(&fixture->rogue.tally->requests), 2);
}

/* A request that was on its way when the goodbye came goes once more; most meet a new connection.
 */
static void a_polite_goodbye_loses_nothing_and_stays_with_http2(void **state)
{
	struct secure_fixture *fixture = *state;
	int requests;

	visit_start(fixture, says_goodbye_after_each_answer);
	for (int i = 0; i < 5; i++) {
		agent_record(fixture->agent, "e", 3);
		agent_await_queue(fixture->agent, "SELECT count(*) FROM pending", 0);
	}
	requests = atomic_load(&fixture->rogue.tally->requests);
	assert_in_range(ambiguous(fixture), 0, 5);
	assert_in_range(requests, 6, 6 + ambiguous(fixture));
	assert_int_equal(atomic_load(&fixture->rogue.tally->http2), requests);
}

static void a_goodbye_before_the_answer_loses_nothing(void **state)
{
	struct secure_fixture *fixture = *state;

	visit_start(fixture, says_goodbye_at_first);
	assert_int_equal(atomic_load(&fixture->rogue.tally->requests), 2);
	assert_in_range(ambiguous(fixture), 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(batches_share_one_connection_of_http2),
		SECURE_TEST(streams_that_break_three_times_lead_to_http1),
		SECURE_TEST(nonsense_three_times_leads_to_http1),
		SECURE_TEST(connections_cut_three_times_lead_to_http1),
		SECURE_TEST(a_refused_stream_is_sent_again_and_is_not_ambiguous),
		SECURE_TEST(a_polite_goodbye_loses_nothing_and_stays_with_http2),
		SECURE_TEST(a_goodbye_before_the_answer_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
