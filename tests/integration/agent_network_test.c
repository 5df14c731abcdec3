/* The network of a laptop, played in a namespace of the test's own: the cable goes, and comes back.
 */
#include "support/test.h"

#include "agent_fixture.h"
#include "support/network.h"

/* Waits that no test would sit out: only the network can end them. */
static const char patient[] = "\"batch\":{\"max_wait\":\"0s\"},"
			      "\"retry\":{\"initial\":\"1m\",\"max\":\"5m\"}";

static bool has_network; /* of its own */

enum {
	WAIT_LEAST_MS = 25000,
	ENDED_MS = 4000, /* two seconds, and as much again on a crowded machine */
};

static long long next_attempt_ms(const struct agent_fixture *fixture)
{
	struct test_answer answer;
	long long ms;

	agent_call(fixture, "GET", "/status", 200, &answer);
	ms = test_json_int(answer.body, "nextAttemptInMs", -1);
	test_answer_fini(&answer);
	return ms;
}

static void outage_make(struct agent_fixture *fixture, const char *settings)
{
	if (!has_network)
		skip(); /* no network namespace may be made here */
	agent_configure_one_sink(fixture, settings);
	agent_start(fixture);
	test_network_set_up(false);
	agent_record(fixture, "e", 20);
	agent_await_queue(fixture, "SELECT count(*) FROM sink WHERE kind = 'offline'", 1);
}

static void what_waits_for_the_network_goes_when_it_is_back(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start;

	outage_make(fixture, patient);
	assert_in_range(next_attempt_ms(fixture), WAIT_LEAST_MS, 60000);
	start = test_now_ms();
	test_network_set_up(true);
	agent_await_intake(fixture, "events_received", 20);
	assert_in_range(test_now_ms() - start, 0, WAIT_LEAST_MS);
	agent_await_log(fixture, "network.changed");
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void a_network_that_keeps_coming_and_going_loses_nothing(void **state)
{
	struct agent_fixture *fixture = *state;

	outage_make(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	for (int i = 0; i < 20; i++) {
		test_network_set_up(i % 2 == 0);
		agent_record(fixture, "e", 1);
		test_sleep_ms(50);
	}
	test_network_set_up(true);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 40);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void an_agent_that_waits_for_the_network_ends_when_told(void **state)
{
	struct agent_fixture *fixture = *state;

	outage_make(fixture, patient);
	assert_int_equal(agent_stop(fixture), 0);
	test_network_set_up(true);
	agent_start(fixture);
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=20000", 200, "\"done\":true"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 20);
}

static void a_connection_that_never_comes_about_holds_up_neither_end_nor_drain(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *drain;
	long long start;

	if (!has_network)
		skip(); /* no network namespace may be made here */
	agent_configure_one_sink(fixture, patient);
	agent_record(fixture, "e", 20);
	test_network_go_silent();
	agent_start(fixture);
	agent_await_log(fixture, "to=sending");
	start = test_now_ms();
	assert_int_equal(agent_stop(fixture), 0);
	assert_in_range(test_now_ms() - start, 0, ENDED_MS);
	start = test_now_ms();
	drain = AGENT_LAUNCH(fixture, "--drain", "--timeout", "500ms");
	assert_int_equal(test_process_wait(drain, TEST_PATIENCE_MS), 75);
	assert_in_range(test_now_ms() - start, 500, 500 + ENDED_MS);
	test_process_free(drain);
	test_network_set_up(true);
	drain = AGENT_LAUNCH(fixture, "--drain");
	assert_int_equal(test_process_wait(drain, TEST_PATIENCE_MS), 0);
	test_process_free(drain);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(what_waits_for_the_network_goes_when_it_is_back),
		AGENT_TEST(a_network_that_keeps_coming_and_going_loses_nothing),
		AGENT_TEST(an_agent_that_waits_for_the_network_ends_when_told),
		AGENT_TEST(a_connection_that_never_comes_about_holds_up_neither_end_nor_drain),
	};

	has_network = test_network_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
