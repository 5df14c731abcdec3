/* JSON values as OTLP's AnyValue. Internal to sink/.
 *
 *     "text"       {"stringValue":"text"}
 *     true         {"boolValue":true}
 *     17           {"intValue":"17"}         64 bits, in quotes
 *     1.5, -0      {"doubleValue":1.5}
 *     2^64, 1e999  {"stringValue":"..."}     what neither holds: every digit, as it was written
 *     null         {}
 *     [...]        {"arrayValue":{"values":[AnyValue, ...]}}
 *     {...}        {"kvlistValue":{"values":[{"key":"k","value":AnyValue}, ...]}}
 */
#ifndef FR_SINK_OTLP_VALUE_H
#define FR_SINK_OTLP_VALUE_H

#include "event/event.h"

/* Appends an event's properties as attributes, each with a comma in front; those whose names are
 * ours go together into one attribute, "flightrec.properties". FR_INVALID when they are not what
 * the queue once accepted (out is then of no use), FR_NOMEM. */
enum fr_status fr_otlp_add_properties(struct fr_buffer *out, const struct fr_event *event);

/* Appends one attribute. */
void fr_otlp_add_text(struct fr_buffer *out, const char *key, const char *text);
void fr_otlp_add_int(struct fr_buffer *out, const char *key, int64_t number);

#endif
