/* From a record call to a row that is gone: batches, waits, several sinks, consent. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";

static void recorded_events_are_delivered_and_gone(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "tool_use_error", 1);
	agent_await_intake(fixture, "events_received", 1);
	agent_await_queue(fixture, rows, 0);
	agent_record(fixture, "tool_use_error", 20);
	agent_await_intake(fixture, "events_received", 21);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
}

static void what_was_recorded_without_an_agent_is_delivered_by_the_next_one(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_record(fixture, "before", 250);
	assert_int_equal(agent_ask_queue(fixture, rows), 250);
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 250);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 3);
}

static void a_hundred_events_make_a_batch_and_fewer_wait(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 99);
	test_sleep_ms(300);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 0);
	agent_record(fixture, "e", 151);
	agent_await_intake(fixture, "events_received", 200);
	agent_await_queue(fixture, rows, 50);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 2);
}

static void the_oldest_event_waits_no_longer_than_max_wait(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1500ms\"}");
	agent_start(fixture);
	start = test_now_ms();
	agent_record(fixture, "e", 3);
	agent_await_intake(fixture, "events_received", 3);
	assert_in_range(test_now_ms() - start, 1300, 8000);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 1);
}

static void a_flush_from_the_library_sends_at_once_and_waits_for_the_answer(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 5);
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 5);
	assert_int_equal(agent_ask_queue(fixture, rows), 0);
}

static void events_recorded_under_local_never_leave(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_choose(fixture, "local");
	agent_record(fixture, "private", 5);
	agent_choose(fixture, "on");
	agent_record(fixture, "public", 5);
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 5);
	agent_await_queue(fixture, rows, 5); /* the private ones stay for their owner to see */
	assert_int_equal(agent_ask_queue(fixture, "SELECT events FROM ledger_entry WHERE"
						  " kind = 'unwanted'"),
			 5);
	assert_int_equal(test_intake_stat(&fixture->intake, "private"), -1);
}

static void a_sink_gets_only_what_its_list_names(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture,
			"{\"sinks\":[{\"name\":\"picky\",\"type\":\"first_party\",\"url\":"
			"\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"api_*\",\"start\"],"
			"\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "api_call", 2);
	agent_record(fixture, "secret", 3);
	agent_record(fixture, "start", 1);
	agent_await_queue(fixture, rows, 0);
	agent_await_intake(fixture, "events_received", 3);
	assert_int_equal(test_intake_stat(&fixture->intake, "api_call"), 2);
	assert_int_equal(test_intake_stat(&fixture->intake, "secret"), -1);
}

static size_t count_lines(const char *path)
{
	char *text = test_file_read(path, NULL);
	size_t count = 0;

	for (const char *at = text; at != NULL && *at != '\0'; at++)
		count += *at == '\n';
	free(text);
	return count;
}

static void sinks_of_every_kind_get_everything_and_a_dead_one_holds_nobody_up(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];

	(void)test_folder_path(&fixture->folder, "home/delivered.ndjson", path);
	fixture->variable = "DD_API_KEY=0123456789abcdef";
	agent_configure(
		fixture,
		"{\"sinks\":["
		"{\"name\":\"dead\",\"type\":\"first_party\",\"url\":\"http://127.0.0.1:1/\","
		"\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"}},"
		"{\"name\":\"datadog\",\"type\":\"datadog\",\"url\":"
		"\"http://127.0.0.1:PORT/api/v2/logs\",\"api_key\":\"env:DD_API_KEY\","
		"\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"}},"
		"{\"name\":\"own\",\"type\":\"first_party\",\"url\":"
		"\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],"
		"\"batch\":{\"max_wait\":\"0s\"}},"
		"{\"name\":\"local\",\"type\":\"file\",\"path\":\"delivered.ndjson\","
		"\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "e", 120);
	agent_await_intake(fixture, "events_received", 240);
	agent_await_queue(
		fixture,
		"SELECT count(*) FROM ledger_entry WHERE kind = 'delivered' AND events = 120", 3);
	assert_int_equal(count_lines(path), 120);
	assert_int_equal(agent_ask_queue(fixture, rows), 120); /* the dead one has not had them */
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"state\":\"waiting\""));
}

static void a_sink_taken_out_of_the_config_lets_its_events_go(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture, "{\"sinks\":[{\"name\":\"dead\",\"type\":\"first_party\","
				 "\"url\":\"http://127.0.0.1:1/\",\"events\":[\"*\"]}]}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	assert_int_equal(agent_stop(fixture), 0);
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 10);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(
		agent_ask_queue(fixture,
				"SELECT sum(l.events) FROM ledger_entry l JOIN sink k ON"
				" k.id = l.sink WHERE k.name = 'dead' AND l.kind = 'dropped'"),
		10);
}

static void without_a_sink_events_are_kept(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture, "{}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	test_sleep_ms(2500);
	assert_int_equal(agent_ask_queue(fixture, rows), 10);
	assert_int_equal(agent_stop(fixture), 0);
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(recorded_events_are_delivered_and_gone),
		AGENT_TEST(what_was_recorded_without_an_agent_is_delivered_by_the_next_one),
		AGENT_TEST(a_hundred_events_make_a_batch_and_fewer_wait),
		AGENT_TEST(the_oldest_event_waits_no_longer_than_max_wait),
		AGENT_TEST(a_flush_from_the_library_sends_at_once_and_waits_for_the_answer),
		AGENT_TEST(events_recorded_under_local_never_leave),
		AGENT_TEST(a_sink_gets_only_what_its_list_names),
		AGENT_TEST(sinks_of_every_kind_get_everything_and_a_dead_one_holds_nobody_up),
		AGENT_TEST(a_sink_taken_out_of_the_config_lets_its_events_go),
		AGENT_TEST(without_a_sink_events_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
