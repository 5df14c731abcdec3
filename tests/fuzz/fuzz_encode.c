/* A row as somebody's editor, or a failing disk, may have left it: whatever its properties, every
 * sink's body is either valid or does not hold the event, and the neighbours are in it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/json.h"
#include "fuzz/fuzz.h"
#include "sink/sink.h"

enum { BODY_MAX = 1 << 20 };

static void must_hold(bool holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

static bool is_json(const char *text, size_t length)
{
	enum fr_json_kind kind;
	struct fr_json json;

	fr_json_init(&json, text, length, FR_JSON_DEPTH_MAX);
	do {
		if (fr_json_next(&json, &kind, NULL) != FR_OK)
			return false;
	} while (kind != FR_JSON_END);
	return true;
}

static bool is_of_lines(const struct fr_sink_format *format)
{
	return format->is_file || strcmp(format->type, "ndjson") == 0 ||
	       strcmp(format->type, "clickhouse") == 0;
}

/* Every line, or the whole. */
static void body_must_hold(const struct fr_sink_format *format, const struct fr_request *request)
{
	const char *text = fr_buffer_text(&request->body);
	size_t lines = 0;

	if (!is_of_lines(format)) {
		must_hold(is_json(text, request->body.length), "a body is JSON");
		return;
	}
	while (*text != '\0') {
		const char *end = strchr(text, '\n');

		must_hold(end != NULL, "a line ends");
		must_hold(is_json(text, (size_t)(end - text)), "a line is JSON");
		text = end + 1;
		lines++;
	}
	must_hold(lines + request->left_out_count == 3, "every event is a line or left out");
}

static struct fr_event event_make(const char *properties, size_t length)
{
	return (struct fr_event){.uuid = "00000000-0000-7000-8000-000000000001",
				 .name = "a",
				 .severity = FR_INFO,
				 .service = "s",
				 .version = "1",
				 .session = "00000000-0000-7000-8000-00000000000a",
				 .traceparent = "",
				 .properties = properties,
				 .properties_length = (int64_t)length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fr_sink_format *const *formats = fr_sink_formats();
	struct fr_event events[3] = {event_make("{}", 2), event_make((const char *)data, size),
				     event_make("{\"b\":2}", 7)};
	struct fr_sink_batch batch = {"0193524e-aaaa-7000-8000-00000000000b", 0, events, 3};
	struct fr_sink_settings settings = {.name = "fuzz",
					    .url = "http://127.0.0.1/",
					    .path = "/dev/null",
					    .site = "",
					    .tags = "",
					    .endpoint_path = "/v1/logs",
					    .os_type = "linux",
					    .host_arch = "amd64",
					    .table = "t",
					    .api_key = "",
					    .user = "",
					    .password = ""};
	size_t i;

	for (i = 0; formats[i] != NULL; i++) {
		struct fr_request request;
		struct fr_error err;

		fr_request_init(&request, BODY_MAX);
		if (formats[i]->encode(&settings, &batch, &request, &err) == FR_OK) {
			must_hold(request.left_out_count <= 1, "the neighbours go");
			must_hold(request.left_out_count == 0 || request.left_out[0] == 1,
				  "what is left out is named");
			body_must_hold(formats[i], &request);
		} else {
			must_hold(request.body.status == FR_TOO_LARGE, "only size is a failure");
		}
		fr_request_fini(&request);
	}
	return 0;
}
