/* One JSON object a line; empty lines are passed over. */
#include "intake/format.h"

#include <string.h>

static enum fr_status read_line(const char *line, size_t length, struct intake_batch *batch,
				struct fr_error *err)
{
	struct fr_json json;
	fr_json_init(&json, line, length, INTAKE_DEPTH_MAX);
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = fr_json_next(&json, &kind, err);
	if (status == FR_OK && kind != FR_JSON_OBJECT_BEGIN)
		return fr_fail(err, FR_INVALID, "not an object");
	if (status == FR_OK)
		status = intake_batch_read_event(batch, &json, "eventName", err);
	if (status == FR_OK)
		status = fr_json_next(&json, &kind, err); /* FR_JSON_END, or an error */
	return status;
}

static bool is_blank(const char *line, size_t length)
{
	while (length > 0 && (*line == ' ' || *line == '\t' || *line == '\r')) {
		line++;
		length--;
	}
	return length == 0;
}

static enum fr_status ndjson_parse(struct intake_bytes content, struct intake_batch *batch,
				   struct fr_error *err)
{
	const char *line = content.data;
	const char *end = line + content.length;
	for (size_t number = 1; line < end; number++) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((next != NULL ? next : end) - line);
		enum fr_status status = FR_OK;
		if (!is_blank(line, length))
			status = read_line(line, length, batch, err);
		if (status != FR_OK)
			return fr_fail_within(err, status, "line %zu: ", number);
		line = next != NULL ? next + 1 : end;
	}
	return FR_OK;
}

const struct intake_format intake_ndjson = {
	.name = "ndjson",
	.admit = intake_admit_bearer,
	.parse = ndjson_parse,
	.acknowledge = intake_acknowledge_counts,
};
