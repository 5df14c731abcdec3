/* flightrec dead beside a real agent and a receiver that refuses for good, and then does not. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_fixture.h"
#include "support/http.h"
#include "support/intake.h"

struct dead {
	struct cli_fixture *cli;
	struct test_intake intake;
	struct test_process *agent;
};

static void configure(struct dead *dead, const char *events)
{
	char config[1024];

	(void)snprintf(
		config, sizeof config,
		"{\"sinks\":[{\"name\":\"first\",\"type\":\"first_party\",\"events\":[%s],"
		"\"url\":\"http://127.0.0.1:%d/v1/events\",\"batch\":{\"max_wait\":\"50ms\"}}]}",
		events, dead->intake.port);
	cli_config(dead->cli, config);
}

static int set_up(void **state)
{
	struct dead *dead = calloc(1, sizeof *dead);

	assert_non_null(dead);
	assert_int_equal(cli_set_up((void **)&dead->cli), 0);
	test_intake_start(&dead->intake, NULL);
	configure(dead, "\"*\"");
	CLI(dead->cli, 0, "consent", "on");
	*state = dead;
	return 0;
}

static int tear_down(void **state)
{
	struct dead *dead = *state;
	void *cli = dead->cli;

	test_process_free(dead->agent);
	test_intake_free(&dead->intake);
	(void)cli_tear_down(&cli);
	free(dead);
	return 0;
}

static void agent_start(struct dead *dead)
{
	const char *argv[] = {FLIGHTRECD, NULL};
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	dead->agent = test_process_start(
		&(struct test_program){.argv = argv, .environment = dead->cli->environment});
	do {
		test_sleep_ms(20);
		CLI(dead->cli, 0, "status", "--json");
	} while (strstr(cli_output(dead->cli), "\"running\":true") == NULL &&
		 test_now_ms() < deadline);
	assert_says(dead->cli, "\"running\":true");
}

static void agent_stop(struct dead *dead)
{
	test_process_signal(dead->agent, SIGTERM);
	assert_int_equal(test_process_wait(dead->agent, TEST_PATIENCE_MS), 0);
	test_process_free(dead->agent);
	dead->agent = NULL;
}

static void await(struct dead *dead, const char *sql, long long expected)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (cli_ask(dead->cli, sql) != expected && test_now_ms() < deadline)
		test_sleep_ms(20);
	assert_int_equal(cli_ask(dead->cli, sql), expected);
}

static long long received(struct dead *dead)
{
	return test_intake_stat(&dead->intake, "events_distinct");
}

/* One event is taken, so that the setup is above suspicion; three are refused for good. */
static void make_letters(struct dead *dead)
{
	test_intake_fail(&dead->intake, "{\"fault\":\"status\",\"status\":400,\"name\":\"bad_*\","
					"\"body\":\"unknown field colour\",\"accept\":0}");
	agent_start(dead);
	CLI(dead->cli, 0, "record", "good");
	await(dead, "SELECT delivered FROM ledger", 1);
	CLI(dead->cli, 0, "record", "bad_one", "n:=9007199254740993");
	CLI(dead->cli, 0, "record", "bad_one", "n=2");
	CLI(dead->cli, 0, "record", "bad_two", "n=3");
	await(dead, "SELECT dead FROM ledger", 3);
}

