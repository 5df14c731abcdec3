/* What the courier makes of a sink that fails or cannot be reached: backoffs and pauses. */
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

static void expect_same_request(const struct courier_sent *a, const struct courier_sent *b)
{
	assert_string_equal(a->batch, b->batch);
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->body, b->body, a->length);
}

/* ---- backoff ---- */

static void a_failing_server_is_asked_again_with_the_same_bytes_after_a_backoff(void **state)
{
	struct courier_world *world = *state;
	struct fr_courier_facts facts;

	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	courier_answer(world, 500);
	courier_expect(world, FR_COURIER_WAITING, "server");
	facts = courier_state(world);
	assert_in_range(facts.next_attempt_in_ms, 500, 1000);
	assert_string_equal(facts.reason, "HTTP 500: the server failed");
	assert_true(facts.since_us > 0);
	courier_pass(world, 499);
	assert_int_equal(world->sent_count, 1);
	courier_pass(world, 501);
	assert_int_equal(world->sent_count, 2);
	expect_same_request(&world->sent[0], &world->sent[1]);
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_state(world).since_us, 0);
	assert_int_equal(courier_booked(world, "delivered"), 3);
}

static void waits_grow_to_the_cap_and_shrink_by_steps(void **state)
{
	struct courier_world *world = *state;
	int64_t wait_ms = 0;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 20; i++) {
		courier_answer(world, 502);
		wait_ms = courier_state(world).next_attempt_in_ms;
		assert_true(wait_ms <= 5 * minute_ms);
		courier_pass(world, wait_ms + 1);
		assert_int_equal(world->sent_count, (size_t)i + 2);
	}
	assert_in_range(wait_ms, 150000, 300000);
	courier_answer(world, 200);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 502);
	assert_true(courier_state(world).next_attempt_in_ms > 100000); /* not forgiven at once */
}

static void offline_waits_are_capped_at_a_minute(void **state)
{
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 15; i++) {
		courier_silence(world, FR_OUTCOME_OFFLINE);
		courier_expect(world, FR_COURIER_WAITING, "offline");
		assert_true(courier_state(world).next_attempt_in_ms <= minute_ms);
		courier_pass(world, minute_ms);
	}
	assert_int_equal(courier_state(world).ambiguous, 0);
	assert_int_equal(world->http1, 0);
}

static void a_retry_after_is_kept_to_also_against_a_flush(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	world->retry_after = "120";
	courier_answer(world, 429);
	courier_expect(world, FR_COURIER_WAITING, FR_KIND_RETRY_AFTER);
	assert_in_range(courier_state(world).next_attempt_in_ms, 120000, 180000);
	courier_flush(world);
	courier_pass(world, 119000);
	assert_int_equal(world->sent_count, 1);
	courier_pass(world, 61000);
	assert_int_equal(world->sent_count, 2);
}

/* So long that the wait has reached its cap, and then well again: the batch in hand is taken. */
static void courier_live_through_an_outage(struct courier_world *world)
{
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 15; i++) {
		courier_answer(world, 502);
		courier_pass(world, 5 * minute_ms);
	}
	queue_fixture_record_many(world->queue, 400);
	courier_answer(world, 200);
}

static void after_an_outage_what_waits_goes_step_by_step(void **state)
{
	static const size_t counts[] = {10, 100, 100, 100};
	static const int64_t longest_ms[] = {300000, 128000, 32000, 8000};
	struct courier_world *world = *state;
	size_t i, sent;

	courier_live_through_an_outage(world);
	for (i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		courier_expect(world, FR_COURIER_WAITING, "");
		assert_non_null(strstr(courier_state(world).reason, "step by step"));
		assert_in_range(courier_state(world).next_attempt_in_ms, 1, longest_ms[i]);
		sent = world->sent_count;
		courier_wake(world);
		assert_int_equal(world->sent_count, sent);
		courier_pass(world, longest_ms[i]);
		assert_int_equal(world->sent_count, sent + 1);
		assert_int_equal(courier_last(world)->events, counts[i]);
		courier_answer(world, 200);
	}
	courier_pass(world, 2000);
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 401);
}

static void a_flush_after_an_outage_does_not_go_step_by_step(void **state)
{
	struct courier_world *world = *state;

	courier_live_through_an_outage(world);
	world->serve = courier_serve_ok;
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 401);
	courier_pass(world, 5 * minute_ms);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_string_equal(courier_state(world).reason, "");
}

