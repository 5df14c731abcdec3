/* One canonical event a line, posted to a URL: the way in for whatever has no format of its own.
 *
 * Any 2xx takes the whole batch; what the answer says beyond its status is not read. The
 * Idempotency-Key is the first-party one, so that a receiver can tell a resend.
 */
#include "sink/formats.h"

#include "sink/encode.h"

static enum fr_status ndjson_url(const struct fr_sink_settings *settings, struct fr_buffer *out,
				 struct fr_error *err)
{
	if (settings->url[0] == '\0')
		return fr_fail(err, FR_INVALID, "sink %s: no url", settings->name);
	fr_buffer_add_text(out, settings->url);
	return FR_OK;
}

static enum fr_status ndjson_encode(const struct fr_sink_settings *settings,
				    const struct fr_sink_batch *batch, struct fr_request *request,
				    struct fr_error *err)
{
	struct fr_encoding lines = {settings, batch, "\n", fr_encode_add_json};
	enum fr_status status;

	status = fr_encode_head(&fr_sink_ndjson, settings, "application/x-ndjson", request, err);
	if (status == FR_OK)
		status = fr_request_add_settings(request, settings, err);
	if (status == FR_OK)
		status = fr_encode_add_key(request, batch, err);
	if (status == FR_OK)
		status = fr_encode_events(&lines, request, err);
	if (status != FR_OK)
		return status;
	if (request->body.length > 0)
		fr_buffer_add_char(&request->body, '\n');
	return fr_encode_finish(request, err);
}

const struct fr_sink_format fr_sink_ndjson = {
	.type = "ndjson",
	.encoder_version = 1,
	.has_gzip = true,
	.url = ndjson_url,
	.encode = ndjson_encode,
};
