/* Datadog's Logs intake v2: an array of flat entries, or one entry alone; DD-API-KEY; 202 and an
 * empty object. Its limits are those of the real one, which answers 413. */
#include "intake/format.h"

#include <string.h>

enum { BYTES_MAX = 5 * 1000 * 1000, ENTRIES_MAX = 1000 };

static void datadog_admit(struct intake_exchange *exchange, const struct intake_keys *keys)
{
	const char *shown = intake_head_find(&exchange->head, "DD-API-KEY");
	if (keys->api_key == NULL)
		return;
	if (shown == NULL)
		intake_refuse(exchange, 401, "DD-API-KEY is missing");
	else if (strcmp(shown, keys->api_key) != 0)
		intake_refuse(exchange, 403, "DD-API-KEY is not the key that was agreed on");
}

static enum fr_status read_entry(struct fr_json *json, enum fr_json_kind kind,
				 struct intake_batch *batch, struct fr_error *err)
{
	if (kind != FR_JSON_OBJECT_BEGIN)
		return fr_fail(err, FR_INVALID, "entry %zu: not an object", batch->count);
	if (batch->count == ENTRIES_MAX)
		return fr_fail(err, FR_FULL, "more than %d entries", ENTRIES_MAX);
	return intake_batch_read_event(batch, json, "message", err);
}

static enum fr_status datadog_parse(struct intake_bytes content, struct intake_batch *batch,
				    struct fr_error *err)
{
	if (content.length > BYTES_MAX)
		return fr_fail(err, FR_FULL, "more than %d bytes", BYTES_MAX);
	struct fr_json json;
	fr_json_init(&json, content.data, content.length, INTAKE_DEPTH_MAX);
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = fr_json_next(&json, &kind, err);
	if (status == FR_OK && kind != FR_JSON_ARRAY_BEGIN)
		status = read_entry(&json, kind, batch, err);
	else
		while (status == FR_OK && (status = fr_json_next(&json, &kind, err)) == FR_OK &&
		       kind != FR_JSON_ARRAY_END)
			status = read_entry(&json, kind, batch, err);
	if (status == FR_OK)
		status = fr_json_next(&json, &kind, err); /* FR_JSON_END, or an error */
	return status;
}

static void datadog_acknowledge(struct intake_exchange *exchange, const struct intake_batch *batch)
{
	(void)batch;
	intake_answer_set(&exchange->answer, 202, "application/json", "{}");
}

const struct intake_format intake_datadog = {
	.name = "datadog",
	.admit = datadog_admit,
	.parse = datadog_parse,
	.acknowledge = datadog_acknowledge,
};
