/* Configured as its manual tells for delivery that must not lose: a reliable disk buffer, flow
 * control, retries without end. One worker and batches of 100 lines, as we send them.
 */
#include "syslog_ng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_run.h"
#include "bench.h"

enum { PATH_BYTES = 1024, PATIENCE_MS = 120000, LOOK_EVERY_MS = 100, BATCH_LINES = 100 };

static const char program[] = "/usr/sbin/syslog-ng", control[] = "/usr/sbin/syslog-ng-ctl";

static const char config_text[] =
	"@version: 3.38\n"
	"options { stats-freq(0); };\n"
	"source backlog { file(\"%s/backlog.ndjson\" flags(no-parse) log-fetch-limit(1000)\n"
	"  log-iw-size(10000)); };\n"
	"destination receiver { http(url(\"http://127.0.0.1:%d/\") method(\"POST\")\n"
	"  headers(\"Content-Type: application/x-ndjson\") body(\"${MESSAGE}\")\n"
	"  delimiter(\"\\n\") batch-lines(100) batch-timeout(1000) workers(1) retries(1000000)\n"
	"  time-reopen(1) disk-buffer(reliable(yes) disk-buf-size(536870912) dir(\"%s\"))); };\n"
	"log { source(backlog); destination(receiver); flags(flow-control); };\n";

bool bench_syslog_ng_is_installed(void)
{
	return access(program, X_OK) == 0 && access(control, X_OK) == 0;
}

static void path_of(char out[PATH_BYTES], const struct bench_syslog_ng *syslog_ng, const char *name)
{
	(void)snprintf(out, PATH_BYTES, "%s/%s", syslog_ng->folder, name);
}

static void write_config(const struct bench_syslog_ng *syslog_ng, const char *path, int port)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		bench_give_up("syslog-ng", "cannot write its config");
	(void)fprintf(file, config_text, syslog_ng->folder, port, syslog_ng->folder);
	(void)fclose(file);
}

/* The number behind ";queued;" of the destination; -1 while it does not answer. */
static long queued(const struct bench_syslog_ng *syslog_ng)
{
	static const char field[] = ";queued;";
	char option[PATH_BYTES + 16];
	const char *const argv[] = {control, "stats", option, NULL};
	struct test_process *asked;
	const char *line, *at;
	long count = -1;

	(void)snprintf(option, sizeof option, "--control=%s/control", syslog_ng->folder);
	asked = test_process_run(&(struct test_program){.argv = argv});
	line = strstr(test_process_output(asked), "dst.http;");
	at = line != NULL ? strstr(line, field) : NULL;
	if (at != NULL)
		count = strtol(at + sizeof field - 1, NULL, 10);
	test_process_free(asked);
	return count;
}

void bench_syslog_ng_start(struct bench_syslog_ng *syslog_ng, const char *folder, int port,
			   long events)
{
	char config[PATH_BYTES], persist[PATH_BYTES], ctl[PATH_BYTES], pid[PATH_BYTES];
	int left_ms = PATIENCE_MS;

	syslog_ng->folder = folder;
	path_of(config, syslog_ng, "syslog-ng.conf");
	path_of(persist, syslog_ng, "persist");
	path_of(ctl, syslog_ng, "control");
	path_of(pid, syslog_ng, "pid");
	write_config(syslog_ng, config, port);
	const char *const argv[] = {program, "--foreground",   "--no-caps", "--cfgfile",
				    config,  "--persist-file", persist,     "--control",
				    ctl,     "--pidfile",      pid,         NULL};
	syslog_ng->process = test_process_start(&(struct test_program){.argv = argv});
	/* A batch that it has taken out for its next try is not counted. */
	while (queued(syslog_ng) < events - BATCH_LINES && left_ms > 0) {
		test_sleep_ms(LOOK_EVERY_MS);
		left_ms -= LOOK_EVERY_MS;
	}
	if (left_ms <= 0) {
		(void)snprintf(config, sizeof config, "%ld of %ld events came into its buffer",
			       queued(syslog_ng), events);
		bench_give_up("syslog-ng", config);
	}
}

double bench_syslog_ng_cpu_seconds(const struct bench_syslog_ng *syslog_ng)
{
	return bench_cpu_seconds(test_process_id(syslog_ng->process));
}

void bench_syslog_ng_stop(struct bench_syslog_ng *syslog_ng)
{
	(void)test_process_stop(syslog_ng->process);
	test_process_free(syslog_ng->process);
	syslog_ng->process = NULL;
}
