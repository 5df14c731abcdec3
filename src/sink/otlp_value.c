/* The happy path: one walk over the properties, each member appended as an attribute, values that
 * hold others by recursion, which is as deep as an event may be. Members whose names are ours are
 * passed over and, when there are any, come in a second walk.
 *
 * What can go wrong is the text: a row may have been damaged, or written by hand. Whatever the
 * library would not have recorded (another grammar, too deep, an empty key, a key twice) is refused
 * as a whole, since receivers would each make something else of it.
 */
#include "sink/otlp_value.h"

#include <string.h>

#include "event/draft.h"
#include "event/json.h"
#include "event/keys.h"
#include "event/number.h"

/* The properties object, and in it what a property may hold. */
enum { DEPTH = FR_DEPTH_MAX + 1 };

struct walk {
	struct fr_json json;
	struct fr_keys keys;
	struct fr_buffer *out;
};

static enum fr_status value_add(struct walk *walk, enum fr_json_kind kind);

/* ---- attributes that are ours ---- */

static void key_add(struct fr_buffer *out, const char *key)
{
	fr_buffer_add_text(out, "{\"key\":\"");
	fr_buffer_add_text(out, key);
	fr_buffer_add_text(out, "\",\"value\":{");
}

void fr_otlp_add_text(struct fr_buffer *out, const char *key, const char *text)
{
	key_add(out, key);
	fr_buffer_add_text(out, "\"stringValue\":");
	fr_json_add_string(out, text, strlen(text));
	fr_buffer_add_text(out, "}}");
}

void fr_otlp_add_int(struct fr_buffer *out, const char *key, int64_t number)
{
	key_add(out, key);
	fr_buffer_add_text(out, "\"intValue\":\"");
	fr_buffer_add_int(out, number);
	fr_buffer_add_text(out, "\"}}");
}