static void a_flush_ends_a_wait_of_our_own(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 503);
	courier_flush(world);
	assert_int_equal(world->sent_count, 2);
	courier_answer(world, 503);
	courier_wake(world); /* one flush, one try */
	assert_int_equal(world->sent_count, 2);
}

static void a_flush_that_met_a_fault_goes_on_behind_the_wait(void **state)
{
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 30);
	courier_flush(world);
	courier_answer(world, 503);
	queue_fixture_record_many(world->queue, 30);
	courier_flush(world);
	courier_answer(world, 503);
	courier_pass(world, 4000);
	for (i = 0; i < 10 && courier_state(world).state == FR_COURIER_SENDING; i++)
		courier_answer(world, 200);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_state(world).delivered_events, 60);
}

static void redirects_wait_30_seconds_and_pause_after_ten(void **state)
{
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 9; i++) {
		courier_answer(world, 302);
		courier_expect(world, FR_COURIER_WAITING, "redirect");
		assert_in_range(courier_state(world).next_attempt_in_ms, 30000, 300000);
		courier_pass(world, 300000);
	}
	courier_answer(world, 302);
	courier_expect(world, FR_COURIER_PAUSED, "redirect");
}

static void a_broken_answer_is_ambiguous_and_the_third_falls_back_to_http1(void **state)
{
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	for (i = 1; i <= 3; i++) {
		assert_int_equal(world->http1, 0);
		courier_silence(world, FR_OUTCOME_AMBIGUOUS);
		courier_expect(world, FR_COURIER_WAITING, "ambiguous");
		assert_int_equal(ask(world, "SELECT ambiguous FROM sink"), i);
		courier_pass(world, 5 * minute_ms);
		expect_same_request(&world->sent[0], &world->sent[i]);
	}
	assert_int_equal(world->http1, 1);
	assert_int_equal(courier_state(world).ambiguous, 3);
}

static void tls_faults_wait_and_drop_nothing(void **state)
{
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	for (i = 0; i < 12; i++) {
		courier_silence(world, FR_OUTCOME_TLS);
		courier_expect(world, FR_COURIER_WAITING, "tls");
		courier_pass(world, 5 * minute_ms);
	}
	world->serve = courier_serve_ok;
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
}

static void a_definite_refusal_is_noted_but_never_over_an_ambiguous_one(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 429);
	assert_int_equal(ask(world, "SELECT maybe_taken FROM batch"), 0);
	courier_pass(world, minute_ms);
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	assert_int_equal(ask(world, "SELECT maybe_taken FROM batch"), 1);
	courier_pass(world, 5 * minute_ms);
	courier_answer(world, 429);
	assert_int_equal(ask(world, "SELECT maybe_taken FROM batch"), 1);
}

/* ---- pause ---- */

static int refuse_the_key(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	(void)request;
	return 401;
}

static void a_wrong_key_for_a_week_drops_nothing_and_costs_one_event_every_15_minutes(void **state)
{
	struct courier_world *world = *state;
	int quarter;

	world->serve = refuse_the_key;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1000);
	courier_wake(world);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	assert_int_equal(ask(world, "SELECT paused FROM sink"), 1);
	assert_int_equal(courier_state(world).next_attempt_in_ms, 15 * minute_ms);
	for (quarter = 0; quarter < 7 * 24 * 4; quarter++) {
		courier_pass(world, 15 * minute_ms);
		assert_int_equal(world->sent_count, (size_t)quarter + 2);
		assert_int_equal(courier_last(world)->events, 1);
	}
	world->serve = courier_serve_ok;
	courier_pass(world, 15 * minute_ms);
	courier_flush(world);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(ask(world, "SELECT paused FROM sink"), 0);
	assert_int_equal(courier_booked(world, "delivered"), 1000);
	assert_int_equal(courier_booked(world, "dead"), 0);
}

static void a_pause_is_probed_by_a_flush_and_by_a_new_start(void **state)
{
	struct courier_world *world = *state;

	world->serve = refuse_the_key;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	courier_flush(world);
	assert_int_equal(world->sent_count, 2);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	courier_close(world);
	world->serve = courier_serve_ok;
	courier_open(world);
	assert_int_equal(world->sent_count, 3);
	courier_expect(world, FR_COURIER_IDLE, "");
}

