/* When the rows go that every sink has finished with, and what is seen of them until then. */
#include <stdlib.h>

#include "queue/inspect.h"
#include "queue/sweep.h"
#include "support/queue_fixture.h"
#include "support/test.h"

enum { BATCH = 100 };

static int64_t rows(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM event WHERE name <> ''");
}

static int64_t pending(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM pending");
}

static void deliver(struct queue_fixture *fixture, int64_t sink, int batches)
{
	for (int i = 0; i < batches; i++)
		queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, BATCH));
}

static bool count_event(void *context, const struct fr_event *event)
{
	int64_t *count = context;

	(void)event;
	*count += 1;
	return true;
}

/* How many events the tool lists, and how many it says are queued. Opens a copy, so that the
 * queue must not be open. */
static void look(struct queue_fixture *fixture, int64_t *listed, int64_t *queued)
{
	struct fr_event_filter filter = {.name_glob = NULL};
	struct fr_queue_facts facts;
	struct fr_snapshot *snapshot;

	*listed = 0;
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	assert_int_equal(fr_snapshot_open(&snapshot, fixture->folder.path, &fixture->world.env,
					  &fixture->err),
			 FR_OK);
	assert_int_equal(fr_snapshot_facts(snapshot, &facts, &fixture->err), FR_OK);
	assert_int_equal(fr_snapshot_events(snapshot, &filter, count_event, listed, &fixture->err),
			 FR_OK);
	*queued = facts.queued;
	fr_snapshot_close(snapshot);
	queue_fixture_reopen(fixture);
}

static void finished_rows_are_not_pending_although_they_are_still_there(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), listed, queued;

	queue_fixture_record_many(fixture, 5 * BATCH);
	deliver(fixture, sink, 2);
	assert_int_equal(rows(fixture), 5 * BATCH);
	assert_int_equal(pending(fixture), 3 * BATCH);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM pending_by_name"),
			 3 * BATCH);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM timeline"), 3 * BATCH);
	look(fixture, &listed, &queued);
	assert_int_equal(listed, 3 * BATCH);
	assert_int_equal(queued, 3 * BATCH);
	queue_fixture_verify(fixture);
}

static void the_last_ones_go_when_nothing_is_queued_behind_them(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 2 * BATCH);
	deliver(fixture, sink, 1);
	assert_int_equal(rows(fixture), 2 * BATCH);
	deliver(fixture, sink, 1);
	assert_int_equal(rows(fixture), 0);
	queue_fixture_verify(fixture);
}

static void they_go_earlier_when_they_take_too_much_room(void **state)
{
	enum { BYTES = 40 * 1024 };
	const struct queue_event large = {.bytes = BYTES};
	struct queue_fixture *fixture = *state;
	int64_t sink, most, kept = 0;

	fixture->options.max_bytes = 16 * 1024 * 1024;
	queue_fixture_reopen(fixture);
	most = fixture->options.max_bytes / 8;
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int64_t bytes = 0; bytes < 2 * most; bytes += BYTES)
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
	while (pending(fixture) > 1) {
		queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 1));
		kept = rows(fixture) - pending(fixture) > kept ? rows(fixture) - pending(fixture)
							       : kept;
	}
	assert_in_range(kept * BYTES, most / 2, most);
	queue_fixture_verify(fixture);
}

static void an_idle_upkeep_sweeps_all_of_them_in_steps(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_upkeep upkeep = {.idle = false};

	queue_fixture_record_many(fixture, FR_SWEEP_ROWS + 2 * BATCH);
	deliver(fixture, sink, FR_SWEEP_ROWS / BATCH + 1);
	assert_int_equal(fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err), FR_OK);
	assert_int_equal(rows(fixture), FR_SWEEP_ROWS + 2 * BATCH);
	upkeep.idle = true;
	assert_int_equal(fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err), FR_OK);
	assert_true(upkeep.more);
	assert_int_equal(rows(fixture), 2 * BATCH);
	assert_int_equal(fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err), FR_OK);
	assert_int_equal(rows(fixture), BATCH);
	queue_fixture_verify(fixture);
}

static void what_is_finished_makes_room_before_anything_is_dropped(void **state)
{
	const struct queue_event debug = {.severity = FR_DEBUG};
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), evicted = 0;

	queue_fixture_record_many(fixture, BATCH);
	assert_int_equal(queue_fixture_record(fixture, &debug, NULL), FR_OK);
	deliver(fixture, sink, 1);
	assert_int_equal(fr_sweep_evict(fixture->queue, 10, &evicted, &fixture->err), FR_OK);
	assert_int_equal(evicted, BATCH);
	assert_int_equal(rows(fixture), 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 0);
	queue_fixture_verify(fixture);
}

/* More rows of `local` than a step of the sweep looks at, before what was delivered. */
static void what_is_finished_makes_room_also_behind_many_local_rows(void **state)
{
	const struct queue_event local = {.local = true}, debug = {.severity = FR_DEBUG};
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), evicted = 0;

	for (int i = 0; i < FR_SWEEP_ROWS + BATCH; i++)
		assert_int_equal(queue_fixture_record(fixture, &local, NULL), FR_OK);
	queue_fixture_record_many(fixture, BATCH);
	assert_int_equal(queue_fixture_record(fixture, &debug, NULL), FR_OK);
	deliver(fixture, sink, 1);
	assert_int_equal(fr_sweep_evict(fixture->queue, 10, &evicted, &fixture->err), FR_OK);
	assert_int_equal(evicted, BATCH);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 0);
	assert_int_equal(pending(fixture), FR_SWEEP_ROWS + BATCH + 1);
	queue_fixture_verify(fixture);
}

static void a_new_sink_does_not_see_what_is_finished(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 2 * BATCH);
	deliver(fixture, sink, 1);
	sink = queue_fixture_sinks(fixture, "b", NULL); /* and `a` is gone */
	batch = queue_fixture_claim(fixture, sink, 2 * BATCH);
	assert_non_null(batch);
	assert_int_equal(batch->count, BATCH);
	queue_fixture_ack(fixture, batch);
	queue_fixture_verify(fixture);
}

#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(finished_rows_are_not_pending_although_they_are_still_there),
		WITH_QUEUE(the_last_ones_go_when_nothing_is_queued_behind_them),
		WITH_QUEUE(they_go_earlier_when_they_take_too_much_room),
		WITH_QUEUE(an_idle_upkeep_sweeps_all_of_them_in_steps),
		WITH_QUEUE(what_is_finished_makes_room_before_anything_is_dropped),
		WITH_QUEUE(what_is_finished_makes_room_also_behind_many_local_rows),
		WITH_QUEUE(a_new_sink_does_not_see_what_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
