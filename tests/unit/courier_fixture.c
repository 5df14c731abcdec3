#include "unit/courier_fixture.h"

#include <event2/event.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* ---- the transport ---- */

struct fake_transport {
	struct fr_transport base;
	struct courier_world *world;
};

static void key_copy(char out[64], const struct fr_request *request)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < request->header_count; i++)
		if (strcmp(request->headers[i].name, "Idempotency-Key") == 0)
			(void)snprintf(out, 64, "%.36s", request->headers[i].value + 1);
}

static size_t events_count(const char *body)
{
	size_t count = 0;

	while ((body = strstr(body, "\"eventId\":")) != NULL) {
		count++;
		body++;
	}
	return count;
}

static enum fr_status fake_send(struct fr_transport *base, const struct fr_sending *sending,
				struct fr_exchange **out, struct fr_error *err)
{
	struct courier_world *world = ((struct fake_transport *)base)->world;
	struct courier_sent *sent = &world->sent[world->sent_count];
	char sql[128];

	if (world->send_status != FR_OK)
		return fr_fail(err, world->send_status, "the transport's words");
	assert_null(world->on_result);
	assert_true(world->sent_count < COURIER_SENT_MAX);
	/* Nothing leaves before its batch is committed and sealed. */
	(void)snprintf(sql, sizeof sql,
		       "SELECT count(*) FROM batch WHERE sink = %d AND maybe_taken",
		       (int)world->sink);
	assert_int_equal(queue_fixture_ask(world->queue, sql), 1);
	world->sent_count++;
	key_copy(sent->batch, sending->request);
	sent->body = fr_buffer_take(&sending->request->body, &sent->length);
	sent->events = events_count(sent->body);
	sent->boot_us = world->queue->world.boot_us;
	world->on_result = sending->on_result;
	world->context = sending->context;
	world->exchange.transport = base;
	*out = &world->exchange;
	return FR_OK;
}

static void fake_cancel(struct fr_exchange *exchange)
{
	courier_silence(((struct fake_transport *)exchange->transport)->world,
			FR_OUTCOME_AMBIGUOUS);
}

static void fake_use_http1(struct fr_transport *base)
{
	((struct fake_transport *)base)->world->http1++;
}

static void fake_free(struct fr_transport *base)
{
	struct courier_world *world = ((struct fake_transport *)base)->world;

	if (world->on_result != NULL)
		fake_cancel(&world->exchange);
	free(base);
}

static struct fr_transport *fake_new(struct courier_world *world)
{
	static const struct fr_transport_kind kind = {fake_send, fake_cancel, fake_use_http1,
						      fake_free};
	struct fake_transport *transport = calloc(1, sizeof *transport);

	transport->base.kind = &kind;
	transport->world = world;
	return &transport->base;
}

static void finish(struct courier_world *world, const struct fr_exchange_result *result)
{
	fr_on_result *on_result = world->on_result;

	assert_non_null(on_result);
	world->on_result = NULL;
	on_result(world->context, result);
}

void courier_answer(struct courier_world *world, int status)
{
	struct fr_exchange_result result = {.outcome = FR_OUTCOME_ANSWER,
					    .text = "",
					    .answer = {.status = status,
						       .content_type = world->content_type,
						       .retry_after = world->retry_after,
						       .date = "",
						       .body = world->answer_body,
						       .body_length = strlen(world->answer_body),
						       .body_incomplete = world->body_is_cut}};

	finish(world, &result);
	courier_run(world);
}

void courier_silence(struct courier_world *world, enum fr_outcome outcome)
{
	struct fr_exchange_result result = {
		.outcome = outcome,
		.text = "nobody there",
		.answer = {.content_type = "", .retry_after = "", .date = "", .body = ""}};

	finish(world, &result);
	if (world->courier != NULL)
		courier_run(world);
}

/* ---- the world ---- */

int courier_set_up(void **state)
{
	struct courier_world *world = calloc(1, sizeof *world);
	void *queue;

	assert_non_null(world);
	assert_int_equal(queue_fixture_set_up(&queue), 0);
	world->queue = queue;
	world->loop = event_base_new();
	world->settings = sink_settings("first_party");
	world->settings.name = "first";
	world->settings.url = "https://telemetry.example.com/v1/events";
	world->answer_body = world->retry_after = world->content_type = "";
	world->sink = queue_fixture_sinks(world->queue, "first", NULL);
	*state = world;
	return 0;
}

int courier_tear_down(void **state)
{
	struct courier_world *world = *state;
	void *queue = world->queue;
	size_t i;

	courier_close(world);
	queue_fixture_verify(world->queue);
	event_base_free(world->loop);
	for (i = 0; i < world->sent_count; i++)
		free(world->sent[i].body);
	free(world);
	return queue_fixture_tear_down(&queue);
}

static void on_progress(void *context)
{
	((struct courier_world *)context)->progress++;
}

void courier_open(struct courier_world *world)
{
	struct fr_courier_options options = {
		.loop = world->loop,
		.queue = world->queue->queue,
		.env = &world->queue->world.env,
		.settings = &world->settings,
		.sink = world->sink,
		.on_progress = on_progress,
		.context = world,
		.transport = fake_new(world),
	};
	struct fr_error err = {.text = ""};

	if (fr_courier_new(&world->courier, &options, &err) != FR_OK)
		fail_msg("%s", err.text);
	courier_run(world);
}

void courier_close(struct courier_world *world)
{
	struct fr_courier *courier = world->courier;

	world->courier = NULL;
	fr_courier_free(courier);
}

void courier_run(struct courier_world *world)
{
	size_t before;
	int i;

	do {
		before = world->sent_count;
		for (i = 0; i < 4; i++)
			(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
		if (world->on_result != NULL && world->serve != NULL) {
			int status = world->serve(world, courier_last(world));

			if (status != 0)
				courier_answer(world, status);
		}
	} while (world->sent_count != before);
}

void courier_wake(struct courier_world *world)
{
	fr_courier_wake(world->courier);
	courier_run(world);
}

void courier_flush(struct courier_world *world)
{
	fr_courier_flush(world->courier);
	courier_run(world);
}

void courier_pass(struct courier_world *world, int64_t ms)
{
	test_world_pass(&world->queue->world, ms * 1000);
	courier_wake(world);
}

const struct courier_sent *courier_last(const struct courier_world *world)
{
	assert_true(world->sent_count > 0);
	return &world->sent[world->sent_count - 1];
}

struct fr_courier_facts courier_state(const struct courier_world *world)
{
	struct fr_courier_facts facts;

	fr_courier_facts(world->courier, &facts);
	return facts;
}

void courier_expect(const struct courier_world *world, enum fr_courier_state state,
		    const char *kind)
{
	struct fr_courier_facts facts = courier_state(world);

	assert_string_equal(facts.state_name, fr_courier_state_name(state));
	assert_string_equal(facts.kind, kind);
}

int64_t courier_booked(struct courier_world *world, const char *kind)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql,
		       "SELECT coalesce(sum(events), 0) FROM ledger_entry WHERE kind = '%s'", kind);
	return queue_fixture_ask(world->queue, sql);
}

void courier_tamper(struct courier_world *world, const char *sql)
{
	char path[TEST_PATH_MAX];
	sqlite3 *db = NULL;

	(void)test_folder_path(&world->queue->folder, "queue.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int courier_serve_ok(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	(void)request;
	return 200;
}