static void a_pause_with_nothing_to_probe_with_stays_one_without_a_timer(void **state)
{
	struct courier_world *world = *state;
	int64_t purged;

	world->serve = refuse_the_key;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	assert_int_equal(fr_queue_purge(world->queue->queue, &purged, NULL), FR_OK);
	courier_pass(world, 15 * minute_ms);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	assert_int_equal(courier_state(world).next_attempt_in_ms, -1);
	assert_true(fr_courier_is_done(world->courier));
	world->serve = courier_serve_ok;
	queue_fixture_record_many(world->queue, 1);
	courier_wake(world);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 1);
}

static void a_batch_that_may_have_been_taken_is_not_cut_for_a_pause(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 4);
	courier_flush(world);
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	courier_pass(world, minute_ms);
	courier_answer(world, 403);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	courier_pass(world, 15 * minute_ms);
	assert_int_equal(world->sent_count, 3);
	expect_same_request(&world->sent[0], &world->sent[2]);
}

static void a_captive_portal_pauses_and_never_acks(void **state)
{
	struct courier_world *world = *state;

	world->content_type = "text/html";
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_answer(world, 200); /* the fake speaks no TLS */
	courier_expect(world, FR_COURIER_PAUSED, "captive_portal");
	assert_in_range(courier_state(world).next_attempt_in_ms, 60000, 300000);
	assert_int_equal(courier_booked(world, "delivered"), 0);
	world->content_type = "application/json";
	courier_pass(world, 300000);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	expect_same_request(&world->sent[0], &world->sent[1]);
}

static void a_request_that_cannot_be_made_pauses_and_one_that_cannot_be_sent_waits(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	world->send_status = FR_INVALID;
	courier_flush(world);
	courier_expect(world, FR_COURIER_PAUSED, "local");
	assert_non_null(strstr(courier_state(world).reason, "the transport's words"));
	assert_int_equal(ask(world, "SELECT maybe_taken FROM batch"), 0);
	world->send_status = FR_IO;
	courier_flush(world);
	courier_expect(world, FR_COURIER_WAITING, "offline");
	world->send_status = FR_OK;
	courier_flush(world);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 1);
}

static void settings_that_make_no_request_pause_the_sink_and_say_so(void **state)
{
	struct courier_world *world = *state;

	world->settings.url = "";
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_expect(world, FR_COURIER_PAUSED, "local");
	assert_non_null(strstr(courier_state(world).reason, "sink first: no url"));
	assert_int_equal(ask(world, "SELECT paused FROM sink"), 1);
	assert_int_equal(ask(world, "SELECT count(*) FROM batch"), 0);
	courier_close(world);
	world->settings.url = "https://telemetry.example.com/";
	world->serve = courier_serve_ok;
	courier_open(world);
	assert_int_equal(courier_booked(world, "delivered"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_failing_server_is_asked_again_with_the_same_bytes_after_a_backoff),
		T(waits_grow_to_the_cap_and_shrink_by_steps),
		T(offline_waits_are_capped_at_a_minute),
		T(a_retry_after_is_kept_to_also_against_a_flush),
		T(after_an_outage_what_waits_goes_step_by_step),
		T(a_flush_after_an_outage_does_not_go_step_by_step),
		T(a_flush_ends_a_wait_of_our_own),
		T(a_flush_that_met_a_fault_goes_on_behind_the_wait),
		T(redirects_wait_30_seconds_and_pause_after_ten),
		T(a_broken_answer_is_ambiguous_and_the_third_falls_back_to_http1),
		T(tls_faults_wait_and_drop_nothing),
		T(a_definite_refusal_is_noted_but_never_over_an_ambiguous_one),
		T(a_wrong_key_for_a_week_drops_nothing_and_costs_one_event_every_15_minutes),
		T(a_pause_is_probed_by_a_flush_and_by_a_new_start),
		T(a_pause_with_nothing_to_probe_with_stays_one_without_a_timer),
		T(a_batch_that_may_have_been_taken_is_not_cut_for_a_pause),
		T(a_captive_portal_pauses_and_never_acks),
		T(a_request_that_cannot_be_made_pauses_and_one_that_cannot_be_sent_waits),
		T(settings_that_make_no_request_pause_the_sink_and_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
