/* Several batches in flight: answers in any order, each for its own batch; one commit for all that
 * have come; and one at a time as soon as anything is wrong. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/lock.h"
#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

enum { IN_FLIGHT = 4 };

/* A sink that is known to work, with so many full batches, as many under way as may be. */
static void take_off(struct courier_world *world, unsigned batches)
{
	world->settings.inflight = IN_FLIGHT;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 200);
	queue_fixture_record_many(world->queue, batches * 100);
	courier_wake(world);
	assert_int_equal(world->under_way_count, batches < IN_FLIGHT ? batches : IN_FLIGHT);
}

static int64_t ask(struct courier_world *world, const char *sql)
{
	return queue_fixture_ask(world->queue, sql);
}

static bool is_open(struct courier_world *world, const struct courier_sent *sent)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM batch WHERE uuid = '%s'",
		       sent->batch);
	return ask(world, sql) == 1;
}

static void answers_in_any_order_finish_their_own_batches(void **state)
{
	static const size_t order[] = {2, 0, 1, 0};
	struct courier_world *world = *state;
	size_t i;

	take_off(world, IN_FLIGHT);
	assert_int_equal(world->sent_count, 1 + IN_FLIGHT);
	for (i = 0; i < IN_FLIGHT; i++) {
		const struct courier_sent *sent = courier_asked(world, order[i]);

		assert_int_equal(courier_state(world).in_flight, IN_FLIGHT - i);
		assert_true(is_open(world, sent));
		courier_answer_at(world, order[i], 200);
		assert_false(is_open(world, sent));
		assert_int_equal(courier_booked(world, "delivered"), 1 + 100 * (int)(i + 1));
	}
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(world->sent_count, 1 + IN_FLIGHT);
}

static void each_answer_makes_room_for_the_next_batch(void **state)
{
	struct courier_world *world = *state;

	take_off(world, 10);
	courier_answer_at(world, 3, 200);
	assert_int_equal(world->under_way_count, IN_FLIGHT);
	assert_int_equal(world->sent_count, 1 + IN_FLIGHT + 1);
	world->serve = courier_serve_ok;
	courier_run(world);
	assert_int_equal(courier_booked(world, "delivered"), 1001);
	assert_int_equal(world->sent_count, 1 + 10);
}

static void events_that_come_while_there_is_room_do_not_wait_for_an_answer(void **state)
{
	struct courier_world *world = *state;

	take_off(world, 2);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	assert_int_equal(world->under_way_count, 3);
	queue_fixture_record_many(world->queue, 5);
	courier_wake(world);
	assert_int_equal(world->under_way_count, 3);
	courier_pass(world, 15000);
	assert_int_equal(world->under_way_count, 4);
	assert_int_equal(courier_last(world)->events, 5);
}

static void answers_that_have_come_share_one_commit(void **state)
{
	struct courier_world *world = *state;
	unsigned before;

	take_off(world, 8);
	before = world->progress;
	courier_answer_quietly(world, 3, 200);
	courier_answer_quietly(world, 1, 200);
	courier_answer_quietly(world, 1, 200);
	courier_expect(world, FR_COURIER_ACKING, "");
	courier_run(world);
	assert_int_equal(world->progress, before + 1);
	assert_int_equal(courier_booked(world, "delivered"), 301);
	assert_int_equal(world->under_way_count, IN_FLIGHT);
}

static void a_failure_lets_the_others_finish_and_then_one_goes_at_a_time(void **state)
{
	struct courier_world *world = *state;
	size_t sent;

	take_off(world, 40);
	courier_answer_at(world, 1, 503);
	assert_int_equal(world->under_way_count, IN_FLIGHT - 1);
	courier_answer(world, 200);
	courier_answer(world, 200);
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_WAITING, "overloaded");
	sent = world->sent_count;
	courier_pass(world, 1000);
	assert_int_equal(world->sent_count, sent + 1);
	assert_string_equal(courier_last(world)->body, world->sent[2].body); /* the refused one */
	courier_answer(world, 200);
	assert_int_equal(world->under_way_count, 1);
	assert_int_equal(courier_last(world)->events, 10);
	courier_answer(world, 200);
	assert_int_equal(world->under_way_count, IN_FLIGHT);
	assert_int_equal(courier_last(world)->events, 100);
}

