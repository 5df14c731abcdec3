/* What has left is forgotten: the text of an event is in no byte of the home once the agent has
 * come to rest, whichever way the event went.
 *
 * The text is looked for before, too, where it must be there: a search that finds nothing anyway
 * would prove nothing.
 */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "delivery_fixture.h"

#define MARK "zanzibar-marker-7f3a"

enum { LONG_BYTES = 20000 };

#define ONE_SINK                                                                      \
	"{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"events\":[\"*\"]," \
	"\"url\":\"http://127.0.0.1:PORT/v1/events\",\"batch\":{\"max_wait\":\"50ms\"}}]"

/* The second one is tried at another path, which a test can make fail. */
#define TWO_SINKS                                                                         \
	"{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"events\":[\"*\"],"     \
	"\"url\":\"http://127.0.0.1:PORT/v1/events\",\"batch\":{\"max_wait\":\"50ms\"}}," \
	"{\"name\":\"slow\",\"type\":\"ndjson\",\"events\":[\"*\"],"                      \
	"\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"},"                               \
	"\"url\":\"http://127.0.0.1:PORT/ndjson\",\"batch\":{\"max_wait\":\"50ms\"}}]}"

/* Some hundred events with the mark, short ones, and one that takes pages of its own. */
static void record_marked(struct delivery *delivery)
{
	static char lines[150 * 80 + LONG_BYTES + 200];
	size_t length = 0;

	for (int i = 0; i < 150; i++)
		length += (size_t)snprintf(
			lines + length, sizeof lines - length,
			"{\"eventName\":\"tool_use\",\"n\":%d,\"path\":\"" MARK "-%d\"}\n", i, i);
	length += (size_t)snprintf(lines + length, sizeof lines - length,
				   "{\"eventName\":\"stack\",\"text\":\"");
	while (length % 200 != 0 || length < 150 * 60 + LONG_BYTES / 2)
		lines[length++] = 'x';
	(void)snprintf(lines + length, sizeof lines - length, MARK "\"}\n");
	CLI_GIVEN(delivery->cli, lines, 0, "record", "-");
	assert_true(delivery_home_holds(delivery, MARK, NULL));
}

static void nothing_of_it_is_left_after_delivery(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, ONE_SINK "}");
	record_marked(delivery);
	delivery_agent_start(delivery);
	delivery_await(delivery, "SELECT delivered FROM ledger", 151);
	delivery_await_forgotten(delivery, MARK);
	CLI(delivery->cli, 0, "sent"); /* its default says what left, without the text */
	assert_says(delivery->cli, "tool_use");
	assert_says_not(delivery->cli, MARK);
}

static void nothing_of_it_is_left_after_a_drain_without_an_agent(void **state)
{
	struct delivery *delivery = *state;
	const char *argv[] = {FLIGHTRECD, "--drain", NULL};
	struct test_process *drain;

	delivery_configure(delivery, ONE_SINK "}");
	record_marked(delivery);
	drain = test_process_run(
		&(struct test_program){.argv = argv, .environment = delivery->cli->environment});
	assert_int_equal(test_process_wait(drain, TEST_PATIENCE_MS), 0);
	test_process_free(drain);
	assert_false(delivery_home_holds(delivery, MARK, NULL));
}

static void a_slow_sink_keeps_it_and_no_longer_than_that(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, TWO_SINKS);
	test_intake_fail(&delivery->intake,
			 "{\"fault\":\"status\",\"status\":503,\"path\":\"/ndjson\"}");
	record_marked(delivery);
	delivery_agent_start(delivery);
	delivery_await(delivery, "SELECT delivered FROM ledger WHERE sink = 'main'", 151);
	assert_true(delivery_home_holds(delivery, MARK, NULL));
	test_intake_heal(&delivery->intake);
	CLI(delivery->cli, 0, "flush", "--timeout", "20s");
	delivery_await(delivery, "SELECT delivered FROM ledger WHERE sink = 'slow'", 151);
	delivery_await_forgotten(delivery, MARK);
}

static void nothing_of_it_is_left_after_a_purge(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, "{}");
	record_marked(delivery);
	CLI(delivery->cli, 0, "purge", "--yes");
	assert_false(delivery_home_holds(delivery, MARK, NULL));
	delivery_agent_start(delivery);
	record_marked(delivery);
	CLI(delivery->cli, 0, "purge", "--yes");
	delivery_await_forgotten(delivery, MARK);
}

