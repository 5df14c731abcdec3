/* News that ends a wait: another network, other credentials. */
#include "support/test.h"

#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

enum { MINUTE_MS = 60000, JITTER_MS = 5000 };

static void network_change(struct courier_world *world)
{
	fr_courier_network_changed(world->courier);
	courier_pass(world, 0);
}

static void an_outage_make(struct courier_world *world)
{
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (int i = 0; i < 8; i++) {
		courier_silence(world, FR_OUTCOME_OFFLINE);
		courier_pass(world, MINUTE_MS);
	}
	courier_silence(world, FR_OUTCOME_OFFLINE);
	courier_expect(world, FR_COURIER_WAITING, "offline");
	assert_in_range(courier_state(world).next_attempt_in_ms, 30000, 60000);
}

static void another_network_ends_an_offline_wait_within_five_seconds(void **state)
{
	struct courier_world *world = *state;
	size_t sent;

	an_outage_make(world);
	sent = world->sent_count;
	network_change(world);
	assert_int_equal(world->sent_count, sent); /* not at once: others come back, too */
	assert_in_range(courier_state(world).next_attempt_in_ms, 0, JITTER_MS);
	courier_pass(world, JITTER_MS);
	assert_int_equal(world->sent_count, sent + 1);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 1);
}

/* A network that goes away in the middle of a request looks like a server that says nothing. */
static void a_request_that_was_cut_off_goes_again_in_another_network(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (int i = 0; i < 5; i++) {
		courier_silence(world, FR_OUTCOME_AMBIGUOUS);
		courier_pass(world, MINUTE_MS);
	}
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	assert_true(courier_state(world).next_attempt_in_ms > JITTER_MS);
	network_change(world);
	courier_pass(world, JITTER_MS);
	assert_int_equal(world->sent_count, 7);
	assert_string_equal(world->sent[6].body, world->sent[0].body);
}

static void not_all_come_back_at_the_same_moment(void **state)
{
	struct courier_world *world = *state;
	int64_t least = JITTER_MS, most = 0;

	an_outage_make(world);
	for (int i = 0; i < 12; i++) {
		int64_t wait_ms;

		network_change(world);
		wait_ms = courier_state(world).next_attempt_in_ms;
		least = wait_ms < least ? wait_ms : least;
		most = wait_ms > most ? wait_ms : most;
		courier_pass(world, JITTER_MS);
		courier_silence(world, FR_OUTCOME_OFFLINE);
	}
	assert_true(most - least > 500);
}

static void news_never_lengthen_a_wait(void **state)
{
	struct courier_world *world = *state;
	int64_t wait_ms;

	an_outage_make(world);
	network_change(world);
	wait_ms = courier_state(world).next_attempt_in_ms;
	for (int i = 0; i < 50; i++) {
		network_change(world);
		assert_true(courier_state(world).next_attempt_in_ms <= wait_ms);
		wait_ms = courier_state(world).next_attempt_in_ms;
	}
}

static void a_servers_own_trouble_waits_on(void **state)
{
	struct courier_world *world = *state;
	int64_t wait_ms;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	world->retry_after = "600";
	courier_answer(world, 503);
	wait_ms = courier_state(world).next_attempt_in_ms;
	network_change(world);
	fr_courier_credentials_changed(world->courier);
	courier_pass(world, 0);
	assert_int_equal(courier_state(world).next_attempt_in_ms, wait_ms);
	courier_pass(world, JITTER_MS);
	assert_int_equal(world->sent_count, 1);
}

static void a_captive_portal_and_a_proxy_are_tried_again_in_another_network(void **state)
{
	static const int statuses[] = {511, 407, 401, 302};
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		courier_answer(world, statuses[i]);
		assert_true(courier_state(world).next_attempt_in_ms > JITTER_MS);
		network_change(world);
		courier_pass(world, JITTER_MS);
		assert_int_equal(world->sent_count, i + 2);
	}
}

static void other_credentials_are_tried_at_once(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	courier_answer(world, 403);
	courier_expect(world, FR_COURIER_PAUSED, "credentials");
	world->serve = courier_serve_ok;
	fr_courier_credentials_changed(world->courier);
	courier_pass(world, 0);
	assert_true(world->sent_count > 1);
	courier_pass(world, MINUTE_MS);
	assert_int_equal(courier_booked(world, "delivered"), 3);
}

/* The link is up, then comes the address: a request that the first news set off fails meanwhile. */
static void news_while_a_request_is_under_way_count_when_it_has_failed(void **state)
{
	struct courier_world *world = *state;
	size_t sent;

	an_outage_make(world);
	network_change(world);
	courier_pass(world, JITTER_MS);
	network_change(world);
	courier_silence(world, FR_OUTCOME_OFFLINE);
	courier_expect(world, FR_COURIER_WAITING, "offline");
	assert_in_range(courier_state(world).next_attempt_in_ms, 0, JITTER_MS);
	sent = world->sent_count;
	courier_pass(world, JITTER_MS);
	assert_int_equal(world->sent_count, sent + 1);
	courier_silence(world, FR_OUTCOME_OFFLINE); /* it was sent after the news */
	assert_true(courier_state(world).next_attempt_in_ms > JITTER_MS);
}

static void news_while_a_request_is_under_way_do_not_mend_a_server(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	network_change(world);
	world->retry_after = "600";
	courier_answer(world, 503);
	assert_true(courier_state(world).next_attempt_in_ms >= 600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(another_network_ends_an_offline_wait_within_five_seconds),
		T(a_request_that_was_cut_off_goes_again_in_another_network),
		T(not_all_come_back_at_the_same_moment),
		T(news_never_lengthen_a_wait),
		T(a_servers_own_trouble_waits_on),
		T(a_captive_portal_and_a_proxy_are_tried_again_in_another_network),
		T(other_credentials_are_tried_at_once),
		T(news_while_a_request_is_under_way_count_when_it_has_failed),
		T(news_while_a_request_is_under_way_do_not_mend_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
