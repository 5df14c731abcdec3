/* The key table itself, and what is printed from it: `config show` and the reference. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/value.h"
#include "unit/config_fixture.h"

static const struct fr_key_table *const tables[] = {&fr_key_table, &fr_sink_key_table};

static bool has_number(enum fr_key_type type)
{
	return type == FR_TYPE_COUNT || type == FR_TYPE_SIZE || type == FR_TYPE_DURATION;
}

static void every_row_is_complete_and_its_default_is_a_valid_value(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct fr_key *key = &tables[t]->keys[i];
			struct fr_token token = {FR_JSON_STRING, key->fallback, 0};
			char wrong[FR_WRONG_TEXT];
			int64_t number;

			assert_non_null(key->path); /* no id without a row */
			assert_non_null(key->help);
			assert_true(strlen(key->help) > 0);
			assert_int_equal(key->type == FR_TYPE_WORD, key->words != NULL);
			if (has_number(key->type)) {
				assert_non_null(key->fallback);
				assert_non_null(key->least);
				assert_non_null(key->most);
				assert_true(fr_value_of(key, key->least) <=
					    fr_value_of(key, key->fallback));
				assert_true(fr_value_of(key, key->fallback) <=
					    fr_value_of(key, key->most));
			}
			if (key->fallback == NULL || key->type == FR_TYPE_SWITCH)
				continue;
			if (key->type == FR_TYPE_COUNT)
				token.kind = FR_JSON_NUMBER;
			token.length = strlen(key->fallback);
			if (!fr_value_read(key, &token, &number, wrong))
				fail_msg("%s: %s", key->path, wrong);
		}
	}
}

static void every_member_stands_behind_its_section(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++) {
		const struct fr_key_table *table = tables[t];

		for (size_t i = 0; i < table->count; i++) {
			const char *path = table->keys[i].path;
			const char *dot = strrchr(path, '.');
			char section[64];
			size_t at = 0;

			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(table->keys[j].path, path);
			if (dot == NULL)
				continue;
			(void)snprintf(section, sizeof section, "%.*s", (int)(dot - path), path);
			while (at < i && strcmp(table->keys[at].path, section) != 0)
				at++;
			assert_true(at < i);
			assert_int_equal(table->keys[at].type, FR_TYPE_SECTION);
		}
	}
}

static void rows_are_found_by_section_and_name(void **state)
{
	(void)state;
	assert_ptr_equal(fr_key_find(&fr_key_table, "", "service"),
			 &fr_key_table.keys[FR_KEY_SERVICE]);
	assert_ptr_equal(fr_key_find(&fr_key_table, "privacy.internal", "env"),
			 &fr_key_table.keys[FR_KEY_PRIVACY_INTERNAL_ENV]);
	assert_null(fr_key_find(&fr_key_table, "privacy", "internal.env"));
	assert_null(fr_key_find(&fr_key_table, "", "max_bytes"));
	assert_null(fr_key_find(&fr_key_table, "queu", "e.max_bytes"));
}

static void a_list_of_types_names_one_all_that_post_or_all(void **state)
{
	const struct fr_sink_format *datadog = fr_sink_format_find("datadog");
	const struct fr_sink_format *file = fr_sink_format_find("file");

	(void)state;
	assert_true(fr_key_lists("datadog", datadog));
	assert_true(fr_key_lists("file datadog", datadog));
	assert_true(fr_key_lists("http", datadog));
	assert_true(fr_key_lists("*", datadog));
	assert_true(fr_key_lists("*", file));
	assert_false(fr_key_lists("http", file));
	assert_false(fr_key_lists("data", datadog));
	assert_false(fr_key_lists("datadogs", datadog));
	assert_false(fr_key_lists("h", datadog));
	assert_false(fr_key_lists("", datadog));
	assert_false(fr_key_lists(NULL, datadog));
}

/* ---- config show ---- */

static const char shown_config[] =
	"{\"service\":\"my-tool\",\n"
	"\"sinks\":[{\"name\":\"dd\",\"type\":\"datadog\",\n"
	"\"site\":\"datadoghq.eu\",\"api_key\":\"env:DD_API_KEY\",\n"
	"\"events\":[\"a\",\"b*\"],\"headers\":{\"X-Team\":\"tools\"}},\n"
	"{\"name\":\"f\",\"type\":\"file\",\"path\":\"x\"}]}";

