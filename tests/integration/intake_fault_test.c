/* Every way in which the intake can be told to fail, seen from the client's side. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/intake.h"

static const char key_1[] = "Idempotency-Key: \"b-1\"\r\n";
static const char batch_1[] =
	"{\"batchId\":\"b-1\",\"events\":[{\"eventId\":\"e-1\",\"eventName\":\"good\"},"
	"{\"eventId\":\"e-2\",\"eventName\":\"bad_one\"}]}";

static void deliver(const struct test_intake *intake, struct test_answer *answer)
{
	test_http_post(intake->port, "/v1/events", key_1, batch_1, answer);
}

static int deliver_for_status(const struct test_intake *intake)
{
	struct test_answer answer;
	deliver(intake, &answer);
	int status = answer.status;
	test_answer_fini(&answer);
	return status;
}

static void a_status_is_answered_for_the_next_requests_only(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"fault\":\"status\",\"status\":503,\"count\":2}");
	assert_int_equal(deliver_for_status(intake), 503);
	assert_int_equal(deliver_for_status(intake), 503);
	assert_int_equal(deliver_for_status(intake), 200);
	assert_int_equal(test_intake_stat(intake, "failed_requests"), 2);
	assert_int_equal(test_intake_stat(intake, "faulted_requests"), 2);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(intake, "replayed_batches"), 2);
	assert_int_equal(test_intake_stat(intake, "replays_accepted"), 0);
	assert_int_equal(test_intake_stat(intake, "503"), 2);
	assert_int_equal(test_intake_stat(intake, "last_status"), 200);
}

static void without_a_count_it_fails_until_it_is_healed(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"status\":500}");
	for (int i = 0; i < 5; i++)
		assert_int_equal(deliver_for_status(intake), 500);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 2);
	test_intake_heal(intake);
	assert_int_equal(deliver_for_status(intake), 200);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 0);
}

static void faults_in_a_list_take_their_turns(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake,
			 "[{\"status\":429,\"count\":1},{\"fault\":\"drop-after\",\"count\":1},"
			 "{\"fault\":\"drop-before\",\"count\":1},{\"status\":207,\"count\":1}]");
	assert_int_equal(deliver_for_status(intake), 429);
	assert_int_equal(deliver_for_status(intake), 0);
	assert_int_equal(deliver_for_status(intake), 0);
	assert_int_equal(deliver_for_status(intake), 207);
	assert_int_equal(deliver_for_status(intake), 200);
	char *faults = test_intake_get(intake, "/control");
	assert_string_equal(faults, "[]\n");
	free(faults);
	assert_int_equal(test_intake_stat(intake, "accepted_requests"), 2);
}

static void headers_and_bodies_are_given_as_they_were_asked_for(void **state)
{
	struct test_intake *intake = *state;
	char value[256];
	struct test_answer answer;
	test_intake_fail(intake,
			 "{\"status\":503,\"retry_after\":\"Sun, 06 Nov 1994 08:49:37 GMT\","
			 "\"date\":\"Sun, 06 Nov 1994 08:49:07 GMT\",\"body\":\"<b>no</b>\","
			 "\"type\":\"text/html\",\"count\":1}");
	test_intake_fail(intake, "{\"status\":429,\"retry_after\":\"soon, maybe\"}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 503);
	assert_string_equal(answer.body, "<b>no</b>");
	assert_string_equal(test_answer_header(&answer, "Retry-After", value, sizeof(value)),
			    "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(test_answer_header(&answer, "Date", value, sizeof(value)),
			    "Sun, 06 Nov 1994 08:49:07 GMT");
	assert_string_equal(test_answer_header(&answer, "Content-Type", value, sizeof(value)),
			    "text/html");
	test_answer_fini(&answer);
	deliver(intake, &answer);
	assert_string_equal(test_answer_header(&answer, "Retry-After", value, sizeof(value)),
			    "soon, maybe");
	test_answer_fini(&answer);
}

static void an_answer_can_be_late(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "[{\"delay\":\"300ms\",\"count\":1},"
				 "{\"status\":502,\"delay\":\"300ms\",\"count\":1}]");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(answer.elapsed_ms >= 290);
	test_answer_fini(&answer);
	deliver(intake, &answer);
	assert_int_equal(answer.status, 502);
	assert_true(answer.elapsed_ms >= 290);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "accepted_requests"), 1);
}

static void others_are_served_while_one_waits(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"fault\":\"hang\",\"count\":1}");
	int stuck = test_connect_tcp(intake->port);
	assert_true(
		test_send_request(stuck, "POST", "/v1/events", key_1, batch_1, strlen(batch_1)));
	assert_true(test_intake_await(intake, "requests", 1, TEST_PATIENCE_MS));
	assert_int_equal(deliver_for_status(intake), 200);
	struct test_answer answer;
	test_read_answer(stuck, &answer, 100);
	assert_int_equal(answer.status, 0);
	assert_false(answer.closed);
	test_answer_fini(&answer);
	(void)close(stuck);
}

static void a_connection_can_be_dropped_before_the_body_is_read(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"drop-before\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.body_length, 0);
	assert_true(answer.closed);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "requests"), 1);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 0);
	assert_int_equal(test_intake_stat(intake, "none"), 1);
}

static void a_stalled_connection_takes_no_more_than_buffers_hold(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"fault\":\"stall\",\"count\":1}");
	int connection = test_connect_tcp(intake->port);
	assert_true(test_send_text(connection,
				   "POST /ndjson HTTP/1.1\r\nContent-Length: 16000000\r\n\r\n"));
	assert_true(test_intake_await(intake, "requests", 1, TEST_PATIENCE_MS));
	assert_false(test_send_within(connection, 16000000, 300));
	(void)close(connection);
	assert_int_equal(deliver_for_status(intake), 200);
}

/* The batch is seen, not accepted, and no byte comes back. */
static void expect_silence(const struct test_intake *intake, const char *fault, bool is_reset)
{
	struct test_answer answer;
	test_intake_fail(intake, fault);
	deliver(intake, &answer);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.body_length, 0);
	assert_true(answer.closed);
	assert_int_equal(answer.reset, is_reset);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 2);
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
}

