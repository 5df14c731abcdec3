/* What the intake takes, what it counts, and what it turns away. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/intake.h"

#define TWO_EVENTS                                                                    \
	"{\"batchId\":\"b-1\",\"events\":["                                           \
	"{\"eventId\":\"e-1\",\"eventName\":\"opened\",\"session\":\"s\",\"seq\":0}," \
	"{\"eventId\":\"e-2\",\"eventName\":\"closed\",\"session\":\"s\",\"seq\":1}]}"

static const char key_1[] = "Idempotency-Key: \"b-1\"\r\n";

static void a_first_party_batch_is_acknowledged_and_counted(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200,
			   "{\"accepted\":2,\"duplicates\":0,\"rejected\":[]}");
	assert_int_equal(test_intake_stat(intake, "requests"), 1);
	assert_int_equal(test_intake_stat(intake, "accepted_requests"), 1);
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
	assert_int_equal(test_intake_stat(intake, "opened"), 1);
	assert_int_equal(test_intake_stat(intake, "/v1/events"), 1);
	assert_int_equal(test_intake_stat(intake, "gaps"), 0);
}

static void a_batch_that_comes_again_is_a_replay_of_duplicates(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200, NULL);
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200,
			   "\"accepted\":0,\"duplicates\":2");
	assert_int_equal(test_intake_stat(intake, "replayed_batches"), 1);
	assert_int_equal(test_intake_stat(intake, "replays_accepted"), 1);
	assert_int_equal(test_intake_stat(intake, "replays_different"), 0);
	assert_int_equal(test_intake_stat(intake, "events_received"), 4);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 2);
}

static void a_batch_id_with_another_body_is_a_broken_promise(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200, NULL);
	test_intake_expect(
		intake, "/v1/events", key_1,
		"{\"batchId\":\"b-1\",\"events\":[{\"eventId\":\"e-1\",\"eventName\":\"opened\"}]}",
		200, "\"duplicates\":1");
	assert_int_equal(test_intake_stat(intake, "replayed_batches"), 1);
	assert_int_equal(test_intake_stat(intake, "replays_different"), 1);
}

static void an_event_in_another_batch_is_a_duplicate_but_no_replay(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200, NULL);
	test_intake_expect(
		intake, "/v1/events", "Idempotency-Key: \"b-2\"\r\n",
		"{\"events\":[{\"eventId\":\"e-2\"},{\"eventId\":\"e-3\"},{\"eventId\":\"e-3\"}],"
		"\"batchId\":\"b-2\"}",
		200, "\"accepted\":1,\"duplicates\":2");
	assert_int_equal(test_intake_stat(intake, "replayed_batches"), 0);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 3);
}

static void what_is_missing_between_the_seqs_of_a_session_is_counted(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/ndjson", NULL,
			   "{\"eventId\":\"1\",\"session\":\"a\",\"seq\":4}\n"
			   "{\"eventId\":\"2\",\"session\":\"a\",\"seq\":1}\n"
			   "{\"eventId\":\"3\",\"session\":\"b\",\"seq\":0}\n",
			   200, NULL);
	assert_int_equal(test_intake_stat(intake, "gaps"), 3);
	test_intake_expect(intake, "/v1/ndjson", NULL,
			   "{\"eventId\":\"4\",\"session\":\"a\",\"seq\":0}", 200, NULL);
	assert_int_equal(test_intake_stat(intake, "gaps"), 2);
}

static void the_idempotency_key_must_be_the_batch_id_in_quotes(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v1/events", NULL, TWO_EVENTS, 400,
			   "Idempotency-Key is missing");
	test_intake_expect(intake, "/v1/events", "Idempotency-Key: b-1\r\n", TWO_EVENTS, 400,
			   "in quotes");
	test_intake_expect(intake, "/v1/events", "Idempotency-Key: \"b-2\"\r\n", TWO_EVENTS, 400,
			   "is not the batchId");
	test_intake_expect(intake, "/v1/events", key_1, "{\"events\":[]}", 400, "no batchId");
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 2);
	assert_int_equal(test_intake_stat(intake, "refused_requests"), 4);
}

static void datadog_entries_are_accepted_and_told_apart_by_event_id(void **state)
{
	struct test_intake *intake = *state;
	static const char entries[] =
		"[{\"message\":\"opened\",\"ddsource\":\"flightrec\",\"eventId\":\"e-1\",\"seq\":0,"
		"\"session\":\"s\"},{\"message\":\"opened\",\"eventId\":\"e-2\",\"seq\":1}]";
	test_intake_expect(intake, "/api/v2/logs", NULL, entries, 202, "{}");
	test_intake_expect(intake, "/api/v2/logs", NULL,
			   "{\"message\":\"alone\",\"eventId\":\"e-3\"}", 202, "{}");
	test_intake_expect(intake, "/api/v2/logs", NULL, entries, 202, "{}");
	assert_int_equal(test_intake_stat(intake, "opened"), 2);
	assert_int_equal(test_intake_stat(intake, "alone"), 1);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 2);
	assert_int_equal(test_intake_stat(intake, "replays_accepted"), 1);
}

static void datadog_refuses_what_is_over_its_limits(void **state)
{
	struct test_intake *intake = *state;
	size_t size = 5000100;
	char *body = malloc(size);
	assert_non_null(body);
	size_t length = 0;
	for (int i = 0; i < 1001; i++)
		length += (size_t)snprintf(body + length, size - length, "%s{\"eventId\":\"%d\"}",
					   i == 0 ? "[" : ",", i);
	body[length++] = ']';
	body[length] = '\0';
	test_intake_expect(intake, "/api/v2/logs", NULL, body, 413, "more than 1000 entries");
	memset(body, ' ', size - 1);
	memcpy(body, "[]", 2);
	body[size - 1] = '\0';
	test_intake_expect(intake, "/api/v2/logs", NULL, body, 413, "more than 5000000 bytes");
	free(body);
}

static void ndjson_is_taken_line_by_line(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/ndjson", NULL,
			   "{\"eventId\":\"1\",\"eventName\":\"a\"}\r\n\n  "
			   "\n{\"eventId\":\"2\",\"eventName\":\"b\"}",
			   200, "\"accepted\":2");
	test_intake_expect(intake, "/v1/ndjson", NULL, "{\"eventId\":\"3\"}\n{\"eventId\":\n", 400,
			   "line 2:");
	assert_int_equal(test_intake_stat(intake, "events_received"), 2);
	assert_int_equal(test_intake_stat(intake, "unaccepted_events"), 0);
}

static void events_without_an_id_are_never_duplicates(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/ndjson", NULL, "{\"hello\":1}\n{\"hello\":1}\n", 200,
			   "\"accepted\":2");
	test_intake_expect(intake, "/ndjson", NULL, "{\"hello\":1}\n", 200, "\"accepted\":1");
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 3);
}

static void each_path_is_a_receiver_of_its_own(void **state)
{
	struct test_intake *intake = *state;
	static const char event[] =
		"{\"eventId\":\"e\",\"eventName\":\"n\",\"session\":\"s\",\"seq\":0}";
	test_intake_expect(intake, "/ndjson", NULL, event, 200, "\"accepted\":1");
	test_intake_expect(intake, "/second/ndjson", NULL, event, 200, "\"accepted\":1");
	test_intake_expect(intake, "/second/v1/events", NULL, "{}", 400, NULL);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
	assert_int_equal(test_intake_stat(intake, "replayed_batches"), 0);
	assert_int_equal(test_intake_stat(intake, "gaps"), 0);

	char *stats = test_intake_get(intake, "/stats?path=%2Fsecond/ndjson");
	assert_int_equal(test_json_int(stats, "requests", -1), 1);
	assert_int_equal(test_json_int(stats, "events_distinct", -1), 1);
	assert_int_equal(test_json_int(stats, "last_status", -1), 200);
	assert_int_equal(test_json_int(stats, "400", -1), -1);
	free(stats);
	char *ids = test_intake_get(intake, "/events?ids=1");
	assert_string_equal(ids, "e\n");
	free(ids);
	ids = test_intake_get(intake, "/events?path=/elsewhere&ids=1");
	assert_string_equal(ids, "");
	free(ids);
	char *summary = test_intake_get(intake, "/?path=/ndjson");
	assert_non_null(strstr(summary, "events             1   different 1"));
	free(summary);
}

static void very_long_names_are_taken_but_not_counted_by(void **state)
{
	struct test_intake *intake = *state;
	char body[1024];
	(void)snprintf(body, sizeof(body), "[{\"eventId\":\"e\",\"message\":\"%0600d\"}]", 7);
	test_intake_expect(intake, "/api/v2/logs", NULL, body, 202, NULL);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 1);
	char *stats = test_intake_get(intake, "/stats");
	assert_non_null(strstr(stats, "\"by_name\":{\"\":1}"));
	free(stats);
}

static void ids_written_with_escapes_are_the_same_ids(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/ndjson", NULL, "{\"eventId\":\"caf\\u00e9\"}", 200,
			   "\"duplicates\":0");
	test_intake_expect(intake, "/ndjson", NULL, "{\"eventId\":\"caf\xc3\xa9\"}", 200,
			   "\"duplicates\":1");
}

static void malformed_bodies_are_refused_with_the_reason(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
	} cases[] = {
		{"", "empty"},
		{"[]", "not one JSON object"},
		{"{\"batchId\":\"b-1\",\"events\":{}}", "events is no array"},
		{"{\"batchId\":7,\"events\":[]}", "batchId is no string"},
		{"{\"batchId\":\"b-1\",\"events\":[1]}", "event 0: not an object"},
		{"{\"batchId\":\"b-1\",\"events\":[{\"eventName\":\"x\"}]}", "event 0: no eventId"},
		{"{\"batchId\":\"b-1\",\"events\":[{\"eventId\":\"e\",\"x\":01}]}", "event 0: "},
		{"{\"batchId\":\"b-1\",\"events\":[{\"eventId\":\"\xff\"}]}", "event 0: "},
		{"{\"batchId\":\"b-1\",\"events\":[]} trailing", "nothing behind the value"},
		{"{\"batchId\":\"b-1\",\"events\":[", "byte"},
	};
	struct test_intake *intake = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_intake_expect(intake, "/v1/events", key_1, cases[i].body, 400,
				   cases[i].reason);
	assert_int_equal(test_intake_stat(intake, "refused_requests"),
			 sizeof(cases) / sizeof(cases[0]));
	test_intake_expect(intake, "/v1/events", key_1, TWO_EVENTS, 200, NULL);
}

static void very_deep_nesting_is_refused_at_once(void **state)
{
	struct test_intake *intake = *state;
	char *body = malloc(200100);
	assert_non_null(body);
	(void)snprintf(body, 200100, "{\"eventId\":\"1\",\"deep\":");
	size_t length = strlen(body);
	memset(body + length, '[', 200000);
	body[length + 200000] = '\0';
	test_intake_expect(intake, "/ndjson", NULL, body, 400, "line 1: event 0: ");
	free(body);
}

/* Keys */

