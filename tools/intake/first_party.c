/* {"batchId":"...","events":[{"eventId":"...","eventName":"...",...}, ...]}, with an
 * Idempotency-Key that is the batchId as a structured-field string, so in quotes. */
#include "intake/format.h"

#include <string.h>

static enum fr_status expect_token(struct fr_json *json, enum fr_json_kind expected,
				   const char *what, struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = fr_json_next(json, &kind, err);
	if (status == FR_OK && kind != expected)
		return fr_fail(err, FR_INVALID, "%s", what);
	return status;
}

static enum fr_status read_events(struct fr_json *json, struct intake_batch *batch,
				  struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = expect_token(json, FR_JSON_ARRAY_BEGIN, "events is no array", err);
	while (status == FR_OK && (status = fr_json_next(json, &kind, err)) == FR_OK &&
	       kind != FR_JSON_ARRAY_END) {
		if (kind != FR_JSON_OBJECT_BEGIN)
			return fr_fail(err, FR_INVALID, "event %zu: not an object", batch->count);
		status = intake_batch_read_event(batch, json, "eventName", err);
		if (status == FR_OK && batch->events[batch->count - 1].id.length == 0)
			return fr_fail(err, FR_INVALID, "event %zu: no eventId", batch->count - 1);
	}
	return status;
}

/* The member whose key json has just returned. */
static enum fr_status read_member(struct fr_json *json, struct intake_batch *batch,
				  struct fr_error *err)
{
	struct intake_text key;
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = intake_batch_read_text(batch, json, &key, err);
	if (status != FR_OK)
		return status;
	if (intake_batch_text_is(batch, &key, "events"))
		return read_events(json, batch, err);
	if (intake_batch_text_is(batch, &key, "batchId")) {
		status = expect_token(json, FR_JSON_STRING, "batchId is no string", err);
		return status == FR_OK ? intake_batch_read_text(batch, json, &batch->id, err)
				       : status;
	}
	status = fr_json_next(json, &kind, err);
	return status == FR_OK ? fr_json_skip(json, kind, err) : status;
}

static enum fr_status first_party_parse(struct intake_bytes content, struct intake_batch *batch,
					struct fr_error *err)
{
	struct fr_json json;
	fr_json_init(&json, content.data, content.length, INTAKE_DEPTH_MAX);
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status =
		expect_token(&json, FR_JSON_OBJECT_BEGIN, "the body is not one JSON object", err);
	while (status == FR_OK && (status = fr_json_next(&json, &kind, err)) == FR_OK &&
	       kind == FR_JSON_KEY)
		status = read_member(&json, batch, err);
	if (status == FR_OK)
		status = expect_token(&json, FR_JSON_END, "the body is not one JSON object", err);
	if (status == FR_OK && batch->id.length == 0)
		return fr_fail(err, FR_INVALID, "no batchId");
	return status;
}

static enum fr_status first_party_check(const struct intake_exchange *exchange,
					const struct intake_batch *batch, struct fr_error *err)
{
	const char *key = intake_head_find(&exchange->head, "Idempotency-Key");
	if (key == NULL)
		return fr_fail(err, FR_INVALID, "Idempotency-Key is missing");
	size_t length = strlen(key);
	if (length < 2 || key[0] != '"' || key[length - 1] != '"')
		return fr_fail(err, FR_INVALID, "Idempotency-Key is not a string in quotes");
	struct intake_bytes id = intake_batch_text(batch, &batch->id);
	if (id.length != length - 2 || memcmp(key + 1, id.data, id.length) != 0)
		return fr_fail(err, FR_INVALID, "Idempotency-Key is not the batchId");
	return FR_OK;
}

const struct intake_format intake_first_party = {
	.name = "first_party",
	.admit = intake_admit_bearer,
	.parse = first_party_parse,
	.check = first_party_check,
	.acknowledge = intake_acknowledge_counts,
	.can_reject = true,
};
