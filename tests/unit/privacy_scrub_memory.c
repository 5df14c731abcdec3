/* The Nth allocation fails, for every N until none does: what cannot be scrubbed is gone, never
 * left as it was.
 */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "support/fault_heap.h"
#include "unit/scrub_fixture.h"

static const char json[] =
	"\"a\":\"mail alice@example.com\",\"b\":[\"/home/alice/\\nx\"],\"c\":\"clean\"";
static const char clean[] = "\"a\":\"mail <email>\",\"b\":[\"~/\\nx\"],\"c\":\"clean\"";

static void an_event_is_scrubbed_or_gone(void **state)
{
	unsigned failures = 0;
	bool failed = true;

	for (unsigned countdown = 1; failed; countdown++) {
		struct fr_buffer text;
		struct fr_error err = {FR_OK, ""};
		enum fr_status status;

		fr_buffer_init(&text, 4096);
		fr_buffer_add_text(&text, json);
		fault_heap_arm(countdown, false);
		status = fr_scrub_json(*state, &text, &err);
		failed = fault_heap_disarm();
		failures += failed;
		assert_string_equal(fr_buffer_text(&text), status == FR_OK ? clean : "");
		assert_int_equal(status, failed ? FR_NOMEM : FR_OK);
		if (failed)
			assert_string_not_equal(err.text, "");
		fr_buffer_fini(&text);
	}
	assert_true(failures > 2);
}

static void a_line_is_scrubbed_or_gone(void **state)
{
	bool failed = true;

	for (unsigned countdown = 1; failed; countdown++) {
		char line[64] = "mail alice@example.com";

		fault_heap_arm(countdown, false);
		fr_scrub_line(*state, line, sizeof line);
		failed = fault_heap_disarm();
		assert_string_equal(line, failed ? "" : "mail <email>");
	}
}

static void a_scrubber_is_whole_or_refused(void **state)
{
	static const char *const patterns[] = {"ACME-*", "intranet"};
	struct fr_env env;
	bool failed = true;

	(void)state;
	fr_env_real(&env);
	for (unsigned countdown = 1; failed; countdown++) {
		const struct fr_scrub_rules rules = {&env, patterns, 2};
		struct fr_scrub *scrub = NULL;
		struct fr_error err = {FR_OK, ""};
		enum fr_status status;

		fault_heap_arm(countdown, false);
		status = fr_scrub_new(&scrub, &rules, &err);
		failed = fault_heap_disarm();
		assert_true(status == FR_OK || (failed && status == FR_NOMEM && scrub == NULL));
		fr_scrub_free(scrub);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_scrubbed_or_gone),
		cmocka_unit_test(a_line_is_scrubbed_or_gone),
		cmocka_unit_test(a_scrubber_is_whole_or_refused),
	};

	return cmocka_run_group_tests(tests, scrub_set_up, scrub_tear_down);
}