static void what_fails_at_the_same_time_is_one_failure(void **state)
{
	struct courier_world *world = *state;
	int i;

	take_off(world, IN_FLIGHT);
	for (i = 0; i < IN_FLIGHT; i++)
		courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	courier_expect(world, FR_COURIER_WAITING, "ambiguous");
	assert_true(courier_state(world).next_attempt_in_ms <= 1000);
	assert_int_equal(world->http1, 0);
	assert_int_equal(courier_state(world).ambiguous, IN_FLIGHT);
	assert_int_equal(ask(world, "SELECT attempts FROM sink"), 1);
	assert_int_equal(ask(world, "SELECT streak FROM sink"), 1);
}

static void a_success_from_before_does_not_end_the_wait(void **state)
{
	struct courier_world *world = *state;

	take_off(world, IN_FLIGHT);
	world->retry_after = "600";
	courier_answer(world, 503);
	world->retry_after = "";
	courier_answer(world, 200);
	courier_answer(world, 400);
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_WAITING, FR_KIND_RETRY_AFTER);
	assert_in_range(courier_state(world).next_attempt_in_ms, 600000, 660000);
	courier_flush(world);
	assert_int_equal(world->under_way_count, 0);
}

static void the_longest_of_the_servers_wishes_counts(void **state)
{
	static const char *const wishes[] = {"60", "600", "5", "90"};
	struct courier_world *world = *state;
	size_t i;

	take_off(world, IN_FLIGHT);
	for (i = 0; i < IN_FLIGHT; i++) {
		world->retry_after = wishes[i];
		courier_answer(world, 429);
	}
	assert_in_range(courier_state(world).next_attempt_in_ms, 600000, 660000);
}

static void a_refused_key_pauses_though_others_were_told_to_wait(void **state)
{
	static const int answers[] = {503, 401, 200, 500};
	struct courier_world *world = *state;
	size_t i;

	take_off(world, IN_FLIGHT);
	for (i = 0; i < IN_FLIGHT; i++)
		courier_answer(world, answers[i]);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	assert_int_equal(courier_booked(world, "delivered"), 101);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static int refuse_poison(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	return strstr(request->body, "\"eventName\":\"poison\"") != NULL ? 400 : 200;
}

static void halves_wait_for_what_is_under_way_and_go_one_by_one(void **state)
{
	const struct queue_event poison = {.name = "poison"};
	struct courier_world *world = *state;
	size_t sent;
	int i;

	take_off(world, 0);
	for (i = 0; i < 400; i++)
		assert_int_equal(
			queue_fixture_record(world->queue, i == 133 ? &poison : NULL, NULL), FR_OK);
	courier_wake(world);
	assert_int_equal(world->under_way_count, IN_FLIGHT);
	sent = world->sent_count;
	courier_answer_at(world, 1, 400);
	assert_int_equal(world->sent_count, sent);
	courier_answer(world, 200);
	courier_answer(world, 200);
	courier_answer(world, 200);
	assert_int_equal(world->under_way_count, 1);
	assert_int_equal(courier_last(world)->events, 50);
	world->serve = refuse_poison;
	courier_run(world);
	assert_int_equal(courier_booked(world, "delivered"), 400);
	assert_int_equal(courier_booked(world, "dead"), 1);
	assert_true(world->sent_count - sent <= 14); /* and the first one: 15 for the batch */
	courier_expect(world, FR_COURIER_IDLE, "");
}

static void after_a_crash_those_in_flight_go_again_as_they_were_and_no_others(void **state)
{
	struct courier_world *world = *state;
	size_t i, before;

	take_off(world, 8);
	courier_answer_at(world, 2, 200);
	before = world->sent_count;
	courier_close(world);
	queue_fixture_reopen(world->queue);
	world->serve = courier_serve_ok;
	courier_open(world);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 801);
	assert_int_equal(world->sent_count, before + IN_FLIGHT + 3); /* three were never sent */
	for (i = 0; i < IN_FLIGHT; i++) {
		static const size_t left[] = {1, 2, 4, 5};
		const struct courier_sent *first = &world->sent[left[i]];

		assert_string_equal(world->sent[before + i].batch, first->batch);
		assert_string_equal(world->sent[before + i].body, first->body);
	}
}

