/* The builder. Every property goes the same way: begin (the key is allowed, new, and not one too
 * many), the value straight into the buffer, end (it fitted). After the first failure all verbs do
 * nothing.
 */
#include "event/draft.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/canonical.h"
#include "event/draft_parts.h"
#include "event/json.h"

enum { DOUBLE_TEXT = 48 };

static const int64_t latest_us = INT64_C(253402300800) * 1000000 - 1; /* the end of 9999 */

void fr_draft_init(struct fr_draft *draft, size_t max_bytes)
{
	assert(max_bytes < UINT32_MAX);
	draft->name[0] = '\0';
	draft->severity = FR_INFO;
	draft->has_severity = false;
	draft->time_us = 0;
	draft->traceparent[0] = '\0';
	fr_buffer_init(&draft->properties, max_bytes);
	draft->removed = 0;
	draft->count = 0;
	draft->error.status = FR_OK;
	draft->error.text[0] = '\0';
}

void fr_draft_fini(struct fr_draft *draft)
{
	fr_buffer_fini(&draft->properties);
}

static bool draft_has(const struct fr_draft *draft, const char *key, size_t length)
{
	unsigned i;

	for (i = 0; i < draft->count; i++) {
		const struct fr_draft_key *own = &draft->keys[i];

		if (own->length == length &&
		    memcmp(draft->properties.data + own->offset, key, length) == 0)
			return true;
	}
	return false;
}

bool fr_draft_begin_property(struct fr_draft *draft, const char *key, size_t length)
{
	struct fr_buffer *out = &draft->properties;
	char head[FR_KEY_MAX + 4]; /* ,"key": */
	size_t at = 0;

	assert(length >= 1 && length <= FR_KEY_MAX);
	if (draft->error.status != FR_OK)
		return false;
	if (draft_has(draft, key, length)) {
		(void)fr_fail(&draft->error, FR_INVALID, "property \"%.*s\" stands twice",
			      (int)length, key);
		return false;
	}
	if (draft->count == FR_PROPERTIES_MAX) {
		(void)fr_fail(&draft->error, FR_TOO_LARGE, "more than %d properties",
			      FR_PROPERTIES_MAX);
		return false;
	}
	if (out->length > 0)
		head[at++] = ',';
	head[at++] = '"';
	draft->keys[draft->count++] = (struct fr_draft_key){
		.offset = (uint32_t)(out->length + at),
		.length = (uint32_t)length,
	};
	memcpy(head + at, key, length);
	memcpy(head + at + length, "\":", 2);
	fr_buffer_add(out, head, at + length + 2);
	return true;
}

void fr_draft_end_property(struct fr_draft *draft)
{
	const struct fr_buffer *out = &draft->properties;

	if (out->status == FR_TOO_LARGE)
		(void)fr_fail(&draft->error, FR_TOO_LARGE, "the properties take over %zu bytes",
			      out->ceiling);
	else if (out->status != FR_OK)
		(void)fr_fail(&draft->error, out->status, "out of memory while reading an event");
}

bool fr_draft_may_set(struct fr_draft *draft, const char *key)
{
	if (draft->error.status != FR_OK)
		return false;
	if (key == NULL) {
		(void)fr_fail(&draft->error, FR_INVALID, "a property without a key");
		return false;
	}
	if (fr_draft_reserved(&fr_draft_own_fields, key, strlen(key)) != FR_NOT_RESERVED) {
		(void)fr_fail(&draft->error, FR_INVALID,
			      "%s is reserved: not the name of a property", key);
		return false;
	}
	if (fr_key_is_valid(key, strlen(key)))
		return true;
	draft->removed++;
	return false;
}

static void draft_set_raw(struct fr_draft *draft, const char *key, const char *json)
{
	if (!fr_draft_may_set(draft, key) || !fr_draft_begin_property(draft, key, strlen(key)))
		return;
	fr_buffer_add_text(&draft->properties, json);
	fr_draft_end_property(draft);
}

void fr_draft_set_name(struct fr_draft *draft, const char *name)
{
	if (draft->error.status != FR_OK)
		return;
	(void)fr_draft_take(draft, FR_RESERVED_NAME, fr_draft_own_fields.name, name,
			    name != NULL ? strlen(name) : 0);
}

void fr_draft_set_string(struct fr_draft *draft, const char *key, const char *text, size_t length)
{
	enum fr_reserved member = FR_NOT_RESERVED;

	if (draft->error.status != FR_OK)
		return;
	if (key != NULL)
		member = fr_draft_reserved(&fr_draft_own_fields, key, strlen(key));
	if (member != FR_NOT_RESERVED && member != FR_RESERVED_NAME) {
		(void)fr_draft_take(draft, member, key, text, length);
		return;
	}
	if (!fr_draft_may_set(draft, key))
		return;
	if (text == NULL) {
		(void)fr_fail(&draft->error, FR_INVALID, "property \"%.64s\" has no text", key);
		return;
	}
	if (!fr_utf8_is_valid(text, length)) {
		(void)fr_fail(&draft->error, FR_INVALID, "property \"%.64s\" is not valid UTF-8",
			      key);
		return;
	}
	if (!fr_draft_begin_property(draft, key, strlen(key)))
		return;
	fr_json_add_string(&draft->properties, text, length);
	fr_draft_end_property(draft);
}

