/* agent.sock: HTTP for the owner of the home, and for nobody else.
 *
 *   GET  /healthz            {"ok":true,"state":"serving"}
 *   GET  /status             what report.h says, as JSON
 *   GET  /metrics            the same counters for Prometheus
 *   POST /flush?timeout_ms=N {"done":true} when everything that may be sent is; else false, as
 *                            soon as nothing more can be expected in time (10 s unless said)
 *   POST /reload             {"reloaded":true} once the new config is in force; 422 and
 *                            {"error":"..."} when it is wrong
 *   POST /v1/events          takes events in, as ingest.h says
 *
 * Every request gets exactly one answer, also when the agent ends.
 * Threads: the loop's.
 */
#ifndef FR_AGENT_CONTROL_H
#define FR_AGENT_CONTROL_H

#include <stdbool.h>

#include "base/status.h"

struct fr_agent;
struct fr_control;

#define FR_CONTROL_SOCKET "agent.sock"

enum fr_status fr_control_open(struct fr_control **out, struct fr_agent *agent,
			       struct fr_error *err);

/* Answers what is still waiting for an answer. Accepts NULL. */
void fr_control_close(struct fr_control *control);

/* Does somebody wait for the end of a flush? Accepts NULL. */
bool fr_control_awaits_flush(const struct fr_control *control);

/* Something changed: answers those who waited for it. */
void fr_control_settle(struct fr_control *control);

#endif
