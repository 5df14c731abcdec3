/* Every hostile server there is, all at once, each as a sink of its own beside a healthy one: the
 * healthy one does not notice, nothing is lost, memory stays small, the agent ends when told. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"
#include "hostile_manners.h"
#include "support/memory.h"

enum {
	MANNERS_MAX = 40,
	EVENTS = 3,
	GROWTH_MAX_KIB = 4 * 1024,
	ANONYMOUS_MAX_KIB = 6 * 1024,
	ENDS_WITHIN_MS = 15000
};

struct hostile_world {
	struct agent_fixture *agent;
	struct test_rogue rogues[MANNERS_MAX];
	struct test_rogue elsewhere; /* where a redirect leads */
};

static int hostile_set_up(void **state)
{
	struct hostile_world *world = calloc(1, sizeof *world);
	void *agent = NULL;

	assert_non_null(world);
	if (agent_set_up(&agent) != 0)
		return -1;
	world->agent = agent;
	test_rogue_start(&world->elsewhere, hostile_not, NULL);
	hostile_elsewhere = world->elsewhere.port;
	*state = world;
	return 0;
}

static int hostile_tear_down(void **state)
{
	struct hostile_world *world = *state;
	void *agent = world->agent;
	int code = agent_tear_down(&agent);

	for (size_t i = 0; i < MANNERS_MAX; i++)
		test_rogue_stop(&world->rogues[i]);
	test_rogue_stop(&world->elsewhere);
	free(world);
	return code;
}

#define HOSTILE_TEST(test) cmocka_unit_test_setup_teardown(test, hostile_set_up, hostile_tear_down)

/* ---- configs ---- */

static size_t sink_write(char *out, size_t size, const char *name, const char *port,
			 const char *timeout)
{
	return (size_t)snprintf(
		out, size,
		"{\"name\":\"%s\",\"type\":\"first_party\",\"url\":\"http://"
		"127.0.0.1:%s/v1/events\",\"events\":[\"*\"],\"batch\":{\"max_wait\":"
		"\"0s\"},\"timeout\":\"%s\",\"retry\":{\"initial\":\"100ms\","
		"\"max\":\"1s\"}}",
		name, port, timeout);
}

static void configure_all(struct hostile_world *world, const char *timeout)
{
	char json[8000] = "{\"limits\":{\"burst\":0},\"sinks\":[";
	size_t length = strlen(json);

	for (size_t i = 0; hostile_manners[i].name != NULL; i++) {
		char port[16];

		assert_true(i < MANNERS_MAX);
		test_rogue_start(&world->rogues[i], hostile_manners[i].manner, NULL);
		(void)snprintf(port, sizeof port, "%d", world->rogues[i].port);
		length += sink_write(json + length, sizeof json - length, hostile_manners[i].name,
				     port, timeout);
		json[length++] = ',';
	}
	length += sink_write(json + length, sizeof json - length, "healthy", "PORT", "60s");
	(void)snprintf(json + length, sizeof json - length, "]}");
	agent_configure(world->agent, json);
}

static void configure_one(struct hostile_world *world, test_manner *manner)
{
	char json[1024] = "{\"limits\":{\"burst\":0},\"sinks\":[";
	size_t length = strlen(json);
	char port[16];

	test_rogue_stop(&world->rogues[0]);
	test_rogue_start(&world->rogues[0], manner, NULL);
	(void)snprintf(port, sizeof port, "%d", world->rogues[0].port);
	length += sink_write(json + length, sizeof json - length, "main", port, "60s");
	(void)snprintf(json + length, sizeof json - length, "]}");
	agent_configure(world->agent, json);
}

static void await_tally(const struct hostile_world *world, size_t i, atomic_int *tally)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (atomic_load(tally) == 0) {
		if (test_now_ms() > deadline)
			fail_msg("%s is never reached; the agent says:\n%s",
				 hostile_manners[i].name, test_process_errors(world->agent->agent));
		test_sleep_ms(10);
	}
}

/* ---- tests ---- */