static void what_is_refused_for_good_is_listed_and_shown(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	CLI(cli, 0, "dead", "ls");
	assert_complains(cli, "Nothing recorded yet");
	make_letters(dead);
	CLI(cli, 0, "dead", "ls");
	assert_says(cli, "ID  SINK");
	assert_says(cli, "bad_one");
	assert_says(cli, "400");
	CLI(cli, 0, "dead", "ls", "--name", "bad_two", "--json");
	assert_says(cli, "{\"id\":3,\"sink\":\"first\",\"sinkRemoved\":false,\"state\":\"kept\",");
	assert_says(cli, "\"events\":1,\"refused\":1,\"eventName\":\"bad_two\"");
	assert_says_not(cli, "bad_one");
	CLI(cli, 0, "dead", "ls", "--sink", "nobody");
	assert_complains(cli, "No dead letters.");
	CLI(cli, 0, "dead", "ls", "--before", "1h");
	assert_complains(cli, "No dead letters.");
	CLI(cli, 0, "dead", "ls", "--since", "1h", "--json");
	assert_says(cli, "bad_two");
	CLI(cli, 0, "dead", "show", "1");
	assert_says(cli, "answer    unknown field colour\n");
	assert_says(cli, "to send it again: flightrec dead retry 1\n");
	assert_says(cli, "\"properties\":{\"n\":9007199254740993}}");
	CLI(cli, 0, "dead", "show", "1", "--json");
	assert_says(cli, "\"members\":[{\"eventId\":\"");
	CLI(cli, 1, "dead", "show", "99");
	assert_complains(cli, "no dead letter 99");
	CLI(cli, 0, "status");
	assert_says(cli, "flightrec dead ls");
}

static void a_retry_delivers_each_exactly_once(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	test_intake_heal(&dead->intake);
	CLI(cli, 0, "dead", "retry", "1", "--json");
	assert_says(cli, "{\"asked\":1,\"events\":1,\"refused\":1,\"sending\":0,\"left\":0}");
	await(dead, "SELECT delivered FROM ledger", 2);
	CLI(cli, 0, "verify");
	CLI(cli, 0, "dead", "retry", "--all");
	assert_says(cli, "2 dead letters will be sent again.\n");
	await(dead, "SELECT delivered FROM ledger", 4);
	await(dead, "SELECT count(*) FROM dead_letter", 0);
	assert_int_equal(received(dead), 4);
	assert_int_equal(test_intake_stat(&dead->intake, "events_received"), 4);
	CLI(cli, 0, "verify");
	CLI(cli, 1, "dead", "retry", "1");
	assert_complains(cli, "no dead letter 1: it was delivered or purged, or never was");
	CLI(cli, 0, "dead", "retry", "--all");
	assert_complains(cli, "No dead letters.");
}

static void one_that_is_refused_again_is_a_letter_again_with_the_new_reason(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	test_intake_heal(&dead->intake);
	test_intake_fail(&dead->intake, "{\"fault\":\"status\",\"status\":422,\"name\":\"bad_*\","
					"\"body\":\"still unknown\",\"accept\":0}");
	CLI(cli, 0, "dead", "retry", "--name", "bad_one");
	await(dead, "SELECT count(*) FROM dead_letter WHERE status = 422", 2);
	await(dead, "SELECT dead FROM ledger", 3);
	CLI(cli, 0, "dead", "show", "2");
	assert_says(cli, "answer    still unknown\n");
	CLI(cli, 0, "verify");
	assert_int_equal(received(dead), 1);
}

static void without_an_agent_a_retry_waits_for_one(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	agent_stop(dead);
	test_intake_heal(&dead->intake);
	CLI(cli, 0, "dead", "retry", "--sink", "first");
	assert_complains(cli, "no agent is running that could send them: start flightrecd");
	CLI(cli, 0, "dead", "ls", "--json");
	assert_says(cli, "\"state\":\"asked\"");
	CLI(cli, 0, "verify");
	CLI(cli, 75, "flush");
	assert_complains(cli, "first: 3 events wait");
	CLI(cli, 0, "preview", "--sink", "first");
	assert_says(cli, "bad_two");
	agent_start(dead);
	await(dead, "SELECT delivered FROM ledger", 4);
	CLI(cli, 0, "flush");
	assert_int_equal(received(dead), 4);
	CLI(cli, 0, "verify");
}

static void nothing_is_sent_again_that_may_not_be_sent(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	test_intake_heal(&dead->intake);
	CLI(cli, 0, "consent", "local");
	CLI(cli, 1, "dead", "retry", "--all");
	assert_complains(cli, "nothing may be sent, so nothing is sent again");
	CLI(cli, 0, "consent", "on");
	configure(dead, "\"good\"");
	CLI(cli, 1, "dead", "retry", "--all");
	assert_complains(cli, "letter 1 stays: sink first does not take such events any more");
	CLI(cli, 0, "verify");
	assert_int_equal(cli_ask(cli, "SELECT count(*) FROM dead_retry"), 0);
	assert_int_equal(received(dead), 1);
}

