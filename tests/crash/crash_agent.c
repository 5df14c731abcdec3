/* The agent dies at random instants and at every crash point of a delivery, and every committed
 * event arrives.
 *
 * Writers record, and die too; the agent is killed and started again; the intake keeps what it
 * received. In the end everything that was committed was received; what was received twice came in
 * a batch that was sent again under the same id and with the same bytes; the queue is empty and its
 * books balance. FLIGHTREC_CRASH_ROUNDS sets how often the agent is killed.
 */
#include "support/test.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"
#include "crash/crew.h"

enum {
	ROUNDS = 15,
	IN_FLIGHT = 4,
	LIFE_MS_MOST = 150,
	PAUSE_US = 1500,
	IN_BATCH = 100,
	RECORDED = 250,
	PASSINGS = 2,
	POINTS_MOST = 64,
	ENDED_BY_SIGKILL = 128 + SIGKILL,
};

static const char rows[] = "SELECT count(*) FROM pending";

/* ---- what the intake keeps ---- */

static void restart_intake_with_store(struct agent_fixture *fixture, char store[TEST_PATH_MAX])
{
	const char *flags[] = {"--quiet", "--db", store, NULL};

	(void)test_folder_path(&fixture->folder, "received.db", store);
	assert_int_equal(test_intake_stop(&fixture->intake), 0);
	test_intake_start(&fixture->intake, flags);
}

static long long ask_store(const char *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	long long answer;

	assert_int_equal(sqlite3_open_v2(store, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, TEST_PATIENCE_MS);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	answer = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return answer;
}

/* ---- killed at random ---- */

static uint32_t below(uint32_t *random, uint32_t limit)
{
	*random = *random * 1664525u + 1013904223u;
	return (*random >> 8) % limit;
}

/* One life of the agent; now and then a writer dies as well and another takes its place. */
static void live(struct agent_fixture *fixture, struct crew *crew, uint32_t *random)
{
	bool is_ready = below(random, 3) > 0;

	fixture->agent = agent_launch(fixture, NULL);
	if (is_ready)
		agent_await_log(fixture, "agent.started");
	crew_listen(crew, (int)below(random, LIFE_MS_MOST));
	agent_kill(fixture);
	if (below(random, 4) == 0) {
		crew_kill(crew, (int)below(random, 2));
		(void)crew_start(crew, fixture->home, fixture->config, "process");
	}
}

/* A kill doubles no more batches than are in flight. */
static void check_replays(const struct agent_fixture *fixture, const char *store, unsigned kills,
			  unsigned inflight)
{
	long long replays = test_intake_stat(&fixture->intake, "replays_accepted");
	long long duplicates = test_intake_stat(&fixture->intake, "duplicate_events");

	print_message("%u kills of the agent, %lld events received, %lld batches sent twice\n",
		      kills, test_intake_stat(&fixture->intake, "events_distinct"), replays);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
	assert_true(replays <= (long long)kills * inflight);
	assert_true(duplicates <= replays * IN_BATCH);
	assert_int_equal(ask_store(store, "SELECT coalesce(sum(duplicates), 0) FROM request "
					  "WHERE NOT replay_accepted"),
			 0);
}

static void deliver_under_kills(struct agent_fixture *fixture, unsigned inflight)
{
	const char *wanted = getenv("FLIGHTREC_CRASH_ROUNDS");
	unsigned rounds = wanted != NULL ? (unsigned)strtoul(wanted, NULL, 10) : ROUNDS;
	uint32_t random = (uint32_t)test_now_ms();
	struct witness *witness = witness_new();
	char store[TEST_PATH_MAX], more[160];
	struct crew crew;

	print_message("seed %u\n", random);
	restart_intake_with_store(fixture, store);
	(void)snprintf(more, sizeof more,
		       "\"inflight\":%u,\"batch\":{\"max_wait\":\"0s\",\"max_events\":%u},"
		       "\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}",
		       inflight, IN_BATCH / inflight);
	agent_configure_one_sink(fixture, more);
	test_intake_fail(&fixture->intake, "{\"fault\":\"delay\",\"delay\":\"3ms\"}");
	crew_init(&crew, &fixture->folder);
	crew.witness = witness;
	crew.pause_us = PAUSE_US;
	for (int i = 0; i < 2; i++)
		(void)crew_start(&crew, fixture->home, fixture->config, "process");
	for (unsigned i = 0; i < rounds; i++)
		live(fixture, &crew, &random);
	crew_fini(&crew);
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(agent_stop(fixture), 0);
	check_replays(fixture, store, rounds, inflight);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM batch"), 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT delivered - committed FROM ledger"), 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT max(id) FROM event"),
			 test_intake_stat(&fixture->intake, "events_distinct"));
	witness_check_received(witness, fixture->home, store, "after all kills");
	witness_free(witness);
}

static void an_agent_killed_at_random_delivers_every_committed_event(void **state)
{
	deliver_under_kills(*state, 1);
}

static void so_it_does_with_several_batches_in_flight(void **state)
{
	deliver_under_kills(*state, IN_FLIGHT);
}

/* ---- killed at every point ---- */

