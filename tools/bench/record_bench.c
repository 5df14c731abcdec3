/* A record call through the public library against the least that SQLite can do, interleaved call
 * by call. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "flightrec.h"

enum { POWER_CALLS = 3000, PROCESS_CALLS = 30000, PATH_BYTES = 512 };

struct contest {
	char folder[PATH_BYTES];
	sqlite3 *db;
	sqlite3_stmt *insert;
	flightrec *recorder;
	int floor; /* a file that is appended to and synced */
	double *bare, *record, *raw;
	size_t count;
};

static void open_bare(struct contest *contest, bool power)
{
	char path[PATH_BYTES + 16];

	(void)snprintf(path, sizeof path, "%s/bare.db", contest->folder);
	if (sqlite3_open(path, &contest->db) != SQLITE_OK ||
	    sqlite3_exec(contest->db,
			 "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
			 "CREATE TABLE event (id INTEGER PRIMARY KEY, properties TEXT)",
			 NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(contest->db,
			 power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL,
			 NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(contest->db, "INSERT INTO event (properties) VALUES (?1)", -1,
			       &contest->insert, NULL) != SQLITE_OK)
		bench_give_up("record", sqlite3_errmsg(contest->db));
	(void)snprintf(path, sizeof path, "%s/floor", contest->folder);
	contest->floor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void open_recorder(struct contest *contest, bool power)
{
	flightrec_options *options = flightrec_options_new();
	char home[PATH_BYTES + 16], config[PATH_BYTES + 16];
	FILE *file;

	(void)snprintf(home, sizeof home, "%s/home", contest->folder);
	(void)snprintf(config, sizeof config, "%s/config.json", contest->folder);
	file = fopen(config, "w");
	if (file == NULL || fputs("{\"limits\":{\"burst\":0,\"per_second\":0}}", file) < 0 ||
	    fclose(file) != 0)
		bench_give_up("record", "cannot write a config");
	flightrec_options_set_home(options, home);
	flightrec_options_set_config(options, config);
	flightrec_options_set_durability(options, power ? FLIGHTREC_POWER : FLIGHTREC_PROCESS);
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	if (flightrec_open(&contest->recorder, options) != FLIGHTREC_OK)
		bench_give_up("record", "cannot open a recorder");
}

static void one_bare(struct contest *contest)
{
	(void)sqlite3_bind_text(contest->insert, 1, bench_properties, -1, SQLITE_STATIC);
	if (sqlite3_step(contest->insert) != SQLITE_DONE)
		bench_give_up("record", sqlite3_errmsg(contest->db));
	(void)sqlite3_reset(contest->insert);
}

static void one_raw(struct contest *contest, bool power)
{
	size_t length = strlen(bench_properties);

	if (write(contest->floor, bench_properties, length) != (ssize_t)length ||
	    (power && fdatasync(contest->floor) != 0))
		bench_give_up("record", "cannot append to a file");
}

static void compete(struct contest *contest, bool power)
{
	for (size_t i = 0; i < contest->count; i++) {
		double start = bench_now_us(), mark;

		one_bare(contest);
		mark = bench_now_us();
		contest->bare[i] = mark - start;
		if (flightrec_record(contest->recorder, "tool_use_error", bench_properties) !=
		    FLIGHTREC_OK)
			bench_give_up("record", "an event was refused");
		start = bench_now_us();
		contest->record[i] = start - mark;
		one_raw(contest, power);
		contest->raw[i] = bench_now_us() - start;
	}
}

static void tell(const struct contest *contest, bool power)
{
	double bare = bench_quantile(contest->bare, contest->count, 0.5);
	double record = bench_quantile(contest->record, contest->count, 0.5);
	double raw = bench_quantile(contest->raw, contest->count, 0.5);

	bench_tell("record", power ? "power: record p50" : "process: record p50", record, "us",
		   NULL);
	bench_tell("record", power ? "power: record p99" : "process: record p99",
		   bench_quantile(contest->record, contest->count, 0.99), "us", NULL);
	bench_tell("record",
		   power ? "power: record / bare INSERT, p50"
			 : "process: record / bare INSERT, p50",
		   record / bare, "times", power ? "<= 1.3" : "<= 2");
	bench_tell("record",
		   power ? "power: record / append + fdatasync, p50"
			 : "process: record / append, p50",
		   record / raw, "times", NULL);
}

static void run(bool power)
{
	struct contest contest = {.count = power ? POWER_CALLS : PROCESS_CALLS};

	contest.bare = calloc(contest.count, sizeof(double));
	contest.record = calloc(contest.count, sizeof(double));
	contest.raw = calloc(contest.count, sizeof(double));
	if (contest.bare == NULL || contest.record == NULL || contest.raw == NULL)
		bench_give_up("record", "out of memory");
	bench_folder_make(contest.folder, sizeof contest.folder);
	open_bare(&contest, power);
	open_recorder(&contest, power);
	compete(&contest, power);
	tell(&contest, power);
	flightrec_close(contest.recorder);
	(void)sqlite3_finalize(contest.insert);
	(void)sqlite3_close(contest.db);
	(void)close(contest.floor);
	bench_folder_remove(contest.folder);
	free(contest.bare);
	free(contest.record);
	free(contest.raw);
}

void bench_record(void)
{
	run(true);
	run(false);
}
