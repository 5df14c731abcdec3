/* flightrec_bench [--json] [BENCH ...]: what Flightrec costs, as ratios and medians.
 *
 *   record   a record call against a bare prepared autocommit INSERT and against append + fdatasync
 *   writers  8 processes on one queue: nothing lost, how fair, the longest wait
 *   claim    claim and ack of 100 events, with 1,000 and with 1,000,000 rows
 *   drain    a backlog of 100,000 events through the real agent, in turns with syslog-ng
 *   deliver  one event to its delivery after a flush; a sink that answers 503; memory
 *   start    `flightrec record` of one event as a whole process
 *   catalogue  holding a typical event against a catalogue
 *   limits     a call that a limit refuses
 */
#include "bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool bench_json;

const char bench_properties[] =
	"{\"toolName\":\"edit_file\",\"errorType\":\"permission_denied\",\"duration\":450,"
	"\"file\":\"~/project/src/queue/claim.c\",\"line\":211,\"retries\":2,"
	"\"message\":\"open: Permission denied while the file was being written by another "
	"program\","
	"\"model\":\"m-3\",\"requestId\":\"req_011CTnSzWwmYRk2BHfsRMb9w\",\"exitCode\":126}";

static const struct {
	const char *name;
	void (*run)(void);
} benches[] = {
	{"record", bench_record},       {"writers", bench_writers}, {"claim", bench_claim},
	{"drain", bench_drain},         {"deliver", bench_deliver}, {"start", bench_start},
	{"catalogue", bench_catalogue}, {"limits", bench_limits},
};

enum { BENCH_COUNT = sizeof benches / sizeof *benches };

double bench_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t count, double share)
{
	size_t index = (size_t)((double)count * share);

	qsort(values, count, sizeof *values, by_value);
	return values[index < count ? index : count - 1];
}

void bench_tell(const char *bench, const char *what, double value, const char *unit,
		const char *target)
{
	if (bench_json)
		printf("{\"bench\":\"%s\",\"what\":\"%s\",\"value\":%.4g,\"unit\":\"%s\","
		       "\"target\":"
		       "\"%s\"}\n",
		       bench, what, value, unit, target ? target : "");
	else
		printf("%-8s %-58s %12.4g %-9s %s\n", bench, what, value, unit,
		       target ? target : "");
	(void)fflush(stdout);
}

void bench_say(const char *bench, const char *text)
{
	(void)fprintf(stderr, "flightrec_bench: %s: %s\n", bench, text);
}

void bench_give_up(const char *bench, const char *why)
{
	fprintf(stderr, "flightrec_bench: %s: %s\n", bench, why);
	exit(1);
}

void bench_folder_make(char *out, size_t size)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(out, size, "%s/flightrec-bench-XXXXXX", base ? base : "/tmp");
	if (mkdtemp(out) == NULL)
		bench_give_up("all", "cannot make a temporary folder");
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
	(void)facts;
	(void)kind;
	(void)walk;
	return remove(path);
}

void bench_folder_remove(const char *folder)
{
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool is_asked_for(const char *name, int argc, char **argv)
{
	bool any = false;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		any = true;
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return !any;
}

static bool is_known(const char *word)
{
	for (int i = 0; i < BENCH_COUNT; i++)
		if (strcmp(benches[i].name, word) == 0)
			return true;
	return strcmp(word, "--json") == 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!is_known(argv[i])) {
			fprintf(stderr,
				"usage: flightrec_bench [--json] "
				"[record|writers|claim|drain|start|catalogue|limits ...]\n");
			return 2;
		}
		bench_json = bench_json || strcmp(argv[i], "--json") == 0;
	}
	for (int i = 0; i < BENCH_COUNT; i++)
		if (is_asked_for(benches[i].name, argc, argv))
			benches[i].run();
	return 0;
}