/* With timeouts of a minute: whoever waited for one of them would fail here by far. */
static void hostile_servers_hold_up_neither_a_healthy_sink_nor_the_end(void **state)
{
	struct hostile_world *world = *state;
	long long begin;

	configure_all(world, "60s");
	agent_start(world->agent);
	agent_record(world->agent, "e", EVENTS);
	agent_await_intake(world->agent, "events_received", EVENTS);
	for (size_t i = 0; hostile_manners[i].name != NULL; i++)
		await_tally(world, i, &world->rogues[i].tally->connections);
	agent_record(world->agent, "later", EVENTS);
	agent_await_intake(world->agent, "events_received", 2 * EVENTS);
	assert_true(agent_says(world->agent, "GET", "/healthz", 200, "\"ok\":true"));
	begin = test_now_ms();
	assert_int_equal(agent_stop(world->agent), 0);
	assert_in_range(test_now_ms() - begin, 0, ENDS_WITHIN_MS);
	assert_int_equal(atomic_load(&world->elsewhere.tally->connections), 0);
}

static void meaning_await(const struct hostile_world *world, const struct hostile_manner *manner)
{
	char sql[512];

	if (manner->kind != NULL)
		(void)snprintf(sql, sizeof sql,
			       "SELECT count(*) FROM sink WHERE name = '%s' AND kind = '%s' "
			       "AND last_success_us = 0",
			       manner->name, manner->kind);
	else
		(void)snprintf(sql, sizeof sql,
			       "SELECT count(*) FROM sink WHERE name = '%s' AND "
			       "last_success_us > 0",
			       manner->name);
	agent_await_queue(world->agent, sql, 1);
}

static void every_hostile_answer_has_its_one_meaning_and_loses_nothing(void **state)
{
	struct hostile_world *world = *state;

	configure_all(world, "1s");
	agent_start(world->agent);
	agent_record(world->agent, "e", EVENTS);
	for (size_t i = 0; hostile_manners[i].name != NULL; i++) {
		print_message("%s\n", hostile_manners[i].name);
		meaning_await(world, &hostile_manners[i]);
	}
	assert_int_equal(agent_ask_queue(world->agent, "SELECT count(*) FROM dead_letters"), 0);
	assert_int_equal(agent_ask_queue(world->agent, "SELECT count(*) FROM pending"), EVENTS);
	assert_int_equal(atomic_load(&world->elsewhere.tally->connections), 0);
}

/* What the agent takes at its peak beyond what it had before. */
static void no_answer_makes_the_agent_large(void **state)
{
	static test_manner *const manners[] = {hostile_gigabyte, hostile_flood, hostile_bomb,
					       hostile_headers, hostile_interims};
	struct hostile_world *world = *state;

	configure_one(world, hostile_not);
	agent_start(world->agent);
	agent_record(world->agent, "e", EVENTS);
	agent_await_queue(world->agent, "SELECT count(*) FROM pending", 0);
	for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
		pid_t agent = test_process_id(world->agent->agent);
		long before, growth;

		configure_one(world, manners[i]);
		before = test_memory_mark(agent);
		if (RUNS_SANITIZED || before < 0)
			skip();
		assert_true(agent_says(world->agent, "POST", "/reload", 200, "true"));
		agent_record(world->agent, "e", EVENTS);
		await_tally(world, 0, &world->rogues[0].tally->done);
		growth = test_memory_peak(agent) - before;
		print_message("peak: %ld KiB above %ld KiB, then %ld KiB anonymous\n", growth,
			      before, test_memory_anonymous(agent));
		assert_in_range(growth, 0, GROWTH_MAX_KIB);
		assert_in_range(test_memory_anonymous(agent), 0, ANONYMOUS_MAX_KIB);
		configure_one(world, hostile_not);
		assert_true(agent_says(world->agent, "POST", "/reload", 200, "true"));
		agent_await_queue(world->agent, "SELECT count(*) FROM pending", 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTILE_TEST(hostile_servers_hold_up_neither_a_healthy_sink_nor_the_end),
		HOSTILE_TEST(every_hostile_answer_has_its_one_meaning_and_loses_nothing),
		HOSTILE_TEST(no_answer_makes_the_agent_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
