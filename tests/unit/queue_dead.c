/* Dead letters: what a sink refused for good is kept, counted once, found again and dropped. */
#include "dead_fixture.h"
#include "support/test.h"

static void of_a_part_that_was_lost_every_event_is_kept_and_only_the_lost_are_dead(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 3);
	dead_assert_books(fixture, 7, 0, 3, 0);
	assert_int_equal(dead_letters(fixture), 10);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE "
						    "refused LIKE '3 of the 10 in bundle %'"),
			 10);
	assert_int_equal(queue_fixture_ask(
				 fixture, "SELECT sum(events) FROM history WHERE outcome = 'dead'"),
			 3);
}

static void a_part_of_none_is_a_plain_ack(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 4);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 0);
	dead_assert_books(fixture, 4, 0, 0, 0);
	assert_int_equal(dead_letters(fixture), 0);
}

static void a_sink_that_says_it_lost_more_than_it_was_sent_lost_all_of_it(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 4);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 90);
	dead_assert_books(fixture, 0, 0, 4, 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE "
						    "refused = 'this event'"),
			 4);
}

static void purged_letters_are_counted_and_gone(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_dead_tally tally;
	struct dead_seen seen;

	(void)dead_make(fixture, 3);
	seen = dead_look(fixture, NULL);
	assert_int_equal(fr_dead_purge(fixture->queue, seen.ids, 2, &tally, &fixture->err), FR_OK);
	assert_int_equal(tally.letters, 2);
	dead_assert_books(fixture, 0, 0, 1, 2);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT events FROM ledger_entry WHERE "
						    "kind = 'dropped' AND reason = 'purged'"),
			 2);
	assert_int_equal(fr_dead_purge(fixture->queue, seen.ids, 2, &tally, &fixture->err), FR_OK);
	assert_int_equal(tally.letters, 0);
	assert_int_equal(tally.gone, 2);
	dead_assert_books(fixture, 0, 0, 1, 2);
}

static void a_purged_bundle_counts_what_was_lost(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_dead_tally tally;
	struct dead_seen seen;

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 3);
	seen = dead_look(fixture, NULL);
	seen.ids[0] += 4; /* any of its events names it */
	assert_int_equal(fr_dead_purge(fixture->queue, seen.ids, 1, &tally, &fixture->err), FR_OK);
	assert_int_equal(tally.events, 10);
	assert_int_equal(tally.lost, 3);
	dead_assert_books(fixture, 7, 0, 0, 3);
	assert_int_equal(dead_letters(fixture), 0);
}

static void a_letter_that_is_on_its_way_out_is_not_purged(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 1);
	struct fr_dead_tally tally;
	struct fr_batch *batch;
	struct dead_seen seen;

	(void)dead_ask_for_all(fixture);
	batch = queue_fixture_claim(fixture, sink, 100);
	seen = dead_look(fixture, NULL);
	assert_true(seen.letters[0].is_in_batch);
	assert_int_equal(fr_dead_purge(fixture->queue, seen.ids, 1, &tally, &fixture->err), FR_OK);
	assert_int_equal(tally.busy, 1);
	assert_int_equal(dead_ask_for_all(fixture).busy, 1); /* nor is it sent twice */
	dead_assert_books(fixture, 0, 1, 0, 0);
	queue_fixture_ack(fixture, batch);
	dead_assert_books(fixture, 1, 0, 0, 0);
	assert_null(queue_fixture_claim(fixture, sink, 100));
}

static void a_purge_of_everything_takes_the_letters_that_are_asked_for(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = dead_make(fixture, 3), events = 0;

	(void)dead_ask_for_all(fixture);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	dead_assert_books(fixture, 0, 0, 0, 3);
	assert_int_equal(dead_letters(fixture), 0);
	assert_null(queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_retry"), 0);
}

/* An eighth of the queue's bound is theirs. */
static void the_bound_drops_the_oldest_letters_and_counts_them(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), kept, dropped;
	struct queue_event event = {.bytes = 2000};
	const int64_t share = fixture->options.max_bytes / 8;

	for (int64_t bytes = 0; bytes < 2 * share; bytes += 2000) {
		assert_int_equal(queue_fixture_record(fixture, &event, NULL), FR_OK);
		dead_bury(fixture, queue_fixture_claim(fixture, sink, 100), "no");
	}
	kept = queue_fixture_ask(fixture, "SELECT dead FROM ledger");
	dropped = queue_fixture_ask(fixture, "SELECT dropped FROM ledger");
	assert_int_equal(kept + dropped,
			 queue_fixture_ask(fixture, "SELECT committed FROM ledger"));
	assert_in_range(dropped, 1, kept * 4);
	assert_in_range(queue_fixture_ask(fixture, "SELECT sum(length(properties) + length(answer) "
						   "+ 512) FROM dead_letter"),
			share / 2, share);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead_bytes FROM queue"),
			 queue_fixture_ask(fixture, "SELECT sum(length(properties) + "
						    "length(answer) + 512) FROM dead_letter"));
	assert_int_equal(queue_fixture_ask(fixture, "SELECT min(id) FROM dead_letter"),
			 dropped + 1);
	queue_fixture_verify(fixture);
}

