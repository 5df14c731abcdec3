/* OTLP/HTTP logs as JSON: {"resourceLogs":[{"scopeLogs":[{"logRecords":[{...}, ...]}]}]}.
 *
 * A record's attributes say who it is: log.record.uid, session.id, flightrec.seq. A record without
 * them, as other exporters write it, is counted and never a duplicate. An answer that is not all
 * well is the protocol's: 200 with a partialSuccess. */
#include "intake/format.h"

#include <string.h>
#include <strings.h>

static const char *const levels[] = {"resourceLogs", "scopeLogs", "logRecords"};

enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

static enum fr_status expect_token(struct fr_json *json, enum fr_json_kind expected,
				   const char *what, struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = fr_json_next(json, &kind, err);
	if (status == FR_OK && kind != expected)
		return fr_fail(err, FR_INVALID, "%s", what);
	return status;
}

/* Attributes */

struct attribute {
	struct intake_text key;
	struct intake_text value; /* of a stringValue or an intValue */
};

/* An AnyValue, behind its brace. */
static enum fr_status read_any_value(struct fr_json *json, struct intake_batch *batch,
				     struct intake_text *value, struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	size_t members = 0;
	while ((status = fr_json_next(json, &kind, err)) == FR_OK && kind == FR_JSON_KEY) {
		if (members++ > 0)
			return fr_fail(err, FR_INVALID, "a value of two kinds");
		struct intake_text key;
		status = intake_batch_read_text(batch, json, &key, err);
		if (status == FR_OK)
			status = fr_json_next(json, &kind, err);
		if (status != FR_OK)
			return status;
		bool is_int = intake_batch_text_is(batch, &key, "intValue");
		if (is_int && kind != FR_JSON_STRING && kind != FR_JSON_NUMBER)
			return fr_fail(err, FR_INVALID, "an intValue that is no number");
		bool is_text = is_int || intake_batch_text_is(batch, &key, "stringValue");
		status = kind == FR_JSON_STRING && is_text
				 ? intake_batch_read_text(batch, json, value, err)
				 : fr_json_skip(json, kind, err);
		if (status != FR_OK)
			return status;
	}
	return status;
}

/* {"key":"...","value":{...}}, behind its brace. */
static enum fr_status read_attribute(struct fr_json *json, struct intake_batch *batch,
				     struct attribute *attribute, struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	*attribute = (struct attribute){0};
	while ((status = fr_json_next(json, &kind, err)) == FR_OK && kind == FR_JSON_KEY) {
		struct intake_text key;
		status = intake_batch_read_text(batch, json, &key, err);
		if (status == FR_OK)
			status = fr_json_next(json, &kind, err);
		if (status != FR_OK)
			return status;
		if (kind == FR_JSON_STRING && intake_batch_text_is(batch, &key, "key"))
			status = intake_batch_read_text(batch, json, &attribute->key, err);
		else if (kind == FR_JSON_OBJECT_BEGIN && intake_batch_text_is(batch, &key, "value"))
			status = read_any_value(json, batch, &attribute->value, err);
		else
			return fr_fail(err, FR_INVALID, "an attribute of other than key and value");
		if (status != FR_OK)
			return status;
	}
	return status;
}

/* A whole number in a text, as seq is written; -1 for anything else. */
static int64_t number_of(const struct intake_batch *batch, const struct intake_text *text)
{
	struct intake_bytes bytes = intake_batch_text(batch, text);
	int64_t value = 0;
	if (bytes.length == 0 || bytes.length > 18)
		return -1;
	for (size_t i = 0; i < bytes.length; i++) {
		if (bytes.data[i] < '0' || bytes.data[i] > '9')
			return -1;
		value = value * 10 + (bytes.data[i] - '0');
	}
	return value;
}

/* The list, behind its bracket. */
static enum fr_status read_attributes(struct fr_json *json, struct intake_batch *batch,
				      struct intake_event *event, struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	while ((status = fr_json_next(json, &kind, err)) == FR_OK && kind != FR_JSON_ARRAY_END) {
		struct attribute attribute;
		if (kind != FR_JSON_OBJECT_BEGIN)
			return fr_fail(err, FR_INVALID, "an attribute that is no object");
		status = read_attribute(json, batch, &attribute, err);
		if (status != FR_OK)
			return status;
		if (intake_batch_text_is(batch, &attribute.key, "log.record.uid"))
			event->id = attribute.value;
		else if (intake_batch_text_is(batch, &attribute.key, "session.id"))
			event->session = attribute.value;
		else if (intake_batch_text_is(batch, &attribute.key, "flightrec.seq"))
			event->seq = number_of(batch, &attribute.value);
	}
	return status;
}

/* Records */

static bool is_time(const struct intake_batch *batch, const struct intake_text *key)
{
	return intake_batch_text_is(batch, key, "timeUnixNano") ||
	       intake_batch_text_is(batch, key, "observedTimeUnixNano");
}