static void nothing_of_it_is_left_after_consent_off(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, "{}");
	delivery_agent_start(delivery);
	record_marked(delivery);
	CLI(delivery->cli, 0, "consent", "off");
	delivery_await_forgotten(delivery, MARK);
}

/* It is in the letter, until that is purged. */
static void nothing_of_it_is_left_once_its_dead_letter_is_purged(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, ONE_SINK "}");
	test_intake_fail(&delivery->intake, "{\"fault\":\"status\",\"status\":400,\"name\":\"bad\","
					    "\"body\":\"" MARK " is no colour\",\"accept\":0}");
	delivery_agent_start(delivery);
	CLI(delivery->cli, 0, "record", "good");
	delivery_await(delivery, "SELECT delivered FROM ledger", 1);
	CLI(delivery->cli, 0, "record", "bad", "colour=" MARK);
	delivery_await(delivery, "SELECT dead FROM ledger", 1);
	test_sleep_ms(500); /* at rest: what is left of it is meant to be there */
	assert_true(delivery_home_holds(delivery, MARK, NULL));
	CLI(delivery->cli, 0, "dead", "purge", "--all", "--yes");
	delivery_await_forgotten(delivery, MARK);
}

/* The first to go when the queue is full; what pushed it out is still there. */
static void nothing_of_it_is_left_after_an_eviction(void **state)
{
	struct delivery *delivery = *state;
	static char lines[1200 * 1100];
	size_t length = 0;

	delivery_configure(delivery,
			   "{\"queue\":{\"max_bytes\":\"1MiB\"},\"limits\":{\"burst\":0}}");
	delivery_agent_start(delivery);
	record_marked(delivery);
	for (int i = 0; i < 1200; i++)
		length += (size_t)snprintf(lines + length, sizeof lines - length,
					   "{\"eventName\":\"noise\",\"text\":\"%0900d\"}\n", i);
	CLI_GIVEN(delivery->cli, lines, 0, "record", "-");
	assert_int_equal(
		cli_ask(delivery->cli, "SELECT count(*) FROM pending WHERE name <> 'noise'"), 0);
	assert_true(cli_ask(delivery->cli, "SELECT count(*) FROM pending") > 100);
	delivery_await_forgotten(delivery, MARK);
}

/* Whoever asks for the bodies has them, and loses them by the same ways. */
static void kept_bodies_are_kept_until_a_purge(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, ONE_SINK ",\"privacy\":{\"keep_sent\":\"bodies\"}}");
	record_marked(delivery);
	delivery_agent_start(delivery);
	delivery_await(delivery, "SELECT delivered FROM ledger", 151);
	delivery_await(delivery, "SELECT count(*) FROM pending", 0);
	CLI(delivery->cli, 0, "sent", "--json");
	assert_says(delivery->cli, MARK "-149");
	CLI(delivery->cli, 0, "purge", "--yes");
	delivery_await_forgotten(delivery, MARK);
	CLI(delivery->cli, 0, "sent");
	assert_says_not(delivery->cli, "tool_use");
}

/* A config that no longer asks for them makes the agent forget those that it has. */
static void kept_bodies_go_when_they_are_not_wanted_any_more(void **state)
{
	struct delivery *delivery = *state;

	delivery_configure(delivery, ONE_SINK ",\"privacy\":{\"keep_sent\":\"bodies\"}}");
	record_marked(delivery);
	delivery_agent_start(delivery);
	delivery_await(delivery, "SELECT delivered FROM ledger", 151);
	delivery_agent_stop(delivery);
	assert_true(delivery_home_holds(delivery, MARK, NULL));
	delivery_configure(delivery, ONE_SINK "}");
	delivery_agent_start(delivery);
	delivery_await_forgotten(delivery, MARK);
	CLI(delivery->cli, 0, "sent");
	assert_says(delivery->cli, "tool_use");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DELIVERY_TEST(nothing_of_it_is_left_after_delivery),
		DELIVERY_TEST(nothing_of_it_is_left_after_a_drain_without_an_agent),
		DELIVERY_TEST(a_slow_sink_keeps_it_and_no_longer_than_that),
		DELIVERY_TEST(nothing_of_it_is_left_after_a_purge),
		DELIVERY_TEST(nothing_of_it_is_left_after_consent_off),
		DELIVERY_TEST(nothing_of_it_is_left_once_its_dead_letter_is_purged),
		DELIVERY_TEST(nothing_of_it_is_left_after_an_eviction),
		DELIVERY_TEST(kept_bodies_are_kept_until_a_purge),
		DELIVERY_TEST(kept_bodies_go_when_they_are_not_wanted_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
