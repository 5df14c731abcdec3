/* A host program that uses all of the library, once, between two system calls that a trace knows
 * again. Everything a host might set is set.
 *
 * Prints the status of each call. Its one argument is a file that the catalogue's text is read
 * from, before the first mark.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flightrec.h"

enum { WARM_BYTES = 4 * 1024 * 1024, WARM_PIECE = 16 * 1024, TEXT_MAX = 4096, CALLS_MAX = 16 };

/* A descriptor that nobody has: seen in a trace, and without any effect. */
static void mark(const char *text)
{
	(void)!write(-1, text, strlen(text));
}

/* The heap grows now, so that it need not between the marks. Small pieces: larger ones would be
 * mappings of their own. */
static void heap_warm(void)
{
	static char *pieces[WARM_BYTES / WARM_PIECE];

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		pieces[i] = calloc(1, WARM_PIECE);
	for (size_t i = 0; i + 1 < sizeof pieces / sizeof *pieces; i++)
		free(pieces[i]); /* the last one stays: the top is not given back */
}

static void log_nothing(void *context, int level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static int on_notice(void *context)
{
	*(int *)context += 1;
	return 1;
}

static flightrec_options *options_make(const char *catalogue, int *notices)
{
	flightrec_options *options = flightrec_options_new();

	flightrec_options_set_app(options, "off-host");
	flightrec_options_set_service(options, "off-host");
	flightrec_options_set_version(options, "1.0");
	flightrec_options_set_user_id(options, "user-123");
	flightrec_options_set_kubernetes(options, NULL, "pod", "cluster");
	flightrec_options_set_catalogue_json(options, catalogue);
	flightrec_options_set_notice(options, on_notice, notices);
	flightrec_options_set_logger(options, log_nothing, NULL);
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	return options;
}

static int calls_make(const char *catalogue, int statuses[CALLS_MAX], int *notices)
{
	flightrec *recorder = NULL;
	flightrec_event *event;
	int count = 0;

	statuses[count++] = flightrec_open(&recorder, options_make(catalogue, notices));
	statuses[count++] = flightrec_record(recorder, "declared", "{\"n\":1}");
	statuses[count++] = flightrec_record(recorder, "undeclared", NULL);
	statuses[count++] = flightrec_record(recorder, "not a name", "not JSON");
	statuses[count++] = flightrec_record_internal(recorder, "declared", NULL);
	event = flightrec_event_new("declared");
	flightrec_event_set_int64(event, "n", 2);
	statuses[count++] = flightrec_commit(recorder, event);
	for (int i = 0; i < 1000; i++)
		(void)flightrec_record(recorder, "declared", NULL);
	statuses[count++] = flightrec_flush(recorder, 100);
	(void)flightrec_user_bucket(recorder);
	(void)flightrec_session_id(recorder);
	flightrec_close(recorder);
	return count;
}

int main(int count, char **arguments)
{
	static char catalogue[TEXT_MAX];
	int statuses[CALLS_MAX], calls, notices = 0;
	FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;

	if (file == NULL || fread(catalogue, 1, sizeof catalogue - 1, file) == 0)
		return 2;
	(void)fclose(file);
	heap_warm();
	mark("the host records");
	calls = calls_make(catalogue, statuses, &notices);
	mark("the host is done");
	for (int i = 0; i < calls; i++)
		(void)printf("%d ", statuses[i]);
	(void)printf("notices %d\n", notices);
	return 0;
}