static void configure_two_sinks(struct agent_fixture *fixture)
{
	char json[TEST_PATH_MAX + 512];

	(void)snprintf(json, sizeof json,
		       "{\"limits\":{\"burst\":0},\"sinks\":["
		       "{\"name\":\"main\",\"type\":\"first_party\",\"events\":[\"*\"],"
		       "\"url\":\"http://127.0.0.1:PORT/v1/events\",\"inflight\":4,"
		       "\"batch\":{\"max_wait\":\"0s\",\"max_events\":25},"
		       "\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}},"
		       "{\"name\":\"local\",\"type\":\"file\",\"events\":[\"*\"],"
		       "\"path\":\"%s/delivered.ndjson\",\"batch\":{\"max_wait\":\"0s\"}}]}",
		       fixture->folder.path);
	agent_configure(fixture, json);
}

/* How many lines the file sink wrote; each must be a whole event, and none there twice. */
static void check_delivered_file(const struct agent_fixture *fixture, const char *when)
{
	char seen[RECORDED] = {0}, path[TEST_PATH_MAX];
	char *text =
		test_file_read(test_folder_path(&fixture->folder, "delivered.ndjson", path), NULL);
	int lines = 0;

	assert_non_null(text);
	for (char *line = text, *end; *line != '\0'; line = end + 1, lines++) {
		long long seq = test_json_int(line, "seq", -1);

		end = strchr(line, '\n');
		if (end == NULL || end[-1] != '}' || seq < 0 || seq >= RECORDED || seen[seq]++ > 0)
			fail_msg("%s: line %d of the file is torn or there twice: %.200s", when,
				 lines + 1, line);
	}
	free(text);
	if (lines != RECORDED)
		fail_msg("%s: the file has %d lines", when, lines);
}

/* Runs an agent with this variable until it dies or everything is delivered; did it die? */
static bool run_with(struct agent_fixture *fixture, const char *variable)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	int code = TEST_STILL_RUNNING;

	fixture->variable = variable;
	fixture->agent = agent_launch(fixture, NULL);
	fixture->variable = NULL;
	while (code == TEST_STILL_RUNNING && agent_ask_queue(fixture, rows) > 0) {
		code = test_process_wait(fixture->agent, 5);
		if (test_now_ms() > deadline)
			fail_msg("%s: neither dies nor delivers:\n%s", variable,
				 test_process_errors(fixture->agent));
	}
	if (code == TEST_STILL_RUNNING)
		code = test_process_stop(fixture->agent);
	if (code != 0 && code != ENDED_BY_SIGKILL)
		fail_msg("%s: ended with %d:\n%s", variable, code,
			 test_process_errors(fixture->agent));
	test_process_free(fixture->agent);
	fixture->agent = NULL;
	return code == ENDED_BY_SIGKILL;
}

/* False when the agent never comes to that passing. */
static bool die_at(const char *point, int passing)
{
	struct agent_fixture *fixture;
	void *state = NULL;
	char variable[128];
	bool died;

	assert_int_equal(agent_set_up(&state), 0);
	fixture = state;
	configure_two_sinks(fixture);
	agent_record(fixture, "e", RECORDED);
	(void)snprintf(variable, sizeof variable, "FLIGHTREC_CRASH=%s:%d", point, passing);
	died = run_with(fixture, variable);
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	if (test_intake_stat(&fixture->intake, "events_distinct") != RECORDED ||
	    test_intake_stat(&fixture->intake, "replays_different") != 0 ||
	    test_intake_stat(&fixture->intake, "duplicate_events") > IN_BATCH)
		fail_msg("%s: the intake has %s", variable,
			 test_intake_get(&fixture->intake, "/stats"));
	check_delivered_file(fixture, variable);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM ledger WHERE committed <> "
						  "delivered"),
			 0);
	assert_int_equal(agent_tear_down(&state), 0);
	return died;
}

static size_t learn_points(char names[POINTS_MOST][64])
{
	char variable[TEST_PATH_MAX + 32], list[TEST_PATH_MAX];
	struct agent_fixture *fixture;
	void *state = NULL;
	size_t count = 0;
	char *text;

	assert_int_equal(agent_set_up(&state), 0);
	fixture = state;
	configure_two_sinks(fixture);
	agent_record(fixture, "e", RECORDED);
	(void)test_folder_path(&fixture->folder, "list", list);
	(void)snprintf(variable, sizeof variable, "FLIGHTREC_CRASH_LIST=%s", list);
	assert_false(run_with(fixture, variable));
	text = test_file_read(list, NULL);
	assert_non_null(text);
	for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		assert_true(count < POINTS_MOST);
		assert_int_equal(sscanf(line, "%63s", names[count++]), 1);
	}
	free(text);
	assert_int_equal(agent_tear_down(&state), 0);
	return count;
}

static void an_agent_that_dies_at_any_point_of_a_delivery_delivers_all_the_same(void **state)
{
	static char names[POINTS_MOST][64];
	size_t count = learn_points(names);
	unsigned deaths = 0;

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (int passing = 1; passing <= PASSINGS; passing++) {
			if (!die_at(names[i], passing))
				break; /* some are passed only when the agent is stopped */
			deaths++;
		}
	print_message("%zu points, %u deaths\n", count, deaths);
	assert_true(deaths >= count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(an_agent_killed_at_random_delivers_every_committed_event),
		AGENT_TEST(so_it_does_with_several_batches_in_flight),
#ifdef FR_CRASH_POINTS
		cmocka_unit_test(
			an_agent_that_dies_at_any_point_of_a_delivery_delivers_all_the_same),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
