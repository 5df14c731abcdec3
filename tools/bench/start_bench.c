/* `flightrec record` of one event as a whole process, beside a process that does nothing. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { RUNS = 200, PATH_BYTES = 512 };

extern char **environ;

static double spawn_us(const char *const *argv)
{
	double start = bench_now_us();
	union {
		const char *const *borrowed;
		char *const *asked; /* posix_spawn does not change them */
	} arguments = {.borrowed = argv};
	int status = 0;
	pid_t child;

	if (posix_spawn(&child, argv[0], NULL, NULL, arguments.asked, environ) != 0 ||
	    waitpid(child, &status, 0) != child || status != 0)
		bench_give_up("start", "a program failed");
	return bench_now_us() - start;
}

void bench_start(void)
{
	static double record[RUNS], nothing[RUNS];
	char folder[PATH_BYTES], home[PATH_BYTES + 16], config[PATH_BYTES + 16];
	FILE *file;

	bench_folder_make(folder, sizeof folder);
	(void)snprintf(home, sizeof home, "%s/home", folder);
	(void)snprintf(config, sizeof config, "%s/config.json", folder);
	file = fopen(config, "w");
	if (file == NULL || fputs("{\"queue\":{\"durability\":\"process\"}}", file) < 0 ||
	    fclose(file) != 0)
		bench_give_up("start", "cannot write a config");
	const char *const words[] = {FLIGHTREC_CLI,
				     "--home",
				     home,
				     "--config",
				     config,
				     "record",
				     "tool_use_error",
				     "toolName=edit_file",
				     "duration:=450",
				     NULL};
	const char *const idle[] = {"/bin/true", NULL};
	(void)fflush(stdout);
	if (freopen("/dev/null", "w", stderr) == NULL)
		bench_give_up("start", "no /dev/null");
	int saved = dup(STDOUT_FILENO);
	if (saved < 0 || freopen("/dev/null", "w", stdout) == NULL)
		bench_give_up("start", "no /dev/null");
	for (int i = 0; i < RUNS; i++) {
		nothing[i] = spawn_us(idle);
		record[i] = spawn_us(words);
	}
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	bench_tell("start", "a process that does nothing, p50",
		   bench_quantile(nothing, RUNS, 0.5) / 1000, "ms", NULL);
	bench_tell("start", "flightrec record of one event with process, p50",
		   bench_quantile(record, RUNS, 0.5) / 1000, "ms", "< 5");
	bench_folder_remove(folder);
}
