#include "agent_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"

enum { PATIENCE_MS = 120000, COMMAND_BYTES = 4096 };

void bench_shell(const char *bench, const char *command)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_process *shell = test_process_start(&(struct test_program){.argv = argv});

	if (test_process_wait(shell, PATIENCE_MS) != 0)
		bench_give_up(bench, test_process_errors(shell));
	test_process_free(shell);
}

void bench_config_write(const char *folder, const struct bench_sink *sink)
{
	char path[BENCH_PATH + 32];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/config.json", folder);
	file = fopen(path, "w");
	if (file == NULL)
		bench_give_up("config", "cannot be written");
	(void)fprintf(file,
		      "{\"queue\":{\"max_bytes\":\"2GiB\",\"durability\":\"process\"},"
		      "\"limits\":{\"burst\":0,\"per_second\":0},"
		      "\"privacy\":{\"default\":\"on\"},\"sinks\":[{\"name\":\"first\","
		      "\"type\":\"first_party\",\"url\":\"http://127.0.0.1:%d/v1/events\","
		      "\"events\":[\"*\"],\"compression\":\"%s\",\"inflight\":%d}]}",
		      sink->port, sink->compression, sink->inflight);
	(void)fclose(file);
}

void bench_backlog_record(const char *bench, const char *folder, long events)
{
	struct bench_sink nobody = {9, "none", 1};
	char command[COMMAND_BYTES];

	bench_config_write(folder, &nobody);
	(void)snprintf(
		command, sizeof command,
		"cd %s && for i in $(seq %ld); do echo '{\"eventName\":\"tool_use_error\",%s'; "
		"done > backlog.ndjson && %s record - --home %s/backlog --config config.json "
		"< backlog.ndjson > /dev/null",
		folder, events, bench_properties + 1, FLIGHTREC_CLI, folder);
	bench_shell(bench, command);
}

static double cpu_seconds_of_children(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Nobody else is waited for meanwhile, so what the children have used more is what it used. */
double bench_agent_drain(const char *bench, const char *folder)
{
	char home[BENCH_PATH + 32], config[BENCH_PATH + 32];
	double cpu_s = cpu_seconds_of_children();
	struct test_process *agent;

	(void)snprintf(home, sizeof home, "%s/home", folder);
	(void)snprintf(config, sizeof config, "%s/config.json", folder);
	const char *const argv[] = {FLIGHTREC_AGENT, "--home",    home,   "--config", config,
				    "--drain",       "--timeout", "110s", NULL};
	agent = test_process_start(&(struct test_program){.argv = argv});
	if (test_process_wait(agent, PATIENCE_MS) != 0)
		bench_give_up(bench, test_process_errors(agent));
	test_process_free(agent);
	return cpu_seconds_of_children() - cpu_s;
}

struct test_process *bench_agent_start(const char *bench, const char *folder)
{
	char home[BENCH_PATH + 32], config[BENCH_PATH + 32];
	struct test_process *agent;

	(void)snprintf(home, sizeof home, "%s/home", folder);
	(void)snprintf(config, sizeof config, "%s/config.json", folder);
	const char *const argv[] = {FLIGHTREC_AGENT, "--home", home, "--config", config, NULL};
	agent = test_process_start(&(struct test_program){.argv = argv});
	if (!test_process_await_errors(agent, "agent.started", PATIENCE_MS))
		bench_give_up(bench, "the agent did not start");
	return agent;
}

double bench_cpu_seconds(pid_t process)
{
	struct timespec used = {0};
	clockid_t clock;

	if (clock_getcpuclockid(process, &clock) == 0)
		(void)clock_gettime(clock, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

double bench_anonymous_mib(pid_t process)
{
	char path[64], line[256];
	double kib = -1;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)process);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "Anonymous:", 10) == 0)
			kib = strtod(line + 10, NULL);
	if (file != NULL)
		(void)fclose(file);
	return kib / 1024;
}
