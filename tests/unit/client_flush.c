/* What a flush waits for. The agent is a thread here: it hears datagrams, claims and
 * acknowledges. */
#include "support/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/socket.h"
#include "client/wake.h"
#include "client_fixture.h"
#include "queue/batch.h"
#include "queue/sinks.h"
#include "support/process.h"

struct agent {
	struct fr_env env;
	struct fr_queue *queue;
	struct fr_sink_want sink;
	int mailbox;
	int deliveries; /* how many flushes it answers by delivering; the others it ignores */
	atomic_int flushes_heard;
	atomic_bool stop;
	pthread_t thread;
};

static bool wants_everything(void *context, const char *name, const char *route)
{
	(void)context;
	(void)name;
	(void)route;
	return true;
}

/* A failure here shows as a flush that is never finished. */
static void deliver_one_batch(struct agent *agent)
{
	const struct fr_claim claim = {
		.sink = agent->sink.id,
		.max_events = 100,
		.max_bytes = 1024 * 1024,
		.min_severity = FR_TRACE,
		.wants = wants_everything,
	};
	struct fr_batch *batch = NULL;
	bool more = false;

	if (fr_queue_begin(agent->queue, NULL) != FR_OK)
		return;
	if (fr_batch_claim(agent->queue, &claim, &batch, &more, NULL) == FR_OK)
		(void)fr_batch_ack(agent->queue, batch, NULL, 0, NULL);
	(void)fr_queue_commit(agent->queue, NULL);
	fr_batch_free(batch);
}

static void *listen_and_deliver(void *argument)
{
	struct agent *agent = argument;

	while (!atomic_load(&agent->stop)) {
		struct pollfd ready = {.fd = agent->mailbox, .events = POLLIN};
		char word = 0;

		if (poll(&ready, 1, 10) <= 0 || recv(agent->mailbox, &word, 1, 0) != 1 ||
		    word != FR_WAKE_FLUSH)
			continue;
		(void)atomic_fetch_add(&agent->flushes_heard, 1);
		if (agent->deliveries-- > 0)
			deliver_one_batch(agent);
	}
	return NULL;
}

static void agent_start(struct agent *agent, const struct client *client, int deliveries)
{
	const struct fr_queue_options options = {
		.home = client->home,
		.env = &agent->env,
		.max_bytes = FR_QUEUE_BYTES_DEFAULT,
		.busy_ms = 5000,
		.may_create = true,
		.exclusive_agent = true,
	};
	struct fr_socket_address address;

	*agent = (struct agent){.deliveries = deliveries, .sink = {.name = "s", .type = "file"}};
	fr_env_real(&agent->env);
	assert_int_equal(fr_queue_open(&agent->queue, &options, NULL), FR_OK);
	assert_int_equal(fr_sinks_set(agent->queue, &agent->sink, 1, NULL), FR_OK);
	assert_int_equal(fr_socket_open(SOCK_DGRAM, &agent->mailbox, NULL), FR_OK);
	assert_int_equal(fr_socket_address_init(&address, client->home, FR_WAKE_SOCKET, NULL),
			 FR_OK);
	assert_int_equal(bind(agent->mailbox, fr_socket_name(&address), fr_socket_name_length()),
			 0);
	fr_socket_address_fini(&address);
	assert_int_equal(pthread_create(&agent->thread, NULL, listen_and_deliver, agent), 0);
}

static void agent_stop(struct agent *agent)
{
	atomic_store(&agent->stop, true);
	assert_int_equal(pthread_join(agent->thread, NULL), 0);
	(void)close(agent->mailbox);
	fr_queue_close(agent->queue);
}

/* Under consent `on`, with one event committed. */
static flightrec *open_with_event(struct client *client)
{
	flightrec_options *options = client_options(client);
	flightrec *recorder;

	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	recorder = client_open(client, options);
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
	return recorder;
}

static void a_flush_ends_when_everything_before_it_was_delivered(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	struct agent agent;

	agent_start(&agent, client, 1);
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 0);
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
	agent_stop(&agent);
}

static void a_flush_whose_time_is_up_is_busy(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	struct agent agent;
	long long start;

	agent_start(&agent, client, 0);
	start = test_now_ms();
	assert_int_equal(flightrec_flush(recorder, 150), FLIGHTREC_BUSY);
	assert_in_range(test_now_ms() - start, 149, 3000);
	assert_int_equal(flightrec_flush(recorder, 0), FLIGHTREC_BUSY);
	agent_stop(&agent);
	assert_true(atomic_load(&agent.flushes_heard) >= 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 1);
}

static void an_agent_that_forgot_is_told_again(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	struct agent agent;

	agent_start(&agent, client, 0);
	assert_int_equal(flightrec_flush(recorder, 1500), FLIGHTREC_BUSY);
	agent_stop(&agent);
	assert_in_range(atomic_load(&agent.flushes_heard), 2, 3);
}

static void without_an_agent_a_flush_waits_for_one_to_the_end_of_its_time(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	long long start = test_now_ms();

	assert_int_equal(flightrec_flush(recorder, 150), FLIGHTREC_BUSY);
	assert_in_range(test_now_ms() - start, 149, 3000);
	assert_non_null(strstr(client->log, "no agent runs"));
	assert_int_equal(flightrec_flush(recorder, 0), FLIGHTREC_BUSY);
}

struct late_agent {
	struct agent agent;
	struct client *client;
};

static void *start_late(void *argument)
{
	struct late_agent *late = argument;

	test_sleep_ms(100);
	agent_start(&late->agent, late->client, 100);
	return NULL;
}

static void an_agent_that_comes_in_time_finishes_the_flush(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	struct late_agent late = {.client = client};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, start_late, &late), 0);
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	agent_stop(&late.agent);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 0);
}

static void what_may_not_be_sent_is_not_waited_for(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_int_equal(flightrec_record(recorder, "local", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
	client_choose(client, "on");
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
}

static void a_queue_that_was_deleted_holds_nothing_back(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_event(client);
	unsigned files = 0;
	struct fr_env env;

	fr_env_real(&env);
	assert_int_equal(fr_queue_unlink(client->home, &env, 1000, &files, NULL), FR_OK);
	assert_true(files >= 1);
	assert_int_equal(flightrec_flush(recorder, 20000), FLIGHTREC_OK);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_flush_ends_when_everything_before_it_was_delivered),
		CLIENT_TEST(a_flush_whose_time_is_up_is_busy),
		CLIENT_TEST(an_agent_that_forgot_is_told_again),
		CLIENT_TEST(without_an_agent_a_flush_waits_for_one_to_the_end_of_its_time),
		CLIENT_TEST(an_agent_that_comes_in_time_finishes_the_flush),
		CLIENT_TEST(what_may_not_be_sent_is_not_waited_for),
		CLIENT_TEST(a_queue_that_was_deleted_holds_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