static void datadog_wants_the_key_that_was_agreed_on(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	const char *const flags[] = {"--api-key", "env:KEY", NULL};
	const char *const environment[] = {"KEY=secret-1", NULL};
	test_intake_start_as(&intake, flags, (struct test_program){.environment = environment});
	test_intake_expect(&intake, "/api/v2/logs", NULL, "[]", 401, "DD-API-KEY is missing");
	test_intake_expect(&intake, "/api/v2/logs", "DD-API-KEY: wrong\r\n", "[]", 403,
			   "DD-API-KEY is not");
	test_intake_expect(&intake, "/api/v2/logs", "dd-api-key: secret-1\r\n", "[]", 202, NULL);
	test_intake_free(&intake);
}

static void the_other_paths_want_the_token(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	char path[TEST_PATH_MAX];
	char secret[TEST_PATH_MAX + 8];
	test_folder_make(&intake.folder);
	test_folder_write(&intake.folder, "token", "secret-2\n");
	(void)snprintf(secret, sizeof(secret), "file:%s",
		       test_folder_path(&intake.folder, "token", path));
	const char *const flags[] = {"--token", secret, NULL};
	test_intake_start(&intake, flags);
	test_intake_expect(&intake, "/ndjson", NULL, "", 401, "Authorization is missing");
	test_intake_expect(&intake, "/ndjson", "Authorization: Bearer other\r\n", "", 401, NULL);
	test_intake_expect(&intake, "/ndjson", "Authorization: Bearer secret-2\r\n", "", 200, NULL);
	test_intake_expect(&intake, "/v1/events", key_1, TWO_EVENTS, 401, NULL);
	test_intake_expect(&intake, "/v1/events",
			   "Authorization: Bearer secret-2\r\nIdempotency-Key: \"b-1\"\r\n",
			   TWO_EVENTS, 200, NULL);
	assert_int_equal(test_intake_stat(&intake, "events_received"), 2);
	test_intake_free(&intake);
}

