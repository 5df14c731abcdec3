/* Dead letters that are asked for: sent again when it is their turn, and delivered once. */
#include <string.h>

#include "dead_fixture.h"
#include "support/test.h"

static void a_letter_that_is_asked_for_is_sent_again_and_delivered_once(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 3);
	struct fr_dead_tally tally = dead_ask_for_all(fixture);
	struct fr_batch *batch;

	assert_int_equal(tally.letters, 3);
	assert_int_equal(tally.lost, 3);
	dead_assert_books(fixture, 0, 0, 3, 0); /* dead until it is under way */
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_true(batch->of_dead);
	assert_int_equal(batch->count, 3);
	dead_assert_books(fixture, 0, 3, 0, 0);
	queue_fixture_ack(fixture, batch);
	dead_assert_books(fixture, 3, 0, 0, 0);
	assert_int_equal(dead_letters(fixture), 0);
	assert_null(queue_fixture_claim(fixture, sink, 100));
}

static void nothing_is_sent_again_that_nobody_asked_for(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 3);
	struct fr_backlog backlog;

	assert_null(queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(fr_sink_backlog(fixture->queue, sink, 1, &backlog, &fixture->err), FR_OK);
	assert_false(backlog.more);
}

static void what_is_asked_for_is_something_to_claim(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 1);
	struct fr_backlog backlog;

	(void)dead_ask_for_all(fixture);
	assert_int_equal(fr_sink_backlog(fixture->queue, sink, 1, &backlog, &fixture->err), FR_OK);
	assert_true(backlog.more);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(fr_sink_backlog(fixture->queue, sink, 1, &backlog, &fixture->err), FR_OK);
	assert_false(backlog.more);
}

static void a_letter_that_is_refused_again_has_the_new_reason(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 2);

	(void)dead_ask_for_all(fixture);
	dead_bury(fixture, queue_fixture_claim(fixture, sink, 100), "still unknown");
	dead_assert_books(fixture, 0, 0, 2, 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE "
						    "reason = 'still unknown'"),
			 2);
	assert_null(queue_fixture_claim(fixture, sink, 100)); /* only when asked */
	assert_int_equal(queue_fixture_ask(
				 fixture, "SELECT sum(events) FROM history WHERE outcome = 'dead'"),
			 2); /* an event dies once */
}

static void of_a_retry_that_is_taken_in_part_the_others_stay(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 4);
	struct fr_refusal refusal = {.index = 2, .reason = "no", .status = 200, .answer = ""};
	struct fr_batch *batch;

	(void)dead_ask_for_all(fixture);
	batch = queue_fixture_claim(fixture, sink, 100);
	dead_begin(fixture);
	assert_int_equal(fr_batch_ack(fixture->queue, batch, &refusal, 1, &fixture->err), FR_OK);
	dead_commit(fixture);
	dead_assert_books(fixture, 3, 0, 1, 0);
	assert_int_equal(dead_look(fixture, NULL).ids[0], batch->events[2].id);
	fr_batch_free(batch);
}

static void letters_and_new_events_do_not_share_a_batch(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 2);
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 5);
	(void)dead_ask_for_all(fixture);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_true(batch->of_dead);
	assert_int_equal(batch->count, 2);
	queue_fixture_ack(fixture, batch);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_false(batch->of_dead);
	assert_int_equal(batch->count, 5);
	queue_fixture_ack(fixture, batch);
	dead_assert_books(fixture, 7, 0, 0, 0);
}

static void a_retry_fills_batches_as_the_sink_wants_them(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 10);

	(void)dead_ask_for_all(fixture);
	for (int64_t left = 10; left > 0; left -= 4) {
		struct fr_batch *batch = queue_fixture_claim(fixture, sink, 4);

		assert_int_equal(batch->count, left < 4 ? left : 4);
		queue_fixture_ack(fixture, batch);
	}
	dead_assert_books(fixture, 10, 0, 0, 0);
}

static bool wants_nothing(void *context, const char *name, const char *route)
{
	(void)context;
	(void)name;
	(void)route;
	return false;
}

static void what_the_sink_does_not_take_any_more_stays_and_is_not_asked_for_again(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 3);
	struct fr_claim claim = {.sink = sink,
				 .max_events = 10,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE,
				 .wants = wants_nothing};
	struct fr_batch *batch = NULL;
	bool more;

	(void)dead_ask_for_all(fixture);
	dead_begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_NONE);
	dead_commit(fixture);
	assert_null(queue_fixture_claim(fixture, sink, 10));
	dead_assert_books(fixture, 0, 0, 3, 0);
}

static bool wants_its_route(void *context, const char *name, const char *route)
{
	(void)context;
	(void)name;
	return route != NULL && strcmp(route, "[\"a\"]") == 0;
}

static void a_letter_remembers_what_the_catalogue_said_of_it(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_claim claim = {.sink = queue_fixture_sinks(fixture, "a", NULL),
				 .max_events = 10,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE,
				 .wants = wants_its_route};
	struct queue_event event = {.route = "[\"a\"]"};
	struct fr_batch *batch = NULL;
	bool more;

	assert_int_equal(queue_fixture_record(fixture, &event, NULL), FR_OK);
	dead_bury(fixture, queue_fixture_claim(fixture, claim.sink, 10), "no");
	(void)dead_ask_for_all(fixture);
	dead_begin(fixture);
	assert_int_equal(fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err),
			 FR_OK);
	dead_commit(fixture);
	assert_int_equal(batch->count, 1);
	fr_batch_free(batch);
}