static void a_connection_can_be_dropped_after_everything_was_read(void **state)
{
	expect_silence(*state, "{\"fault\":\"drop-after\"}", false);
	expect_silence(*state, "{\"fault\":\"drop-after\"}", false);
}

static void a_connection_can_be_reset_after_everything_was_read(void **state)
{
	expect_silence(*state, "{\"fault\":\"reset-after\"}", true);
}

static void a_batch_can_be_accepted_without_a_word(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "[{\"fault\":\"drop-after\",\"accept\":1,\"count\":1},"
				 "{\"status\":503,\"accept\":true,\"count\":1}]");
	assert_int_equal(deliver_for_status(intake), 0);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
	assert_int_equal(deliver_for_status(intake), 503);
	assert_int_equal(deliver_for_status(intake), 200);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 4);
	assert_int_equal(test_intake_stat(intake, "replays_accepted"), 2);
}

static void an_answer_can_break_off_in_its_headers(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"drop-mid-answer\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 0);
	assert_true(answer.closed);
	assert_memory_equal(answer.body, "HTTP/1.1 200 OK\r\n", 17);
	assert_null(strstr(answer.body, "\r\n\r\n"));
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
}

static void a_body_can_be_shorter_than_promised(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"short-body\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(answer.closed);
	assert_false(answer.complete);
	assert_non_null(strstr(answer.body, "\"accepted\":2"));
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
}

static void a_body_can_go_on_for_ever(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"endless-body\",\"accept\":0,\"count\":1}");
	int connection = test_connect_tcp(intake->port);
	assert_true(test_send_request(connection, "POST", "/v1/events", key_1, batch_1,
				      strlen(batch_1)));
	test_read_answer(connection, &answer, 300);
	assert_int_equal(answer.status, 200);
	assert_false(answer.complete);
	assert_true(answer.body_length > 1000000);
	test_answer_fini(&answer);
	(void)close(connection);
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
}

static void an_answer_can_trickle(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"trickle\",\"interval\":\"2ms\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(answer.complete);
	assert_true(answer.elapsed_ms >= 300);
	test_answer_fini(&answer);
}

static void headers_can_be_huge(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"huge-headers\",\"bytes\":\"500kB\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(strlen(answer.head) > 500000);
	assert_non_null(strstr(answer.body, "\"accepted\":2"));
	test_answer_fini(&answer);
}

