/* The agent meets every kind of answer and silence that a server can give, one after the other: it
 * calls the trouble by its word, keeps what it could not deliver, and delivers it once the trouble
 * is over, without a restart, exactly once.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent_fixture.h"

enum { EVENTS = 3 };

static const char rows_left[] = "SELECT count(*) FROM pending";

static const char patient_sink[] =
	"\"batch\":{\"max_wait\":\"0s\"},\"timeout\":\"2s\",\"retry\":{\"initial\":\"100ms\"}";

struct trouble {
	const char *fault; /* what the intake does */
	const char *kind;  /* what the sink's trouble is called */
	bool pauses;
	bool is_taken; /* the intake has taken the events all the same */
};

static void flush(struct agent_fixture *fixture)
{
	assert_true(agent_says(fixture, "POST", "/flush", 200, "done"));
}

static void await_kind(struct agent_fixture *fixture, const struct trouble *trouble)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql, "SELECT kind = '%s' AND paused = %d FROM sink",
		       trouble->kind, trouble->pauses);
	agent_await_queue(fixture, sql, 1);
}

/* Events are recorded into the trouble, and delivered by a flush when it is over. A new recorder
 * wakes the agent at once. */
static void pass_through(struct agent_fixture *fixture, const struct trouble *trouble)
{
	long long before = test_intake_stat(&fixture->intake, "events_distinct");

	test_intake_fail(&fixture->intake, trouble->fault);
	agent_forget_recorder(fixture);
	agent_record(fixture, "e", EVENTS);
	await_kind(fixture, trouble);
	assert_int_equal(agent_ask_queue(fixture, rows_left), EVENTS);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"),
			 before + (trouble->is_taken ? EVENTS : 0));
	test_intake_heal(&fixture->intake);
	flush(fixture);
	agent_await_queue(fixture, rows_left, 0);
	agent_await_queue(fixture, "SELECT kind = '' AND NOT paused FROM sink", 1);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), before + EVENTS);
}

static void expect_nothing_lost_or_changed(struct agent_fixture *fixture)
{
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
}

static void pass_through_all(struct agent_fixture *fixture, const struct trouble *troubles,
			     size_t count)
{
	size_t i;

	agent_configure_one_sink(fixture, patient_sink);
	agent_start(fixture);
	for (i = 0; i < count; i++)
		pass_through(fixture, &troubles[i]);
	expect_nothing_lost_or_changed(fixture);
}

#define STATUS(number) "{\"fault\":\"status\",\"status\":" #number "}"

static void a_status_that_says_later_is_waited_out(void **state)
{
	static const struct trouble troubles[] = {
		{STATUS(408), "server", false, false},
		{STATUS(425), "server", false, false},
		{STATUS(429), "overloaded", false, false},
		{STATUS(500), "server", false, false},
		{STATUS(502), "server", false, false},
		{STATUS(503), "overloaded", false, false},
		{STATUS(504), "server", false, false},
		{STATUS(507), "server", false, false},
		{STATUS(521), "server", false, false},
		{STATUS(599), "server", false, false},
	};

	pass_through_all(*state, troubles, sizeof troubles / sizeof troubles[0]);
}

static void a_status_that_a_person_must_mend_pauses_the_sink(void **state)
{
	static const struct trouble troubles[] = {
		{STATUS(401), "credentials", true, false},
		{STATUS(403), "credentials", true, false},
		{STATUS(404), "endpoint", true, false},
		{STATUS(405), "endpoint", true, false},
		{STATUS(410), "endpoint", true, false},
		{STATUS(501), "endpoint", true, false},
		{STATUS(505), "endpoint", true, false},
	};

	pass_through_all(*state, troubles, sizeof troubles / sizeof troubles[0]);
}

/* A 200 with a page may also come from the sink itself: then it has taken them. */
static void a_captive_portal_in_any_of_its_shapes_is_no_success(void **state)
{
	static const struct trouble troubles[] = {
		{"{\"fault\":\"html\",\"accept\":0}", "captive_portal", true, false},
		{STATUS(407), "proxy", true, false},
		{STATUS(511), "proxy", true, false},
		{"{\"fault\":\"redirect\"}", "redirect", false, false},
		{"{\"fault\":\"redirect\",\"status\":301}", "redirect", false, false},
		{"{\"fault\":\"redirect\",\"status\":307}", "redirect", false, false},
		{"{\"fault\":\"redirect\",\"status\":308}", "redirect", false, false},
	};
	struct agent_fixture *fixture = *state;
	char *paths;

	pass_through_all(fixture, troubles, sizeof troubles / sizeof troubles[0]);
	paths = test_intake_get(&fixture->intake, "/stats");
	assert_null(strstr(paths, "/redirected")); /* where the key must not go */
	free(paths);
}

static void a_connection_that_breaks_means_the_same_bytes_again(void **state)
{
	static const struct trouble troubles[] = {
		{"{\"fault\":\"drop-after\",\"accept\":0}", "ambiguous", false, false},
		{"{\"fault\":\"reset-after\",\"accept\":0}", "ambiguous", false, false},
		{"{\"fault\":\"drop-mid-answer\",\"accept\":0}", "ambiguous", false, false},
		{"{\"fault\":\"hang\",\"accept\":0}", "ambiguous", false, false},
		{"{\"fault\":\"drop-after\",\"accept\":1}", "ambiguous", false, true},
		{"{\"fault\":\"reset-after\",\"accept\":1}", "ambiguous", false, true},
	};
	struct agent_fixture *fixture = *state;
	size_t i;

	agent_configure_one_sink(fixture, patient_sink);
	agent_start(fixture);
	for (i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		long long replays = test_intake_stat(&fixture->intake, "replayed_batches");

		pass_through(fixture, &troubles[i]);
		assert_true(test_intake_stat(&fixture->intake, "replayed_batches") > replays);
	}
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT ambiguous >= 6 FROM sink"), 1);
}

