/* Our own form: {"batchId":...,"events":[...]}, taken at most once thanks to its Idempotency-Key.
 *
 * An answer may say how the events fared:
 * {"accepted":n,"duplicates":d,"rejected":[{"eventId":...,"reason":...}]}. Events it rejects become
 * dead letters. A 409 means "taken before" when it says that all events of the batch are
 * duplicates; any other 409 is a refusal. What does not parse to its end says nothing.
 */
#include "sink/formats.h"

#include <string.h>

#include "event/json.h"
#include "sink/encode.h"
#include "sink/rejected.h"

static enum fr_status first_party_url(const struct fr_sink_settings *settings,
				      struct fr_buffer *out, struct fr_error *err)
{
	if (settings->url[0] == '\0')
		return fr_fail(err, FR_INVALID, "sink %s: no url", settings->name);
	fr_buffer_add_text(out, settings->url);
	return FR_OK;
}

static enum fr_status first_party_encode(const struct fr_sink_settings *settings,
					 const struct fr_sink_batch *batch,
					 struct fr_request *request, struct fr_error *err)
{
	struct fr_encoding events = {settings, batch, ",", fr_encode_add_json};
	enum fr_status status;

	status = fr_encode_head(&fr_sink_first_party, settings, "application/json", request, err);
	if (status == FR_OK)
		status = fr_request_add_settings(request, settings, err);
	if (status == FR_OK)
		status = fr_encode_add_key(request, batch, err);
	if (status != FR_OK)
		return status;
	fr_buffer_add_text(&request->body, "{\"batchId\":");
	fr_json_add_string(&request->body, batch->uuid, strlen(batch->uuid));
	fr_buffer_add_text(&request->body, ",\"events\":[");
	status = fr_encode_events(&events, request, err);
	fr_buffer_add_text(&request->body, "]}");
	return status == FR_OK ? fr_encode_finish(request, err) : status;
}

static enum fr_status first_party_read(const struct fr_sink_batch *batch,
				       const struct fr_answer *answer,
				       struct fr_answer_details *details)
{
	struct fr_rejected rejected;
	enum fr_status status;

	if (answer->status / 100 != 2 && answer->status != 409)
		return FR_OK;
	if (answer->body_incomplete || answer->body_length == 0)
		return FR_OK;
	status = fr_rejected_read(&rejected, batch, answer->body, answer->body_length);
	if (status == FR_OK && answer->status == 409)
		details->already_taken = rejected.duplicates == batch->count;
	else if (status == FR_OK)
		fr_rejected_take(&rejected, details);
	fr_rejected_fini(&rejected);
	return status == FR_NOMEM ? FR_NOMEM : FR_OK;
}

const struct fr_sink_format fr_sink_first_party = {
	.type = "first_party",
	.encoder_version = 1,
	.has_gzip = true,
	.url = first_party_url,
	.encode = first_party_encode,
	.read_answer = first_party_read,
};
