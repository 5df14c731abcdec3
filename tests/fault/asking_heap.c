/* Out of memory, at every allocation between a batch and its answer when the server is asked first:
 * once, and from there on. A request either is not taken, and then nobody calls back, or is called
 * back about exactly once; what never left is never said to be taken.
 */
#include "ship/asking.h"

#include <stdlib.h>
#include <string.h>

#include "support/fault_heap.h"
#include "support/test.h"
#include "unit/sink_fixture.h"

/* The transport behind it, with room for one. It allocates nothing, and answers when told to. */
struct world {
	struct fr_transport inner; /* first: the fake is the world */
	struct fr_exchange exchange;
	fr_on_result *on_result; /* NULL: nothing is under way */
	void *context;
	bool is_question;
	unsigned freed, questions, inserts; /* what it was given */

	unsigned calls;
	enum fr_outcome outcome;
	bool is_unsent;
};

static enum fr_status inner_send(struct fr_transport *transport, const struct fr_sending *sending,
				 struct fr_exchange **out, struct fr_error *err)
{
	struct world *world = (struct world *)transport;
	const char *body = fr_buffer_text(&sending->request->body);

	(void)err;
	assert_null(world->on_result);
	world->is_question = strstr(body, "system.settings") != NULL;
	if (world->is_question)
		world->questions++;
	else
		world->inserts++;
	assert_true(world->is_question || strstr(body, "tool_use_error") != NULL);
	world->on_result = sending->on_result;
	world->context = sending->context;
	world->exchange.transport = transport;
	*out = &world->exchange;
	return FR_OK;
}

static void inner_finish(struct world *world, enum fr_outcome outcome, const char *body)
{
	const struct fr_exchange_result result = {
		.outcome = outcome,
		.answer = {.status = outcome == FR_OUTCOME_ANSWER ? 200 : 0,
			   .content_type = "",
			   .retry_after = "",
			   .date = "",
			   .body = body,
			   .body_length = strlen(body)},
		.text = "",
	};
	fr_on_result *on_result = world->on_result;

	world->on_result = NULL;
	on_result(world->context, &result);
}

static void inner_cancel(struct fr_exchange *exchange)
{
	inner_finish((struct world *)exchange->transport, FR_OUTCOME_AMBIGUOUS, "");
}

static void inner_use_http1(struct fr_transport *transport)
{
	(void)transport;
}

static void inner_free(struct fr_transport *transport)
{
	struct world *world = (struct world *)transport;

	world->freed++;
	if (world->on_result != NULL)
		inner_cancel(&world->exchange);
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct world *world = context;

	world->calls++;
	world->outcome = result->outcome;
	world->is_unsent = result->is_unsent;
}

static void inner_serve(struct world *world)
{
	while (world->on_result != NULL)
		inner_finish(world, FR_OUTCOME_ANSWER, world->is_question ? "max_threads\n" : "");
}

/* One batch; true when it was taken. */
static bool deliver(struct world *world, struct fr_transport *transport,
		    const struct fr_sink_settings *settings)
{
	const struct fr_sink_format *format = fr_sink_format_find("clickhouse");
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	struct fr_sending sending = {&request, SINK_TIME_US, on_result, world};
	struct fr_exchange *exchange;
	struct fr_error err = {0};
	enum fr_status status;
	unsigned before = world->calls;

	fr_request_init(&request, 1 << 20);
	status = format->encode(settings, &batch, &request, &err);
	if (status == FR_OK)
		status = fr_transport_send(transport, &sending, &exchange, &err);
	assert_true(status == FR_OK || status == FR_NOMEM);
	inner_serve(world);
	assert_int_equal(world->calls, before + (status == FR_OK ? 1 : 0));
	fr_request_fini(&request);
	return status == FR_OK && world->outcome == FR_OUTCOME_ANSWER && !world->is_unsent;
}

/* False when all allocations were through before the fault. */
static bool deliver_with_fault(unsigned n, bool for_ever)
{
	static const struct fr_transport_kind kind = {inner_send, inner_cancel, inner_use_http1,
						      inner_free};
	const struct fr_sink_format *format = fr_sink_format_find("clickhouse");
	struct fr_sink_settings settings = sink_settings("clickhouse");
	struct world world = {.inner = {.kind = &kind}};
	struct fr_transport *transport = NULL;
	struct fr_error err = {0};
	bool was_taken = false, has_failed;

	settings.url = "http://127.0.0.1:8123";
	settings.table = "telemetry.events";
	settings.user = "writer";
	settings.password = "p4ss";
	fault_heap_arm(n, for_ever);
	if (fr_asking_new(&transport, &world.inner, &settings, format->question, &err) == FR_OK)
		was_taken = deliver(&world, transport, &settings);
	has_failed = fault_heap_disarm();
	assert_int_equal(was_taken, world.inserts == 1);
	if (transport != NULL)
		assert_true(deliver(&world, transport, &settings));
	fr_transport_free(transport);
	assert_int_equal(world.freed, 1);
	return has_failed;
}

static void without_memory_a_batch_is_sent_or_is_not_and_nobody_is_told_otherwise(void **state)
{
	unsigned n = 1;

	(void)state;
	while (deliver_with_fault(n, false))
		n++;
	assert_true(n > 15); /* it was about something */
	n = 1;
	while (deliver_with_fault(n, true))
		n++;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			without_memory_a_batch_is_sent_or_is_not_and_nobody_is_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
