/* What compressing a request costs and saves: libdeflate at every level, zlib beside it, on real
 * bodies.
 *
 * Bodies are what the first-party encoder makes of events like those of a coding tool: names from a
 * short list, ids that never repeat, paths and error messages that nearly do. Times are the best of
 * several rounds, interleaved, so that a busy machine spoils all columns alike; read the ratios.
 *
 *     gzip_bench [EVENTS ...]        batch sizes; 1 10 100 1000 unless given
 */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "event/uuid.h"
#include "sink/sink.h"

enum { ROUNDS = 7, BODY_MAX = 8 * 1024 * 1024, EVENTS_MAX = 10000, PROPERTIES_TEXT = 400 };

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static unsigned next_random(void)
{
	static unsigned state = 1;

	state = state * 1664525U + 1013904223U;
	return state >> 8;
}

static const char *pick(const char *const *from, size_t count)
{
	return from[next_random() % count];
}

#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

static void properties_make(char *out, size_t size)
{
	static const char *const tools[] = {"edit_file", "run_command", "read_file", "search"};
	static const char *const errors[] = {"permission_denied", "not_found", "timeout",
					     "syntax_error", "conflict"};
	static const char *const files[] = {"src/queue/claim.c", "README.md", "tests/unit/a.c",
					    "include/flightrec.h", "package.json"};

	(void)snprintf(out, size,
		       "{\"toolName\":\"%s\",\"errorType\":\"%s\",\"duration\":%u,"
		       "\"file\":\"~/project/%s\",\"line\":%u,"
		       "\"model\":\"m-%u\",\"requestId\":\"req_%06x%06x%06x\",\"retries\":%u}",
		       PICK(tools), PICK(errors), next_random() % 5000, PICK(files),
		       next_random() % 900, next_random() % 3, next_random(), next_random(),
		       next_random(), next_random() % 4);
}

/* The first-party body of so many events. */
static void body_make(struct fr_request *request, size_t count)
{
	static const char *const names[] = {"tool_use_error", "api_call", "session_start",
					    "tool_use_ok", "edit_applied"};
	static struct fr_event events[EVENTS_MAX];
	static char ids[EVENTS_MAX][FR_UUID_TEXT], properties[EVENTS_MAX][PROPERTIES_TEXT];
	struct fr_sink_settings settings = {.name = "bench", .url = "http://127.0.0.1/"};
	struct fr_sink_batch batch = {"0193524e-aaaa-7000-8000-00000000000b", 0, events, count};
	struct fr_error err = {0};
	struct fr_env env;
	size_t i;

	fr_env_real(&env);
	for (i = 0; i < count; i++) {
		int64_t time_us = INT64_C(1795336500000000) + (int64_t)i * 137923;

		if (fr_uuid7(ids[i], &env, time_us, &err) != FR_OK)
			exit(1);
		properties_make(properties[i], sizeof properties[i]);
		events[i] = (struct fr_event){.uuid = ids[i],
					      .name = PICK(names),
					      .time_us = time_us,
					      .severity = FR_INFO,
					      .service = "my-tool",
					      .version = "1.2.3",
					      .session = "0193524e-0000-7000-8000-00000000000a",
					      .seq = (int64_t)i,
					      .user_bucket = 5,
					      .traceparent = "",
					      .properties = properties[i]};
		events[i].properties_length = (int64_t)strlen(properties[i]);
	}
	fr_request_init(request, BODY_MAX);
	if (fr_sink_format_find("first_party")->encode(&settings, &batch, request, &err) != FR_OK)
		exit(1);
}

struct packer {
	const char *library;
	int level;
	double best_us;
	size_t length;
};

/* As the agent does it: the compressor is made for each body. */
static size_t pack_libdeflate(int level, const struct fr_buffer *body, void *out, size_t size)
{
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
	size_t length;

	if (compressor == NULL)
		exit(1);
	length = libdeflate_gzip_compress(compressor, body->data, body->length, out, size);
	libdeflate_free_compressor(compressor);
	return length;
}

static size_t pack_zlib(int level, struct fr_buffer *body, void *out, size_t size)
{
	z_stream stream = {0};

	stream.next_in = (unsigned char *)body->data;
	stream.avail_in = (unsigned)body->length;
	stream.next_out = out;
	stream.avail_out = (unsigned)size;
	if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&stream, Z_FINISH) != Z_STREAM_END)
		exit(1);
	(void)deflateEnd(&stream);
	return stream.total_out;
}

static void packer_run(struct packer *packer, struct fr_buffer *body, void *out, size_t size)
{
	int repeats = body->length < 100000 ? 50 : 3;
	double begin_us = now_us(), spent_us;
	int i;

	for (i = 0; i < repeats; i++)
		packer->length = strcmp(packer->library, "zlib") == 0
					 ? pack_zlib(packer->level, body, out, size)
					 : pack_libdeflate(packer->level, body, out, size);
	spent_us = (now_us() - begin_us) / repeats;
	if (packer->best_us <= 0 || spent_us < packer->best_us)
		packer->best_us = spent_us;
}

static void compare(size_t count)
{
	struct packer packers[] = {
		{"zlib", 1, 0, 0},        {"zlib", 6, 0, 0},       {"zlib", 9, 0, 0},
		{"libdeflate", 1, 0, 0},  {"libdeflate", 2, 0, 0}, {"libdeflate", 3, 0, 0},
		{"libdeflate", 4, 0, 0},  {"libdeflate", 5, 0, 0}, {"libdeflate", 6, 0, 0},
		{"libdeflate", 7, 0, 0},  {"libdeflate", 8, 0, 0}, {"libdeflate", 9, 0, 0},
		{"libdeflate", 12, 0, 0},
	};
	size_t size = BODY_MAX, i;
	void *out = malloc(size);
	struct fr_request request;
	int round;

	if (out == NULL)
		exit(1);
	body_make(&request, count);
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < sizeof packers / sizeof *packers; i++)
			packer_run(&packers[i], &request.body, out, size);
	printf("%zu events, %zu bytes\n", count, request.body.length);
	for (i = 0; i < sizeof packers / sizeof *packers; i++)
		printf("  %-10s %2d  %7zu bytes  %5.1f %%  %8.1f us  %7.1f MB/s  %5.2f of zlib 6\n",
		       packers[i].library, packers[i].level, packers[i].length,
		       100.0 * (double)packers[i].length / (double)request.body.length,
		       packers[i].best_us, (double)request.body.length / packers[i].best_us,
		       packers[i].best_us / packers[1].best_us);
	fr_request_fini(&request);
	free(out);
}

int main(int argc, char **argv)
{
	static const size_t usual[] = {1, 10, 100, 1000};
	int i;

	for (i = 1; i < argc; i++) {
		unsigned long count = strtoul(argv[i], NULL, 10);

		if (count < 1 || count > EVENTS_MAX) {
			(void)fprintf(stderr, "usage: gzip_bench [EVENTS ...] (1 to %d)\n",
				      EVENTS_MAX);
			return 2;
		}
		compare(count);
	}
	for (i = 0; argc == 1 && i < (int)(sizeof usual / sizeof *usual); i++)
		compare(usual[i]);
	return 0;
}
