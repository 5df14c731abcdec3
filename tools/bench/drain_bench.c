/* A backlog through the real agent, in turns with the same events out of syslog-ng's disk buffer:
 * how fast, at what cost.
 *
 * The backlog is recorded once and copied for each run. The receiver only counts, so that it is not
 * what is measured; its own share is told. Rates are from the first request to the last answer, CPU
 * time is all that the process used, from its start to its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_run.h"
#include "bench.h"
#include "receiver.h"
#include "syslog_ng.h"

enum { EVENTS = 100000, ROUNDS = 5, COMMAND_BYTES = 2048 };

/* A way to drain it. */
struct lane {
	const char *what;
	const char *compression; /* NULL: syslog-ng */
	int inflight;
	double rates[ROUNDS], cpu_s[ROUNDS], ratios[ROUNDS];
};

struct drain {
	char folder[BENCH_PATH];
	struct bench_receiver receiver;
	double receiver_share[ROUNDS];
};

static void copy_backlog(const struct drain *drain)
{
	char command[COMMAND_BYTES];

	(void)snprintf(command, sizeof command,
		       "rm -rf %s/home && cp -R %s/backlog %s/home && sync", drain->folder,
		       drain->folder, drain->folder);
	bench_shell("drain", command);
}

static void run_agent(struct drain *drain, struct lane *lane, int round)
{
	struct bench_sink sink = {drain->receiver.port, lane->compression, lane->inflight};

	bench_config_write(drain->folder, &sink);
	copy_backlog(drain);
	bench_receiver_open(&drain->receiver, '{', (struct bench_reply){200, 2});
	lane->cpu_s[round] = bench_agent_drain("drain", drain->folder);
}

static void run_syslog_ng(struct drain *drain, struct lane *lane, int round)
{
	struct bench_syslog_ng syslog_ng;
	char command[COMMAND_BYTES];
	double cpu_s;

	(void)snprintf(command, sizeof command, "cd %s && rm -f persist *.rqf control pid",
		       drain->folder);
	bench_shell("drain", command);
	bench_syslog_ng_start(&syslog_ng, drain->folder, drain->receiver.port, EVENTS);
	cpu_s = bench_syslog_ng_cpu_seconds(&syslog_ng);
	bench_receiver_open(&drain->receiver, '{', (struct bench_reply){200, 2});
	bench_receiver_await(&drain->receiver, EVENTS);
	lane->cpu_s[round] = bench_syslog_ng_cpu_seconds(&syslog_ng) - cpu_s;
	bench_syslog_ng_stop(&syslog_ng);
}

static void run_lane(struct drain *drain, struct lane *lane, int round)
{
	double seconds;

	if (lane->compression != NULL)
		run_agent(drain, lane, round);
	else
		run_syslog_ng(drain, lane, round);
	seconds = bench_receiver_seconds(&drain->receiver);
	lane->rates[round] = EVENTS / seconds;
	drain->receiver_share[round] = (double)drain->receiver.counts->cpu_ns / 1e9 / seconds;
	bench_receiver_close(&drain->receiver);
}

static void tell_lane(struct lane *lane, const struct lane *beside)
{
	const char *target = lane->compression != NULL && strcmp(lane->compression, "gzip") == 0
				     ? "<= 0.8"
				     : NULL;
	char what[128];

	for (int i = 0; beside != NULL && i < ROUNDS; i++)
		lane->ratios[i] = lane->rates[i] / beside->rates[i];
	(void)snprintf(what, sizeof what, "%s: CPU for 100,000 events", lane->what);
	bench_tell("drain", what, bench_quantile(lane->cpu_s, ROUNDS, 0.5), "s", target);
	if (beside != NULL && beside != lane) {
		(void)snprintf(what, sizeof what, "%s / syslog-ng, by events/s", lane->what);
		bench_tell("drain", what, bench_quantile(lane->ratios, ROUNDS, 0.5), "",
			   target == NULL ? "> 1" : NULL);
	}
}

static void tell_rate(struct lane *lane)
{
	double rates[ROUNDS];

	memcpy(rates, lane->rates, sizeof rates);
	bench_tell("drain", lane->what, bench_quantile(rates, ROUNDS, 0.5), "events/s", NULL);
}

void bench_drain(void)
{
	static struct lane lanes[] = {
		{.what = "none, 1 in flight", .compression = "none", .inflight = 1},
		{.what = "none, 8 in flight", .compression = "none", .inflight = 8},
		{.what = "gzip, 1 in flight", .compression = "gzip", .inflight = 1},
		{.what = "gzip, 8 in flight", .compression = "gzip", .inflight = 8},
		{.what = "syslog-ng"},
	};
	enum { LANES = sizeof lanes / sizeof *lanes };
	bool is_beside = bench_syslog_ng_is_installed();
	struct drain drain;

	if (!is_beside)
		bench_say("drain", "syslog-ng with its http destination is not installed: "
				   "nothing to compare with");
	bench_folder_make(drain.folder, sizeof drain.folder);
	bench_receiver_start(&drain.receiver);
	bench_backlog_record("drain", drain.folder, EVENTS);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < LANES - !is_beside; i++)
			run_lane(&drain, &lanes[i], round);
	for (int i = 0; i < LANES - !is_beside; i++) {
		tell_rate(&lanes[i]);
		tell_lane(&lanes[i], is_beside ? &lanes[LANES - 1] : NULL);
	}
	bench_tell("drain", "share of its time that the receiver was busy, in the last lane",
		   bench_quantile(drain.receiver_share, ROUNDS, 0.5), "", NULL);
	bench_receiver_stop(&drain.receiver);
	bench_folder_remove(drain.folder);
}
