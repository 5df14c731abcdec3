/* Writers die at random instants, alone or all at once, and nothing that was acknowledged is lost.
 *
 * In each round some writers work on one queue; each is killed after a time of its own, counted
 * from its start or from its first call, while others go on. When all are dead the witness looks.
 * Between rounds an agent's transactions take some events away, so that the next round meets a
 * queue in use. FLIGHTREC_CRASH_ROUNDS sets the number of rounds of each test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/crew.h"
#include "queue/batch.h"
#include "queue/queue.h"
#include "queue/sinks.h"
#include "support/process.h"
#include "support/test.h"

enum { ROUNDS = 100, ROUNDS_PER_HOME = 12, WRITERS_MOST = 4, LIFE_MS_MOST = 30 };

struct stage {
	struct test_folder folder;
	char home[TEST_PATH_MAX];
	char config[TEST_PATH_MAX];
	struct crew crew;
	struct witness *witness;
	uint32_t random;
};

static uint32_t below(struct stage *stage, uint32_t limit)
{
	stage->random = stage->random * 1664525u + 1013904223u;
	return (stage->random >> 8) % limit;
}

static unsigned rounds_wanted(void)
{
	const char *rounds = getenv("FLIGHTREC_CRASH_ROUNDS");

	return rounds != NULL ? (unsigned)strtoul(rounds, NULL, 10) : ROUNDS;
}

/* ---- one round ---- */

/* Their order of dying is that of their lives' lengths. */
static void kill_all(struct stage *stage, const int *writers, int count)
{
	bool at_once = below(stage, 3) == 0;

	for (int i = 0; i < count; i++) {
		if (i == 0 || !at_once)
			crew_listen(&stage->crew,
				    (int)below(stage, LIFE_MS_MOST + 1) / (at_once ? 1 : count));
		crew_kill(&stage->crew, writers[i]);
	}
}

static void play_round(struct stage *stage, const char *durability, const char *when)
{
	int writers[WRITERS_MOST];
	int count = 1 + (int)below(stage, WRITERS_MOST);

	for (int i = 0; i < count; i++)
		writers[i] = crew_start(&stage->crew, stage->home, stage->config, durability);
	if (below(stage, 4) > 0)
		for (int i = 0; i < count; i++)
			crew_await_first_call(&stage->crew, writers[i]);
	kill_all(stage, writers, count);
	witness_check(stage->witness, stage->home, when);
}

/* ---- between rounds ---- */

static void must(enum fr_status status, const struct fr_error *err)
{
	if (status != FR_OK)
		fail_msg("%s", err->text);
}

static void deliver_one_batch(struct stage *stage, struct fr_queue *queue, int64_t sink)
{
	struct fr_claim claim = {.sink = sink,
				 .max_events = 1 + below(stage, 100),
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	struct fr_batch *batch = NULL;
	struct fr_error err = {0};
	enum fr_status status;
	bool more;

	must(fr_queue_begin(queue, &err), &err);
	status = fr_batch_claim(queue, &claim, &batch, &more, &err);
	if (status == FR_OK)
		status = fr_batch_ack(queue, batch, NULL, 0, &err);
	if (status != FR_NONE)
		must(status, &err);
	must(fr_queue_commit(queue, &err), &err);
	for (size_t i = 0; batch != NULL && i < batch->count; i++)
		witness_note(stage->witness, batch->events[i].session, batch->events[i].seq,
			     WITNESS_GONE);
	fr_batch_free(batch);
}

/* What an agent does when it has been there for a moment. */
static void deliver_some(struct stage *stage)
{
	struct fr_sink_want sink = {"a", "first_party", 0};
	struct fr_upkeep upkeep = {.idle = below(stage, 2) == 0};
	struct fr_queue_options options = {
		.home = stage->home,
		.max_bytes = FR_QUEUE_BYTES_DEFAULT,
		.busy_ms = 10000,
		.exclusive_agent = true,
	};
	struct fr_queue *queue = NULL;
	struct fr_error err = {0};
	struct fr_env env;

	fr_env_real(&env);
	options.env = &env;
	must(fr_queue_open(&queue, &options, &err), &err);
	must(fr_sinks_set(queue, &sink, 1, &err), &err);
	for (uint32_t n = below(stage, 8); n > 0; n--)
		deliver_one_batch(stage, queue, sink.id);
	must(fr_queue_upkeep(queue, &upkeep, &err), &err);
	fr_queue_close(queue);
}

/* ---- the whole ---- */

static void play_home(struct stage *stage, const char *durability, unsigned rounds)
{
	test_folder_make(&stage->folder);
	(void)test_folder_path(&stage->folder, "home", stage->home);
	(void)test_folder_path(&stage->folder, "config.json", stage->config);
	test_folder_write(&stage->folder, "config.json", "{\"limits\":{\"burst\":0}}");
	crew_init(&stage->crew, &stage->folder);
	stage->witness = stage->crew.witness = witness_new();
	for (unsigned round = 1; round <= rounds; round++) {
		char when[64];

		(void)snprintf(when, sizeof when, "%s, round %u", durability, round);
		play_round(stage, durability, when);
		if (witness_count(stage->witness) > 0 && below(stage, 2) == 0)
			deliver_some(stage);
	}
}

static void leave_home(struct stage *stage)
{
	crew_fini(&stage->crew);
	witness_free(stage->witness);
	test_folder_remove(&stage->folder);
}

static void play(const char *durability)
{
	struct stage stage = {.random = (uint32_t)test_now_ms()};
	unsigned left = rounds_wanted(), kills = 0, in_call = 0;
	size_t acknowledged = 0;

	print_message("seed %u\n", stage.random);
	while (left > 0) {
		unsigned rounds = left < ROUNDS_PER_HOME ? left : ROUNDS_PER_HOME;

		play_home(&stage, durability, rounds);
		kills += stage.crew.kills;
		in_call += stage.crew.kills_in_call;
		acknowledged += witness_count(stage.witness);
		leave_home(&stage);
		left -= rounds;
	}
	print_message("%u kills, %u of them (%u %%) inside a call; %zu acknowledged events\n",
		      kills, in_call, kills > 0 ? 100 * in_call / kills : 0, acknowledged);
	assert_true(in_call * 3 > kills);
	assert_true(acknowledged > kills);
}

static void with_power_a_killed_writer_loses_nothing_it_was_told_is_safe(void **state)
{
	(void)state;
	play("power");
}

static void with_process_a_killed_writer_loses_nothing_it_was_told_is_safe(void **state)
{
	(void)state;
	test_folder_in_memory(); /* faster, so that more is under way at each instant */
	play("process");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_power_a_killed_writer_loses_nothing_it_was_told_is_safe),
		cmocka_unit_test(with_process_a_killed_writer_loses_nothing_it_was_told_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
