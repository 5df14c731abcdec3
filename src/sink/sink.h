/* A sink format: a frozen batch in, one HTTP request (or a file's lines) out; an answer in, its
 * details out.
 *
 * No I/O, no clock, no state: the same batch and settings give the same bytes, today and after a
 * crash. What an encoder needs to know of "now" is batch_time_us, the time of the claim. To add a
 * destination: one file with one `const struct fr_sink_format`, one line in format.c.
 */
#ifndef FR_SINK_SINK_H
#define FR_SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/event.h"
#include "sink/answer.h"
#include "sink/request.h"
#include "sink/settings.h"

struct fr_sink_batch {
	const char *uuid;
	int64_t batch_time_us;
	const struct fr_event *events;
	size_t count;
};

/* What a destination is asked before it is sent anything, where its releases differ in what they
 * take. Bits stand for what it can do; what they mean is the format's own. */
struct fr_sink_question {
	size_t most_bytes; /* of its body */
	/* Fills an initialised request, which changes nothing over there. */
	enum fr_status (*ask)(const struct fr_sink_settings *settings, struct fr_request *request,
			      struct fr_error *err);
	/* Reads a 2xx; false: it is no answer to the question. */
	bool (*learn)(const struct fr_answer *answer, unsigned *abilities);
	/* Takes out of an encoded request what it cannot do. The body stays as it is. */
	void (*suit)(struct fr_request *request, unsigned abilities);
	/* Does the answer to a request say that it can do less than was learned? */
	bool (*is_outdated)(const struct fr_answer *answer);
};

struct fr_sink_format {
	const char *type;
	unsigned encoder_version; /* raised when the bytes for the same batch change */
	bool is_file;             /* appended to a file instead of posted */
	bool has_gzip;
	size_t most_events; /* hard limits of the destination; 0: none */
	int64_t most_bytes;
	/* Where these settings lead: the whole URL, or the path of a file. FR_INVALID when they do
	 * not say. */
	enum fr_status (*url)(const struct fr_sink_settings *settings, struct fr_buffer *out,
			      struct fr_error *err);
	/* Fills an initialised request. One event that cannot be encoded is left out, not fatal.
	 * FR_TOO_LARGE: the body would pass its ceiling, fewer events would do. */
	enum fr_status (*encode)(const struct fr_sink_settings *settings,
				 const struct fr_sink_batch *batch, struct fr_request *request,
				 struct fr_error *err);
	/* Reads any HTTP answer into zeroed details; NULL: the status says it all. A body that does
	 * not parse is no fault: it says nothing. Only FR_NOMEM is: then nobody knows what it
	 * says. Of answers that are neither 2xx nor 409 only the beginning is there. */
	enum fr_status (*read_answer)(const struct fr_sink_batch *batch,
				      const struct fr_answer *answer,
				      struct fr_answer_details *details);
	/* True when the batch, claimed at batch_time_us, must be dissolved and encoded anew before
	 * it is sent at now_us (Datadog's age window). NULL: never. */
	bool (*is_stale)(const struct fr_sink_batch *batch, int64_t now_us);
	const struct fr_sink_question *question; /* NULL: there is nothing to ask */
};

/* NULL for a type nobody knows. */
const struct fr_sink_format *fr_sink_format_find(const char *type);

/* All types, NULL-terminated, for messages and the config reference. */
const struct fr_sink_format *const *fr_sink_formats(void);

#endif
