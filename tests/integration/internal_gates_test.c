/* Internal events and the three gates: at the call, at the claim, before a request is made. What
 * was put into the file by hand, past the first gate or past the first two, does not leave either.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_fixture.h"

#define OUTSIDE(name, type, path)                                                                 \
	"{\"name\":\"" name "\",\"type\":\"" type "\",\"url\":\"http://127.0.0.1:PORT" path "\"," \
	"\"events\":[\"*\"],\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"},"            \
	"\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}}"
#define INSIDE(name, type, path)                                                                \
	"{\"name\":\"" name "\",\"type\":\"" type "\",\"url\":\"http://127.0.0.1:%d" path "\"," \
	"\"events\":[\"*\"],\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"},"          \
	"\"audience\":\"internal\"}"
#define RULE "\"privacy\":{\"internal\":{\"env\":\"FR_TEST_INSIDER\",\"value\":\"yes\"}}"

static const char rows[] = "SELECT count(*) FROM event WHERE name <> ''";

/* What only insiders may see, in the words of a property and of the context. */
static const char *const inside_words[] = {"for_insiders_only", "the-payments-namespace",
					   "the-worker-pod", "the-east-cluster"};

static void recorder_open(struct agent_fixture *fixture)
{
	flightrec_options *options = flightrec_options_new();

	flightrec_options_set_home(options, fixture->home);
	flightrec_options_set_config(options, fixture->config);
	flightrec_options_set_kubernetes(options, inside_words[1], inside_words[2],
					 inside_words[3]);
	assert_int_equal(flightrec_open(&fixture->recorder, options), FLIGHTREC_OK);
}

static void record_inside(struct agent_fixture *fixture)
{
	assert_int_equal(setenv("FR_TEST_INSIDER", "yes", 1), 0);
	assert_int_equal(flightrec_record_internal(fixture->recorder, "inside",
						   "{\"what\":\"for_insiders_only\"}"),
			 FLIGHTREC_OK);
	assert_int_equal(unsetenv("FR_TEST_INSIDER"), 0);
}

static bool request_holds(const struct test_intake *intake, long long request, const char *word)
{
	char path[64];
	char *body;
	bool holds;

	(void)snprintf(path, sizeof path, "/requests/%lld/body", request);
	body = test_intake_get(intake, path);
	holds = strstr(body, word) != NULL;
	free(body);
	return holds;
}

/* How many requests hold the word. */
static unsigned requests_with(const struct test_intake *intake, const char *word)
{
	long long requests = test_intake_stat(intake, "requests");
	unsigned found = 0;

	for (long long i = 1; i <= requests; i++)
		found += request_holds(intake, i, word);
	return found;
}

static void expect_nothing_of_insiders(const struct agent_fixture *fixture)
{
	for (size_t i = 0; i < sizeof inside_words / sizeof *inside_words; i++)
		assert_int_equal(requests_with(&fixture->intake, inside_words[i]), 0);
}

static void every_format_sends_them_to_insiders_with_where_they_were_recorded(void **state)
{
	static const char config[] =
		"{" RULE ",\"sinks\":[" OUTSIDE("a", "first_party", "/v1/events") "," OUTSIDE(
			"b", "otlp",
			"") "," OUTSIDE("c", "ndjson",
					"/v1/ndjson") "," INSIDE("d", "first_party",
								 "/v1/events") "," INSIDE("e",
											  "otlp",
											  "") "]}";
	struct agent_fixture *fixture = *state;
	struct test_intake inside = {.port = 0};
	char json[4096];

	test_intake_start(&inside, NULL);
	(void)snprintf(json, sizeof json, config, inside.port, inside.port);
	agent_configure(fixture, json);
	recorder_open(fixture);
	record_inside(fixture);
	agent_record(fixture, "outside", 1);
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 3);
	assert_int_equal(requests_with(&fixture->intake, "\"outside\""), 3);
	expect_nothing_of_insiders(fixture);
	assert_int_equal(test_intake_stat(&inside, "requests"), 2);
	for (size_t i = 0; i < sizeof inside_words / sizeof *inside_words; i++)
		assert_int_equal(requests_with(&inside, inside_words[i]), 2);
	assert_int_equal(requests_with(&inside, "{\"key\":\"k8s.namespace.name\",\"value\":"
						"{\"stringValue\":\"the-payments-namespace\"}}"),
			 1); /* OTLP's way to say it */
	assert_int_equal(agent_stop(fixture), 0);
	test_intake_free(&inside);
}

