/* A value is scanned from its first byte; members and elements before the wanted one are skipped.
 */
#include "json_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "event/json.h"

static const struct cli_value no_value = {0};

/* Opens a container and reads its opening bracket. */
static bool container_open(struct fr_json *json, struct cli_value value, enum fr_json_kind opening)
{
	enum fr_json_kind kind;

	if (value.text == NULL)
		return false;
	fr_json_init(json, value.text, value.length, FR_JSON_DEPTH_MAX);
	return fr_json_next(json, &kind, NULL) == FR_OK && kind == opening;
}

/* The value whose first token was just read, as text. */
static bool value_take(struct fr_json *json, enum fr_json_kind kind, struct cli_value *out)
{
	size_t start = json->start;

	if (kind != FR_JSON_STRING && kind != FR_JSON_NUMBER &&
	    fr_json_skip(json, kind, NULL) != FR_OK)
		return false;
	*out = (struct cli_value){json->text + start, json->at - start};
	return true;
}

static bool key_is(const struct fr_json *json, struct fr_buffer *scratch, const char *key)
{
	size_t length;
	const char *text = fr_json_borrow(json, scratch, &length);

	return text != NULL && length == strlen(key) && memcmp(text, key, length) == 0;
}

struct cli_value cli_value_member(struct cli_value object, const char *key)
{
	struct cli_value value = no_value;
	struct fr_buffer scratch;
	struct fr_json json;
	enum fr_json_kind kind;
	bool found = false;

	if (!container_open(&json, object, FR_JSON_OBJECT_BEGIN))
		return no_value;
	fr_buffer_init(&scratch, 4096);
	while (!found && fr_json_next(&json, &kind, NULL) == FR_OK && kind == FR_JSON_KEY) {
		bool wanted = key_is(&json, &scratch, key);

		if (fr_json_next(&json, &kind, NULL) != FR_OK || !value_take(&json, kind, &value))
			break;
		found = wanted;
	}
	fr_buffer_fini(&scratch);
	return found ? value : no_value;
}

struct cli_value cli_value_element(struct cli_value array, size_t index)
{
	struct cli_value value = no_value;
	struct fr_json json;
	enum fr_json_kind kind;

	if (!container_open(&json, array, FR_JSON_ARRAY_BEGIN))
		return no_value;
	for (size_t i = 0; i <= index; i++) {
		if (fr_json_next(&json, &kind, NULL) != FR_OK || kind == FR_JSON_ARRAY_END ||
		    !value_take(&json, kind, &value))
			return no_value;
	}
	return value;
}

bool cli_value_string(struct cli_value value, char *out, size_t size)
{
	struct fr_buffer scratch;
	struct fr_json json;
	enum fr_json_kind kind;
	bool is_string;

	out[0] = '\0';
	if (value.text == NULL)
		return false;
	fr_buffer_init(&scratch, value.length + 1);
	fr_json_init(&json, value.text, value.length, 1);
	is_string = fr_json_next(&json, &kind, NULL) == FR_OK && kind == FR_JSON_STRING &&
		    fr_json_decode(&json, &scratch) == FR_OK;
	if (is_string)
		(void)fr_text_copy(out, size, fr_buffer_text(&scratch));
	fr_buffer_fini(&scratch);
	return is_string;
}

int64_t cli_value_int(struct cli_value value, int64_t otherwise)
{
	char text[32];
	char *end;
	long long number;

	if (value.text == NULL || value.length == 0 || value.length >= sizeof text)
		return otherwise;
	memcpy(text, value.text, value.length);
	text[value.length] = '\0';
	number = strtoll(text, &end, 10);
	return *end == '\0' ? (int64_t)number : otherwise;
}

bool cli_value_is_true(struct cli_value value)
{
	return value.text != NULL && value.length == 4 && memcmp(value.text, "true", 4) == 0;
}
