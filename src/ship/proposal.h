/* What the next request of a sink may be: the rules of the courier and the transport that need
 * neither a queue nor a network, for whoever sends it and for whoever only wants to see it.
 *
 * Pure, and without libcurl and libevent: the tool links this file of ship/ alone.
 */
#ifndef FR_SHIP_PROPOSAL_H
#define FR_SHIP_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/batch.h"
#include "queue/sinks.h"
#include "sink/sink.h"

/* What one sink's couriers know of it. */
struct fr_proposer {
	const struct fr_sink_settings *settings;
	const struct fr_sink_format *format;
	const struct fr_retry *retry;
};

/* How many events a batch may hold now: fewer after an outage. */
size_t fr_proposal_most_events(const struct fr_proposer *proposer);

/* The next claim of a sink, but for `wants` and its context. */
/* What a batch weighs at most as long as no 413 taught less. */
int64_t fr_proposal_ceiling(const struct fr_proposer *proposer);

struct fr_claim fr_proposal_claim(const struct fr_proposer *proposer, int64_t sink);

/* What the body of a batch may take; one that is larger is sent in halves. What a 413 taught holds
 * for new batches; a lone event is tried all the same, and what may have been taken goes again as
 * it was. */
size_t fr_proposal_most_bytes(const struct fr_proposer *proposer, const struct fr_batch *batch);

/* Is a body of so many bytes compressed? Unless that does not make it smaller, which text does. */
bool fr_proposal_is_packed(const struct fr_proposer *proposer, size_t length);

#endif
