/* A backlog through the real agent to the real intake: how fast, at what cost, in how much memory.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "support/intake.h"
#include "support/process.h"

enum { PATH_BYTES = 512, COMMAND_BYTES = 2048, PATIENCE_MS = 120000 };

struct drain {
	char folder[PATH_BYTES];
	struct test_intake intake;
};

static void run_shell(const char *command)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_process *shell = test_process_start(&(struct test_program){.argv = argv});

	if (test_process_wait(shell, PATIENCE_MS) != 0)
		bench_give_up("drain", test_process_errors(shell));
	test_process_free(shell);
}

static void write_config(const struct drain *drain, const char *compression)
{
	char path[PATH_BYTES + 32];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/config.json", drain->folder);
	file = fopen(path, "w");
	if (file == NULL)
		bench_give_up("drain", "cannot write a config");
	(void)fprintf(
		file,
		"{\"queue\":{\"max_bytes\":\"2GiB\",\"durability\":\"process\"},\"limits\":{"
		"\"burst\":0,"
		"\"per_second\":0},\"privacy\":{\"default\":\"on\"},\"sinks\":[{\"name\":\"first\","
		"\"type\":\"first_party\",\"url\":\"http://127.0.0.1:%d/v1/"
		"events\",\"events\":[\"*\"],"
		"\"compression\":\"%s\"}]}",
		drain->intake.port, compression);
	(void)fclose(file);
}

static void record_backlog(const struct drain *drain, long events)
{
	char command[COMMAND_BYTES];

	(void)snprintf(command, sizeof command,
		       "for i in $(seq %ld); do echo '{\"eventName\":\"tool_use_error\",%s'; done "
		       "| %s record - "
		       "--home %s/home --config %s/config.json > /dev/null",
		       events, bench_properties + 1, FLIGHTREC_CLI, drain->folder, drain->folder);
	run_shell(command);
}

static double cpu_seconds_of_children(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The agent alone is waited for, so what the children have used more is what it used. */
static void drain_once(struct drain *drain, const char *compression, long events)
{
	const char *config, *home;
	char paths[2][PATH_BYTES + 32], what[64];
	double start, cpu, seconds;
	struct test_process *agent;

	write_config(drain, compression);
	record_backlog(drain, events);
	(void)snprintf(paths[0], sizeof paths[0], "%s/home", drain->folder);
	(void)snprintf(paths[1], sizeof paths[1], "%s/config.json", drain->folder);
	home = paths[0];
	config = paths[1];
	const char *const argv[] = {FLIGHTREC_AGENT, "--home",    home,   "--config", config,
				    "--drain",       "--timeout", "110s", NULL};
	cpu = cpu_seconds_of_children();
	start = bench_now_us();
	agent = test_process_start(&(struct test_program){.argv = argv});
	if (test_process_wait(agent, PATIENCE_MS) != 0)
		bench_give_up("drain", test_process_errors(agent));
	seconds = (bench_now_us() - start) / 1e6;
	cpu = cpu_seconds_of_children() - cpu;
	test_process_free(agent);
	(void)snprintf(what, sizeof what, "%s: %ld events", compression, events);
	bench_tell("drain", what, (double)events / seconds, "events/s", NULL);
	(void)snprintf(what, sizeof what, "%s: CPU of the agent for 100,000 events", compression);
	bench_tell("drain", what, cpu * 100000 / (double)events, "s",
		   strcmp(compression, "gzip") == 0 ? "<= 0.8" : NULL);
}

/* Anonymous memory in KiB, from the kernel's own sum. */
static double anonymous_kib(pid_t process)
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
	return kib;
}

static void tell_memory(struct drain *drain, const char *what)
{
	char home[PATH_BYTES + 32], config[PATH_BYTES + 32];
	struct test_process *agent;

	(void)snprintf(home, sizeof home, "%s/home", drain->folder);
	(void)snprintf(config, sizeof config, "%s/config.json", drain->folder);
	const char *const argv[] = {FLIGHTREC_AGENT, "--home", home, "--config", config, NULL};
	agent = test_process_start(&(struct test_program){.argv = argv});
	if (!test_process_await_errors(agent, "agent.started", PATIENCE_MS))
		bench_give_up("drain", "the agent did not start");
	test_sleep_ms(3000);
	bench_tell("drain", what, anonymous_kib(test_process_id(agent)) / 1024, "MiB", "< 6");
	(void)test_process_stop(agent);
	test_process_free(agent);
}

void bench_drain(void)
{
	static const char *const flags[] = {"--quiet", NULL};
	struct drain drain = {.intake = {0}};

	bench_folder_make(drain.folder, sizeof drain.folder);
	test_intake_start(&drain.intake, flags);
	drain_once(&drain, "none", 100000);
	drain_once(&drain, "gzip", 100000);
	tell_memory(&drain, "anonymous memory, idle");
	record_backlog(&drain, 1000000);
	test_intake_fail(&drain.intake, "{\"fault\":\"status\",\"status\":503}");
	tell_memory(&drain, "anonymous memory, 1,000,000 rows behind a 503");
	test_intake_heal(&drain.intake);
	tell_memory(&drain, "anonymous memory, delivering from 1,000,000 rows");
	test_intake_free(&drain.intake);
	bench_folder_remove(drain.folder);
}
