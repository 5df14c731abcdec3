/* A committed event, as it is read back from the queue and as sinks see it. It never changes again.
 *
 * Ownership: every pointer borrows from whoever filled the struct (a batch, a cursor) and is valid
 * as long as that says.
 */
#ifndef FR_EVENT_EVENT_H
#define FR_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/severity.h"

struct fr_event {
	int64_t id;       /* row id in the queue; never reused; never leaves the machine */
	const char *uuid; /* eventId, UUIDv7 */
	const char *name;
	int64_t time_us; /* when it happened */
	enum fr_severity severity;
	const char *service; /* "" when nobody said */
	const char *version; /* "" when nobody said */
	const char *session; /* UUID of the run of the host program */
	int64_t seq;         /* 0, 1, 2, ... within the session */
	unsigned user_bucket;
	bool ci;                 /* recorded under CI */
	bool internal;           /* audience: only for sinks whose audience is internal */
	bool sendable;           /* recorded under consent `on`; `local` never leaves */
	const char *route;       /* the catalogue's sinks as a JSON array; NULL: none said */
	const char *traceparent; /* "" when unknown */
	const char *properties;  /* canonical JSON object with its braces */
	int64_t properties_length;
};

/* Appends the first-party form of design.md, one JSON object without a newline:
 * eventId eventName time severity service version session seq userBucket [ci] [traceparent]
 * properties */
void fr_event_add_json(struct fr_buffer *out, const struct fr_event *event);

/* About how many bytes an event takes in a request body, whatever the format: for closing batches.
 */
int64_t fr_event_weight(const struct fr_event *event);

#endif
