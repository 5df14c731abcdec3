/* GET /metrics: the agent, its queue and its sinks in Prometheus' text format.
 *
 * What the books count (delivered, dropped, unwanted, ambiguous) comes from the queue: exact, and
 * it survives restarts. What only the agent knows (requests, answers) begins at its start. Dead
 * letters are a gauge, since `flightrec dead retry` takes them out again.
 */
#ifndef FR_AGENT_METRICS_H
#define FR_AGENT_METRICS_H

#include "base/buffer.h"

struct fr_agent;

/* A queue that cannot be read, or is not there, leaves its metrics out and flightrec_queue_up 0. */
void fr_metrics_add(struct fr_buffer *out, const struct fr_agent *agent);

#endif
