/* OTLP's logs at the intake: what it takes, what it counts, what it turns away. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "support/intake.h"

#define RECORD(uid, seq, name)                                                                  \
	"{\"timeUnixNano\":\"1795336500123456000\",\"eventName\":\"" name "\",\"attributes\":[" \
	"{\"key\":\"log.record.uid\",\"value\":{\"stringValue\":\"" uid "\"}},"                 \
	"{\"key\":\"session.id\",\"value\":{\"stringValue\":\"s\"}},"                           \
	"{\"key\":\"flightrec.seq\",\"value\":{\"intValue\":\"" seq "\"}},"                     \
	"{\"value\":{\"arrayValue\":{\"values\":[{},{\"intValue\":1}]}},\"key\":\"list\"}]}"
#define LOGS(records)                                                                     \
	"{\"resourceLogs\":[{\"resource\":{\"attributes\":[]},\"scopeLogs\":[{\"scope\":" \
	"{\"name\":\"flightrec\"},\"logRecords\":[" records "]}]}]}"

static const char json[] = "Content-Type: application/json\r\n";

static void every_record_of_every_resource_is_an_event(void **state)
{
	struct test_intake *intake = *state;

	test_intake_expect(
		intake, "/v1/logs", json,
		"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[" RECORD(
			"1", "0",
			"opened") "]},"
				  "{\"logRecords\":[" RECORD("2", "1", "closed") "," RECORD(
					  "3", "4",
					  "closed") "]}]},"
						    "{\"schemaUrl\":\"x\"},{\"scopeLogs\":[{"
						    "\"logRecords\":[{\"body\":{}}]}]}],\"x\":[]}",
		200, "{}");
	assert_int_equal(test_intake_stat(intake, "events_received"), 4);
	assert_int_equal(test_intake_stat(intake, "opened"), 1);
	assert_int_equal(test_intake_stat(intake, "closed"), 2);
	assert_int_equal(test_intake_stat(intake, "gaps"), 2);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 0);
}

static void a_record_is_known_again_by_its_uid(void **state)
{
	struct test_intake *intake = *state;
	char *events;

	test_intake_expect(intake, "/v1/logs", json, LOGS(RECORD("1", "0", "e")), 200, NULL);
	test_intake_expect(intake, "/v1/logs", json,
			   LOGS(RECORD("1", "0", "e") "," RECORD("2", "1", "e")), 200, NULL);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 1);
	events = test_intake_get(intake, "/events");
	assert_string_equal(events, RECORD("1", "0", "e") "\n" RECORD("2", "1", "e") "\n");
	free(events);
}

static void rejected_records_are_counted_in_a_partial_success(void **state)
{
	struct test_intake *intake = *state;

	test_intake_fail(intake, "{\"fault\":\"reject\",\"name\":\"bad*\"}");
	test_intake_expect(intake, "/v1/logs", json,
			   LOGS(RECORD("1", "0", "good") "," RECORD("2", "1", "bad_one") "," RECORD(
				   "3", "2", "bad_two")),
			   200,
			   "{\"partialSuccess\":{\"rejectedLogRecords\":\"2\",\"errorMessage\":"
			   "\"rejected on request\"}}");
	assert_int_equal(test_intake_stat(intake, "good"), 1);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 1);
}

static void what_is_no_otlp_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *body, *reason;
	} wrong[] = {
		{"[]", "the body is not one JSON object"},
		{"{\"resourceLogs\":[]} x", "not"},
		{"{\"resourceLogs\":{}}", "resourceLogs is no array"},
		{"{\"resourceLogs\":[1]}", "not an object in resourceLogs"},
		{"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":1}]}]}",
		 "logRecords is no array"},
		{LOGS("{\"attributes\":[1]}"), "an attribute that is no object"},
		{LOGS("{\"attributes\":[{\"name\":\"x\"}]}"),
		 "an attribute of other than key and value"},
		{LOGS("{\"attributes\":[{\"key\":\"x\",\"value\":1}]}"),
		 "an attribute of other than key and value"},
		{LOGS("{\"attributes\":[{\"key\":\"x\",\"value\":{\"intValue\":true}}]}"),
		 "an intValue that is no number"},
		{LOGS("{\"attributes\":[{\"key\":\"x\",\"value\":{\"intValue\":1,"
		      "\"stringValue\":\"\"}}]}"),
		 "a value of two kinds"},
		{LOGS("{\"timeUnixNano\":{}}"), "a time that is no number"},
	};
	struct test_intake *intake = *state;
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		test_intake_expect(intake, "/v1/logs", json, wrong[i].body, 400, wrong[i].reason);
	test_intake_expect(intake, "/v1/logs", "Content-Type: application/x-protobuf\r\n",
			   LOGS(RECORD("1", "0", "e")), 400, "Content-Type");
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 0);
}

static void the_deepest_value_an_event_may_have_is_read(void **state)
{
	struct test_intake *intake = *state;

#define L "{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":"
#define R "}]}}"
	test_intake_expect(
		intake, "/v1/logs", json,
		LOGS("{\"eventName\":\"deep\",\"attributes\":[{\"key\":\"a\",\"value\":" L L L L L L
			     L L "{}" R R R R R R R R "}]}"),
		200, "{}");
#undef L
#undef R
	assert_int_equal(test_intake_stat(intake, "deep"), 1);
}

#define OTLP_TEST(test) \
	cmocka_unit_test_setup_teardown(test, test_intake_set_up, test_intake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OTLP_TEST(every_record_of_every_resource_is_an_event),
		OTLP_TEST(a_record_is_known_again_by_its_uid),
		OTLP_TEST(rejected_records_are_counted_in_a_partial_success),
		OTLP_TEST(what_is_no_otlp_is_refused_with_the_reason),
		OTLP_TEST(the_deepest_value_an_event_may_have_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
