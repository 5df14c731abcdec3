/* Out of memory at every allocation of an encoder, and of who reads an answer: the body is whole or
 * refused for lack of memory. An event is never left out, nor a refusal overlooked, because of it.
 */
#include <string.h>

#include "support/fault_heap.h"
#include "support/test.h"
#include "unit/sink_fixture.h"

enum { EVENTS = 4, KEYS = 50, DAMAGED = 2 };

/* So many keys that telling them apart takes memory. */
static void properties_fill(struct fr_buffer *properties)
{
	int i;

	fr_buffer_init(properties, 1 << 16);
	for (i = 0; i < KEYS; i++)
		fr_buffer_add_format(properties, "%s\"k%d\":[%d]", i > 0 ? "," : "{\"in\":{", i, i);
	fr_buffer_add_text(properties, "},\"session.id\":1}");
	assert_int_equal(properties->status, FR_OK);
}

static struct fr_sink_settings settings_of(const char *type)
{
	static const struct fr_sink_header headers[] = {{"x-a", "1", "env:A"}, {"x-b", "2", NULL}};
	struct fr_sink_settings settings = sink_settings(type);

	settings.url = "https://collector.example.com";
	settings.path = "/delivered";
	settings.table = "events";
	settings.headers = headers;
	settings.header_count = 2;
	return settings;
}

/* One encoding with the Nth allocation failing; does it say so? */
static bool encode_with_fault(const struct fr_sink_format *format,
			      const struct fr_sink_batch *batch, const char *expected, unsigned n)
{
	struct fr_sink_settings settings = settings_of(format->type);
	struct fr_request request;
	struct fr_error err = {0};
	enum fr_status status;
	bool fired;

	fr_request_init(&request, 1 << 20);
	fault_heap_arm(n, false);
	status = format->encode(&settings, batch, &request, &err);
	fired = fault_heap_disarm();
	assert_int_equal(status, fired ? FR_NOMEM : FR_OK);
	assert_int_equal(err.status, status);
	if (status == FR_OK) {
		assert_int_equal(request.left_out_count, 1);
		assert_int_equal(request.left_out[0], DAMAGED);
		assert_string_equal(fr_buffer_text(&request.body), expected);
	}
	fr_request_fini(&request);
	return fired;
}

static void encode_without_faults(const struct fr_sink_format *format,
				  const struct fr_sink_batch *batch, struct fr_request *request)
{
	struct fr_sink_settings settings = settings_of(format->type);
	struct fr_error err = {0};

	fr_request_init(request, 1 << 20);
	if (format->encode(&settings, batch, request, &err) != FR_OK)
		fail_msg("%s: %s", format->type, err.text);
}

static void a_body_is_whole_or_refused_for_lack_of_memory(void **state)
{
	const struct fr_sink_format *const *format;
	struct fr_event events[EVENTS] = {sink_event(), sink_event(), sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, EVENTS);
	struct fr_buffer properties;
	size_t i;

	(void)state;
	properties_fill(&properties);
	for (i = 0; i < EVENTS; i++)
		sink_event_set(&events[i], fr_buffer_text(&properties));
	sink_event_set(&events[DAMAGED], "{\"a\":}");
	for (format = fr_sink_formats(); *format != NULL; format++) {
		struct fr_request whole;
		unsigned n = 1;

		encode_without_faults(*format, &batch, &whole);
		while (encode_with_fault(*format, &batch, fr_buffer_text(&whole.body), n))
			n++;
		assert_true(n > 4); /* it was about something */
		fr_request_fini(&whole);
	}
	fr_buffer_fini(&properties);
}

/* One reading with the Nth allocation failing; does it say so? */
static bool read_with_fault(const char *type, const struct fr_answer *answer, unsigned n)
{
	struct fr_event events[EVENTS] = {sink_event(), sink_event(), sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, EVENTS);
	struct fr_answer_details details = {0};
	enum fr_status status;
	bool fired;

	fault_heap_arm(n, false);
	status = fr_sink_format_find(type)->read_answer(&batch, answer, &details);
	fired = fault_heap_disarm();
	assert_int_equal(status, fired ? FR_NOMEM : FR_OK);
	assert_int_equal(details.lost + details.refused, fired ? 0 : 1);
	fr_answer_details_fini(&details);
	return fired;
}

static void an_answer_is_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *type, *body;
	} answers[] = {
		{"otlp", "{\"partialSuccess\":{\"rejectedLogRecord\\u0073\":1,"
			 "\"errorMessage\":\"t\\u006fo old\"}}"},
		{"first_party",
		 "{\"rejected\":[{\"eventId\":"
		 "\"0193524e-9e3b-7000-8000-00000000000\\u0031\",\"reason\":\"x\"}]}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof answers / sizeof *answers; i++) {
		const struct fr_answer answer = {.status = 200,
						 .content_type = "application/json",
						 .retry_after = "",
						 .date = "",
						 .body = answers[i].body,
						 .body_length = strlen(answers[i].body)};
		unsigned n = 1;

		while (read_with_fault(answers[i].type, &answer, n))
			n++;
		assert_true(n > 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_whole_or_refused_for_lack_of_memory),
		cmocka_unit_test(an_answer_is_read_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
