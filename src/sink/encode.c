#include "sink/encode.h"

#include <string.h>

#include "event/json.h"

enum fr_status fr_encode_events(const struct fr_encoding *encoding, struct fr_request *request,
				struct fr_error *err)
{
	const struct fr_sink_batch *batch = encoding->batch;
	bool is_first = true;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		size_t before = request->body.length;

		if (!is_first)
			fr_buffer_add_text(&request->body, encoding->separator);
		if (encoding->add(encoding, &batch->events[i], &request->body)) {
			is_first = false;
			continue;
		}
		fr_buffer_cut(&request->body, before);
		if (fr_request_leave_out(request, i, err) != FR_OK)
			return FR_NOMEM;
	}
	return FR_OK;
}

enum fr_status fr_encode_finish(const struct fr_request *request, struct fr_error *err)
{
	if (request->body.status == FR_TOO_LARGE)
		return fr_fail(err, FR_TOO_LARGE, "the request would pass %zu bytes",
			       request->body.ceiling);
	if (request->body.status != FR_OK)
		return fr_fail(err, request->body.status, "encode: %s",
			       fr_status_text(request->body.status));
	return FR_OK;
}

enum fr_status fr_encode_head(const struct fr_sink_format *format,
			      const struct fr_sink_settings *settings, const char *content_type,
			      struct fr_request *request, struct fr_error *err)
{
	struct fr_buffer url;
	enum fr_status status;

	fr_buffer_init(&url, 8192);
	status = format->url(settings, &url, err);
	if (status == FR_OK && url.status != FR_OK)
		status = fr_fail(err, url.status, "url: %s", fr_status_text(url.status));
	if (status == FR_OK)
		status = fr_request_set_url(request, fr_buffer_text(&url), err);
	fr_buffer_fini(&url);
	if (status == FR_OK && content_type != NULL)
		status = fr_request_add_header(request, "Content-Type", content_type, NULL, err);
	return status;
}

enum fr_status fr_encode_add_key(struct fr_request *request, const struct fr_sink_batch *batch,
				 struct fr_error *err)
{
	struct fr_buffer key;
	enum fr_status status;

	fr_buffer_init(&key, 256);
	fr_json_add_string(&key, batch->uuid, strlen(batch->uuid));
	status = key.status == FR_OK
			 ? fr_request_add_header(request, "Idempotency-Key", fr_buffer_text(&key),
						 NULL, err)
			 : fr_fail(err, key.status, "batch id: %s", fr_status_text(key.status));
	fr_buffer_fini(&key);
	return status;
}

bool fr_encode_is_sound(const struct fr_event *event)
{
	enum fr_json_kind kind;
	struct fr_json json;

	/* Canonical text has no line breaks, and one would end a line of a file early. */
	if (event->properties_length < 0 ||
	    memchr(event->properties, '\n', (size_t)event->properties_length) != NULL)
		return false;
	fr_json_init(&json, event->properties, (size_t)event->properties_length, FR_JSON_DEPTH_MAX);
	if (fr_json_next(&json, &kind, NULL) != FR_OK || kind != FR_JSON_OBJECT_BEGIN)
		return false;
	do {
		if (fr_json_next(&json, &kind, NULL) != FR_OK)
			return false;
	} while (kind != FR_JSON_END);
	return true;
}

bool fr_encode_add_json(const struct fr_encoding *encoding, const struct fr_event *event,
			struct fr_buffer *out)
{
	(void)encoding; /* the first-party form depends on nothing else */
	if (!fr_encode_is_sound(event))
		return false;
	fr_event_add_json(out, event);
	return true;
}
