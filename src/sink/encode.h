/* What encoders of JSON bodies share: going through the events of a batch. Internal to sink/. */
#ifndef FR_SINK_ENCODE_H
#define FR_SINK_ENCODE_H

#include <stdbool.h>

#include "sink/sink.h"

struct fr_encoding {
	const struct fr_sink_settings *settings;
	const struct fr_sink_batch *batch;
	const char *separator; /* between two events */
	/* Appends one event; false when it cannot be encoded. */
	bool (*add)(const struct fr_encoding *encoding, const struct fr_event *event,
		    struct fr_buffer *out);
};

/* Appends every event to the body; one that add refuses leaves no trace but its index in left_out.
 */
enum fr_status fr_encode_events(const struct fr_encoding *encoding, struct fr_request *request,
				struct fr_error *err);

/* Turns the body's sticky error, if any, into words. */
enum fr_status fr_encode_finish(const struct fr_request *request, struct fr_error *err);

/* URL, Content-Type, then the config's own headers. */
enum fr_status fr_encode_head(const struct fr_sink_format *format,
			      const struct fr_sink_settings *settings, const char *content_type,
			      struct fr_request *request, struct fr_error *err);

/* Idempotency-Key: the batch id. RFC 8941: a structured-field string, so it has quotes. */
enum fr_status fr_encode_add_key(struct fr_request *request, const struct fr_sink_batch *batch,
				 struct fr_error *err);

/* Are the properties one whole JSON object? A row that was damaged on the disk or written by hand
 * must not spoil the requests of its neighbours. */
bool fr_encode_is_sound(const struct fr_event *event);

/* The first-party form, as a member of `fr_encoding`: several formats send it. */
bool fr_encode_add_json(const struct fr_encoding *encoding, const struct fr_event *event,
			struct fr_buffer *out);

#endif