static void a_captive_portal_answers_200_and_a_web_page(void **state)
{
	struct test_intake *intake = *state;
	char value[64];
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"html\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(test_answer_header(&answer, "Content-Type", value, sizeof(value)),
			    "text/html; charset=utf-8");
	assert_non_null(strstr(answer.body, "log in"));
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
}

static void who_follows_a_redirect_shows_in_the_statistics(void **state)
{
	struct test_intake *intake = *state;
	char value[64];
	struct test_answer answer;
	test_intake_fail(intake,
			 "[{\"fault\":\"redirect\",\"count\":1},{\"fault\":\"redirect\","
			 "\"status\":307,\"location\":\"http://far.example/\",\"count\":1}]");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 302);
	assert_string_equal(test_answer_header(&answer, "Location", value, sizeof(value)),
			    "/redirected");
	test_answer_fini(&answer);
	deliver(intake, &answer);
	assert_int_equal(answer.status, 307);
	assert_string_equal(test_answer_header(&answer, "Location", value, sizeof(value)),
			    "http://far.example/");
	test_answer_fini(&answer);
	test_http_get(intake->port, "/redirected", &answer);
	assert_int_equal(answer.status, 404);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "/redirected"), 1);
}

static void an_answer_can_be_no_http_at_all(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"fault\":\"not-http\",\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 0);
	assert_true(answer.body_length > 0);
	assert_true(answer.closed);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
}

static void a_204_has_no_body(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	test_intake_fail(intake, "{\"status\":204,\"count\":1}");
	deliver(intake, &answer);
	assert_int_equal(answer.status, 204);
	assert_null(strstr(answer.head, "Content-Length"));
	assert_int_equal(answer.body_length, 0);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
}

/* Conditions */

static void a_fault_can_be_for_one_path(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "[{\"status\":500,\"path\":\"/api/v2/logs\"},"
				 "{\"fault\":\"drop-before\",\"path\":\"/ndjson\"}]");
	assert_int_equal(deliver_for_status(intake), 200);
	test_intake_expect(intake, "/api/v2/logs", NULL, "[]", 500, NULL);
	struct test_answer answer;
	test_http_post(intake->port, "/ndjson", NULL, "", &answer);
	assert_int_equal(answer.status, 0);
	test_answer_fini(&answer);
}

static void a_poisonous_event_fails_every_batch_it_is_in(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"status\":400,\"name\":\"bad_*\"}");
	assert_int_equal(deliver_for_status(intake), 400);
	test_intake_expect(intake, "/v1/events", "Idempotency-Key: \"b-2\"\r\n",
			   "{\"batchId\":\"b-2\",\"events\":[{\"eventId\":\"e-1\","
			   "\"eventName\":\"good\"}]}",
			   200, NULL);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 1);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 1);
}

static void large_batches_can_be_refused(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "[{\"status\":413,\"over_events\":1},"
				 "{\"status\":414,\"over_bytes\":10}]");
	assert_int_equal(deliver_for_status(intake), 413);
	test_intake_expect(intake, "/ndjson", NULL, "{\"eventId\":\"1\"}", 414, NULL);
	test_intake_expect(intake, "/ndjson", NULL, "{\"a\":1}", 200, NULL);
}

static void single_events_can_be_rejected_in_the_answer(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"fault\":\"reject\",\"name\":\"bad_*\"}");
	test_intake_expect(intake, "/v1/events", key_1, batch_1, 200,
			   "{\"accepted\":1,\"duplicates\":0,\"rejected\":[{\"eventId\":\"e-2\",");
	assert_int_equal(test_intake_stat(intake, "events_received"), 1);
	assert_int_equal(test_intake_stat(intake, "rejected_events"), 1);
	test_intake_expect(intake, "/api/v2/logs", NULL, "[{\"message\":\"bad_two\"}]", 400,
			   "rejected on request");
}

