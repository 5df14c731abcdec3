#include "support/test.h"

#include "unit/config_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct fr_home config_home(void)
{
	return (struct fr_home){
		.app = "app", .path = "/h", .config = "/h/app.json", .config_explicit = true};
}

struct fr_config *config_of(const char *text, enum fr_config_reader reader)
{
	struct fr_home home = config_home();
	struct fr_config *config;
	struct fr_error err = {0};

	if (fr_config_parse(&config, &home, reader, text, strlen(text), &err) != FR_OK)
		fail_msg("refused: %s", err.text);
	assert_non_null(config);
	return config;
}

void config_refuses(const char *text, const char *message)
{
	struct fr_home home = config_home();
	struct fr_config *config;
	struct fr_error err = {0};
	enum fr_status status =
		fr_config_parse(&config, &home, FR_CONFIG_STRICT, text, strlen(text), &err);

	if (status == FR_OK)
		fail_msg("accepted, instead of: %s", message);
	assert_null(config);
	assert_string_equal(err.text, message);
	assert_int_equal(status, FR_INVALID);
	assert_int_equal(err.status, FR_INVALID);
}

void config_refuses_sink(const char *inside, const char *message)
{
	char text[4096], whole[1024];

	(void)snprintf(text, sizeof text, "{\"sinks\":[{\n%s}]}", inside);
	(void)snprintf(whole, sizeof whole, "/h/app.json:%s", message);
	config_refuses(text, whole);
}

struct wanted {
	const char *key;
	struct config_shown shown;
};

static void on_setting(void *context, const char *key, const char *value, const char *origin)
{
	struct wanted *wanted = context;

	if (strcmp(key, wanted->key) != 0)
		return;
	assert_string_equal(wanted->shown.origin, ""); /* once */
	assert_true(fr_text_copy(wanted->shown.value, sizeof wanted->shown.value, value));
	assert_true(fr_text_copy(wanted->shown.origin, sizeof wanted->shown.origin, origin));
}

struct config_shown config_show_key(const struct fr_config *config, const char *key)
{
	struct wanted wanted = {.key = key};

	fr_config_show(config, on_setting, &wanted);
	return wanted.shown;
}
