/* What the courier makes of refused content: halves, dead letters, and the suspicion that it is the
 * setup. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

static const int64_t minute_ms = 60000;

static int64_t ask(struct courier_world *world, const char *sql)
{
	return queue_fixture_ask(world->queue, sql);
}

/* One event delivered: from now on the sink is known to work. */
static void warm_up(struct courier_world *world)
{
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 200);
}

/* ---- refusals of content ---- */

static int refuse_poison(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	return strstr(request->body, "\"eventName\":\"poison\"") != NULL ? 400 : 200;
}

static void record_with_poison(struct courier_world *world, int count, int first, int poisons)
{
	const struct queue_event poison = {.name = "poison"};
	int i;

	for (i = 0; i < count; i++)
		assert_int_equal(queue_fixture_record(
					 world->queue,
					 i >= first && i < first + poisons ? &poison : NULL, NULL),
				 FR_OK);
}

static void one_bad_event_in_a_hundred_is_found_in_15_requests(void **state)
{
	struct courier_world *world = *state;
	int at;

	warm_up(world);
	world->serve = refuse_poison;
	for (at = 0; at < 100; at += 33) {
		size_t before = world->sent_count;

		record_with_poison(world, 100, at, 1);
		courier_wake(world);
		assert_true(world->sent_count - before <= 15);
		courier_expect(world, FR_COURIER_IDLE, "");
	}
	assert_int_equal(courier_booked(world, "delivered"), 1 + 4 * 99);
	assert_int_equal(courier_booked(world, "dead"), 4);
	assert_int_equal(ask(world, "SELECT count(*) FROM dead_letter WHERE name = 'poison' AND "
				    "status = 400"),
			 4);
}

static void five_adjacent_bad_events_leave_95(void **state)
{
	struct courier_world *world = *state;

	warm_up(world);
	world->serve = refuse_poison;
	record_with_poison(world, 100, 47, 5);
	courier_wake(world);
	assert_int_equal(courier_booked(world, "delivered"), 1 + 95);
	assert_int_equal(courier_booked(world, "dead"), 5);
}

static void halves_keep_the_order_and_get_ids_of_their_own(void **state)
{
	struct courier_world *world = *state;

	warm_up(world);
	queue_fixture_record_many(world->queue, 4);
	courier_flush(world);
	courier_answer(world, 422);
	assert_int_equal(world->sent_count, 3);
	assert_int_equal(courier_last(world)->events, 2);
	assert_string_not_equal(world->sent[1].batch, world->sent[2].batch);
	courier_answer(world, 200);
	assert_int_equal(courier_last(world)->events, 2);
	assert_string_not_equal(world->sent[2].batch, world->sent[3].batch);
	assert_non_null(strstr(world->sent[2].body, "\"seq\":1,"));
	assert_non_null(strstr(world->sent[3].body, "\"seq\":4,"));
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 5);
}

static void a_dead_letter_keeps_what_the_server_said(void **state)
{
	struct courier_world *world = *state;

	warm_up(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	world->answer_body = "{\"error\":\"no\n\x1b[31mschema\"}";
	courier_answer(world, 422);
	assert_int_equal(ask(world, "SELECT count(*) FROM dead_letter WHERE status = 422 AND "
				    "reason LIKE 'HTTP 422: %' AND "
				    "answer = '{\"error\":\"no  [31mschema\"}'"),
			 1);
}

static int refuse_all(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	(void)request;
	return 400;
}

static void a_sink_that_never_accepted_anything_buries_nothing(void **state)
{
	struct courier_world *world = *state;
	int64_t since_us;
	size_t before;

	world->serve = refuse_all;
	courier_open(world);
	queue_fixture_record_many(world->queue, 300);
	courier_wake(world);
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_in_range(world->sent_count, 2, 15);
	assert_int_equal(courier_booked(world, "dead"), 0);
	before = world->sent_count;
	since_us = courier_state(world).since_us;
	courier_pass(world, 15 * minute_ms);
	assert_in_range(world->sent_count, before + 1, before + 8); /* one event, found by halves */
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_int_equal(courier_state(world).since_us, since_us);
	world->serve = courier_serve_ok;
	courier_pass(world, 15 * minute_ms);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 300);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static void a_bad_first_event_does_not_hold_up_a_new_sink(void **state)
{
	struct courier_world *world = *state;

	world->serve = refuse_poison;
	courier_open(world);
	record_with_poison(world, 100, 0, 1);
	courier_wake(world);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 99);
	assert_int_equal(courier_booked(world, "dead"), 1);
}

