/* Claim, freeze, resend, ack: what becomes of events on their way to a sink. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/queue_fixture.h"
#include "support/test.h"

static void begin(struct queue_fixture *fixture)
{
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
}

static void commit(struct queue_fixture *fixture)
{
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
}

static int64_t pending(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM pending");
}

static void a_row_leaves_only_after_every_sink_has_it(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t second = queue_fixture_sinks(fixture, "a", "b"), first = second - 1;

	queue_fixture_record_many(fixture, 10);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, first, 100));
	assert_int_equal(pending(fixture), 10);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, second, 4));
	assert_int_equal(pending(fixture), 6);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, second, 100));
	assert_int_equal(pending(fixture), 0);
	queue_fixture_verify(fixture);
}

static void a_batch_is_the_same_after_a_restart(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), row = 0;
	struct fr_batch *batch, *again = NULL;
	size_t count = 0;

	queue_fixture_record_many(fixture, 7);
	batch = queue_fixture_claim(fixture, sink, 5);
	test_world_pass(&fixture->world, 1000000);
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 7);
	assert_int_equal(fr_batch_open_ids(fixture->queue, sink, &row, 1, &count, &fixture->err),
			 FR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(fr_batch_load(fixture->queue, row, &again, &fixture->err), FR_OK);
	assert_string_equal(again->uuid, batch->uuid);
	assert_string_equal(again->digest, batch->digest);
	assert_int_equal(again->claimed_us, batch->claimed_us);
	assert_int_equal(again->encoder, 1);
	assert_true(again->maybe_taken);
	assert_int_equal(again->count, 5);
	for (size_t i = 0; i < again->count; i++) {
		assert_string_equal(again->events[i].uuid, batch->events[i].uuid);
		assert_string_equal(again->events[i].properties, batch->events[i].properties);
	}
	fr_batch_free(batch);
	fr_batch_free(again);
}

static void an_event_recorded_under_local_never_gets_into_a_batch_and_stays(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event local = {.name = "private", .local = true};
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_batch *batch;

	assert_int_equal(queue_fixture_record(fixture, &local, NULL), FR_OK);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_record(fixture, &local, NULL), FR_OK);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(batch->count, 1);
	assert_string_equal(batch->events[0].name, "tool_use_error");
	queue_fixture_ack(fixture, batch);
	assert_null(queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(pending(fixture), 2);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT unwanted FROM ledger"), 2);
	queue_fixture_verify(fixture);
}

static void many_local_rows_do_not_keep_finished_ones_here(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event local = {.local = true};
	int64_t sink = queue_fixture_sinks(fixture, "a", "b"), other = sink - 1;
	struct fr_upkeep upkeep = {.more = true};

	for (int i = 0; i < 1200; i++)
		assert_int_equal(queue_fixture_record(fixture, &local, NULL), FR_OK);
	queue_fixture_record_many(fixture, 5);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, other, 100));
	while (upkeep.more)
		assert_int_equal(fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err), FR_OK);
	assert_int_equal(pending(fixture), 1200);
	queue_fixture_verify(fixture);
}

static void an_internal_event_goes_only_to_an_internal_sink(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event internal = {.name = "secret", .internal = true};
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_claim claim = {.sink = sink,
				 .max_events = 10,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE,
				 .internal = true};
	struct fr_batch *batch = NULL;
	bool more;

	assert_int_equal(queue_fixture_record(fixture, &internal, NULL), FR_OK);
	begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_OK);
	assert_int_equal(batch->count, 1);
	fr_batch_free(batch);
	fr_queue_rollback(fixture->queue);
	assert_null(queue_fixture_claim(fixture, sink, 10));
}

static bool wants_crash(void *context, const char *name, const char *route)
{
	(void)context;
	(void)route;
	return strcmp(name, "crash") == 0;
}

static void what_is_not_on_the_list_is_unwanted_and_goes(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event crash = {.name = "crash"};
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_claim claim = {.sink = sink,
				 .max_events = 10,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE,
				 .wants = wants_crash};
	struct fr_batch *batch = NULL;
	bool more;

	queue_fixture_record_many(fixture, 5);
	begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_NONE);
	commit(fixture);
	assert_int_equal(pending(fixture), 0);
	assert_int_equal(queue_fixture_record(fixture, &crash, NULL), FR_OK);
	begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_OK);
	commit(fixture);
	assert_int_equal(batch->count, 1);
	queue_fixture_ack(fixture, batch);
	queue_fixture_verify(fixture);
}

static void a_claim_closes_at_its_bytes_but_takes_one_event_at_least(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event big = {.bytes = 10000};
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_claim claim = {
		.sink = sink, .max_events = 100, .max_bytes = 25000, .min_severity = FR_TRACE};
	struct fr_batch *batch = NULL;
	bool more;

	for (int i = 0; i < 4; i++)
		assert_int_equal(queue_fixture_record(fixture, &big, NULL), FR_OK);
	begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_OK);
	commit(fixture);
	assert_int_equal(batch->count, 2);
	assert_true(more);
	fr_batch_free(batch);
	claim.max_bytes = 10;
	begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_OK);
	commit(fixture);
	assert_int_equal(batch->count, 1);
	fr_batch_free(batch);
}

static void refused_members_become_dead_letters_and_the_others_are_delivered(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	const struct fr_refusal refusals[] = {{1, "no such tool", 400, "bad toolName"},
					      {3, "too old", 400, ""}};
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 5);
	batch = queue_fixture_claim(fixture, sink, 100);
	begin(fixture);
	assert_int_equal(fr_batch_ack(fixture->queue, batch, refusals, 2, &fixture->err), FR_OK);
	commit(fixture);
	fr_batch_free(batch);
	assert_int_equal(pending(fixture), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), 3);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead FROM ledger"), 2);
	assert_int_equal(
		queue_fixture_ask(fixture,
				  "SELECT count(*) FROM dead_letters WHERE status = 400 "
				  "AND reason = 'no such tool' AND answer = 'bad toolName'"),
		1);
	queue_fixture_verify(fixture);
}

static void halves_of_a_split_batch_are_new_batches_in_order(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), rows[4];
	struct fr_batch *batch, *half = NULL;
	size_t count = 0;

	queue_fixture_record_many(fixture, 5);
	batch = queue_fixture_claim(fixture, sink, 100);
	begin(fixture);
	assert_int_equal(fr_batch_split(fixture->queue, batch, &fixture->err), FR_OK);
	commit(fixture);
	assert_int_equal(fr_batch_open_ids(fixture->queue, sink, rows, 4, &count, &fixture->err),
			 FR_OK);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fr_batch_load(fixture->queue, rows[i], &half, &fixture->err),
				 FR_OK);
		assert_int_equal(half->count, 2 + i);
		assert_int_equal(half->events[0].id, 1 + 2 * (int64_t)i);
		assert_string_not_equal(half->uuid, batch->uuid);
		assert_false(half->maybe_taken);
		queue_fixture_ack(fixture, half);
	}
	fr_batch_free(batch);
	assert_int_equal(pending(fixture), 0);
	queue_fixture_verify(fixture);
}

static void a_renewed_batch_has_the_same_events_and_a_new_id(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), row = 0;
	struct fr_claim claim = {.sink = sink, .min_severity = FR_TRACE};
	struct fr_batch *batch, *fresh = NULL;
	size_t count = 0;

	queue_fixture_record_many(fixture, 5);
	batch = queue_fixture_claim(fixture, sink, 100);
	test_world_pass(&fixture->world, 1000000);
	begin(fixture);
	assert_int_equal(fr_batch_renew(fixture->queue, batch, &claim, &fixture->err), FR_OK);
	commit(fixture);
	assert_int_equal(fr_batch_open_ids(fixture->queue, sink, &row, 1, &count, &fixture->err),
			 FR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(fr_batch_load(fixture->queue, row, &fresh, &fixture->err), FR_OK);
	assert_int_equal(fresh->count, 5);
	assert_string_not_equal(fresh->uuid, batch->uuid);
	assert_true(fresh->claimed_us > batch->claimed_us);
	fr_batch_free(batch);
	queue_fixture_ack(fixture, fresh);
	queue_fixture_verify(fixture);
}

static void an_ack_after_a_purge_changes_nothing(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), events = 0;
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 5);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	begin(fixture);
	assert_int_equal(fr_batch_ack(fixture->queue, batch, NULL, 0, &fixture->err), FR_NONE);
	fr_queue_rollback(fixture->queue);
	fr_batch_free(batch);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 5);
	queue_fixture_verify(fixture);
}

static void an_answer_is_not_booked_in_another_file(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_batch *old, *fresh;
	unsigned files;

	queue_fixture_record_many(fixture, 5);
	old = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(fr_queue_unlink(fixture->folder.path, &fixture->world.env, 1000, &files,
					 &fixture->err),
			 FR_OK);
	queue_fixture_reopen(fixture);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	fixture->session.row = 0;
	queue_fixture_record_many(fixture, 3);
	fresh = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(fresh->row, old->row);
	begin(fixture);
	assert_int_equal(fr_batch_ack(fixture->queue, old, NULL, 0, &fixture->err), FR_NONE);
	assert_int_equal(fr_batch_split(fixture->queue, old, &fixture->err), FR_NONE);
	assert_int_equal(fr_batch_refused(fixture->queue, old, &fixture->err), FR_OK);
	commit(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT maybe_taken FROM batch"), 1);
	fr_batch_free(old);
	queue_fixture_ack(fixture, fresh);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), 3);
	queue_fixture_verify(fixture);
}

static void a_batch_that_was_purged_is_not_sealed(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), events = 0;
	char digest[FR_CHECKSUM_HEX] = "";
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 5);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	begin(fixture);
	assert_int_equal(fr_batch_seal(fixture->queue, batch, 1, digest, &fixture->err), FR_NONE);
	fr_queue_rollback(fixture->queue);
	fr_batch_free(batch);
}

static void a_removed_sink_stops_holding_rows_and_its_books_end(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", "b");

	queue_fixture_record_many(fixture, 5);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(pending(fixture), 5);
	(void)queue_fixture_sinks(fixture, "b", NULL);
	assert_int_equal(pending(fixture), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger WHERE sink = 'a'"),
			 5);
	queue_fixture_record_many(fixture, 2);
	queue_fixture_verify(fixture);
}

static void a_sink_added_later_sees_only_what_is_still_queued(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 5);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 3));
	sink = queue_fixture_sinks(fixture, "a", "late");
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(batch->count, 2);
	assert_int_equal(batch->events[0].id, 4);
	queue_fixture_ack(fixture, batch);
	queue_fixture_verify(fixture);
}

static void retry_state_survives_a_restart(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_retry retry = {.paused = true,
				 .reason = "401: the key was refused",
				 .kind = "credentials",
				 .attempts = 7,
				 .wait_us = 123456789,
				 .saved_boot_us = 42,
				 .boot_id = "boot",
				 .since_us = 99,
				 .last_success_us = 98,
				 .limit_bytes = 500000,
				 .ramp = 10,
				 .streak = 3,
				 .ambiguous = 2};
	struct fr_sink_row row;

	begin(fixture);
	assert_int_equal(fr_sink_save_retry(fixture->queue, sink, &retry, &fixture->err), FR_OK);
	commit(fixture);
	queue_fixture_reopen(fixture);
	assert_int_equal(fr_sink_load(fixture->queue, sink, &row, &fixture->err), FR_OK);
	assert_string_equal(row.name, "a");
	assert_memory_equal(&row.retry, &retry, sizeof retry);
}

static void a_sink_that_is_added_anew_has_learned_no_limit(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_retry retry = {.boot_id = "", .limit_bytes = 500000};
	struct fr_sink_row row;

	begin(fixture);
	assert_int_equal(fr_sink_save_retry(fixture->queue, sink, &retry, &fixture->err), FR_OK);
	commit(fixture);
	(void)queue_fixture_sinks(fixture, "b", NULL);
	assert_int_equal(queue_fixture_sinks(fixture, "a", NULL), sink);
	assert_int_equal(fr_sink_load(fixture->queue, sink, &row, &fixture->err), FR_OK);
	assert_int_equal(row.retry.limit_bytes, 0);
}

static void a_member_deleted_by_hand_is_missed_and_booked(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), row;
	struct fr_claim claim = {.sink = sink, .min_severity = FR_TRACE};
	char command[TEST_PATH_MAX + 128];
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 3);
	batch = queue_fixture_claim(fixture, sink, 100);
	row = batch->row;
	fr_batch_free(batch);
	(void)snprintf(command, sizeof command,
		       "sqlite3 '%s/queue.db' 'DELETE FROM event WHERE id = 2'",
		       fixture->folder.path);
	assert_int_equal(system(command), 0);
	assert_int_equal(fr_batch_load(fixture->queue, row, &batch, &fixture->err), FR_OK);
	assert_int_equal(batch->missing, 1);
	begin(fixture);
	assert_int_equal(fr_batch_renew(fixture->queue, batch, &claim, &fixture->err), FR_OK);
	commit(fixture);
	fr_batch_free(batch);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT events FROM batches"), 2);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(a_row_leaves_only_after_every_sink_has_it),
		WITH_QUEUE(a_batch_is_the_same_after_a_restart),
		WITH_QUEUE(an_event_recorded_under_local_never_gets_into_a_batch_and_stays),
		WITH_QUEUE(many_local_rows_do_not_keep_finished_ones_here),
		WITH_QUEUE(an_internal_event_goes_only_to_an_internal_sink),
		WITH_QUEUE(what_is_not_on_the_list_is_unwanted_and_goes),
		WITH_QUEUE(a_claim_closes_at_its_bytes_but_takes_one_event_at_least),
		WITH_QUEUE(refused_members_become_dead_letters_and_the_others_are_delivered),
		WITH_QUEUE(halves_of_a_split_batch_are_new_batches_in_order),
		WITH_QUEUE(a_renewed_batch_has_the_same_events_and_a_new_id),
		WITH_QUEUE(an_ack_after_a_purge_changes_nothing),
		WITH_QUEUE(an_answer_is_not_booked_in_another_file),
		WITH_QUEUE(a_batch_that_was_purged_is_not_sealed),
		WITH_QUEUE(a_removed_sink_stops_holding_rows_and_its_books_end),
		WITH_QUEUE(a_sink_added_later_sees_only_what_is_still_queued),
		WITH_QUEUE(retry_state_survives_a_restart),
		WITH_QUEUE(a_sink_that_is_added_anew_has_learned_no_limit),
		WITH_QUEUE(a_member_deleted_by_hand_is_missed_and_booked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