void fr_draft_set_int64(struct fr_draft *draft, const char *key, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRId64, value);
	draft_set_raw(draft, key, text);
}

void fr_draft_set_uint64(struct fr_draft *draft, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, value);
	draft_set_raw(draft, key, text);
}

/* The shortest digits that read back as the same number. The host's locale may write the point as
 * something else, of more than one byte even: what is no part of a number is the point. */
static void double_format(char out[DOUBLE_TEXT], double value)
{
	static const char parts[] = "0123456789+-e";
	size_t digits, point;
	int precision;

	for (precision = 15; precision <= 17; precision++) {
		(void)snprintf(out, DOUBLE_TEXT, "%.*g", precision, value);
		if (strtod(out, NULL) == value)
			break;
	}
	digits = strspn(out, parts);
	point = strcspn(out + digits, parts);
	if (point == 0)
		return;
	out[digits] = '.';
	memmove(out + digits + 1, out + digits + point, strlen(out + digits + point) + 1);
}

void fr_draft_set_double(struct fr_draft *draft, const char *key, double value)
{
	char text[DOUBLE_TEXT];

	if (isfinite(value)) {
		double_format(text, value);
		draft_set_raw(draft, key, text);
	} else if (fr_draft_may_set(draft, key)) {
		(void)fr_fail(&draft->error, FR_INVALID,
			      "property \"%.64s\": JSON has no NaN and no infinity", key);
	}
}

void fr_draft_set_bool(struct fr_draft *draft, const char *key, bool value)
{
	draft_set_raw(draft, key, value ? "true" : "false");
}

void fr_draft_set_severity(struct fr_draft *draft, enum fr_severity severity)
{
	if (draft->error.status != FR_OK)
		return;
	if (severity < FR_TRACE || severity > FR_FATAL) {
		(void)fr_fail(&draft->error, FR_INVALID, "severity %d is not one of 1 to 6",
			      (int)severity);
		return;
	}
	draft->severity = severity;
	draft->has_severity = true;
}

void fr_draft_set_time(struct fr_draft *draft, int64_t wall_us)
{
	if (draft->error.status != FR_OK)
		return;
	if (wall_us < 0 || wall_us > latest_us)
		(void)fr_fail(&draft->error, FR_INVALID,
			      "time %" PRId64 " is not microseconds since 1970", wall_us);
	else
		draft->time_us = wall_us;
}

void fr_draft_set_traceparent(struct fr_draft *draft, const char *traceparent)
{
	if (draft->error.status != FR_OK)
		return;
	(void)fr_draft_take(draft, FR_RESERVED_TRACEPARENT, "traceparent", traceparent,
			    traceparent != NULL ? strlen(traceparent) : 0);
}

/* One member of the common properties, canonical and valid: returns what follows it. */
static const char *common_join(struct fr_draft *draft, const char *member, const char *end)
{
	const char *key = member + 1;
	const char *quote = memchr(key, '"', (size_t)(end - key));
	enum fr_json_kind kind = FR_JSON_NULL;
	struct fr_json value;

	assert(*member == '"' && quote != NULL && quote[1] == ':');
	fr_json_init(&value, quote + 2, (size_t)(end - quote) - 2, FR_DEPTH_MAX);
	if (fr_json_next(&value, &kind, NULL) != FR_OK ||
	    fr_json_skip(&value, kind, NULL) != FR_OK) {
		(void)fr_fail(&draft->error, FR_INVALID, "the common properties are not canonical");
		return end;
	}
	if (!draft_has(draft, key, (size_t)(quote - key)) &&
	    fr_draft_begin_property(draft, key, (size_t)(quote - key))) {
		fr_buffer_add(&draft->properties, value.text, value.at);
		fr_draft_end_property(draft);
	}
	return value.text + value.at;
}

enum fr_status fr_draft_finish(struct fr_draft *draft, const char *common, size_t common_length,
			       struct fr_error *err)
{
	const char *end = common != NULL ? common + common_length : NULL;

	if (draft->error.status == FR_OK && draft->name[0] == '\0')
		(void)fr_fail(&draft->error, FR_INVALID, "eventName is missing");
	while (common != end && draft->error.status == FR_OK) {
		common = common_join(draft, common, end);
		if (common < end)
			common++; /* the comma */
	}
	if (draft->error.status != FR_OK)
		(void)fr_fail(err, draft->error.status, "%s", draft->error.text);
	return draft->error.status;
}