/* An insider may have started the agent; whoever posts to it has not shown that he is one. */
static void a_post_to_the_agent_records_no_internal_event(void **state)
{
	static const char events[] = "{\"eventName\":\"inside\"}\n{\"eventName\":\"outside\"}\n";
	struct agent_fixture *fixture = *state;
	struct test_answer answer;
	char path[TEST_PATH_MAX];
	int connection;

	test_folder_write(&fixture->folder, "events.json",
			  "{\"catalogue\":1,\"events\":{\"inside\":{\"audience\":\"internal\"},"
			  "\"outside\":{}}}");
	agent_configure(fixture,
			"{\"privacy\":{\"catalogue\":\"events.json\",\"internal\":{\"env\":"
			"\"FR_TEST_INSIDER\",\"value\":\"yes\"}}}");
	fixture->variable = "FR_TEST_INSIDER=yes";
	agent_start(fixture);
	(void)snprintf(path, sizeof path, "%.900s/agent.sock", fixture->home);
	connection = test_connect_unix(path);
	assert_true(connection >= 0);
	assert_true(test_send_request(connection, "POST", "/v1/events", NULL, events,
				      sizeof events - 1));
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"accepted\":1,"));
	assert_non_null(strstr(answer.body, "for insiders only"));
	test_answer_fini(&answer);
	assert_int_equal(agent_ask_queue(fixture, rows), 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT internal FROM event"), 0);
}

/* A row that no call made: past the first gate. */
static void a_row_planted_by_hand_does_not_leave(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture,
				 "\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"}");
	agent_record(fixture, "outside", 2);
	(void)agent_ask_queue(
		fixture,
		"INSERT INTO event (uuid, session, seq, time_us, severity, name, consent,"
		" internal, route, traceparent, properties) SELECT uuid, session, 99,"
		" time_us, severity, 'planted', 'on', 1, '[\"main\"]', NULL,"
		" '{\"what\":\"for_insiders_only\"}' FROM event WHERE id = 1 RETURNING id");
	(void)agent_ask_queue(fixture, "UPDATE event SET internal = 1, properties ="
				       " '{\"what\":\"for_insiders_only\"}' WHERE id = 2"
				       " RETURNING id");
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 1);
	expect_nothing_of_insiders(fixture);
	assert_int_equal(
		agent_ask_queue(fixture, "SELECT events FROM ledger_entry WHERE kind = 'unwanted'"),
		2);
}

/* A member of a batch that was frozen before: past the second gate, too. */
static void a_member_planted_in_a_frozen_batch_does_not_leave(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture,
				 "\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"},"
				 "\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}");
	agent_record(fixture, "outside", 3);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":503}");
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	agent_await_queue(fixture, "SELECT count(*) FROM batch", 1);
	agent_kill(fixture);
	(void)agent_ask_queue(fixture, "UPDATE event SET internal = 1, properties ="
				       " '{\"what\":\"for_insiders_only\"}' WHERE id = 2"
				       " RETURNING id");
	test_intake_heal(&fixture->intake);
	agent_start(fixture);
	agent_await_log(fixture, "an event may no longer be sent");
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 2);
	expect_nothing_of_insiders(fixture);
}

static void a_dead_letter_that_is_not_for_everybody_is_not_sent_when_asked_for(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture,
				 "\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"}");
	agent_record(fixture, "poison", 1);
	test_intake_fail(&fixture->intake, "{\"fault\":\"reject\",\"name\":\"poison\"}");
	agent_start(fixture);
	agent_await_queue(fixture, "SELECT count(*) FROM dead_letter", 1);
	assert_int_equal(agent_stop(fixture), 0);
	test_intake_heal(&fixture->intake);
	(void)agent_ask_queue(fixture, "UPDATE dead_letter SET internal = 1, properties ="
				       " '{\"what\":\"for_insiders_only\"}' RETURNING id");
	(void)agent_ask_queue(fixture, "INSERT INTO dead_retry (sink, letter, asked_us)"
				       " SELECT sink, id, 1 FROM dead_letter RETURNING letter");
	agent_start(fixture);
	agent_await_log(fixture, "dead.unwanted");
	agent_await_queue(fixture, "SELECT count(*) FROM dead_retry", 0);
	expect_nothing_of_insiders(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(every_format_sends_them_to_insiders_with_where_they_were_recorded),
		AGENT_TEST(a_post_to_the_agent_records_no_internal_event),
		AGENT_TEST(a_row_planted_by_hand_does_not_leave),
		AGENT_TEST(a_member_planted_in_a_frozen_batch_does_not_leave),
		AGENT_TEST(a_dead_letter_that_is_not_for_everybody_is_not_sent_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