static void a_preview_shows_the_retry_that_comes_next(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_claim claim = {.sink = dead_make(fixture, 2),
				 .max_events = 10,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	struct fr_snapshot *snapshot = NULL;
	struct fr_batch *preview = NULL, *batch;

	(void)dead_ask_for_all(fixture);
	assert_int_equal(fr_snapshot_open(&snapshot, fixture->options.home, fixture->options.env,
					  &fixture->err),
			 FR_OK);
	assert_int_equal(fr_snapshot_next_batch(snapshot, &claim, &preview, &fixture->err), FR_OK);
	fr_snapshot_close(snapshot);
	batch = queue_fixture_claim(fixture, claim.sink, 10);
	assert_true(preview->of_dead);
	assert_string_equal(preview->uuid, batch->uuid);
	assert_int_equal(preview->count, batch->count);
	fr_batch_free(preview);
	fr_batch_free(batch);
}

static void a_letter_of_a_removed_sink_is_kept_and_cannot_be_asked_for(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_dead_tally tally;
	int64_t id;

	(void)dead_make(fixture, 1);
	(void)dead_ask_for_all(fixture);
	(void)queue_fixture_sinks(fixture, "b", NULL);
	assert_true(dead_look(fixture, NULL).letters[0].sink_has_ended);
	assert_int_equal(dead_look(fixture, NULL).letters[0].asked_us, 0);
	tally = dead_ask_for_all(fixture);
	assert_int_equal(tally.letters, 0);
	assert_int_equal(tally.ended, 1);
	id = dead_look(fixture, NULL).ids[0];
	assert_int_equal(fr_dead_purge(fixture->queue, &id, 1, &tally, &fixture->err), FR_OK);
	assert_int_equal(tally.letters, 1);
	assert_int_equal(dead_letters(fixture), 0);
	queue_fixture_verify(fixture);
}

static void a_bundle_goes_as_a_whole_and_moves_no_more_than_was_lost(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_dead_tally tally;
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 3);
	assert_int_equal(dead_look(fixture, NULL).count, 1);
	assert_int_equal(dead_look(fixture, NULL).letters[0].events, 10);
	assert_int_equal(dead_look(fixture, NULL).letters[0].lost, 3);
	tally = dead_ask_for_all(fixture);
	assert_int_equal(tally.letters, 1);
	assert_int_equal(tally.events, 10);
	assert_int_equal(tally.lost, 3);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(batch->count, 10);
	dead_assert_books(fixture, 7, 3, 0, 0);
	queue_fixture_ack(fixture, batch);
	dead_assert_books(fixture, 10, 0, 0, 0);
	assert_int_equal(dead_letters(fixture), 0);
}

static void of_a_bundle_that_loses_some_again_no_more_are_dead_than_before(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 3);
	(void)dead_ask_for_all(fixture);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 5);
	dead_assert_books(fixture, 7, 0, 3, 0);
	assert_int_equal(dead_look(fixture, NULL).letters[0].lost, 3);
	(void)dead_ask_for_all(fixture);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 1);
	dead_assert_books(fixture, 9, 0, 1, 0);
	assert_int_equal(dead_look(fixture, NULL).letters[0].events, 10);
	assert_int_equal(dead_look(fixture, NULL).letters[0].lost, 1);
}

static void two_bundles_and_a_lone_letter_go_in_three_batches(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	static const size_t counts[] = {4, 1, 5};

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 4), 2);
	dead_bury(fixture, queue_fixture_claim(fixture, sink, 1), "no");
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 5), 1);
	assert_int_equal(dead_ask_for_all(fixture).letters, 3);
	for (size_t i = 0; i < 3; i++) {
		struct fr_batch *batch = queue_fixture_claim(fixture, sink, 100);

		assert_int_equal(batch->count, counts[i]);
		queue_fixture_ack(fixture, batch);
		queue_fixture_verify(fixture);
	}
	dead_assert_books(fixture, 10, 0, 0, 0);
}

static void a_bundle_that_is_sent_in_parts_counts_as_lost_until_it_cannot_be(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 6);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 2);
	(void)dead_ask_for_all(fixture);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 3));
	dead_assert_books(fixture, 4, 0, 2, 0); /* the two may be among the three that are left */
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 2));
	dead_assert_books(fixture, 5, 0, 1, 0);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 1));
	dead_assert_books(fixture, 6, 0, 0, 0);
}

int main(void)
{
#define WITH_A_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_A_QUEUE(a_letter_that_is_asked_for_is_sent_again_and_delivered_once),
		WITH_A_QUEUE(nothing_is_sent_again_that_nobody_asked_for),
		WITH_A_QUEUE(what_is_asked_for_is_something_to_claim),
		WITH_A_QUEUE(a_letter_that_is_refused_again_has_the_new_reason),
		WITH_A_QUEUE(of_a_retry_that_is_taken_in_part_the_others_stay),
		WITH_A_QUEUE(letters_and_new_events_do_not_share_a_batch),
		WITH_A_QUEUE(a_retry_fills_batches_as_the_sink_wants_them),
		WITH_A_QUEUE(what_the_sink_does_not_take_any_more_stays_and_is_not_asked_for_again),
		WITH_A_QUEUE(a_letter_remembers_what_the_catalogue_said_of_it),
		WITH_A_QUEUE(a_preview_shows_the_retry_that_comes_next),
		WITH_A_QUEUE(a_letter_of_a_removed_sink_is_kept_and_cannot_be_asked_for),
		WITH_A_QUEUE(a_bundle_goes_as_a_whole_and_moves_no_more_than_was_lost),
		WITH_A_QUEUE(of_a_bundle_that_loses_some_again_no_more_are_dead_than_before),
		WITH_A_QUEUE(two_bundles_and_a_lone_letter_go_in_three_batches),
		WITH_A_QUEUE(a_bundle_that_is_sent_in_parts_counts_as_lost_until_it_cannot_be),
	};
#undef WITH_A_QUEUE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