static void many_bad_first_events_are_found_out_by_probing_others(void **state)
{
	struct courier_world *world = *state;
	int i;

	world->serve = refuse_poison;
	courier_open(world);
	record_with_poison(world, 100, 0, 40);
	courier_wake(world);
	for (i = 0; i < 20 && courier_state(world).state == FR_COURIER_PAUSED; i++)
		courier_pass(world, 15 * minute_ms);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 60);
	assert_int_equal(courier_booked(world, "dead"), 40);
}

static void a_lone_bad_event_on_a_new_sink_is_buried_once_another_is_accepted(void **state)
{
	struct courier_world *world = *state;

	world->serve = refuse_poison;
	courier_open(world);
	record_with_poison(world, 1, 0, 1);
	courier_flush(world);
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_int_equal(courier_booked(world, "dead"), 0);
	queue_fixture_record_many(world->queue, 1);
	courier_pass(world, 15 * minute_ms);
	courier_pass(world, 15 * minute_ms);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 1);
	assert_int_equal(courier_booked(world, "dead"), 1);
}

static void a_server_that_refuses_everything_does_not_empty_the_queue(void **state)
{
	struct courier_world *world = *state;

	warm_up(world);
	world->serve = refuse_all;
	queue_fixture_record_many(world->queue, 1000);
	courier_wake(world);
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_int_equal(courier_booked(world, "dead"), 16);
	courier_pass(world, 15 * minute_ms);
	courier_close(world);
	courier_open(world); /* nor does it by and by, with each start */
	courier_expect(world, FR_COURIER_PAUSED, "setup");
	assert_int_equal(courier_booked(world, "dead"), 16);
	world->serve = courier_serve_ok;
	courier_pass(world, 15 * minute_ms);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 1 + 1000 - 16);
	assert_int_equal(courier_booked(world, "dead"), 16);
}

static void a_long_run_of_bad_events_is_told_from_a_broken_server_by_trying_others(void **state)
{
	struct courier_world *world = *state;

	warm_up(world);
	world->serve = refuse_poison;
	record_with_poison(world, 100, 0, 60);
	courier_wake(world);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 1 + 40);
	assert_int_equal(courier_booked(world, "dead"), 60);
}

static int limit_bytes;

static int refuse_large(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	return request->length > (size_t)limit_bytes ? 413 : 200;
}

static void a_413_halves_and_later_batches_stay_small(void **state)
{
	struct courier_world *world = *state;
	size_t i, refused = 0;

	warm_up(world);
	world->serve = refuse_large;
	limit_bytes = 20000;
	queue_fixture_record_many(world->queue, 500);
	courier_flush(world);
	for (i = 0; i < world->sent_count; i++)
		refused += world->sent[i].length > (size_t)limit_bytes;
	assert_int_equal(courier_booked(world, "delivered"), 501);
	assert_int_equal(courier_booked(world, "dead"), 0);
	assert_in_range(refused, 1, 2);
	assert_true(ask(world, "SELECT limit_bytes FROM sink") > 4096);
	courier_close(world);
	courier_open(world);
	queue_fixture_record_many(world->queue, 200);
	courier_flush(world);
	for (; i < world->sent_count; i++)
		assert_true(world->sent[i].length <= (size_t)limit_bytes);
}

static int refuse_many(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	return request->events > 1 ? 413 : 200;
}

static size_t requests_for(struct courier_world *world, int events)
{
	const struct queue_event large = {.bytes = 1000};
	size_t before = world->sent_count;

	for (int i = 0; i < events; i++)
		assert_int_equal(queue_fixture_record(world->queue, &large, NULL), FR_OK);
	courier_flush(world);
	return world->sent_count - before;
}

