/* What was sent, for its owner to read. The body is gone once it was handed over; where it is to be
 * kept it is made again, and kept if it came out the same.
 */
#include <string.h>

#include "queue/sent.h"
#include "ship/courier_parts.h"

/* Encodes into an initialised request; false: not these very bytes, or no memory for them. */
static bool body_make(const struct fr_parcel *parcel, struct fr_request *request)
{
	const struct fr_courier *courier = parcel->courier;
	struct fr_sink_batch view = fr_courier_view(parcel->batch);
	struct fr_error why; /* of no interest: then it is not kept */
	char digest[FR_CHECKSUM_HEX];

	if (courier->format->encode(courier->options.settings, &view, request, &why) != FR_OK)
		return false;
	fr_checksum_hex(digest, fr_buffer_text(&request->body), request->body.length);
	return strcmp(digest, parcel->batch->digest) == 0;
}

enum fr_status fr_parcel_note_sent(const struct fr_parcel *parcel, struct fr_error *err)
{
	struct fr_queue *queue = parcel->courier->options.queue;
	struct fr_sent_note note = {
		.batch = parcel->batch,
		.left_out = parcel->request.left_out,
		.left_out_count = parcel->request.left_out_count,
		.accepted = parcel->delivered,
		.status = parcel->status,
		.body_bytes = parcel->body_bytes,
	};
	struct fr_request request;
	enum fr_status status;

	fr_request_init(&request, (size_t)parcel->body_bytes);
	if (fr_sent_wants_body(queue, parcel->body_bytes) && body_make(parcel, &request))
		note.body = fr_buffer_text(&request.body);
	status = fr_sent_add(queue, &note, err);
	fr_request_fini(&request);
	return status;
}