static void assert_shows(const struct fr_config *config, const char *key, const char *value,
			 const char *origin)
{
	struct config_shown shown = config_show_key(config, key);

	assert_string_equal(shown.value, value);
	assert_string_equal(shown.origin, origin);
}

static void every_value_is_shown_with_its_origin(void **state)
{
	struct fr_config *config = config_of(shown_config, FR_CONFIG_STRICT);

	(void)state;
	assert_shows(config, "service", "my-tool", "/h/app.json:1");
	assert_shows(config, "version", "", "default");
	assert_shows(config, "queue.max_bytes", "64MiB", "default");
	assert_shows(config, "sinks[0].name", "dd", "/h/app.json:2");
	assert_shows(config, "sinks[0].site", "datadoghq.eu", "/h/app.json:3");
	assert_shows(config, "sinks[0].api_key", "<from env:DD_API_KEY>", "/h/app.json:3");
	assert_shows(config, "sinks[0].events", "[\"a\", \"b*\"]", "/h/app.json:4");
	assert_shows(config, "sinks[0].headers.X-Team", "tools", "/h/app.json:4");
	assert_shows(config, "sinks[0].batch.max_wait", "15s", "default");
	assert_shows(config, "sinks[0].allow_plain_http", "false", "default");
	assert_shows(config, "sinks[1].path", "x", "/h/app.json:5");
	assert_shows(config, "sinks[1].events", "", "default");
	fr_config_free(config);
}

static void keys_that_a_type_does_not_take_are_not_shown(void **state)
{
	struct fr_config *config = config_of(shown_config, FR_CONFIG_STRICT);

	(void)state;
	assert_shows(config, "sinks[0].path", "", "");
	assert_shows(config, "sinks[0].table", "", "");
	assert_shows(config, "sinks[1].url", "", "");
	assert_shows(config, "sinks[1].tls.min_version", "", "");
	assert_shows(config, "queue", "", "");
	assert_shows(config, "sinks", "", "");
	fr_config_free(config);
}

/* ---- the reference ---- */

/* A key of a type that comes with a later release is not for the reader of this one. */
static bool is_in_the_reference(const struct fr_key *key)
{
	const struct fr_sink_format *const *format;

	for (format = fr_sink_formats(); *format != NULL; format++) {
		if (key->type != FR_TYPE_SECTION && fr_key_suits(key, *format))
			return true;
	}
	return false;
}

static void the_reference_has_one_row_for_each_key(void **state)
{
	char *text = NULL;
	size_t length = 0, rows = 0, wanted = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	assert_non_null(out);
	fr_config_reference(out);
	assert_int_equal(fclose(out), 0);
	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			char cell[96];

			if (!is_in_the_reference(&tables[t]->keys[i]))
				continue;
			wanted++;
			(void)snprintf(cell, sizeof cell, "\n| `%s` | ", tables[t]->keys[i].path);
			if (strstr(text, cell) == NULL)
				fail_msg("no row for %s", tables[t]->keys[i].path);
		}
	}
	for (const char *at = text; (at = strstr(at, "\n| `")) != NULL; at++)
		rows++;
	assert_int_equal(rows, wanted);
	assert_non_null(strstr(text, "| `queue.max_bytes` | a size, 1MiB to 1TiB | `64MiB` | "
				     "hard bound on what the queue takes on the disk |\n"));
	assert_non_null(strstr(text,
			       "| `type` | `datadog`, `first_party`, `otlp`, `clickhouse`, `file`, "
			       "`ndjson` | required | "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete_and_its_default_is_a_valid_value),
		cmocka_unit_test(every_member_stands_behind_its_section),
		cmocka_unit_test(rows_are_found_by_section_and_name),
		cmocka_unit_test(a_list_of_types_names_one_all_that_post_or_all),
		cmocka_unit_test(every_value_is_shown_with_its_origin),
		cmocka_unit_test(keys_that_a_type_does_not_take_are_not_shown),
		cmocka_unit_test(the_reference_has_one_row_for_each_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
