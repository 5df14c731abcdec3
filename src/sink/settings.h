/* One sink as the config froze it, and the question which events it may send.
 *
 * Strings are owned by the config and never NULL, "" where not given, unless said otherwise.
 */
#ifndef FR_SINK_SETTINGS_H
#define FR_SINK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "event/severity.h"

enum { FR_SINK_HEADERS = 24 }; /* that a config may give one sink */

struct fr_sink_header {
	const char *name;
	const char *value;  /* resolved; never logged */
	const char *origin; /* "env:DD_API_KEY", "file:/path": how to show it; NULL for a literal */
};

struct fr_sink_settings {
	const char *name;
	const char *type;
	const char *url;                 /* base or full URL, as the type says */
	const char *path;                /* file: where to */
	const char *site;                /* datadog */
	const char *tags;                /* datadog: extra ddtags, "env:prod,team:x" */
	const char *endpoint_path;       /* otlp: behind the url; "": the url is all of it */
	const char *os_type, *host_arch; /* of this machine, in the words of OpenTelemetry */
	const char *table;               /* clickhouse */
	const char *api_key;             /* resolved secret */
	const char *api_key_origin;
	const char *user;     /* clickhouse; "" when the server is to take its default */
	const char *password; /* resolved secret */
	const char *password_origin;
	const struct fr_sink_header *headers;
	size_t header_count;
	const char *const *events; /* names and globs it may send; NULL: what the catalogue says */
	size_t event_count;
	bool internal; /* audience */
	enum fr_severity min_severity;
	size_t max_events;   /* batch.max_events */
	int64_t max_bytes;   /* batch.max_bytes, uncompressed */
	int64_t max_wait_ms; /* batch.max_wait */
	unsigned inflight;
	bool gzip;
	int64_t timeout_ms;
	int64_t retry_initial_ms, retry_max_ms;
	const char *ca_file, *cert_file, *key_file, *tls_min_version;
	const char *proxy;
	bool allow_plain_http;
	int64_t file_max_bytes; /* file: rotate above this size; 0: never */
};

/* The third gate: may this event leave through this sink? Looks at consent, audience, severity and
 * the event list. `route` is the catalogue's JSON array of sink names, NULL when there is no
 * catalogue. */
bool fr_sink_may_send(const struct fr_sink_settings *settings, const struct fr_event *event,
		      const char *route);

/* The part of it that concerns names only: the sink's list, else the route. */
bool fr_sink_wants_name(const struct fr_sink_settings *settings, const char *name,
			const char *route);

#endif
