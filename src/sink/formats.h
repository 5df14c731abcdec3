/* The destinations, one file each. Internal to sink/; the others ask fr_sink_format_find. */
#ifndef FR_SINK_FORMATS_H
#define FR_SINK_FORMATS_H

#include "sink/sink.h"

extern const struct fr_sink_format fr_sink_datadog;
extern const struct fr_sink_format fr_sink_first_party;
extern const struct fr_sink_format fr_sink_otlp;
extern const struct fr_sink_format fr_sink_clickhouse;
extern const struct fr_sink_format fr_sink_file;
extern const struct fr_sink_format fr_sink_ndjson;

#endif
