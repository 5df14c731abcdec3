/* What the courier does where a format says what an answer means. The format is one of the test's
 * own: it reads out of every answer what the test has put into `said`. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "ship/courier_parts.h"
#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

static const int64_t minute_ms = 60000;

static struct fr_answer_details said;
static struct fr_sink_format format;

static enum fr_status read_said(const struct fr_sink_batch *batch, const struct fr_answer *answer,
				struct fr_answer_details *details)
{
	(void)batch;
	(void)answer;
	*details = said;
	return FR_OK;
}

/* Works, has accepted one event, and from now on means what `said` says. */
static void begin(struct courier_world *world)
{
	said = (struct fr_answer_details){.meaning = FR_ANSWER_BY_STATUS};
	courier_open(world);
	format = *world->courier->format;
	format.read_answer = read_said;
	world->courier->format = &format;
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 1);
}

static void answer_meaning(struct courier_world *world, enum fr_answer_meaning meaning)
{
	said.meaning = meaning;
	(void)snprintf(said.words, sizeof said.words, "in other words");
	courier_answer(world, 500);
}

static void what_counts_as_taken_is_acked_whatever_its_status(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	answer_meaning(world, FR_ANSWER_TAKEN);
	assert_int_equal(courier_booked(world, "delivered"), 101);
	courier_expect(world, FR_COURIER_IDLE, "");
}

static void later_means_the_same_bytes_after_a_backoff(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	answer_meaning(world, FR_ANSWER_LATER);
	courier_expect(world, FR_COURIER_WAITING, "server");
	courier_pass(world, minute_ms);
	assert_int_equal(world->sent_count, 3);
	assert_string_equal(world->sent[2].batch, world->sent[1].batch);
	assert_string_equal(world->sent[2].body, world->sent[1].body);
}

static void a_setup_fault_pauses_shows_the_words_and_drops_nothing(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	answer_meaning(world, FR_ANSWER_SETUP);
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_non_null(strstr(courier_state(world).reason, "in other words"));
	assert_int_equal(courier_state(world).next_attempt_in_ms, 15 * minute_ms);
	courier_pass(world, 15 * minute_ms);
	assert_int_equal(courier_last(world)->events, 1);
	said.meaning = FR_ANSWER_BY_STATUS;
	world->serve = courier_serve_ok;
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 101);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static void what_must_not_be_sent_again_is_buried_whole_and_three_in_a_row_pause(void **state)
{
	struct courier_world *world = *state;
	size_t sent;

	begin(world);
	queue_fixture_record_many(world->queue, 1000);
	courier_wake(world);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	assert_int_equal(courier_booked(world, "dead"), 100);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	assert_int_equal(courier_booked(world, "dead"), 300);
	courier_expect(world, FR_COURIER_PAUSED, "for_good");
	assert_int_equal(courier_state(world).next_attempt_in_ms, 15 * minute_ms);
	assert_int_equal(queue_fixture_ask(world->queue, "SELECT count(*) FROM dead_letter WHERE "
							 "reason LIKE '%in other words%'"),
			 300);

	/* A probe costs one event, and the pause goes on. */
	sent = world->sent_count;
	courier_pass(world, 15 * minute_ms);
	assert_int_equal(world->sent_count, sent + 1);
	assert_int_equal(courier_last(world)->events, 1);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	assert_int_equal(courier_booked(world, "dead"), 301);
	courier_expect(world, FR_COURIER_PAUSED, "for_good");
	courier_pass(world, 15 * minute_ms);
	said.meaning = FR_ANSWER_BY_STATUS;
	world->serve = courier_serve_ok;
	courier_answer(world, 200);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 1 + 1000 - 301);
	courier_expect(world, FR_COURIER_IDLE, "");
}

static void refusals_for_good_with_a_success_between_them_do_not_pause(void **state)
{
	struct courier_world *world = *state;
	int i;

	begin(world);
	queue_fixture_record_many(world->queue, 1000);
	courier_wake(world);
	for (i = 0; i < 5; i++) {
		answer_meaning(world, FR_ANSWER_FOR_GOOD);
		answer_meaning(world, FR_ANSWER_TAKEN);
	}
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "dead"), 500);
	assert_int_equal(courier_booked(world, "delivered"), 501);
}

static void the_streak_of_refusals_for_good_survives_a_restart(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 300);
	courier_wake(world);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	courier_close(world);
	courier_open(world);
	world->courier->format = &format;
	answer_meaning(world, FR_ANSWER_FOR_GOOD);
	courier_expect(world, FR_COURIER_PAUSED, "for_good");
	assert_int_equal(courier_booked(world, "dead"), 300);
}

static void what_nobody_knows_is_tried_six_times_and_then_probed(void **state)
{
	struct courier_world *world = *state;
	int i;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	for (i = 0; i < 5; i++) {
		answer_meaning(world, FR_ANSWER_NOBODY_KNOWS);
		courier_expect(world, FR_COURIER_WAITING, "unknown");
		courier_pass(world, 5 * minute_ms);
	}
	answer_meaning(world, FR_ANSWER_NOBODY_KNOWS);
	courier_expect(world, FR_COURIER_PAUSED, "unknown");
	courier_pass(world, 15 * minute_ms);
	assert_int_equal(world->sent_count, 1 + 7);
	assert_string_equal(courier_last(world)->body, world->sent[1].body);
	said.meaning = FR_ANSWER_TAKEN;
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 101);
}

/* Which of them, nobody knows: all are kept, and so many count as dead. */
static void so_many_refused_of_a_batch_are_booked_as_dead_and_all_are_kept(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	said = (struct fr_answer_details){.lost = 7, .words = "7 rejected: too old"};
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 1 + 93);
	assert_int_equal(courier_booked(world, "dead"), 7);
	assert_int_equal(courier_state(world).delivered_events, 1 + 93);
	assert_int_equal(queue_fixture_ask(world->queue, "SELECT count(*) FROM dead_letter WHERE "
							 "reason = '7 rejected: too old'"),
			 100);
	assert_int_equal(world->sent_count, 2);
}

static void all_refused_of_a_batch_are_dead(void **state)
{
	struct courier_world *world = *state;

	begin(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	said = (struct fr_answer_details){.lost = 200};
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 1);
	assert_int_equal(courier_booked(world, "dead"), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_counts_as_taken_is_acked_whatever_its_status),
		T(later_means_the_same_bytes_after_a_backoff),
		T(a_setup_fault_pauses_shows_the_words_and_drops_nothing),
		T(what_must_not_be_sent_again_is_buried_whole_and_three_in_a_row_pause),
		T(refusals_for_good_with_a_success_between_them_do_not_pause),
		T(the_streak_of_refusals_for_good_survives_a_restart),
		T(what_nobody_knows_is_tried_six_times_and_then_probed),
		T(so_many_refused_of_a_batch_are_booked_as_dead_and_all_are_kept),
		T(all_refused_of_a_batch_are_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
