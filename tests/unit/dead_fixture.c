#include "dead_fixture.h"

#include "support/test.h"

void dead_begin(struct queue_fixture *fixture)
{
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
}

void dead_commit(struct queue_fixture *fixture)
{
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
}

void dead_ack_part(struct queue_fixture *fixture, struct fr_batch *batch, size_t lost)
{
	static const struct fr_refusal some_lost = {.reason = "some log records were rejected",
						    .status = 200,
						    .answer = "{\"partialSuccess\":{}}"};

	dead_begin(fixture);
	assert_int_equal(fr_batch_ack_part(fixture->queue, batch, lost, &some_lost, &fixture->err),
			 FR_OK);
	dead_commit(fixture);
	fr_batch_free(batch);
}

void dead_bury(struct queue_fixture *fixture, struct fr_batch *batch, const char *reason)
{
	struct fr_refusal why = {.reason = reason, .status = 400, .answer = "no such field"};

	dead_begin(fixture);
	assert_int_equal(fr_batch_bury(fixture->queue, batch, &why, &fixture->err), FR_OK);
	dead_commit(fixture);
	fr_batch_free(batch);
}

void dead_assert_books(struct queue_fixture *fixture, int64_t delivered, int64_t queued,
		       int64_t dead, int64_t dropped)
{
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), delivered);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT queued FROM ledger"), queued);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead FROM ledger"), dead);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), dropped);
	queue_fixture_verify(fixture);
}

int64_t dead_letters(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters");
}

static bool on_letter(void *context, const struct fr_letter *letter)
{
	struct dead_seen *seen = context;

	assert_true(seen->count < 64);
	seen->letters[seen->count] = *letter; /* its texts end with the call */
	seen->ids[seen->count++] = letter->id;
	return true;
}

struct dead_seen dead_look(struct queue_fixture *fixture, const struct fr_letter_filter *filter)
{
	static const struct fr_letter_filter all = {0};
	struct fr_snapshot *snapshot = NULL;
	struct dead_seen seen = {.count = 0};

	fr_queue_close(fixture->queue); /* another process looks, usually */
	fixture->queue = NULL;
	assert_int_equal(fr_snapshot_open(&snapshot, fixture->options.home, fixture->options.env,
					  &fixture->err),
			 FR_OK);
	assert_int_equal(fr_snapshot_letters(snapshot, filter ? filter : &all, on_letter, &seen,
					     &fixture->err),
			 FR_OK);
	fr_snapshot_close(snapshot);
	queue_fixture_reopen(fixture);
	return seen;
}

struct fr_dead_tally dead_ask_for_all(struct queue_fixture *fixture)
{
	struct dead_seen seen = dead_look(fixture, NULL);
	struct fr_dead_tally tally;

	assert_int_equal(fr_dead_ask(fixture->queue, seen.ids, seen.count, &tally, &fixture->err),
			 FR_OK);
	return tally;
}

int64_t dead_make(struct queue_fixture *fixture, unsigned count)
{
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, count);
	dead_bury(fixture, queue_fixture_claim(fixture, sink, 1000), "unknown field");
	return sink;
}
