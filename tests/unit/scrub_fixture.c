#include "support/test.h"

#include "unit/scrub_fixture.h"

#include <string.h>

static const char *variable(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "HOME") == 0)
		return "/home/alice";
	return strcmp(name, "USER") == 0 ? "alice" : NULL;
}

struct fr_scrub *scrub_with(const char *const *patterns, size_t count)
{
	const struct fr_env env = {.variable = variable};
	const struct fr_scrub_rules rules = {&env, patterns, count};
	struct fr_error err = {FR_OK, ""};
	struct fr_scrub *scrub = NULL;

	assert_int_equal(fr_scrub_new(&scrub, &rules, &err), FR_OK);
	return scrub;
}

int scrub_set_up(void **state)
{
	*state = scrub_with(NULL, 0);
	return 0;
}

int scrub_tear_down(void **state)
{
	fr_scrub_free(*state);
	return 0;
}

void scrub_expect(const struct fr_scrub *scrub, const char *text, const char *expected)
{
	struct fr_buffer out, again;
	enum fr_status status;

	fr_buffer_init(&out, SCRUB_TEXT_MOST);
	fr_buffer_init(&again, SCRUB_TEXT_MOST);
	status = fr_scrub_text(scrub, text, strlen(text), &out);
	assert_true(status == FR_OK || status == FR_NONE);
	assert_string_equal(status == FR_OK ? fr_buffer_text(&out) : text, expected);
	if (status == FR_OK)
		assert_int_equal(fr_scrub_text(scrub, expected, strlen(expected), &again), FR_NONE);
	fr_buffer_fini(&out);
	fr_buffer_fini(&again);
}

void scrub_expect_kept(const struct fr_scrub *scrub, const char *text)
{
	scrub_expect(scrub, text, text);
}