static void a_server_that_is_not_there_is_waited_for(void **state)
{
	static const struct trouble offline = {NULL, "offline", false, false};
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, patient_sink);
	agent_start(fixture);
	assert_int_equal(test_intake_stop(&fixture->intake), 0);
	agent_record(fixture, "e", EVENTS);
	await_kind(fixture, &offline);
	agent_await_queue(fixture, "SELECT maybe_taken FROM batch", 0); /* between two tries */
	test_intake_start(&fixture->intake, NULL);                      /* on the same port */
	agent_await_queue(fixture, rows_left, 0);                       /* by itself */
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), EVENTS);
}

static void a_2xx_whose_body_cannot_be_read_is_a_success(void **state)
{
	static const char *const faults[] = {
		"{\"fault\":\"short-body\",\"status\":200}",
		"{\"fault\":\"endless-body\",\"status\":200,\"count\":1}",
		"{\"fault\":\"status\",\"status\":200,\"type\":\"application/"
		"json\",\"body\":\"{\"}",
		STATUS(201),
		STATUS(202),
		STATUS(204),
		STATUS(299),
	};
	struct agent_fixture *fixture = *state;
	size_t i;

	agent_configure_one_sink(fixture, patient_sink);
	agent_start(fixture);
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		long long requests = test_intake_stat(&fixture->intake, "requests");

		test_intake_fail(&fixture->intake, faults[i]);
		agent_forget_recorder(fixture);
		agent_record(fixture, "e", 1);
		agent_await_queue(fixture, "SELECT sum(delivered) FROM ledger", (long long)i + 1);
		assert_int_equal(test_intake_stat(&fixture->intake, "requests"), requests + 1);
		test_intake_heal(&fixture->intake);
	}
}

static void a_409_for_a_batch_that_was_taken_is_a_success(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, patient_sink);
	test_intake_fail(&fixture->intake, "{\"fault\":\"drop-after\",\"accept\":1,\"count\":1}");
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":409,\"type\":\"application/json\","
			 "\"body\":\"{\\\"accepted\\\":0,\\\"duplicates\\\":3}\",\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", EVENTS);
	agent_await_queue(fixture, "SELECT sum(delivered) FROM ledger", EVENTS);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
}

static void a_sink_that_cannot_work_here_pauses_until_its_config_changes(void **state)
{
	static const struct trouble local = {NULL, "local", true, false};
	struct agent_fixture *fixture = *state;

	agent_configure(
		fixture,
		"{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\","
		"\"url\":\"https://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],"
		"\"batch\":{\"max_wait\":\"0s\"},\"tls\":{\"ca_file\":\"/nonexistent\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "e", EVENTS);
	await_kind(fixture, &local);
	agent_configure_one_sink(fixture, patient_sink);
	assert_true(agent_says(fixture, "POST", "/reload", 200, "\"reloaded\":true"));
	agent_await_queue(fixture, rows_left, 0);
	expect_nothing_lost_or_changed(fixture);
}

static void a_file_that_cannot_be_written_is_waited_for(void **state)
{
	static const struct trouble disk = {NULL, "disk", false, false};
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX], json[TEST_PATH_MAX + 256];
	char *text;

	(void)test_folder_path(&fixture->folder, "delivered.ndjson", path);
	assert_int_equal(mkdir(path, 0700), 0); /* in its place, so that root fails as well */
	(void)snprintf(json, sizeof json,
		       "{\"sinks\":[{\"name\":\"main\",\"type\":\"file\",\"path\":\"%s\","
		       "\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"},"
		       "\"retry\":{\"initial\":\"100ms\"}}]}",
		       path);
	agent_configure(fixture, json);
	agent_start(fixture);
	agent_record(fixture, "e", EVENTS);
	await_kind(fixture, &disk);
	assert_int_equal(agent_ask_queue(fixture, rows_left), EVENTS);
	assert_int_equal(rmdir(path), 0);
	agent_await_queue(fixture, rows_left, 0);
	text = test_file_read(path, NULL);
	assert_non_null(text);
	assert_int_equal(test_json_int(strrchr(text, '{'), "n", -1), EVENTS - 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_status_that_says_later_is_waited_out),
		AGENT_TEST(a_status_that_a_person_must_mend_pauses_the_sink),
		AGENT_TEST(a_captive_portal_in_any_of_its_shapes_is_no_success),
		AGENT_TEST(a_connection_that_breaks_means_the_same_bytes_again),
		AGENT_TEST(a_server_that_is_not_there_is_waited_for),
		AGENT_TEST(a_2xx_whose_body_cannot_be_read_is_a_success),
		AGENT_TEST(a_409_for_a_batch_that_was_taken_is_a_success),
		AGENT_TEST(a_sink_that_cannot_work_here_pauses_until_its_config_changes),
		AGENT_TEST(a_file_that_cannot_be_written_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
