/* How long the agent waits, and what ends a wait: the server's own wish in both of its forms, a key
 * that is mended, several batches in flight.
 */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows_left[] = "SELECT count(*) FROM pending";

static void flush(struct agent_fixture *fixture)
{
	assert_true(agent_says(fixture, "POST", "/flush", 200, "done"));
}

/* A wish is kept to, and nothing ends it early. The server's clock is a day off: what counts is how
 * far apart its two dates are. */
static void a_wish_is_kept_in_both_of_its_forms_whatever_the_servers_clock_says(void **state)
{
	static const struct {
		const char *retry_after, *date;
		long long least_us;
	} wishes[] = {
		{"600", "", 600000000},
		{"Sat, 21 Nov 2026 09:10:00 GMT", "Sat, 21 Nov 2026 09:00:00 GMT", 600000000},
		{"Tuesday, 24-Nov-26 12:00:20 GMT", "Tue, 24 Nov 2026 12:00:00 GMT", 20000000},
		{"999999", "", 21600000000},
	};
	struct agent_fixture *fixture = *state;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
		(void)snprintf(text, sizeof text,
			       "{\"fault\":\"status\",\"status\":%d,\"retry_after\":\"%s\"%s%s%s}",
			       i % 2 == 0 ? 429 : 503, wishes[i].retry_after,
			       wishes[i].date[0] != '\0' ? ",\"date\":\"" : "", wishes[i].date,
			       wishes[i].date[0] != '\0' ? "\"" : "");
		test_intake_fail(&fixture->intake, text);
		agent_start(fixture);
		agent_record(fixture, "e", 1);
		agent_await_queue(fixture, "SELECT kind = 'retry_after' FROM sink", 1);
		(void)snprintf(text, sizeof text, "SELECT wait_us BETWEEN %lld AND %lld FROM sink",
			       wishes[i].least_us, wishes[i].least_us * 3 / 2 + 60000000);
		assert_int_equal(agent_ask_queue(fixture, text), 1);
		flush(fixture);
		assert_int_equal(test_intake_stat(&fixture->intake, "requests"), i + 1);

		/* After a restart it is still the server's wish. */
		assert_int_equal(agent_stop(fixture), 0);
		test_intake_heal(&fixture->intake);
		agent_start(fixture);
		flush(fixture);
		assert_int_equal(test_intake_stat(&fixture->intake, "requests"), i + 1);
		agent_kill(fixture);
		(void)agent_ask_queue(fixture, "UPDATE sink SET wait_us = 0, kind = '', since_us = "
					       "0, attempts = 0 RETURNING 1");
	}
}

static void a_wrong_key_that_is_mended_by_a_reload_delivers_all_without_a_restart(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX], more[TEST_PATH_MAX + 128];

	test_folder_write(&fixture->folder, "token", "wrong");
	(void)test_folder_path(&fixture->folder, "token", path);
	(void)snprintf(
		more, sizeof more,
		"\"batch\":{\"max_wait\":\"0s\"},\"headers\":{\"Authorization\":\"file:%s\"}",
		path);
	agent_configure_one_sink(fixture, more);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":401}");
	agent_start(fixture);
	agent_record(fixture, "e", 250);
	agent_await_queue(fixture, "SELECT paused AND kind = 'credentials' FROM sink", 1);
	assert_int_equal(agent_ask_queue(fixture, rows_left), 250);
	test_intake_heal(&fixture->intake);
	test_folder_write(&fixture->folder, "token", "right");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "\"reloaded\":true"));
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 250);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 250);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
}

static const char four_in_flight[] =
	"\"inflight\":4,\"batch\":{\"max_wait\":\"0s\",\"max_events\":20},\"retry\":{\"initial\":"
	"\"100ms\"}";

static void several_batches_in_flight_deliver_everything_once(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, four_in_flight);
	test_intake_fail(&fixture->intake, "{\"fault\":\"delay\",\"delay\":\"20ms\"}");
	agent_record(fixture, "e", 1000);
	agent_start(fixture);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 1000);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 1000);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
}

static void those_in_flight_at_a_kill_go_again_as_the_same_bytes_and_no_others(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, four_in_flight);
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\",\"accept\":1,\"count\":4}");
	agent_record(fixture, "e", 200);
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 4);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM batch WHERE maybe_taken"),
			 4);
	agent_kill(fixture);
	agent_start(fixture);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 200);
	assert_int_equal(test_intake_stat(&fixture->intake, "replayed_batches"), 4);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 200);
}

static void a_bad_event_among_several_batches_in_flight_dies_alone(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, four_in_flight);
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	flush(fixture);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":400,\"name\":\"poison\"}");
	agent_record(fixture, "e", 130);
	agent_record(fixture, "poison", 2);
	agent_record(fixture, "e", 168);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 2);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 299);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_wish_is_kept_in_both_of_its_forms_whatever_the_servers_clock_says),
		AGENT_TEST(a_wrong_key_that_is_mended_by_a_reload_delivers_all_without_a_restart),
		AGENT_TEST(several_batches_in_flight_deliver_everything_once),
		AGENT_TEST(those_in_flight_at_a_kill_go_again_as_the_same_bytes_and_no_others),
		AGENT_TEST(a_bad_event_among_several_batches_in_flight_dies_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