/* The choice falls while the letters wait for their sink. */
static void a_consent_that_is_withdrawn_holds_for_what_was_asked_for(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;
	long long requests;

	make_letters(dead);
	agent_stop(dead);
	test_intake_heal(&dead->intake);
	CLI(cli, 0, "dead", "retry", "--all");
	CLI(cli, 0, "consent", "local");
	requests = test_intake_stat(&dead->intake, "requests");
	agent_start(dead);
	test_sleep_ms(300);
	assert_int_equal(test_intake_stat(&dead->intake, "requests"), requests);
	CLI(cli, 0, "verify");
	CLI(cli, 0, "consent", "on");
	await(dead, "SELECT delivered FROM ledger", 4);
}

static void letters_of_a_removed_sink_are_kept_and_cannot_be_sent(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	agent_stop(dead);
	cli_config(cli, "{\"sinks\":[{\"name\":\"other\",\"type\":\"file\",\"events\":[\"*\"],"
			"\"path\":\"delivered.ndjson\"}]}");
	agent_start(dead);
	await(dead, "SELECT ended_id IS NOT NULL FROM sink WHERE name = 'first'", 1);
	CLI(cli, 0, "dead", "show", "1");
	assert_says(cli, "sink first was removed");
	CLI(cli, 1, "dead", "retry", "1");
	assert_complains(cli, "letter 1 stays: sink first was removed");
	CLI(cli, 0, "dead", "purge", "1", "--yes");
	assert_says(cli, "1 dead letter deleted.\n");
	CLI(cli, 0, "verify");
}

static void a_purge_is_counted(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	make_letters(dead);
	CLI(cli, 2, "dead", "purge", "--all"); /* nobody can be asked */
	assert_complains(cli, "say --yes");
	CLI(cli, 0, "dead", "purge", "--name", "bad_one", "--yes", "--json");
	assert_says(cli, "{\"deleted\":2,\"events\":2,\"refused\":2,\"sending\":0,\"left\":0}");
	assert_int_equal(cli_ask(cli, "SELECT dead FROM ledger"), 1);
	assert_int_equal(cli_ask(cli, "SELECT dropped FROM ledger"), 2);
	CLI(cli, 0, "verify");
	CLI(cli, 0, "status");
	assert_says(cli, "first: 2 dropped: purged");
}

static void nothing_happens_to_letters_that_nobody_named(void **state)
{
	struct dead *dead = *state;
	struct cli_fixture *cli = dead->cli;

	CLI(cli, 2, "dead");
	CLI(cli, 2, "dead", "bury");
	assert_complains(cli, "ls, show, retry or purge");
	CLI(cli, 2, "dead", "show");
	CLI(cli, 2, "dead", "show", "x");
	assert_complains(cli, "\"x\" names no dead letter");
	CLI(cli, 2, "dead", "ls", "1");
	CLI(cli, 0, "record", "good");
	CLI(cli, 2, "dead", "retry");
	assert_complains(cli, "which letters");
	CLI(cli, 2, "dead", "purge", "--yes");
	CLI(cli, 2, "dead", "purge", "1", "--all", "--yes");
	CLI(cli, 2, "dead", "ls", "--since", "soon");
}

int main(void)
{
#define DEAD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		DEAD(what_is_refused_for_good_is_listed_and_shown),
		DEAD(a_retry_delivers_each_exactly_once),
		DEAD(one_that_is_refused_again_is_a_letter_again_with_the_new_reason),
		DEAD(without_an_agent_a_retry_waits_for_one),
		DEAD(nothing_is_sent_again_that_may_not_be_sent),
		DEAD(a_consent_that_is_withdrawn_holds_for_what_was_asked_for),
		DEAD(letters_of_a_removed_sink_are_kept_and_cannot_be_sent),
		DEAD(a_purge_is_counted),
		DEAD(nothing_happens_to_letters_that_nobody_named),
	};
#undef DEAD

	return cmocka_run_group_tests(tests, NULL, NULL);
}
