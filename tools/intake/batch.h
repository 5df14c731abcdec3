/* The events found in one request body: of each only what counting needs, as places in the body.
 *
 * Ownership: borrows the body.
 * Invariants: every event is one JSON object at body[at .. at + length), fully validated; an
 * event that names no eventId has an empty id.
 * Life: init once, then clear and read for every request, fini.
 */
#ifndef FR_INTAKE_BATCH_H
#define FR_INTAKE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/json.h"
#include "intake/encoding.h"

enum { INTAKE_TEXT_MAX = 256, INTAKE_EVENTS_MAX = 1000000, INTAKE_DEPTH_MAX = 32 };

/* A string of at most INTAKE_TEXT_MAX bytes: in the body, or, if it was written with escapes,
 * decoded. */
struct intake_text {
	size_t at;
	size_t length;
	bool is_decoded;
};

struct intake_event {
	size_t at;
	size_t length;
	struct intake_text id;
	struct intake_text name;
	struct intake_text session;
	int64_t seq; /* -1: not said */
	bool is_rejected;
};

struct intake_batch {
	struct intake_bytes body;
	struct intake_text id;
	struct intake_event *events;
	size_t count;
	size_t capacity;
	struct fr_buffer decoded;
};

void intake_batch_init(struct intake_batch *batch);
void intake_batch_fini(struct intake_batch *batch);
void intake_batch_start(struct intake_batch *batch, struct intake_bytes body);

/* Reads the event whose opening brace json has just returned, and adds it. name_key says which
 * member is its name. FR_INVALID says which event and what is wrong. */
enum fr_status intake_batch_read_event(struct intake_batch *batch, struct fr_json *json,
				       const char *name_key, struct fr_error *err);

/* Adds an event that was read in another way. FR_FULL: one too many. */
enum fr_status intake_batch_add(struct intake_batch *batch, const struct intake_event *event,
				struct fr_error *err);

/* The last KEY or STRING token; above the limit it counts as not said. */
enum fr_status intake_batch_read_text(struct intake_batch *batch, const struct fr_json *json,
				      struct intake_text *text, struct fr_error *err);

/* The bytes of a text; valid until the next event is read. */
struct intake_bytes intake_batch_text(const struct intake_batch *batch,
				      const struct intake_text *text);

/* Does a text equal, or match a glob? */
bool intake_batch_text_is(const struct intake_batch *batch, const struct intake_text *text,
			  const char *expected);
bool intake_batch_text_matches(const struct intake_batch *batch, const struct intake_text *text,
			       const char *glob);

/* Is there an event whose name matches? */
bool intake_batch_has_name(const struct intake_batch *batch, const char *glob);

#endif
