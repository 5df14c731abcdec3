/* A comma is due unless the text so far is empty or ends in an opening bracket: no other state is
 * kept. */
#include "json_out.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "event/json.h"

enum { JSON_BYTES_MAX = 512 * 1024 * 1024 };

void cli_json_init(struct cli_json *json)
{
	fr_buffer_init(&json->text, JSON_BYTES_MAX);
}

enum fr_status cli_json_print(struct cli_json *json, struct fr_error *err)
{
	fr_buffer_add_char(&json->text, '\n');
	if (json->text.status != FR_OK)
		return fr_fail(err, json->text.status, "the answer does not fit into memory");
	(void)fwrite(json->text.data, 1, json->text.length, stdout); /* main looks at ferror */
	fr_buffer_clear(&json->text);
	return FR_OK;
}

void cli_json_fini(struct cli_json *json)
{
	fr_buffer_fini(&json->text);
}

enum fr_status cli_json_finish(struct cli_json *json, struct fr_error *err)
{
	enum fr_status status = cli_json_print(json, err);

	cli_json_fini(json);
	return status;
}

/* What stands before every value: a comma where one is due, and the key. */
static void value_begin(struct cli_json *json, const char *key)
{
	const struct fr_buffer *text = &json->text;

	if (text->length > 0 && strchr("{[", text->data[text->length - 1]) == NULL)
		fr_buffer_add_char(&json->text, ',');
	if (key != NULL) {
		fr_json_add_string(&json->text, key, strlen(key));
		fr_buffer_add_char(&json->text, ':');
	}
}

void cli_json_object(struct cli_json *json, const char *key)
{
	value_begin(json, key);
	fr_buffer_add_char(&json->text, '{');
}

void cli_json_object_end(struct cli_json *json)
{
	fr_buffer_add_char(&json->text, '}');
}

void cli_json_array(struct cli_json *json, const char *key)
{
	value_begin(json, key);
	fr_buffer_add_char(&json->text, '[');
}

void cli_json_array_end(struct cli_json *json)
{
	fr_buffer_add_char(&json->text, ']');
}

void cli_json_string_n(struct cli_json *json, const char *key, const char *text, size_t length)
{
	value_begin(json, key);
	fr_json_add_string(&json->text, text, length);
}

void cli_json_string(struct cli_json *json, const char *key, const char *text)
{
	if (text == NULL)
		cli_json_null(json, key);
	else
		cli_json_string_n(json, key, text, strlen(text));
}

void cli_json_int(struct cli_json *json, const char *key, int64_t value)
{
	value_begin(json, key);
	fr_buffer_add_int(&json->text, value);
}

void cli_json_bool(struct cli_json *json, const char *key, bool value)
{
	value_begin(json, key);
	fr_buffer_add_text(&json->text, value ? "true" : "false");
}

void cli_json_null(struct cli_json *json, const char *key)
{
	value_begin(json, key);
	fr_buffer_add_text(&json->text, "null");
}

void cli_json_raw(struct cli_json *json, const char *key, const char *text, size_t length)
{
	value_begin(json, key);
	fr_buffer_add(&json->text, text, length);
}

void cli_json_time(struct cli_json *json, const char *key, int64_t wall_us)
{
	char text[FR_TIME_TEXT];

	if (wall_us == 0) {
		cli_json_null(json, key);
		return;
	}
	fr_time_format(text, wall_us);
	cli_json_string(json, key, text);
}
