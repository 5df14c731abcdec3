/* What becomes of events that a server refuses: the bad ones are found and kept as dead letters,
 * the others delivered; and where the setup is at fault, nothing is buried.
 */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows_left[] = "SELECT count(*) FROM pending";
static const char paused[] = "SELECT paused AND kind = 'setup' FROM sink";
static const char in_one_batch[] = "\"batch\":{\"max_wait\":\"1s\"}";

static void flush(struct agent_fixture *fixture)
{
	assert_true(agent_says(fixture, "POST", "/flush", 200, "done"));
}

static long long requests(const struct agent_fixture *fixture)
{
	return test_intake_stat(&fixture->intake, "requests");
}

/* One event delivered: the sink is known to work. */
static void begin(struct agent_fixture *fixture, const char *more)
{
	agent_configure_one_sink(fixture, more);
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	flush(fixture);
	agent_await_queue(fixture, "SELECT delivered FROM ledger", 1);
}

static void refuse_poison(struct agent_fixture *fixture, int status)
{
	char fault[128];

	(void)snprintf(fault, sizeof fault,
		       "{\"fault\":\"status\",\"status\":%d,\"name\":\"poison\",\"body\":\"no "
		       "such field\"}",
		       status);
	test_intake_fail(&fixture->intake, fault);
}

static void one_bad_event_in_a_hundred_costs_15_requests_and_itself(void **state)
{
	static const int statuses[] = {400, 422};
	struct agent_fixture *fixture = *state;
	size_t i;

	begin(fixture, in_one_batch);
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		long long before = requests(fixture), done = 1 + 100 * (long long)i;
		char sql[160];

		test_intake_heal(&fixture->intake);
		refuse_poison(fixture, statuses[i]);
		agent_record(fixture, "e", 41);
		agent_record(fixture, "poison", 1);
		agent_record(fixture, "e", 58);
		(void)snprintf(sql, sizeof sql, "SELECT delivered + dead FROM ledger");
		agent_await_queue(fixture, sql, done + 100);
		assert_in_range(requests(fixture) - before, 8, 15);
		(void)snprintf(sql, sizeof sql,
			       "SELECT count(*) FROM dead_letter WHERE name = 'poison' AND "
			       "status = %d AND answer = 'no such field'",
			       statuses[i]);
		assert_int_equal(agent_ask_queue(fixture, sql), 1);
	}
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 2);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 1 + 2 * 99);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
}

static void five_adjacent_bad_events_leave_95(void **state)
{
	struct agent_fixture *fixture = *state;

	begin(fixture, in_one_batch);
	refuse_poison(fixture, 400);
	agent_record(fixture, "e", 47);
	agent_record(fixture, "poison", 5);
	agent_record(fixture, "e", 48);
	agent_await_queue(fixture, "SELECT delivered + dead FROM ledger", 101);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 5);
	assert_int_equal(
		agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter WHERE name = 'poison'"),
		5);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 96);
}

static void what_a_2xx_rejects_dies_and_the_rest_is_delivered(void **state)
{
	struct agent_fixture *fixture = *state;

	begin(fixture, in_one_batch);
	test_intake_fail(&fixture->intake, "{\"fault\":\"reject\",\"name\":\"poison\"}");
	agent_record(fixture, "e", 97);
	agent_record(fixture, "poison", 3);
	agent_await_queue(fixture, "SELECT delivered + dead FROM ledger", 101);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 3);
	assert_int_equal(requests(fixture), 2);
}

/* Nothing was ever accepted: it is the setup. Once something is, the bad ones are found out. */
static void a_setup_that_refuses_everything_buries_nothing(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, in_one_batch);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":400}");
	agent_record(fixture, "e", 60);
	agent_record(fixture, "poison", 1);
	agent_record(fixture, "e", 139);
	agent_start(fixture);
	agent_await_queue(fixture, paused, 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
	flush(fixture); /* a probe is refused as well */
	agent_await_queue(fixture, "SELECT streak > 1 AND paused FROM sink", 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
	assert_int_equal(agent_ask_queue(fixture, rows_left), 200);

	test_intake_heal(&fixture->intake);
	refuse_poison(fixture, 400);
	flush(fixture);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 199);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 199);
}

static void a_413_halves_and_the_size_is_remembered_over_a_restart(void **state)
{
	struct agent_fixture *fixture = *state;
	long long limit, refused;

	begin(fixture, in_one_batch);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":413,\"over_bytes\":16384}");
	agent_record(fixture, "e", 100);
	agent_await_queue(fixture, rows_left, 0);
	limit = agent_ask_queue(fixture, "SELECT limit_bytes FROM sink");
	assert_in_range(limit, 4096, 16384);
	refused = test_intake_stat(&fixture->intake, "failed_requests");
	assert_true(refused > 0);
	assert_int_equal(agent_stop(fixture), 0);

	agent_start(fixture);
	agent_record(fixture, "e", 200);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "failed_requests"), refused);
	assert_int_equal(agent_ask_queue(fixture, "SELECT limit_bytes FROM sink"), limit);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 301);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
}

static void a_lone_event_that_is_too_large_dies_alone(void **state)
{
	struct agent_fixture *fixture = *state;

	begin(fixture, in_one_batch);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":413,\"name\":\"huge\"}");
	agent_record(fixture, "e", 5);
	agent_record(fixture, "huge", 1);
	agent_record(fixture, "e", 5);
	agent_await_queue(fixture, "SELECT delivered + dead FROM ledger", 12);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 1);
	assert_int_equal(agent_ask_queue(fixture,
					 "SELECT count(*) FROM dead_letter WHERE name = 'huge' "
					 "AND status = 413"),
			 1);
}

static void configure_otlp(struct agent_fixture *fixture)
{
	agent_configure(fixture, "{\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\",\"type\":"
				 "\"otlp\",\"url\":\"http://127.0.0.1:PORT\",\"events\":[\"*\"],"
				 "\"batch\":{\"max_wait\":\"1s\",\"max_events\":10}}]}");
}

/* OTLP forbids to send again what got a 500; a proxy that says so must not empty the queue. */
static void what_must_not_be_sent_again_dies_and_the_third_time_pauses(void **state)
{
	struct agent_fixture *fixture = *state;

	configure_otlp(fixture);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500}");
	agent_record(fixture, "e", 100);
	agent_start(fixture);
	agent_await_queue(fixture, "SELECT paused AND kind = 'for_good' FROM sink", 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 30);
	assert_int_equal(requests(fixture), 3);
	assert_int_equal(agent_ask_queue(fixture, rows_left), 70);
	test_intake_heal(&fixture->intake);
	flush(fixture);
	agent_await_queue(fixture, rows_left, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered FROM ledger"), 70);
	assert_int_equal(agent_ask_queue(fixture, "SELECT dead FROM ledger"), 30);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(one_bad_event_in_a_hundred_costs_15_requests_and_itself),
		AGENT_TEST(five_adjacent_bad_events_leave_95),
		AGENT_TEST(what_a_2xx_rejects_dies_and_the_rest_is_delivered),
		AGENT_TEST(a_setup_that_refuses_everything_buries_nothing),
		AGENT_TEST(a_413_halves_and_the_size_is_remembered_over_a_restart),
		AGENT_TEST(a_lone_event_that_is_too_large_dies_alone),
		AGENT_TEST(what_must_not_be_sent_again_dies_and_the_third_time_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
