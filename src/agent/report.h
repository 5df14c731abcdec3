/* GET /status: what the agent says of itself, in JSON, for the tool. */
#ifndef FR_AGENT_REPORT_H
#define FR_AGENT_REPORT_H

#include "base/buffer.h"

struct fr_agent;

/* {"version":"0.1.0","pid":123,"home":"...","config":"...","state":"serving","trouble":"",
 *  "consent":"on","why":"...","uptimeSeconds":12,"sinks":[{"name","type","state","kind","reason",
 *  "nextAttemptInMs","nextAttempt","since","lastSuccess","requests","ackedBatches","delivered",
 *  "failures","ambiguous"}]}
 * Times are RFC 3339 or null; nextAttemptInMs is -1 when none is planned. */
void fr_report_json(struct fr_buffer *out, const struct fr_agent *agent);

#endif
