/* Events and settings that the tests of sinks and couriers begin with; each changes what it is
 * about. */
#ifndef FR_TEST_SINK_FIXTURE_H
#define FR_TEST_SINK_FIXTURE_H

#include "sink/sink.h"

/* 2026-11-22T08:35:00.123456Z */
#define SINK_TIME_US INT64_C(1795336500123456)

/* tool_use_error of the design, with seq 17 and {"toolName":"edit_file","duration":450}. */
struct fr_event sink_event(void);

/* Gives an event other properties. */
void sink_event_set(struct fr_event *event, const char *properties);

/* A sink of this type that may send everything, with no secrets and no headers. */
struct fr_sink_settings sink_settings(const char *type);

/* A batch made at the time of its event. */
struct fr_sink_batch sink_batch(const struct fr_event *events, size_t count);

#endif
