/* Events that arrive as one text, as NDJSON or as a JSON array, on their way into the queue.
 *
 * They are judged one by one, as flightrec_record would, but for the limits, and committed in
 * batches: what counts as accepted is on stable storage. An array that is no JSON is refused as a
 * whole, before anything of it is recorded.
 */
#ifndef FR_AGENT_ARRIVALS_H
#define FR_AGENT_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"
#include "client/recorder.h"

enum { FR_ARRIVALS_TOLD_MAX = 100 };

struct fr_arrivals {
	flightrec *recorder; /* borrowed */
	bool may_be_sent;    /* false: the caller lets them be recorded, and no more */

	/* out */
	bool is_array; /* places are elements of it, from 1; else lines, from 1 */
	int64_t accepted;
	int64_t refused;       /* in all ... */
	struct fr_buffer told; /* ... and the first of them: {"line":3,"reason":"..."},... */
	int64_t stopped_at;    /* the place of the first that was not even tried; 0: none */
};

/* Fini frees what it holds, never the recorder. */
void fr_arrivals_init(struct fr_arrivals *arrivals, flightrec *recorder, bool may_be_sent);
void fr_arrivals_fini(struct fr_arrivals *arrivals);

/* FR_OK when every event was judged. FR_INVALID: the text is no JSON. Else the queue failed, or
 * consent was withdrawn: what came before stopped_at was judged, and the rest can be sent again. */
enum fr_status fr_arrivals_take(struct fr_arrivals *arrivals, const char *text, size_t length,
				struct fr_error *err);

#endif
