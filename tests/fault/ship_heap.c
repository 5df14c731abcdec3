/* Out of memory, at every allocation between a claim and the booking of its answer: once, and from
 * there on. The courier waits and goes on; no event is lost, and no rejection is overlooked.
 * FLIGHTREC_FAULT_ALL=1 tries every allocation also with several batches in flight.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault_heap.h"
#include "support/test.h"
#include "unit/courier_fixture.h"

enum { EVENTS = 12 };

static char answer_text[256];

/* Takes everything but the first event. */
static int reject_first(struct courier_world *world, const struct courier_sent *request)
{
	const char *first = strstr(request->body, "\"eventId\":\"");

	(void)snprintf(answer_text, sizeof answer_text,
		       "{\"rejected\":[{\"eventId\":\"%.36s\",\"reason\":\"\\u0061 reason\"}]}",
		       first + strlen("\"eventId\":\""));
	world->answer_body = answer_text;
	return 200;
}

/* One delivery in so many batches, all in flight, with the Nth allocation failing, and what is left
 * of it once there is memory. */
static bool deliver_with_fault(unsigned batches, unsigned n, bool for_ever)
{
	struct courier_world *world;
	void *state;
	bool fired;
	int i;

	assert_int_equal(courier_set_up(&state), 0);
	world = state;
	world->serve = reject_first;
	world->settings.inflight = batches;
	world->settings.max_events = EVENTS / batches;
	courier_open(world);
	queue_fixture_record_many(world->queue, EVENTS);
	courier_tamper(world, "UPDATE event SET properties = '[]' WHERE seq = 7");
	fault_heap_arm(n, for_ever);
	courier_flush(world);
	courier_pass(world, 1000);
	fired = fault_heap_disarm();
	for (i = 0; i < 20 && !fr_courier_is_done(world->courier); i++) {
		courier_pass(world, 900000);
		courier_flush(world);
	}
	assert_true(fr_courier_is_done(world->courier));
	assert_int_equal(courier_booked(world, "delivered") + courier_booked(world, "dead"),
			 EVENTS);
	assert_int_equal(courier_booked(world, "dead"), batches + 1); /* and the one in no form */
	assert_in_range(world->sent_count, batches, batches + 1);
	assert_int_equal(courier_tear_down(&state), 0);
	return fired;
}

static void a_courier_without_memory_waits_and_loses_nothing(void **state)
{
	unsigned n = 1;

	(void)state;
	while (deliver_with_fault(1, n, false))
		n++;
	assert_true(n > 20); /* it was about something */
	n = 1;
	while (deliver_with_fault(1, n, true))
		n++;
}

static void so_does_one_with_several_batches_in_flight(void **state)
{
	unsigned step = getenv("FLIGHTREC_FAULT_ALL") != NULL ? 1 : 3, n = 1;

	(void)state;
	while (deliver_with_fault(3, n, false))
		n += step;
	assert_true(n > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_courier_without_memory_waits_and_loses_nothing),
		cmocka_unit_test(so_does_one_with_several_batches_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
