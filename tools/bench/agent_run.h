/* The agent in the benches: a folder with a config, a recorded backlog and a home, and runs of it.
 *
 *   folder/config.json, folder/backlog.ndjson, folder/backlog (a home to copy), folder/home
 */
#ifndef FR_BENCH_AGENT_RUN_H
#define FR_BENCH_AGENT_RUN_H

#include <sys/types.h>

#include "support/process.h"

enum { BENCH_PATH = 512 };

/* The one sink of the config. */
struct bench_sink {
	int port;
	const char *compression;
	int inflight;
};

void bench_shell(const char *bench, const char *command);
void bench_config_write(const char *folder, const struct bench_sink *sink);

/* Records so many typical events into folder/backlog. */
void bench_backlog_record(const char *bench, const char *folder, long events);

/* Runs the agent on folder/home until nothing is left; its CPU time in seconds. */
double bench_agent_drain(const char *bench, const char *folder);

/* Starts it and waits until it serves. */
struct test_process *bench_agent_start(const char *bench, const char *folder);

/* What a process has used so far, in seconds. */
double bench_cpu_seconds(pid_t process);

/* Its anonymous memory in MiB, from the kernel's own sum. */
double bench_anonymous_mib(pid_t process);

#endif
