/* The next request of a sink, made by the code that will make it, and shown before it is sent.
 *
 * The head is the one of HTTP/1.1, line by line in the order in which it goes out. What only the
 * moment of sending decides has a note in place of its value; a secret has where it comes from.
 * Life: preview_make, then preview_fini, also after a failure.
 */
#ifndef FLIGHTREC_CLI_PREVIEW_H
#define FLIGHTREC_CLI_PREVIEW_H

#include "pending.h"
#include "sink/sink.h"

struct cli;

enum { PREVIEW_LINES = FR_REQUEST_HEADERS + 8, PREVIEW_TEXT = 320 };

/* One header: exactly one of value, origin and note is there. */
struct preview_line {
	const char *name;
	const char *value;
	const char *origin; /* env:NAME or file:PATH */
	const char *note;
};

struct preview {
	const struct fr_sink_settings *settings;
	const struct fr_sink_format *format;
	struct cli_pending pending; /* without a batch nothing waits, and all below is empty */
	struct fr_request request;
	bool is_stale;     /* an open batch that may not leave as it is */
	bool is_too_large; /* it will go in parts */
	bool is_packed;
	const char *target; /* of the request line; borrowed from the request */
	char host[PREVIEW_TEXT];
	char length[32];
	struct preview_line lines[PREVIEW_LINES];
	size_t line_count;
};

enum fr_status preview_make(struct preview *preview, const struct cli *cli,
			    struct fr_snapshot *snapshot, const struct fr_sink_settings *settings,
			    struct fr_error *err);
void preview_fini(struct preview *preview);

#endif
