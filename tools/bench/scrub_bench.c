/* What scrubbing costs: GB/s of one core on text in which there is nothing to find, on text in
 * which there is, and nanoseconds for an ordinary event.
 *
 *     bench_scrub [FILE...]     the files' text as well
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "privacy/scrub.h"

enum { TEXT_BYTES = 256 * 1024, ROUNDS_MOST = 5000, EVENTS = 1000, EVENT_ROUNDS = 500 };

static const int64_t long_enough_ns = 300000000;

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The best round: what the code can do when nobody disturbs it. */
static void text_measure(const struct fr_scrub *scrub, const char *name, const char *text,
			 size_t length)
{
	int64_t best_ns = INT64_MAX, begin_ns = now_ns();
	struct fr_buffer out;
	enum fr_status status = FR_NONE;

	fr_buffer_init(&out, FR_SCRUB_GROWTH * length + 4096);
	for (unsigned round = 0; round < ROUNDS_MOST && now_ns() - begin_ns < long_enough_ns;
	     round++) {
		int64_t start_ns = now_ns();

		fr_buffer_clear(&out);
		status = fr_scrub_text(scrub, text, length, &out);
		best_ns = least(best_ns, now_ns() - start_ns);
	}
	printf("%-34s %8.2f GB/s  %s\n", name, (double)length / (double)best_ns,
	       status == FR_NONE ? "nothing found"
	       : status == FR_OK ? "scrubbed"
				 : "failed");
	fr_buffer_fini(&out);
}

/* The lines again and again, up to a megabyte. */
static void lines_measure(const struct fr_scrub *scrub, const char *name, const char *lines)
{
	char *text = malloc(TEXT_BYTES);
	size_t step = strlen(lines), length = 0;

	if (text == NULL)
		return;
	for (; length + step <= TEXT_BYTES; length += step)
		memcpy(text + length, lines, step);
	text_measure(scrub, name, text, length);
	free(text);
}

static void file_measure(const struct fr_scrub *scrub, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(TEXT_BYTES);
	size_t length = file != NULL && text != NULL ? fread(text, 1, TEXT_BYTES, file) : 0;

	if (length > 0)
		text_measure(scrub, path, text, length);
	free(text);
	if (file != NULL)
		(void)fclose(file);
}

static void event_measure(const struct fr_scrub *scrub, const char *name, const char *properties)
{
	int64_t best_ns = INT64_MAX;
	struct fr_buffer json;

	fr_buffer_init(&json, 65536);
	for (unsigned round = 0; round < EVENT_ROUNDS; round++) {
		int64_t start_ns = now_ns();

		for (unsigned i = 0; i < EVENTS; i++) {
			fr_buffer_clear(&json);
			fr_buffer_add_text(&json, properties);
			(void)fr_scrub_json(scrub, &json, NULL);
		}
		best_ns = least(best_ns, now_ns() - start_ns);
	}
	printf("%-34s %8.0f ns   %zu bytes\n", name, (double)best_ns / EVENTS, strlen(properties));
	fr_buffer_fini(&json);
}

static const char *variable(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "HOME") == 0)
		return "/home/somebody";
	return strcmp(name, "USER") == 0 ? "somebody" : NULL;
}

int main(int argc, char **argv)
{
	const struct fr_env env = {.variable = variable};
	const struct fr_scrub_rules rules = {.env = &env};
	struct fr_scrub *scrub = NULL;

	if (fr_scrub_new(&scrub, &rules, NULL) != FR_OK)
		return EXIT_FAILURE;
	lines_measure(scrub, "English",
		      "The quick brown fox jumps over the lazy dog, and nobody asked it to.\n"
		      "It is not known whether the dog was told; it would have been polite.\n");
	lines_measure(scrub, "a program's messages",
		      "could not read the file because permission was denied (errno 13)\n"
		      "tool edit_file failed after 450 ms, 3 attempts, exit status 1\n"
		      "warning: unused variable in function request_parse, line 117\n");
	lines_measure(
		scrub, "paths, times and hashes",
		"2026-11-22T08:35:00.123456Z src/queue/append.c:117: error: expected ';'\n"
		"commit 4a45188f0c1d2e3b4a5968778695a4b3c2d1e0ff /usr/lib/x86_64-linux-gnu\n");
	lines_measure(
		scrub, "an address in each line",
		"Signed-off-by: Somebody Else <somebody.else@example.com> on a Monday morning\n");
	event_measure(
		scrub, "an event, nothing to find",
		"\"toolName\":\"edit_file\",\"errorType\":\"permission_denied\",\"duration\":450");
	event_measure(
		scrub, "an event with a message",
		"\"message\":\"could not open src/main.c: permission denied\",\"errno\":13,"
		"\"stack\":\"at open (src/io.c:17)\\nat main (src/main.c:3)\",\"retry\":false");
	event_measure(scrub, "an event with a home and an address",
		      "\"path\":\"/home/somebody/src/main.c\",\"author\":\"me@example.com\"");
	for (int i = 1; i < argc; i++)
		file_measure(scrub, argv[i]);
	fr_scrub_free(scrub);
	return EXIT_SUCCESS;
}