/* The member whose key json has just returned. */
static enum fr_status read_member(struct fr_json *json, struct intake_batch *batch,
				  struct intake_event *event, struct fr_error *err)
{
	struct intake_text key;
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = intake_batch_read_text(batch, json, &key, err);
	if (status == FR_OK)
		status = fr_json_next(json, &kind, err);
	if (status != FR_OK)
		return status;
	if (is_time(batch, &key) && kind != FR_JSON_STRING && kind != FR_JSON_NUMBER)
		return fr_fail(err, FR_INVALID, "a time that is no number");
	if (kind == FR_JSON_STRING && intake_batch_text_is(batch, &key, "eventName"))
		return intake_batch_read_text(batch, json, &event->name, err);
	if (kind == FR_JSON_ARRAY_BEGIN && intake_batch_text_is(batch, &key, "attributes"))
		return read_attributes(json, batch, event, err);
	return fr_json_skip(json, kind, err);
}

/* A record, behind its brace. */
static enum fr_status read_record(struct fr_json *json, struct intake_batch *batch,
				  struct fr_error *err)
{
	struct intake_event event = {.at = json->start, .seq = -1};
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	while ((status = fr_json_next(json, &kind, err)) == FR_OK && kind == FR_JSON_KEY) {
		status = read_member(json, batch, &event, err);
		if (status != FR_OK)
			return fr_fail_within(err, status, "record %zu: ", batch->count);
	}
	if (status != FR_OK)
		return status;
	event.length = json->at - event.at;
	return intake_batch_add(batch, &event, err);
}

/* An object of a level, behind its brace; one level lies in the next, and records in the last. */
static enum fr_status read_level(struct fr_json *json, struct intake_batch *batch, size_t level,
				 struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = FR_OK;
	if (level == LEVELS)
		return read_record(json, batch, err);
	while (status == FR_OK && (status = fr_json_next(json, &kind, err)) == FR_OK &&
	       kind == FR_JSON_KEY) {
		struct intake_text key;
		status = intake_batch_read_text(batch, json, &key, err);
		if (status == FR_OK)
			status = fr_json_next(json, &kind, err);
		if (status != FR_OK)
			return status;
		if (!intake_batch_text_is(batch, &key, levels[level])) {
			status = fr_json_skip(json, kind, err);
			continue;
		}
		if (kind != FR_JSON_ARRAY_BEGIN)
			return fr_fail(err, FR_INVALID, "%s is no array", levels[level]);
		while (status == FR_OK && (status = fr_json_next(json, &kind, err)) == FR_OK &&
		       kind != FR_JSON_ARRAY_END)
			status = kind == FR_JSON_OBJECT_BEGIN
					 ? read_level(json, batch, level + 1, err)
					 : fr_fail(err, FR_INVALID, "not an object in %s",
						   levels[level]);
	}
	return status;
}

static enum fr_status otlp_parse(struct intake_bytes content, struct intake_batch *batch,
				 struct fr_error *err)
{
	struct fr_json json;
	/* A value nested 8 deep is nested 32 deep in AnyValues. */
	fr_json_init(&json, content.data, content.length, FR_JSON_DEPTH_MAX);
	enum fr_status status =
		expect_token(&json, FR_JSON_OBJECT_BEGIN, "the body is not one JSON object", err);
	if (status == FR_OK)
		status = read_level(&json, batch, 0, err);
	if (status == FR_OK)
		status = expect_token(&json, FR_JSON_END, "the body is not one JSON object", err);
	return status;
}

static enum fr_status otlp_check(const struct intake_exchange *exchange,
				 const struct intake_batch *batch, struct fr_error *err)
{
	static const char json[] = "application/json";
	const char *type = intake_head_find(&exchange->head, "Content-Type");
	(void)batch;
	if (type == NULL || strncasecmp(type, json, sizeof(json) - 1) != 0)
		return fr_fail(err, FR_INVALID, "Content-Type is not %s", json);
	return FR_OK;
}

static void otlp_acknowledge(struct intake_exchange *exchange, const struct intake_batch *batch)
{
	(void)batch; /* the protocol says how many, not which */
	intake_answer_set(&exchange->answer, 200, "application/json", NULL);
	if (exchange->counts.rejected > 0)
		fr_buffer_add_format(&exchange->answer.body,
				     "{\"partialSuccess\":{\"rejectedLogRecords\":\"%lld\","
				     "\"errorMessage\":\"rejected on request\"}}",
				     (long long)exchange->counts.rejected);
	else
		fr_buffer_add_text(&exchange->answer.body, "{}");
}

const struct intake_format intake_otlp = {
	.name = "otlp",
	.admit = intake_admit_bearer,
	.parse = otlp_parse,
	.check = otlp_check,
	.acknowledge = otlp_acknowledge,
	.can_reject = true,
};
