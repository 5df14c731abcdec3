/* What a sink of type "otlp" takes from the environment where the config leaves it open: the
 * variables that OpenTelemetry's own exporters read, and their default endpoint.
 *
 *     OTEL_EXPORTER_OTLP_LOGS_ENDPOINT    url, as it is: its endpoint_path is empty
 *     OTEL_EXPORTER_OTLP_ENDPOINT         url; without either http://localhost:4318
 *     OTEL_EXPORTER_OTLP_HEADERS          headers: name=value,name=value with %XX in the values
 *     OTEL_EXPORTER_OTLP_TIMEOUT          timeout, in milliseconds
 *     OTEL_EXPORTER_OTLP_COMPRESSION      compression: gzip, none
 *
 * Each of the last three has a form with LOGS_ in it, which comes first; headers of both forms are
 * joined. A value that cannot be used is noted and passed over, as the specification has it; only
 * an endpoint is judged like any other URL, since nothing should go elsewhere for a typing error.
 */
#ifndef FR_CONFIG_OTEL_H
#define FR_CONFIG_OTEL_H

#include "config/frozen.h"

/* Fills the document's otlp sinks. env NULL: no variable is looked at. */
enum fr_status fr_config_take_otel(struct fr_config *config, const struct fr_env *env,
				   struct fr_error *err);

#endif
