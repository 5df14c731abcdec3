/* The Nth allocation fails, for every N until none does: an event is refused for lack of memory or
 * taken whole, and the same call works again once there is memory.
 */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "event/draft.h"

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int until_failure = -1; /* -1: never */

static bool allocation_fails(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(memory, size);
}

/* An event that needs memory for everything: its properties, escaped keys and texts, many keys. */
static char *greedy_event(size_t *length)
{
	struct fr_buffer text;
	int i;

	fr_buffer_init(&text, SIZE_MAX);
	fr_buffer_add_text(&text,
			   "{\"event\\u004eame\":\"\\u0078\",\"\\u0061b\":1,\"c d\":{},\"o\":{");
	for (i = 0; i < 200; i++)
		fr_buffer_add_format(&text, "%s\"\\u006b%d\":\"\\n\"", i > 0 ? "," : "", i);
	fr_buffer_add_text(&text, "}}");
	return fr_buffer_take(&text, length);
}

static enum fr_status draft_one(const char *text, size_t length, struct fr_error *err)
{
	struct fr_draft draft;
	enum fr_status status;

	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_parse(&draft, text, length, NULL);
	fr_draft_set_string(&draft, "text", "\n", 1);
	fr_draft_set_json(&draft, "json", "{\"\\u0061\":1}", 12);
	status = fr_draft_finish(&draft, "\"common\":true", 13, err);
	if (status == FR_OK)
		assert_int_equal(draft.count, 5);
	fr_draft_fini(&draft);
	return status;
}

static void an_event_is_taken_whole_or_refused_for_lack_of_memory(void **state)
{
	struct fr_error err;
	size_t length;
	char *text = greedy_event(&length);
	int failures = 0;

	(void)state;
	assert_non_null(text);
	for (;; failures++) {
		enum fr_status status;

		until_failure = failures;
		status = draft_one(text, length, &err);
		if (until_failure >= 0)
			break; /* there was no allocation left to fail */
		assert_int_equal(status, FR_NOMEM);
		assert_non_null(strstr(err.text, "memory"));
		until_failure = -1;
		assert_int_equal(draft_one(text, length, &err), FR_OK);
	}
	until_failure = -1;
	assert_in_range(failures, 8, 100);
	free(text);
}

static void a_buffer_keeps_its_bytes_when_it_cannot_grow(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, SIZE_MAX);
	fr_buffer_add_text(&buffer, "kept");
	until_failure = 0;
	assert_false(fr_buffer_reserve(&buffer, 100000));
	assert_int_equal(buffer.status, FR_NOMEM);
	fr_buffer_add_text(&buffer, "!");
	assert_string_equal(fr_buffer_text(&buffer), "kept");
	fr_buffer_clear(&buffer);
	fr_buffer_add_text(&buffer, "again");
	assert_string_equal(fr_buffer_text(&buffer), "again");
	fr_buffer_fini(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_taken_whole_or_refused_for_lack_of_memory),
		cmocka_unit_test(a_buffer_keeps_its_bytes_when_it_cannot_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
