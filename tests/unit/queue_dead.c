/* Dead letters: what a sink refused for good is kept, counted once, and sent again when asked. */
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

static const struct fr_refusal some_lost = {
	.reason = "3 log records rejected", .status = 200, .answer = "{\"partialSuccess\":{}}"};

/* Acknowledges a batch of which `lost` were refused, nobody knows which. */
static void ack_part(struct queue_fixture *fixture, struct fr_batch *batch, size_t lost)
{
	begin(fixture);
	assert_int_equal(fr_batch_ack_part(fixture->queue, batch, lost, &some_lost, &fixture->err),
			 FR_OK);
	commit(fixture);
	fr_batch_free(batch);
}

static void assert_books(struct queue_fixture *fixture, int64_t delivered, int64_t queued,
			 int64_t dead, int64_t dropped)
{
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), delivered);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT queued FROM ledger"), queued);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead FROM ledger"), dead);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), dropped);
	queue_fixture_verify(fixture);
}

static int64_t letters(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters");
}

/* ---- k of n, and nobody knows which ---- */

static void of_a_part_that_was_lost_every_event_is_kept_and_only_the_lost_are_dead(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 10);
	ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 3);
	assert_books(fixture, 7, 0, 3, 0);
	assert_int_equal(letters(fixture), 10);
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
	ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 0);
	assert_books(fixture, 4, 0, 0, 0);
	assert_int_equal(letters(fixture), 0);
}

static void a_sink_that_says_it_lost_more_than_it_was_sent_lost_all_of_it(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 4);
	ack_part(fixture, queue_fixture_claim(fixture, sink, 100), 90);
	assert_books(fixture, 0, 0, 4, 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters WHERE "
						    "refused = 'this event'"),
			 4);
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
	};
#undef WITH_A_QUEUE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