static void a_limit_that_no_longer_holds_is_outgrown(void **state)
{
	struct courier_world *world = *state;
	int round;

	warm_up(world);
	world->serve = refuse_many; /* a proxy with a wrong limit, for a minute */
	(void)requests_for(world, 100);
	assert_int_equal(ask(world, "SELECT limit_bytes FROM sink"), 4096);
	world->serve = courier_serve_ok;
	assert_in_range(requests_for(world, 100), 15, 50);
	for (round = 0; round < 30 && requests_for(world, 400) > 4; round++)
		;
	assert_int_equal(requests_for(world, 100), 1);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static void a_limit_that_holds_is_seldom_tried(void **state)
{
	struct courier_world *world = *state;
	size_t all = 0, refused = 0, i;

	warm_up(world);
	world->serve = refuse_large;
	limit_bytes = 20000;
	(void)requests_for(world, 100);
	i = world->sent_count;
	all = requests_for(world, 2000);
	for (; i < world->sent_count; i++)
		refused += world->sent[i].length > (size_t)limit_bytes;
	assert_in_range(refused, 0, all / 30);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static void a_lone_event_too_large_for_the_server_is_buried(void **state)
{
	const struct queue_event large = {.bytes = 30000};
	struct courier_world *world = *state;

	warm_up(world);
	world->serve = refuse_large;
	limit_bytes = 20000;
	queue_fixture_record_many(world->queue, 3);
	assert_int_equal(queue_fixture_record(world->queue, &large, NULL), FR_OK);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 7);
	assert_int_equal(ask(world, "SELECT count(*) FROM dead_letter WHERE status = 413"), 1);
}

/* ---- answers that say more ---- */

static char answer_text[512];

static int reject_one(struct courier_world *world, const struct courier_sent *request)
{
	const char *second = strstr(strstr(request->body, "\"eventId\":\"") + 1, "\"eventId\":\"");

	(void)snprintf(answer_text, sizeof answer_text,
		       "{\"accepted\":2,\"rejected\":[{\"eventId\":\"%.36s\","
		       "\"reason\":\"unknown tool\"}]}",
		       second + strlen("\"eventId\":\""));
	world->answer_body = answer_text;
	return 200;
}

static void events_that_a_2xx_rejects_become_dead_letters(void **state)
{
	struct courier_world *world = *state;

	world->serve = reject_one;
	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	assert_int_equal(ask(world, "SELECT count(*) FROM dead_letter WHERE seq = 1 AND status = "
				    "200 AND reason = 'unknown tool'"),
			 1);
	assert_int_equal(courier_state(world).delivered_events, 2);
}

static void a_409_for_a_batch_taken_before_is_an_ack(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	courier_pass(world, minute_ms);
	world->answer_body = "{\"accepted\":0,\"duplicates\":2,\"rejected\":[]}";
	courier_answer(world, 409);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 2);
}

static void a_2xx_whose_body_broke_off_acks_and_is_counted(void **state)
{
	struct courier_world *world = *state;

	world->body_is_cut = true;
	world->serve = reject_one; /* what could be read of it does not count */
	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 3);
	assert_int_equal(courier_state(world).unread, 1);
}

static void an_event_that_cannot_be_encoded_dies_alone(void **state)
{
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_tamper(world, "UPDATE event SET properties = '{\"a\":' WHERE seq = 1");
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_last(world)->events, 2);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	assert_int_equal(ask(world, "SELECT count(*) FROM dead_letter WHERE seq = 1 AND reason = "
				    "'cannot be encoded for this sink'"),
			 1);
}

static void a_batch_of_nothing_that_can_be_encoded_is_buried_unsent(void **state)
{
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_tamper(world, "UPDATE event SET properties = '[]'");
	courier_flush(world);
	assert_int_equal(world->sent_count, 0);
	assert_int_equal(courier_booked(world, "dead"), 2);
	courier_expect(world, FR_COURIER_IDLE, "");
}

static void an_answer_for_a_batch_that_was_purged_meanwhile_changes_nothing(void **state)
{
	static const int statuses[] = {200, 400, 401, 413, 500};
	struct courier_world *world = *state;
	int64_t purged;
	size_t i;

	courier_open(world);
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		queue_fixture_record_many(world->queue, 2);
		courier_flush(world);
		assert_int_equal(fr_queue_purge(world->queue->queue, &purged, NULL), FR_OK);
		courier_answer(world, statuses[i]);
		courier_pass(world, 15 * minute_ms);
	}
	assert_int_equal(courier_booked(world, "delivered"), 0);
	assert_int_equal(courier_booked(world, "dead"), 0);
	assert_int_equal(courier_booked(world, "dropped"), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_bad_event_in_a_hundred_is_found_in_15_requests),
		T(five_adjacent_bad_events_leave_95),
		T(halves_keep_the_order_and_get_ids_of_their_own),
		T(a_dead_letter_keeps_what_the_server_said),
		T(a_sink_that_never_accepted_anything_buries_nothing),
		T(a_bad_first_event_does_not_hold_up_a_new_sink),
		T(many_bad_first_events_are_found_out_by_probing_others),
		T(a_lone_bad_event_on_a_new_sink_is_buried_once_another_is_accepted),
		T(a_server_that_refuses_everything_does_not_empty_the_queue),
		T(a_long_run_of_bad_events_is_told_from_a_broken_server_by_trying_others),
		T(a_413_halves_and_later_batches_stay_small),
		T(a_limit_that_no_longer_holds_is_outgrown),
		T(a_limit_that_holds_is_seldom_tried),
		T(a_lone_event_too_large_for_the_server_is_buried),
		T(events_that_a_2xx_rejects_become_dead_letters),
		T(a_409_for_a_batch_taken_before_is_an_ack),
		T(a_2xx_whose_body_broke_off_acks_and_is_counted),
		T(an_event_that_cannot_be_encoded_dies_alone),
		T(a_batch_of_nothing_that_can_be_encoded_is_buried_unsent),
		T(an_answer_for_a_batch_that_was_purged_meanwhile_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
