/* A wake-up is never lost: whatever the moment at which an event is recorded, before, while or
 * after the agent starts or falls asleep, it is delivered without anybody recording another one.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent_fixture.h"
#include "base/env.h"
#include "client/wake.h"

enum { STARTS = 60, CHILDREN = 100, SLEEPS = 6 };

static void sleep_us(long us)
{
	const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	(void)nanosleep(&time, NULL);
}

/* The same sequence in every run: a test that fails once fails again. */
static long next_random(unsigned *seed, long below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (long)(*seed >> 8) % below;
}

/* What was said to an agent that is gone must do for a second, which is what makes some rounds
 * slow. */
static void an_event_recorded_while_the_agent_starts_is_delivered(void **state)
{
	struct agent_fixture *fixture = *state;
	unsigned seed = 1;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_record(fixture, "first", 1);
	for (int i = 0; i < STARTS; i++) {
		fixture->agent = agent_launch(fixture, NULL);
		sleep_us(next_random(&seed, 40000));
		if (i % 10 != 0)
			agent_forget_recorder(
				fixture); /* the others told the agent before this one */
		agent_record(fixture, "e", 1);
		agent_await_intake(fixture, "events_distinct", i + 2);
		/* both ways to end, and both right after the answer, when the ack may not be
		 * committed yet */
		if (i % 2 == 0)
			agent_kill(fixture);
		else
			assert_int_equal(agent_stop(fixture), 0);
	}
	agent_start(fixture);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

/* The agent looks for the last time two seconds after the last datagram; the client is silent for
 * one second after each. Events recorded around both edges meet every order of the two. */
static void an_event_recorded_while_the_agent_falls_asleep_is_delivered(void **state)
{
	struct agent_fixture *fixture = *state;
	unsigned seed = 7;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	for (int i = 0; i < SLEEPS; i++) {
		long long start;

		sleep_us((i % 2 == 0 ? 980000 : 1980000) + next_random(&seed, 40000));
		start = test_now_ms();
		agent_record(fixture, "e", 1);
		agent_await_intake(fixture, "events_distinct", i + 1);
		assert_in_range(test_now_ms() - start, 0, 5000);
	}
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
}

static void processes_that_record_one_event_and_exit_are_all_heard(void **state)
{
	struct agent_fixture *fixture = *state;
	unsigned seed = 3;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "parent", 1);
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();
		int outcome = 0;

		if (child == 0) {
			sleep_us(next_random(&seed, 3000));
			_exit(flightrec_record(fixture->recorder, "child", NULL) == FLIGHTREC_OK
				      ? 0
				      : 1);
		}
		assert_true(child > 0);
		assert_int_equal(waitpid(child, &outcome, 0), child);
		assert_int_equal(outcome, 0);
	}
	agent_await_intake(fixture, "events_distinct", CHILDREN + 1);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
}

/* Words come faster than the agent looks, and it looks all the same. */
static void a_stream_of_words_does_not_keep_the_agent_from_looking(void **state)
{
	struct agent_fixture *fixture = *state;
	struct fr_wake wake;
	struct fr_env env;
	long long end;

	fr_env_real(&env);
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	fr_wake_init(&wake, fixture->home, &env);
	agent_record(fixture, "e", 1);
	end = test_now_ms() + 3000;
	while (test_intake_stat(&fixture->intake, "events_distinct") == 0) {
		assert_true(fr_wake_say(&wake, FR_WAKE_LOOK));
		assert_true(test_now_ms() < end);
	}
	fr_wake_fini(&wake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(an_event_recorded_while_the_agent_starts_is_delivered),
		AGENT_TEST(an_event_recorded_while_the_agent_falls_asleep_is_delivered),
		AGENT_TEST(a_stream_of_words_does_not_keep_the_agent_from_looking),
		AGENT_TEST(processes_that_record_one_event_and_exit_are_all_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