static struct fr_lock *lock_out(struct courier_world *world)
{
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	struct fr_error err = {.text = ""};

	(void)test_folder_path(&world->queue->folder, "queue.lock", path);
	assert_int_equal(fr_lock_open(&lock, path, &err), FR_OK);
	assert_int_equal(fr_lock_acquire(lock, 1000, &err), FR_OK);
	return lock;
}

static void answers_that_the_queue_cannot_book_yet_are_kept_and_booked_one_by_one(void **state)
{
	struct courier_world *world = *state;
	struct fr_lock *lock;
	unsigned before;
	int i;

	world->queue->options.busy_ms = 1;
	queue_fixture_reopen(world->queue);
	take_off(world, 8);
	lock = lock_out(world);
	for (i = 0; i < IN_FLIGHT; i++)
		courier_answer(world, 200);
	courier_expect(world, FR_COURIER_ACKING, "queue");
	assert_int_equal(courier_booked(world, "delivered"), 1);
	before = world->progress;
	fr_lock_release(lock);
	fr_lock_close(lock);
	courier_pass(world, 5000);
	assert_int_equal(courier_booked(world, "delivered"), 401);
	assert_int_equal(world->progress, before + 2); /* one alone, then the rest */
	assert_int_equal(world->under_way_count, IN_FLIGHT);
	assert_int_equal(world->sent_count, 1 + 8);
}

static void after_stop_all_that_is_under_way_is_still_booked(void **state)
{
	struct courier_world *world = *state;
	int i;

	take_off(world, 8);
	fr_courier_stop(world->courier);
	courier_run(world);
	for (i = 0; i < IN_FLIGHT; i++) {
		assert_true(fr_courier_is_busy(world->courier));
		courier_answer(world, 200);
	}
	assert_false(fr_courier_is_busy(world->courier));
	assert_int_equal(courier_booked(world, "delivered"), 401);
	assert_int_equal(world->sent_count, 1 + IN_FLIGHT);
}

static void answers_that_are_large_together_are_booked_in_steps(void **state)
{
	struct queue_event large = {.bytes = 40000};
	struct courier_world *world = *state;
	unsigned before;
	int i;

	take_off(world, 0);
	world->settings.max_events = 10;
	for (i = 0; i < 40; i++)
		assert_int_equal(queue_fixture_record(world->queue, &large, NULL), FR_OK);
	courier_wake(world);
	assert_int_equal(world->under_way_count, IN_FLIGHT);
	before = world->progress;
	for (i = 0; i < IN_FLIGHT; i++)
		courier_answer_quietly(world, 0, 200);
	courier_run(world);
	assert_true(world->progress > before + 1);
	assert_int_equal(courier_booked(world, "delivered"), 41);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers_in_any_order_finish_their_own_batches),
		T(each_answer_makes_room_for_the_next_batch),
		T(events_that_come_while_there_is_room_do_not_wait_for_an_answer),
		T(answers_that_have_come_share_one_commit),
		T(a_failure_lets_the_others_finish_and_then_one_goes_at_a_time),
		T(what_fails_at_the_same_time_is_one_failure),
		T(a_success_from_before_does_not_end_the_wait),
		T(the_longest_of_the_servers_wishes_counts),
		T(a_refused_key_pauses_though_others_were_told_to_wait),
		T(halves_wait_for_what_is_under_way_and_go_one_by_one),
		T(after_a_crash_those_in_flight_go_again_as_they_were_and_no_others),
		T(answers_that_the_queue_cannot_book_yet_are_kept_and_booked_one_by_one),
		T(after_stop_all_that_is_under_way_is_still_booked),
		T(answers_that_are_large_together_are_booked_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
