/* A sink format: a frozen batch in, one HTTP request (or a file's lines) out; an answer in, its details out.
 *
 * No I/O, no clock, no state: the same batch and settings give the same bytes, today and after a crash. What
 * an encoder needs to know of "now" is batch_time_us, the time of the claim.
 * To add a destination: one file with one `const struct fr_sink_format`, one line in format.c.
 */
#ifndef FR_SINK_SINK_H
#define FR_SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/event.h"

/* One sink as the config froze it. Strings are owned by the config; "" where not given. */
struct fr_sink_header {
	const char *name;
	const char *value;  /* resolved; never logged */
	const char *origin; /* "env:DD_API_KEY", "file:/path": how to show it; NULL for a literal */
};

struct fr_sink_settings {
	const char *name;
	const char *type;
	const char *url;     /* base or full URL, as the type says */
	const char *path;    /* file: where to */
	const char *site;    /* datadog */
	const char *tags;    /* datadog: extra ddtags, "env:prod" */
	const char *table;   /* clickhouse */
	const char *api_key; /* resolved secret */
	const char *api_key_origin;
	const struct fr_sink_header *headers;
	size_t header_count;
	const char *const *
		events; /* names and globs this sink may send; NULL and 0: what the catalogue says */
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
	int64_t file_max_bytes; /* file: rotate above this size */
};

struct fr_sink_batch {
	const char *uuid;
	int64_t batch_time_us;
	const struct fr_event *events;
	size_t count;
};

enum { FR_REQUEST_HEADERS = 16 };

/* What is to be sent. Owns its memory; init, encode, fini. */
struct fr_request {
	char *url;
	struct fr_buffer body; /* uncompressed; compression is the transport's business */
	struct {
		char *name;
		char *value;
		const char *origin;    /* non-NULL: a secret, shown as <from origin> */
	} headers[FR_REQUEST_HEADERS]; /* Content-Type first */
	size_t header_count;
	size_t left_out; /* events that could not be encoded: left_out_index is ascending */
	size_t *left_out_index;
};

void fr_request_init(struct fr_request *request, size_t body_ceiling);
void fr_request_fini(struct fr_request *request);
enum fr_status fr_request_add_header(struct fr_request *request, const char *name,
				     const char *value, const char *origin);

/* What came back. Body is at most 4 MiB. */
struct fr_answer {
	int status;               /* HTTP status; 0 when there was none */
	const char *content_type; /* "" when none */
	const char *retry_after;  /* "" when none */
	const char *date;         /* "" when none */
	const char *body;
	size_t body_length;
	bool body_incomplete; /* cut or over 4 MiB */
	bool over_tls;
};

/* What a format reads out of an answer, beyond its status. */
struct fr_answer_refusal {
	size_t index; /* into the batch */
	char reason[128];
};
struct fr_answer_details {
	bool already_taken; /* 409 of a batch that was taken before: counts as 2xx */
	struct fr_answer_refusal *refusals; /* ascending; freed with fr_answer_details_fini */
	size_t refused;
};
void fr_answer_details_fini(struct fr_answer_details *details);

struct fr_sink_format {
	const char *type;
	unsigned encoder_version; /* raised when the bytes for the same batch change */
	bool is_file;             /* appended to a file instead of posted */
	bool has_gzip;
	size_t most_events; /* hard limits of the destination; 0: none */
	int64_t most_bytes;
	/* The default URL for these settings into out; FR_INVALID when it needs one and has none. */
	enum fr_status (*url)(const struct fr_sink_settings *settings, struct fr_buffer *out,
			      struct fr_error *err);
	/* Fills an initialised request. One event that cannot be encoded is left out, not fatal. */
	enum fr_status (*encode)(const struct fr_sink_settings *settings,
				 const struct fr_sink_batch *batch, struct fr_request *request,
				 struct fr_error *err);
	/* Reads a 2xx or 409 answer; NULL: there is nothing to read. A body that does not parse is not a fault. */
	void (*read_answer)(const struct fr_sink_batch *batch, const struct fr_answer *answer,
			    struct fr_answer_details *details);
	/* True when the batch, claimed at batch_time_us, must be dissolved and encoded anew before it is sent at
	 * now_us (Datadog's age window). NULL: never. */
	bool (*is_stale)(const struct fr_sink_batch *batch, int64_t now_us);
};

/* NULL for a type nobody knows. */
const struct fr_sink_format *fr_sink_format_find(const char *type);

/* All types, NULL-terminated, for messages and the config reference. */
const struct fr_sink_format *const *fr_sink_formats(void);

/* Third gate: may this event leave through this sink? Looks at consent, audience, severity and the event list.
 * `route` is the catalogue's JSON array of sink names, NULL when there is no catalogue. */
bool fr_sink_may_send(const struct fr_sink_settings *settings, const struct fr_event *event,
		      const char *route);

/* The part of it that concerns names only: the sink's list, else the route. */
bool fr_sink_wants_name(const struct fr_sink_settings *settings, const char *name,
			const char *route);

#endif
