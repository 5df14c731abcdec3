/* The head of an HTTP/1.x request, and a body that comes in chunks: parsing only, no I/O.
 *
 * Strict where leniency has hurt others: bare line feeds, folded headers, white space before a
 * colon, two lengths, or a length beside chunks are refused.
 * Ownership: a parsed head points into the text it was parsed from, which it cuts into strings.
 */
#ifndef FR_INTAKE_HTTP_H
#define FR_INTAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum {
	INTAKE_HEAD_MAX = 64 * 1024,
	INTAKE_HEADERS_MAX = 100,
	INTAKE_BODY_MAX = 16 * 1024 * 1024,
	INTAKE_TRAILER_MAX = 8 * 1024,
};

struct intake_header {
	const char *name;
	const char *value; /* without white space around it */
};

struct intake_head {
	const char *method;
	const char *path;
	const char *query; /* "" when there is none */
	struct intake_header headers[INTAKE_HEADERS_MAX];
	size_t count;
	uint64_t length; /* of the body, unless chunked */
	bool chunked;
	bool keep_alive;
	bool expects_continue;
};

/* Why a request is turned away before anybody looked at what it wants; status 0: it is not. */
struct intake_refusal {
	int status;
	const char *reason;
};

/* text[length] ends with the empty line, and is changed. */
struct intake_refusal intake_head_parse(struct intake_head *head, char *text, size_t length);

/* A header's value, NULL when absent; names are told apart in no case. */
const char *intake_head_find(const struct intake_head *head, const char *name);

/* The value of name=value in a query, its %XX decoded; false when absent, or too long for out. */
bool intake_query_find(const char *query, const char *name, char *out, size_t size);

enum intake_chunk_state {
	INTAKE_CHUNK_SIZE,
	INTAKE_CHUNK_EXTENSION,
	INTAKE_CHUNK_SIZE_END,
	INTAKE_CHUNK_DATA,
	INTAKE_CHUNK_DATA_CR,
	INTAKE_CHUNK_DATA_LF,
	INTAKE_CHUNK_TRAILER,      /* at the start of a trailer line */
	INTAKE_CHUNK_TRAILER_LINE, /* within one */
	INTAKE_CHUNK_TRAILER_LF,
	INTAKE_CHUNK_LAST_LF,
	INTAKE_CHUNK_DONE,
};

/* Zeroed: at the start. */
struct intake_chunks {
	enum intake_chunk_state state;
	uint64_t left;   /* of this chunk */
	unsigned digits; /* of its size */
	size_t trailer;  /* bytes of trailer so far */
};

/* Takes what it can of data, appending to body; *used says how much. done: chunks->state is
 * INTAKE_CHUNK_DONE, which leaves what follows alone. */
struct intake_refusal intake_chunks_take(struct intake_chunks *chunks, const char *data,
					 size_t length, size_t *used, struct fr_buffer *body);

#endif