static void unknown_paths_and_methods_are_kept_and_refused(void **state)
{
	struct test_intake *intake = *state;
	test_intake_expect(intake, "/v2/elsewhere", NULL, "x", 404, "no such path");
	struct test_answer answer;
	test_http_get(intake->port, "/v1/events", &answer);
	assert_int_equal(answer.status, 405);
	test_answer_fini(&answer);
	assert_int_equal(test_intake_stat(intake, "requests"), 2);
	assert_int_equal(test_intake_stat(intake, "/v2/elsewhere"), 1);
}

#define WITH_INTAKE(test) \
	cmocka_unit_test_setup_teardown(test, test_intake_set_up, test_intake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_INTAKE(a_first_party_batch_is_acknowledged_and_counted),
		WITH_INTAKE(a_batch_that_comes_again_is_a_replay_of_duplicates),
		WITH_INTAKE(a_batch_id_with_another_body_is_a_broken_promise),
		WITH_INTAKE(an_event_in_another_batch_is_a_duplicate_but_no_replay),
		WITH_INTAKE(what_is_missing_between_the_seqs_of_a_session_is_counted),
		WITH_INTAKE(the_idempotency_key_must_be_the_batch_id_in_quotes),
		WITH_INTAKE(datadog_entries_are_accepted_and_told_apart_by_event_id),
		WITH_INTAKE(datadog_refuses_what_is_over_its_limits),
		WITH_INTAKE(ndjson_is_taken_line_by_line),
		WITH_INTAKE(events_without_an_id_are_never_duplicates),
		WITH_INTAKE(each_path_is_a_receiver_of_its_own),
		WITH_INTAKE(very_long_names_are_taken_but_not_counted_by),
		WITH_INTAKE(ids_written_with_escapes_are_the_same_ids),
		WITH_INTAKE(malformed_bodies_are_refused_with_the_reason),
		WITH_INTAKE(very_deep_nesting_is_refused_at_once),
		cmocka_unit_test(datadog_wants_the_key_that_was_agreed_on),
		cmocka_unit_test(the_other_paths_want_the_token),
		WITH_INTAKE(unknown_paths_and_methods_are_kept_and_refused),
	};
	return cmocka_run_group_tests_name("intake_delivery", tests, NULL, NULL);
}
