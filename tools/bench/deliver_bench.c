/* What the agent is like beside a person's work: how soon one event is out after a flush, what it
 * costs to be refused, how much memory it takes whatever lies in the queue or comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent_run.h"
#include "bench.h"
#include "flightrec.h"
#include "receiver.h"

enum {
	FLUSHES = 300,
	SETTLE_MS = 20, /* between two flushes: the system is idle again */
	BLOCKED_S = 20,
	BACKLOG = 1000000,
	LARGE_ANSWER = 5 * 1024 * 1024,
	MEMORY_LOOKS = 60, /* so many, 50 ms apart */
	LOOK_EVERY_MS = 50,
};

struct delivery {
	char folder[BENCH_PATH];
	struct bench_receiver receiver;
};

static struct flightrec *recorder_open(const struct delivery *delivery)
{
	char home[BENCH_PATH + 32], config[BENCH_PATH + 32];
	struct flightrec_options *options = flightrec_options_new();
	struct flightrec *recorder = NULL;

	(void)snprintf(home, sizeof home, "%s/home", delivery->folder);
	(void)snprintf(config, sizeof config, "%s/config.json", delivery->folder);
	flightrec_options_set_home(options, home);
	flightrec_options_set_config(options, config);
	if (flightrec_open(&recorder, options) != FLIGHTREC_OK)
		bench_give_up("deliver", "the recorder does not open");
	return recorder;
}

/* Milliseconds from the call of flush to the answer of the receiver. */
static double flush_once(const struct delivery *delivery, struct flightrec *recorder)
{
	double begin_us;

	if (flightrec_record(recorder, "tool_use_error", bench_properties) != FLIGHTREC_OK)
		bench_give_up("deliver", "the event was not recorded");
	begin_us = bench_now_us();
	if (flightrec_flush(recorder, 5000) != FLIGHTREC_OK)
		bench_give_up("deliver", "the flush did not end");
	return (double)delivery->receiver.counts->last_ns / 1e6 - begin_us / 1e3;
}

static void tell_flushes(struct delivery *delivery)
{
	struct test_process *agent;
	struct flightrec *recorder;
	double ms[FLUSHES];

	bench_receiver_open(&delivery->receiver, '{', (struct bench_reply){200, 2});
	agent = bench_agent_start("deliver", delivery->folder);
	recorder = recorder_open(delivery);
	(void)flush_once(delivery, recorder); /* opens the connection */
	for (int i = 0; i < FLUSHES; i++) {
		test_sleep_ms(SETTLE_MS);
		ms[i] = flush_once(delivery, recorder);
	}
	bench_tell("deliver", "one event, flush to delivery, p50", bench_quantile(ms, FLUSHES, 0.5),
		   "ms", NULL);
	bench_tell("deliver", "one event, flush to delivery, p99",
		   bench_quantile(ms, FLUSHES, 0.99), "ms", "< 50");
	flightrec_close(recorder);
	(void)test_process_stop(agent);
	test_process_free(agent);
	bench_receiver_close(&delivery->receiver);
}

/* Of a sink that answers 503, from the first time on. */
static void tell_blocked(struct delivery *delivery)
{
	struct test_process *agent;
	struct flightrec *recorder;
	double cpu_s;

	bench_receiver_open(&delivery->receiver, '{', (struct bench_reply){503, 2});
	agent = bench_agent_start("deliver", delivery->folder);
	recorder = recorder_open(delivery);
	(void)flightrec_record(recorder, "tool_use_error", bench_properties);
	(void)flightrec_flush(recorder, 100); /* cannot end well */
	flightrec_close(recorder);
	cpu_s = bench_cpu_seconds(test_process_id(agent));
	test_sleep_ms(BLOCKED_S * 1000);
	cpu_s = bench_cpu_seconds(test_process_id(agent)) - cpu_s;
	bench_tell("deliver", "behind a 503: CPU in its first minute",
		   cpu_s * 60 * 1000 / BLOCKED_S, "ms", NULL);
	bench_tell("deliver", "behind a 503: requests in its first 20 s",
		   (double)delivery->receiver.counts->requests, "", NULL);
	(void)test_process_stop(agent);
	test_process_free(agent);
	bench_receiver_close(&delivery->receiver);
}

/* The most that was seen. */
static void tell_memory(struct delivery *delivery, const char *what, struct bench_reply reply)
{
	struct test_process *agent;
	double most = 0;

	bench_receiver_open(&delivery->receiver, '{', reply);
	agent = bench_agent_start("deliver", delivery->folder);
	for (int i = 0; i < MEMORY_LOOKS; i++) {
		double mib = bench_anonymous_mib(test_process_id(agent));

		most = mib > most ? mib : most;
		test_sleep_ms(LOOK_EVERY_MS);
	}
	bench_tell("deliver", what, most, "MiB", "< 6");
	(void)test_process_stop(agent);
	test_process_free(agent);
	bench_receiver_close(&delivery->receiver);
}

void bench_deliver(void)
{
	struct delivery delivery;
	struct bench_sink sink = {0, "gzip", 1};
	char command[BENCH_PATH * 3];

	bench_folder_make(delivery.folder, sizeof delivery.folder);
	bench_receiver_start(&delivery.receiver);
	sink.port = delivery.receiver.port;
	bench_config_write(delivery.folder, &sink);
	tell_flushes(&delivery);
	tell_memory(&delivery, "anonymous memory, idle", (struct bench_reply){200, 2});
	tell_blocked(&delivery);
	(void)snprintf(command, sizeof command, "rm -rf %s/home", delivery.folder);
	bench_shell("deliver", command);
	bench_backlog_record("deliver", delivery.folder, BACKLOG);
	(void)snprintf(command, sizeof command, "mv %s/backlog %s/home", delivery.folder,
		       delivery.folder);
	bench_shell("deliver", command);
	bench_config_write(delivery.folder, &sink);
	tell_memory(&delivery, "anonymous memory, 1,000,000 rows behind a 503",
		    (struct bench_reply){503, 2});
	tell_memory(&delivery, "anonymous memory, delivering, answers of 5 MiB",
		    (struct bench_reply){200, LARGE_ANSWER});
	sink.inflight = 8;
	bench_config_write(delivery.folder, &sink);
	tell_memory(&delivery, "anonymous memory, delivering, 8 in flight",
		    (struct bench_reply){200, 2});
	bench_receiver_stop(&delivery.receiver);
	bench_folder_remove(delivery.folder);
}