static void control_says_what_is_wrong_with_a_fault(void **state)
{
	static const struct {
		const char *json;
		const char *reason;
	} cases[] = {
		{"{\"fault\":\"explode\"}", "\\\"explode\\\" is no kind of fault"},
		{"{\"stat\":1}", "\\\"stat\\\" is no key of a fault"},
		{"{\"status\":99}", "status: \\\"99\\\" is not between 100 and 999"},
		{"{\"status\":503,\"count\":0}", "count: "},
		{"{\"delay\":\"3\"}", "with its unit"},
		{"{\"status\":503,\"retry_after\":\"a\\r\\nB: c\"}", "retry-after: not a line"},
		{"{\"status\":[503]}", "values are texts, numbers, true or false"},
		{"{\"fault\":\"status\"}", "status: which?"},
		{"{\"fault\":\"reject\"}", "reject: which name?"},
		{"{\"fault\":\"stall\",\"name\":\"x\"}", "before the body is known"},
		{"{\"status\":500,\"path\":\"x\"}", "path: does not begin with /"},
		{"{}", "needs a kind"},
		{"[{\"status\":500},{}]", "needs a kind"},
		{"17", "a fault is an object"},
		{"", "empty"},
		{"{\"status\":500} {}", "behind the value"},
	};
	struct test_intake *intake = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_intake_expect(intake, "/control", NULL, cases[i].json, 400, cases[i].reason);
	char *faults = test_intake_get(intake, "/control");
	assert_string_equal(faults, "[]\n"); /* all or nothing, each time */
	free(faults);
}

static void what_control_shows_can_be_sent_back(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "[{\"status\":503,\"retry_after\":\"3\",\"count\":2,\"accept\":1},"
				 "{\"fault\":\"trickle\",\"interval\":\"5s\",\"delay\":\"1m\","
				 "\"path\":\"/ndjson\"}]");
	char *shown = test_intake_get(intake, "/control");
	test_intake_heal(intake);
	test_intake_fail(intake, shown);
	char *again = test_intake_get(intake, "/control");
	assert_string_equal(shown, again);
	assert_non_null(strstr(shown, "\"interval\":\"5000ms\""));
	free(shown);
	free(again);
}

static void no_more_than_32_faults_are_kept(void **state)
{
	struct test_intake *intake = *state;
	for (int i = 0; i < 32; i++)
		test_intake_fail(intake, "{\"status\":500,\"count\":1}");
	test_intake_expect(intake, "/control", NULL, "{\"status\":500}", 400, "no more than 32");
}

#define WITH_INTAKE(test) \
	cmocka_unit_test_setup_teardown(test, test_intake_set_up, test_intake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_INTAKE(a_status_is_answered_for_the_next_requests_only),
		WITH_INTAKE(without_a_count_it_fails_until_it_is_healed),
		WITH_INTAKE(faults_in_a_list_take_their_turns),
		WITH_INTAKE(headers_and_bodies_are_given_as_they_were_asked_for),
		WITH_INTAKE(an_answer_can_be_late),
		WITH_INTAKE(others_are_served_while_one_waits),
		WITH_INTAKE(a_connection_can_be_dropped_before_the_body_is_read),
		WITH_INTAKE(a_stalled_connection_takes_no_more_than_buffers_hold),
		WITH_INTAKE(a_connection_can_be_dropped_after_everything_was_read),
		WITH_INTAKE(a_connection_can_be_reset_after_everything_was_read),
		WITH_INTAKE(a_batch_can_be_accepted_without_a_word),
		WITH_INTAKE(an_answer_can_break_off_in_its_headers),
		WITH_INTAKE(a_body_can_be_shorter_than_promised),
		WITH_INTAKE(a_body_can_go_on_for_ever),
		WITH_INTAKE(an_answer_can_trickle),
		WITH_INTAKE(headers_can_be_huge),
		WITH_INTAKE(a_captive_portal_answers_200_and_a_web_page),
		WITH_INTAKE(who_follows_a_redirect_shows_in_the_statistics),
		WITH_INTAKE(an_answer_can_be_no_http_at_all),
		WITH_INTAKE(a_204_has_no_body),
		WITH_INTAKE(a_fault_can_be_for_one_path),
		WITH_INTAKE(a_poisonous_event_fails_every_batch_it_is_in),
		WITH_INTAKE(large_batches_can_be_refused),
		WITH_INTAKE(single_events_can_be_rejected_in_the_answer),
		WITH_INTAKE(control_says_what_is_wrong_with_a_fault),
		WITH_INTAKE(what_control_shows_can_be_sent_back),
		WITH_INTAKE(no_more_than_32_faults_are_kept),
	};
	return cmocka_run_group_tests_name("intake_fault", tests, NULL, NULL);
}