/* Keys of attributes must be unique, and these are taken. */
static bool is_ours(const char *key, size_t length)
{
	static const char *const taken[] = {"log.record.uid", "session.id"};
	static const char prefix[] = "flightrec.";
	size_t i;

	for (i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (strlen(taken[i]) == length && memcmp(taken[i], key, length) == 0)
			return true;
	return length >= sizeof prefix - 1 && memcmp(prefix, key, sizeof prefix - 1) == 0;
}

/* ---- values ---- */

static bool is_within(const char *text, size_t length, const char *least, const char *most)
{
	return fr_number_compare(text, length, least, strlen(least)) >= 0 &&
	       fr_number_compare(text, length, most, strlen(most)) <= 0;
}

/* Is it written as a whole number, and one that has a sign in two's complement? */
static bool is_int64(const char *text, size_t length)
{
	size_t i = text[0] == '-' ? 1 : 0;

	if (text[i] == '0' && i == 1)
		return false;
	for (; i < length; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return length <= 18 || /* as nearly all are */
	       is_within(text, length, "-9223372036854775808", "9223372036854775807");
}

static bool is_double(const char *text, size_t length)
{
	bool is_whole_text = memchr(text, '.', length) == NULL &&
			     memchr(text, 'e', length) == NULL && memchr(text, 'E', length) == NULL;

	if (is_whole_text) /* no int64, so it has more digits than a double keeps; but for -0 */
		return length == 2 && text[1] == '0';
	return is_within(text, length, "-1.7976931348623157e308", "1.7976931348623157e308");
}

static void number_add(const struct walk *walk)
{
	const char *text = walk->json.text + walk->json.start;
	size_t length = walk->json.at - walk->json.start;
	bool is_quoted = true;

	if (is_int64(text, length)) {
		fr_buffer_add_text(walk->out, "{\"intValue\":\"");
	} else if (is_double(text, length)) {
		fr_buffer_add_text(walk->out, "{\"doubleValue\":");
		is_quoted = false;
	} else {
		fr_buffer_add_text(walk->out, "{\"stringValue\":\"");
	}
	fr_buffer_add(walk->out, text, length);
	fr_buffer_add_text(walk->out, is_quoted ? "\"}" : "}");
}

/* The key that was just scanned, and its value. */
static enum fr_status member_add(struct walk *walk)
{
	enum fr_json_kind kind;
	enum fr_status status;

	if (walk->json.at - walk->json.start <= 2)
		return FR_INVALID;
	fr_buffer_add_text(walk->out, "{\"key\":");
	fr_json_add_token(&walk->json, walk->out);
	fr_buffer_add_text(walk->out, ",\"value\":");
	status = fr_json_next(&walk->json, &kind, NULL);
	if (status == FR_OK)
		status = value_add(walk, kind);
	fr_buffer_add_char(walk->out, '}');
	return status;
}

/* The rest of an object, whose brace was just scanned. */
static enum fr_status object_add(struct walk *walk)
{
	const char *comma = "";
	enum fr_json_kind kind;
	enum fr_status status;

	fr_keys_open(&walk->keys);
	fr_buffer_add_text(walk->out, "{\"kvlistValue\":{\"values\":[");
	while ((status = fr_json_next(&walk->json, &kind, NULL)) == FR_OK && kind == FR_JSON_KEY) {
		fr_buffer_add_text(walk->out, comma);
		comma = ",";
		status = fr_keys_add(&walk->keys, &walk->json, NULL);
		if (status == FR_OK)
			status = member_add(walk);
		if (status != FR_OK)
			return status;
	}
	fr_buffer_add_text(walk->out, "]}}");
	return status == FR_OK ? fr_keys_close(&walk->keys, NULL) : status;
}

/* The rest of an array, whose bracket was just scanned. */
static enum fr_status array_add(struct walk *walk)
{
	const char *comma = "";
	enum fr_json_kind kind;
	enum fr_status status;

	fr_buffer_add_text(walk->out, "{\"arrayValue\":{\"values\":[");
	while ((status = fr_json_next(&walk->json, &kind, NULL)) == FR_OK &&
	       kind != FR_JSON_ARRAY_END) {
		fr_buffer_add_text(walk->out, comma);
		comma = ",";
		status = value_add(walk, kind);
		if (status != FR_OK)
			return status;
	}
	fr_buffer_add_text(walk->out, "]}}");
	return status;
}

/* The value that begins with the token just scanned. */
static enum fr_status value_add(struct walk *walk, enum fr_json_kind kind)
{
	switch (kind) {
	case FR_JSON_OBJECT_BEGIN:
		return object_add(walk);
	case FR_JSON_ARRAY_BEGIN:
		return array_add(walk);
	case FR_JSON_STRING:
		fr_buffer_add_text(walk->out, "{\"stringValue\":");
		fr_json_add_token(&walk->json, walk->out);
		fr_buffer_add_char(walk->out, '}');
		return FR_OK;
	case FR_JSON_NUMBER:
		number_add(walk);
		return FR_OK;
	case FR_JSON_TRUE:
	case FR_JSON_FALSE:
		fr_buffer_add_text(walk->out, kind == FR_JSON_TRUE ? "{\"boolValue\":true}"
								   : "{\"boolValue\":false}");
		return FR_OK;
	case FR_JSON_NULL:
		fr_buffer_add_text(walk->out, "{}");
		return FR_OK;
	case FR_JSON_OBJECT_END:
	case FR_JSON_ARRAY_END:
	case FR_JSON_KEY:
	case FR_JSON_END:
		break; /* none of them begins a value */
	}
	return FR_INVALID;
}

/* ---- properties ---- */

/* Appends the property whose key was just scanned if it belongs to this walk. */
static enum fr_status property_add(struct walk *walk, bool ours, size_t *passed)
{
	const char *key = walk->json.text + walk->json.start + 1;
	enum fr_status status = fr_keys_add(&walk->keys, &walk->json, NULL);
	enum fr_json_kind kind;

	if (status != FR_OK)
		return status;
	if (walk->json.escaped) /* keys never need it; this one would slip past is_ours */
		return FR_INVALID;
	if (is_ours(key, walk->json.at - walk->json.start - 2) != ours) {
		(*passed)++;
		status = fr_json_next(&walk->json, &kind, NULL);
		return status == FR_OK ? fr_json_skip(&walk->json, kind, NULL) : status;
	}
	fr_buffer_add_char(walk->out, ',');
	return member_add(walk);
}

/* Appends those properties whose names are ours, or those whose are not; counts the others. */
static enum fr_status properties_walk(struct walk *walk, bool ours, size_t *passed)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(&walk->json, &kind, NULL);

	*passed = 0;
	if (status != FR_OK || kind != FR_JSON_OBJECT_BEGIN)
		return FR_INVALID;
	fr_keys_open(&walk->keys);
	while ((status = fr_json_next(&walk->json, &kind, NULL)) == FR_OK && kind == FR_JSON_KEY) {
		status = property_add(walk, ours, passed);
		if (status != FR_OK)
			return status;
	}
	if (status == FR_OK)
		status = fr_keys_close(&walk->keys, NULL);
	return status == FR_OK ? fr_json_next(&walk->json, &kind, NULL) : status;
}

static enum fr_status properties_add(struct fr_buffer *out, const struct fr_event *event, bool ours,
				     size_t *passed)
{
	enum fr_status status;
	struct walk walk;

	walk.out = out;
	fr_json_init(&walk.json, event->properties, (size_t)event->properties_length, DEPTH);
	fr_keys_init(&walk.keys, &walk.json);
	status = properties_walk(&walk, ours, passed);
	fr_keys_fini(&walk.keys);
	return status == FR_OK || status == FR_NOMEM ? status : FR_INVALID;
}

enum fr_status fr_otlp_add_properties(struct fr_buffer *out, const struct fr_event *event)
{
	enum fr_status status;
	size_t ours, others, at;

	if (event->properties_length < 0)
		return FR_INVALID;
	status = properties_add(out, event, false, &ours);
	if (status != FR_OK || ours == 0)
		return status;
	fr_buffer_add_text(out, ",{\"key\":\"flightrec.properties\",\"value\":{\"kvlistValue\":"
				"{\"values\":");
	at = out->length;
	status = properties_add(out, event, true, &others);
	if (status == FR_OK && out->status == FR_OK)
		out->data[at] = '['; /* where the first comma was */
	fr_buffer_add_text(out, "]}}}");
	return status;
}
