/* Bodies of random events, for OpenTelemetry's own code to read: otlp_bodies SEED COUNT prints for
 * each of COUNT batches two lines, the batch in our own form and the same batch in OTLP's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/json.h"
#include "event/uuid.h"
#include "unit/sink_fixture.h"

enum { EVENTS_MAX = 12, DEPTH_MAX = 8, TEXT_MAX = 64 };

static uint64_t state;

/* xorshift64*, so that a seed gives the same bodies everywhere. */
static unsigned pick(unsigned below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * UINT64_C(2685821657736338717)) >> 33) % below;
}

static void number_add(struct fr_buffer *out)
{
	static const char *const numbers[] = {
		"0",
		"-0",
		"1",
		"-17",
		"450",
		"4294967296",
		"9007199254740993",
		"-9007199254740993",
		"9223372036854775807",
		"-9223372036854775808",
		"9223372036854775808",
		"18446744073709551615",
		"123456789012345678901234567890",
		"0.5",
		"-2.25e-3",
		"1e3",
		"1E+10",
		"5e-324",
		"1e-400",
		"1.7976931348623157e308",
		"-1.7976931348623157e308",
		"1e309",
		"-1e999",
	};

	fr_buffer_add_text(out, numbers[pick(sizeof numbers / sizeof *numbers)]);
}

static void string_add(struct fr_buffer *out)
{
	static const char *const pieces[] = {
		"edit_file", "",         "\"",           "\\",
		"\\n",       "\n",       "\x01",         "\x7f",
		"\t",        "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x9a\x80",
		"</script>", "null",     "\xe2\x80\xa8", "\xef\xbb\xbf\xef\xbf\xbf",
		"{\"a\":1}",
	};
	char text[TEXT_MAX + 1] = "";
	size_t length = 0;
	unsigned i;

	for (i = pick(4); i > 0; i--) {
		const char *piece = pieces[pick(sizeof pieces / sizeof *pieces)];

		if (length + strlen(piece) > TEXT_MAX)
			break;
		memcpy(text + length, piece, strlen(piece) + 1);
		length += strlen(piece);
	}
	if (pick(20) == 0)
		text[length++] = '\0'; /* one that JSON writes as an escape */
	fr_json_add_string(out, text, length);
}

static void value_add(struct fr_buffer *out, unsigned depth);

static void members_add(struct fr_buffer *out, unsigned count, unsigned depth)
{
	static const char *const names[] = {"session.id", "log.record.uid", "flightrec.seq",
					    "flightrec.properties", "flightrec"};
	unsigned i;

	fr_buffer_add_char(out, '{');
	for (i = 0; i < count; i++) {
		const char *comma = i > 0 ? "," : "";

		if (i < 5 && pick(10) == 0)
			fr_buffer_add_format(out, "%s\"%s\":", comma, names[i]);
		else
			fr_buffer_add_format(out, "%s\"k%u.%u\":", comma, i, pick(1000));
		value_add(out, depth);
	}
	fr_buffer_add_char(out, '}');
}

static void items_add(struct fr_buffer *out, unsigned count, unsigned depth)
{
	unsigned i;

	fr_buffer_add_char(out, '[');
	for (i = 0; i < count; i++) {
		if (i > 0)
			fr_buffer_add_char(out, ',');
		value_add(out, depth);
	}
	fr_buffer_add_char(out, ']');
}

/* depth: how many levels there may still be. */
static void value_add(struct fr_buffer *out, unsigned depth)
{
	static const char *const words[] = {"true", "false", "null"};
	unsigned kind = pick(depth > 0 ? 7 : 5);

	if (kind < 2)
		number_add(out);
	else if (kind < 4)
		string_add(out);
	else if (kind == 4)
		fr_buffer_add_text(out, words[pick(3)]);
	else if (kind == 5)
		items_add(out, pick(4), depth - 1);
	else
		members_add(out, pick(4), depth - 1);
}

/* What an event borrows. */
struct texts {
	char uuid[FR_UUID_TEXT];
	struct fr_buffer properties;
};

static struct fr_event event_make(struct texts *texts, unsigned batch, unsigned index)
{
	static const char *const services[] = {"my-tool", "git", "", "caf\xc3\xa9 \"quoted\""};
	static const char *const versions[] = {"1.2.3", "", "2.0.0-rc.1+build"};
	static const char *const parents[] = {
		"", "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-ffffffffffffffffffffffffffffffff-0000000000000001-00"};
	struct fr_event event = sink_event();

	(void)snprintf(texts->uuid, sizeof texts->uuid, "%08x-0000-7000-8000-%04x%08x",
		       25576037 + pick(100), batch, index);
	fr_buffer_init(&texts->properties, 1 << 20);
	members_add(&texts->properties, pick(9), DEPTH_MAX);
	event.uuid = texts->uuid;
	event.service = services[pick(4)];
	event.version = versions[pick(3)];
	event.traceparent = parents[pick(4)];
	event.time_us = pick(20) == 0 ? INT64_C(32503680000000000) : SINK_TIME_US + pick(100000);
	event.severity = (enum fr_severity)(FR_TRACE + (int)pick(6));
	event.seq = (int64_t)pick(3) * 4000000000;
	event.user_bucket = pick(30);
	event.ci = pick(5) == 0;
	event.properties = fr_buffer_text(&texts->properties);
	event.properties_length = (int64_t)texts->properties.length;
	return event;
}

/* False when a line is not what it should be: every event of these can be encoded. */
static bool body_print(const char *type, const struct fr_sink_batch *batch)
{
	struct fr_sink_settings settings = sink_settings(type);
	struct fr_request request;
	struct fr_error err = {0};
	bool is_good;

	settings.url = "http://127.0.0.1:4318";
	fr_request_init(&request, 64 << 20);
	is_good = fr_sink_format_find(type)->encode(&settings, batch, &request, &err) == FR_OK &&
		  request.left_out_count == 0;
	if (is_good)
		is_good = puts(fr_buffer_text(&request.body)) >= 0;
	else
		fprintf(stderr, "%s: %zu left out; %s\n", type, request.left_out_count, err.text);
	fr_request_fini(&request);
	return is_good;
}

static bool batch_print(unsigned number)
{
	struct fr_event events[EVENTS_MAX];
	struct texts texts[EVENTS_MAX];
	struct fr_sink_batch batch = sink_batch(events, 1 + pick(EVENTS_MAX));
	bool is_good;
	size_t i;

	for (i = 0; i < batch.count; i++)
		events[i] = event_make(&texts[i], number, (unsigned)i);
	is_good = body_print("first_party", &batch) && body_print("otlp", &batch);
	for (i = 0; i < batch.count; i++)
		fr_buffer_fini(&texts[i].properties);
	return is_good;
}

int main(int argc, char **argv)
{
	unsigned i, count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	if (count == 0) {
		fprintf(stderr, "usage: otlp_bodies SEED COUNT\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 10) * 2 + 1;
	for (i = 0; i < count; i++)
		if (!batch_print(i))
			return 1;
	return fflush(stdout) == 0 ? 0 : 1;
}
