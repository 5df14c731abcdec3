/* What waits for a sink: the batch that goes to it next, by the rules of the courier, without
 * touching it. */
#ifndef FLIGHTREC_CLI_PENDING_H
#define FLIGHTREC_CLI_PENDING_H

#include "queue/inspect.h"
#include "sink/sink.h"

struct cli_pending {
	struct fr_batch *batch;     /* NULL: nothing waits */
	bool is_open;               /* frozen already; else it would be made now */
	bool is_met;                /* the agent has met this sink: the batch's id is final */
	struct fr_sink_facts facts; /* zero unless is_met */
};

enum fr_status cli_pending_find(struct fr_snapshot *snapshot,
				const struct fr_sink_settings *settings, struct cli_pending *out,
				struct fr_error *err);
void cli_pending_fini(struct cli_pending *pending);

#endif
