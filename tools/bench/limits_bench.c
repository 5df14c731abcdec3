/* What a runaway loop costs its host: one call that is refused, against one that is recorded. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "flightrec.h"

enum { ROUNDS = 100, CALLS = 10000, BURST = 100, RECORDED = 100 };

static flightrec *recorder_open(const char *folder)
{
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder = NULL;
	char home[1024], config[1024];
	FILE *file;

	(void)snprintf(home, sizeof home, "%.900s/home", folder);
	(void)snprintf(config, sizeof config, "%.900s/config.json", folder);
	file = fopen(config, "w");
	if (file == NULL)
		bench_give_up("limits", "cannot write its config");
	(void)fprintf(file, "{\"limits\":{\"burst\":%d,\"per_second\":1}}", BURST);
	if (fclose(file) != 0)
		bench_give_up("limits", "cannot write its config");
	flightrec_options_set_home(options, home);
	flightrec_options_set_config(options, config);
	flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	if (flightrec_open(&recorder, options) != FLIGHTREC_OK)
		bench_give_up("limits", "cannot open a recorder");
	return recorder;
}

/* Nanoseconds for a call of a loop whose burst is spent: all but one a second are refused. */
static double refused_cost(flightrec *recorder)
{
	double start = bench_now_us();
	int recorded = 0;

	for (int i = 0; i < CALLS; i++)
		recorded += flightrec_record(recorder, "loop", bench_properties) == FLIGHTREC_OK;
	if (recorded > CALLS / 100)
		bench_give_up("limits", "the loop is not refused");
	return (bench_now_us() - start) * 1000 / CALLS;
}

static double recorded_cost(flightrec *recorder, int round)
{
	double start = bench_now_us();
	char name[32];

	(void)snprintf(name, sizeof name, "event.%d", round);
	for (int i = 0; i < RECORDED; i++)
		if (flightrec_record(recorder, name, bench_properties) != FLIGHTREC_OK)
			bench_give_up("limits", "an event is not recorded");
	return (bench_now_us() - start) * 1000 / RECORDED;
}

void bench_limits(void)
{
	static double refused[ROUNDS], recorded[ROUNDS];
	char folder[512];
	flightrec *recorder;

	bench_folder_make(folder, sizeof folder);
	recorder = recorder_open(folder);
	for (int i = 0; i < BURST; i++)
		(void)flightrec_record(recorder, "loop", NULL);
	for (int i = 0; i < ROUNDS; i++) {
		refused[i] = refused_cost(recorder);
		recorded[i] = recorded_cost(recorder, i);
	}
	flightrec_close(recorder);
	bench_folder_remove(folder);
	bench_tell("limits", "a call that a limit refuses", bench_quantile(refused, ROUNDS, 0.5),
		   "ns", NULL);
	bench_tell("limits", "of a call that records (process)",
		   bench_quantile(refused, ROUNDS, 0.5) / bench_quantile(recorded, ROUNDS, 0.5),
		   "x", "under 0.2");
}
