#include "support/test.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/lock.h"
#include "ship/courier.h"
#include "ship/transport.h"
#include "support/queue_fixture.h"
#include "unit/sink_fixture.h"

struct world {
	struct queue_fixture *queue;
	struct event_base *loop;
	struct fr_sink_settings settings;
	struct fr_transport *transport;
	struct fr_courier *courier;
	int64_t sink;
	char path[TEST_PATH_MAX];
	unsigned calls;
	enum fr_outcome outcome;
	int status;
	char text[FR_OUTCOME_TEXT];
};

static int world_make(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	void *queue;

	assert_non_null(world);
	assert_int_equal(queue_fixture_set_up(&queue), 0);
	world->queue = queue;
	world->loop = event_base_new();
	world->sink = queue_fixture_sinks(world->queue, "local", NULL);
	world->settings = sink_settings("file");
	world->settings.name = "local";
	world->settings.path =
		test_folder_path(&world->queue->folder, "delivered.ndjson", world->path);
	*state = world;
	return 0;
}

static int world_end(void **state)
{
	struct world *world = *state;
	void *queue = world->queue;

	fr_courier_free(world->courier);
	fr_transport_free(world->transport);
	event_base_free(world->loop);
	free(world);
	return queue_fixture_tear_down(&queue);
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct world *world = context;

	world->calls++;
	world->outcome = result->outcome;
	world->status = result->answer.status;
	(void)snprintf(world->text, sizeof world->text, "%s", result->text);
}

static struct fr_exchange *send_text(struct world *world, const char *text)
{
	struct fr_request request;
	struct fr_sending sending = {&request, SINK_TIME_US, on_result, world};
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};

	if (world->transport == NULL)
		assert_int_equal(fr_transport_new(&world->transport, world->loop, &world->settings,
						  &world->queue->world.env, &err),
				 FR_OK);
	fr_request_init(&request, 1 << 20);
	assert_int_equal(fr_request_set_url(&request, world->path, &err), FR_OK);
	fr_buffer_add_text(&request.body, text);
	world->calls = 0;
	assert_int_equal(fr_transport_send(world->transport, &sending, &exchange, &err), FR_OK);
	assert_int_equal(world->calls, 0); /* never from inside send */
	fr_request_fini(&request);
	return exchange;
}

static void run(struct world *world)
{
	int i;

	for (i = 0; i < 8; i++)
		(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
}

static size_t lines_in(const char *path)
{
	size_t length, lines = 0, i;
	char *text = test_file_read(path, &length);

	for (i = 0; text != NULL && i < length; i++)
		lines += text[i] == '\n';
	free(text);
	return lines;
}

static void written_lines_are_a_200(void **state)
{
	struct world *world = *state;

	(void)send_text(world, "{\"eventId\":\"a\"}\n");
	run(world);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->status, 200);
	assert_int_equal(lines_in(world->path), 1);
}

static void a_file_that_cannot_be_written_says_why(void **state)
{
	struct world *world = *state;

	assert_int_equal(mkdir(world->path, 0700), 0);
	(void)send_text(world, "{\"eventId\":\"a\"}\n");
	run(world);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->outcome, FR_OUTCOME_FILE);
	assert_non_null(strstr(world->text, "delivered.ndjson is a folder"));
}

static void what_is_cancelled_is_not_written_and_called_back_once(void **state)
{
	struct world *world = *state;

	fr_transport_cancel(send_text(world, "{\"eventId\":\"a\"}\n"));
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->outcome, FR_OUTCOME_AMBIGUOUS);
	run(world);
	assert_int_equal(world->calls, 1);
	(void)send_text(world, "{\"eventId\":\"b\"}\n");
	fr_transport_free(world->transport);
	world->transport = NULL;
	assert_int_equal(world->calls, 1);
	run(world);
	assert_int_equal(access(world->path, F_OK), -1);
}

static void courier_open(struct world *world)
{
	struct fr_courier_options options = {.loop = world->loop,
					     .queue = world->queue->queue,
					     .env = &world->queue->world.env,
					     .settings = &world->settings,
					     .sink = world->sink};
	struct fr_error err = {.text = ""};

	assert_int_equal(fr_courier_new(&world->courier, &options, &err), FR_OK);
	fr_courier_flush(world->courier);
	run(world);
}

static void a_courier_delivers_into_a_file(void **state)
{
	struct world *world = *state;

	queue_fixture_record_many(world->queue, 250);
	courier_open(world);
	assert_true(fr_courier_is_done(world->courier));
	assert_int_equal(lines_in(world->path), 250);
}

/* Dead between the write and the ack: the batch is sent again and the file holds each line once. */
static void a_crash_before_the_ack_doubles_no_line(void **state)
{
	struct world *world = *state;
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	struct fr_error err = {.text = ""};

	world->queue->options.busy_ms = 1;
	queue_fixture_reopen(world->queue);
	queue_fixture_record_many(world->queue, 10);
	(void)test_folder_path(&world->queue->folder, "queue.lock", path);
	assert_int_equal(fr_lock_open(&lock, path, &err), FR_OK);
	courier_open(world);
	queue_fixture_record_many(world->queue, 10);
	fr_courier_flush(world->courier);
	/* One turn claims and sends; the next one writes, while the lock keeps the ack away. */
	(void)event_base_loop(world->loop, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(fr_lock_acquire(lock, 1000, &err), FR_OK);
	run(world);
	assert_int_equal(lines_in(world->path), 20);
	assert_true(fr_courier_is_busy(world->courier));
	fr_courier_free(world->courier);
	world->courier = NULL;
	fr_lock_release(lock);
	fr_lock_close(lock);
	courier_open(world);
	assert_true(fr_courier_is_done(world->courier));
	assert_int_equal(lines_in(world->path), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_lines_are_a_200, world_make, world_end),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_says_why, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(
			what_is_cancelled_is_not_written_and_called_back_once, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(a_courier_delivers_into_a_file, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_crash_before_the_ack_doubles_no_line, world_make,
						world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
