/* One JSON value in its canonical form: what json.h calls canonical, no key twice in one object,
 * and members whose keys are not allowed removed with their values.
 */
#ifndef FR_EVENT_CANONICAL_H
#define FR_EVENT_CANONICAL_H

#include "event/json.h"
#include "event/keys.h"

struct fr_canonical {
	struct fr_json *json;
	struct fr_keys *keys;
	struct fr_buffer *out; /* NULL: only judge the value */
	unsigned removed; /* members left out for their keys; those inside one are not counted */
};

/* Appends the value that begins with the token `kind` just returned by the scanner. A full buffer
 * is not a failure here: it sticks in out, and the scan stops early with FR_OK. */
enum fr_status fr_canonical_value(struct fr_canonical *canonical, enum fr_json_kind kind,
				  struct fr_error *err);

/* Appends a comma if out does not end where a first member or item would stand. */
void fr_canonical_separate(struct fr_buffer *out);

#endif
