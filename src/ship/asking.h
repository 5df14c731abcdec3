/* A transport that asks the destination what it can do before it sends, for formats that have a
 * question.
 *
 * It stands between a courier and the transport that does the work. Asked is before the first
 * request, and again after a request that needed a new connection, that got no answer, or whose
 * answer says that what was learned is out of date: whoever is at the other end may be of another
 * release by then.
 * Invariants: as of any transport. When a question fails, so does its request, with is_unsent:
 * nothing of the batch has left.
 */
#ifndef FR_SHIP_ASKING_H
#define FR_SHIP_ASKING_H

#include "ship/transport.h"

/* Takes inner, also on failure. */
enum fr_status fr_asking_new(struct fr_transport **out, struct fr_transport *inner,
			     const struct fr_sink_settings *settings,
			     const struct fr_sink_question *question, struct fr_error *err);

#endif
