/* What is to be sent: where to, with which headers, and the uncompressed body.
 *
 * Life: init, encode (or add by hand), fini. It owns all of its memory.
 */
#ifndef FR_SINK_REQUEST_H
#define FR_SINK_REQUEST_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/status.h"
#include "sink/settings.h"

enum { FR_REQUEST_HEADERS = FR_SINK_HEADERS + 8 };

struct fr_request_header {
	char *name;
	char *value;
	char *origin; /* non-NULL: a secret, shown as <from origin> */
};

struct fr_request {
	char *url;             /* a file sink: its path */
	struct fr_buffer body; /* uncompressed; compression is the transport's business */
	struct fr_request_header headers[FR_REQUEST_HEADERS]; /* Content-Type first */
	size_t header_count;
	size_t *left_out; /* events that cannot be encoded: their indexes, ascending */
	size_t left_out_count;
};

void fr_request_init(struct fr_request *request, size_t body_ceiling);
void fr_request_fini(struct fr_request *request);

/* Moves what is sent (URL, headers, body) into a request that is initialised and empty. What was
 * left out stays known to the other. */
void fr_request_take(struct fr_request *to, struct fr_request *from);

/* Copies the URL. */
enum fr_status fr_request_set_url(struct fr_request *request, const char *url,
				  struct fr_error *err);

/* A name that is there already, in any case, gets the new value: what the config says goes over
 * what a format says. FR_INVALID when name or value cannot stand in a header (a line break in a
 * token, say). */
enum fr_status fr_request_add_header(struct fr_request *request, const char *name,
				     const char *value, const char *origin, struct fr_error *err);

/* The headers that the config gives this sink. */
enum fr_status fr_request_add_settings(struct fr_request *request,
				       const struct fr_sink_settings *settings,
				       struct fr_error *err);

/* Notes that the event at this index is not in the body; indexes come in ascending order. */
enum fr_status fr_request_leave_out(struct fr_request *request, size_t index, struct fr_error *err);

#endif