/* Six of ten are on their way out again; what another sink refuses fills the letters' share. */
static void the_bound_does_not_drop_a_bundle_of_which_a_part_is_on_its_way_out(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), other;
	struct queue_event event = {.bytes = 2000};
	struct fr_batch *part;

	queue_fixture_record_many(fixture, 10);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 10), 6);
	(void)dead_ask_for_all(fixture);
	part = queue_fixture_claim(fixture, sink, 6);
	assert_true(part->of_dead);
	other = queue_fixture_sinks(fixture, "a", "b");
	for (int64_t bytes = 0; bytes < fixture->options.max_bytes / 4; bytes += 2000) {
		assert_int_equal(queue_fixture_record(fixture, &event, NULL), FR_OK);
		dead_bury(fixture, queue_fixture_claim(fixture, other, 100), "no");
	}
	assert_true(queue_fixture_ask(fixture, "SELECT dropped FROM ledger WHERE sink = 'b'") > 0);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE sink = 'a'"),
		10);
	queue_fixture_ack(fixture, part);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE sink = 'a'"),
		4);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead FROM ledger WHERE sink = 'a'"), 4);
	queue_fixture_verify(fixture);
}

static void letters_are_found_by_sink_name_and_age(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct queue_event crash = {.name = "crash"};
	struct fr_letter_filter by_name = {.name_glob = "cra*"}, by_sink = {.sink = "b"};
	struct fr_letter_filter late = {0}, early = {0};

	queue_fixture_record_many(fixture, 2);
	assert_int_equal(queue_fixture_record(fixture, &crash, NULL), FR_OK);
	dead_ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 1);
	test_world_pass(&fixture->world, 60 * INT64_C(1000000));
	late.since_us = early.before_us = fr_env_wall_us(fixture->options.env);
	queue_fixture_record_many(fixture, 1);
	dead_bury(fixture, queue_fixture_claim(fixture, sink, 100), "no");
	assert_int_equal(dead_look(fixture, NULL).count, 2);
	assert_int_equal(dead_look(fixture, &by_name).count, 1); /* any event of a bundle */
	assert_int_equal(dead_look(fixture, &by_sink).count, 0);
	assert_int_equal(dead_look(fixture, &late).count, 1);
	assert_int_equal(dead_look(fixture, &late).letters[0].events, 1);
	assert_int_equal(dead_look(fixture, &early).count, 1);
	assert_int_equal(dead_look(fixture, &early).letters[0].events, 3);
}

int main(void)
{
#define WITH_A_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_A_QUEUE(
			of_a_part_that_was_lost_every_event_is_kept_and_only_the_lost_are_dead),
		WITH_A_QUEUE(a_part_of_none_is_a_plain_ack),
		WITH_A_QUEUE(a_sink_that_says_it_lost_more_than_it_was_sent_lost_all_of_it),
		WITH_A_QUEUE(purged_letters_are_counted_and_gone),
		WITH_A_QUEUE(a_purged_bundle_counts_what_was_lost),
		WITH_A_QUEUE(a_letter_that_is_on_its_way_out_is_not_purged),
		WITH_A_QUEUE(a_purge_of_everything_takes_the_letters_that_are_asked_for),
		WITH_A_QUEUE(the_bound_drops_the_oldest_letters_and_counts_them),
		WITH_A_QUEUE(the_bound_does_not_drop_a_bundle_of_which_a_part_is_on_its_way_out),
		WITH_A_QUEUE(letters_are_found_by_sink_name_and_age),
	};
#undef WITH_A_QUEUE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
