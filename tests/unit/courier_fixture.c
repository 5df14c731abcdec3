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

/* Nothing leaves before its batch is committed and sealed. */
static void expect_sealed(const struct courier_world *world, const char *uuid)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql,
		       "SELECT count(*) FROM batch WHERE sink = %d AND maybe_taken%s%s%s",
		       (int)world->sink, uuid[0] != '\0' ? " AND uuid = '" : "", uuid,
		       uuid[0] != '\0' ? "'" : "");
	assert_int_equal(queue_fixture_ask(world->queue, sql), 1);
}

static struct courier_request *request_free(struct courier_world *world)
{
	size_t i = 0;

	while (world->requests[i].on_result != NULL)
		i++;
	return &world->requests[i];
}

static enum fr_status fake_send(struct fr_transport *base, const struct fr_sending *sending,
				struct fr_exchange **out, struct fr_error *err)
{
	struct courier_world *world = ((struct fake_transport *)base)->world;
	struct courier_sent *sent = &world->sent[world->sent_count];
	struct courier_request *request;

	if (world->send_status != FR_OK)
		return fr_fail(err, world->send_status, "the transport's words");
	assert_true(world->under_way_count < world->settings.inflight);
	assert_true(world->sent_count < COURIER_SENT_MAX);
	key_copy(sent->batch, sending->request);
	expect_sealed(world, sent->batch);
	sent->body = fr_buffer_take(&sending->request->body, &sent->length);
	sent->events = events_count(sent->body);
	sent->boot_us = world->queue->world.boot_us;
	request = request_free(world);
	*request = (struct courier_request){
		{base}, sending->on_result, sending->context, world->sent_count++};
	world->under_way[world->under_way_count++] = request;
	if (world->under_way_most < world->under_way_count)
		world->under_way_most = world->under_way_count;
	*out = &request->exchange;
	return FR_OK;
}

static void fake_cancel(struct fr_exchange *exchange)
{
	struct courier_world *world = ((struct fake_transport *)exchange->transport)->world;
	size_t at = 0;

	while (&world->under_way[at]->exchange != exchange)
		at++;
	courier_silence_at(world, at, FR_OUTCOME_AMBIGUOUS);
}

static void fake_use_http1(struct fr_transport *base)
{
	((struct fake_transport *)base)->world->http1++;
}

static void fake_free(struct fr_transport *base)
{
	struct courier_world *world = ((struct fake_transport *)base)->world;

	while (world->under_way_count > 0)
		fake_cancel(&world->under_way[0]->exchange);
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

static void finish(struct courier_world *world, size_t at, const struct fr_exchange_result *result)
{
	struct courier_request *request;
	fr_on_result *on_result;
	size_t i;

	assert_true(at < world->under_way_count);
	request = world->under_way[at];
	world->under_way_count--;
	for (i = at; i < world->under_way_count; i++)
		world->under_way[i] = world->under_way[i + 1];
	on_result = request->on_result;
	request->on_result = NULL; /* free, also for what is sent from inside the call */
	on_result(request->context, result);
}

const struct courier_sent *courier_asked(const struct courier_world *world, size_t at)
{
	assert_true(at < world->under_way_count);
	return &world->sent[world->under_way[at]->sent];
}

void courier_answer_quietly(struct courier_world *world, size_t at, int status)
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

	finish(world, at, &result);
}

void courier_answer_at(struct courier_world *world, size_t at, int status)
{
	courier_answer_quietly(world, at, status);
	courier_run(world);
}

void courier_answer(struct courier_world *world, int status)
{
	courier_answer_at(world, 0, status);
}

void courier_silence_at(struct courier_world *world, size_t at, enum fr_outcome outcome)
{
	struct fr_exchange_result result = {
		.outcome = outcome,
		.text = "nobody there",
		.answer = {.content_type = "", .retry_after = "", .date = "", .body = ""}};

	finish(world, at, &result);
	if (world->courier != NULL)
		courier_run(world);
}

void courier_silence(struct courier_world *world, enum fr_outcome outcome)
{
	courier_silence_at(world, 0, outcome);
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

/* Answers the first request that is to have an answer now; what comes of it is run, too. */
static void serve_first(struct courier_world *world)
{
	int status = 0;
	size_t at;

	for (at = 0; world->serve != NULL && at < world->under_way_count && status == 0; at++) {
		status = world->serve(world, courier_asked(world, at));
		if (status != 0)
			courier_answer_at(world, at, status);
	}
}

void courier_run(struct courier_world *world)
{
	size_t before;
	int i;

	do {
		before = world->sent_count;
		for (i = 0; i < 4; i++)
			(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
		serve_first(world);
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
