/* Eight processes that record as fast as they can into one queue. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "flightrec.h"

enum { WRITERS = 8, EVENTS = 10000, PATH_BYTES = 512 };

struct report {
	double seconds;
	double longest_us;
	int failed;
};

static flightrec *open_recorder(const char *folder, enum flightrec_durability durability)
{
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder = NULL;
	char home[PATH_BYTES + 16], config[PATH_BYTES + 16];

	(void)snprintf(home, sizeof home, "%s/home", folder);
	(void)snprintf(config, sizeof config, "%s/config.json", folder);
	flightrec_options_set_home(options, home);
	flightrec_options_set_config(options, config);
	flightrec_options_set_durability(options, durability);
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	(void)flightrec_open(&recorder, options);
	return recorder;
}

static void write_events(const char *folder, enum flightrec_durability durability,
			 struct report *report)
{
	flightrec *recorder = open_recorder(folder, durability);
	double start = bench_now_us();

	for (int i = 0; i < EVENTS; i++) {
		double before = bench_now_us(), took;

		report->failed += flightrec_record(recorder, "tool_use_error", bench_properties) !=
				  FLIGHTREC_OK;
		took = bench_now_us() - before;
		report->longest_us = took > report->longest_us ? took : report->longest_us;
	}
	report->seconds = (bench_now_us() - start) / 1e6;
	flightrec_close(recorder);
}

static long long count_rows(const char *folder)
{
	char path[PATH_BYTES + 32];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	long long rows = -1;

	(void)snprintf(path, sizeof path, "%s/home/queue.db", folder);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM pending", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		rows = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return rows;
}

static void tell(const struct report *reports, const char *folder, bool power)
{
	double fastest = 1e9, slowest = 0, longest = 0;
	int failed = 0;

	for (int i = 0; i < WRITERS; i++) {
		fastest = reports[i].seconds < fastest ? reports[i].seconds : fastest;
		slowest = reports[i].seconds > slowest ? reports[i].seconds : slowest;
		longest = reports[i].longest_us > longest ? reports[i].longest_us : longest;
		failed += reports[i].failed;
	}
	bench_tell("writers",
		   power ? "power: events lost of 80,000" : "process: events lost of 80,000",
		   (double)(WRITERS * EVENTS - count_rows(folder)), "events", "0");
	bench_tell("writers", power ? "power: calls that failed" : "process: calls that failed",
		   failed, "calls", "0");
	bench_tell("writers",
		   power ? "power: slowest / fastest rate" : "process: slowest / fastest rate",
		   fastest / slowest, "", ">= 0.5");
	bench_tell("writers", power ? "power: longest call" : "process: longest call",
		   longest / 1000, "ms", "<= 250");
	bench_tell("writers", power ? "power: all together" : "process: all together",
		   WRITERS * EVENTS / slowest, "events/s", NULL);
}

static void run(bool power)
{
	size_t size = WRITERS * sizeof(struct report);
	struct report *reports =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char folder[PATH_BYTES], config[PATH_BYTES + 16];
	FILE *file;

	if (reports == MAP_FAILED)
		bench_give_up("writers", "out of memory");
	bench_folder_make(folder, sizeof folder);
	(void)snprintf(config, sizeof config, "%s/config.json", folder);
	file = fopen(config, "w");
	if (file == NULL ||
	    fputs("{\"limits\":{\"burst\":0,\"per_second\":0},\"queue\":{\"max_bytes\":\"512MiB\"}"
		  "}",
		  file) < 0 ||
	    fclose(file) != 0)
		bench_give_up("writers", "cannot write a config");
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			write_events(folder, power ? FLIGHTREC_POWER : FLIGHTREC_PROCESS,
				     &reports[i]);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	tell(reports, folder, power);
	bench_folder_remove(folder);
	(void)munmap(reports, size);
}

void bench_writers(void)
{
	run(true);
	run(false);
}
