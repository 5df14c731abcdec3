/* What is answered: status, type, further headers, body; and how that is written down as
 * HTTP/1.1.
 *
 * Life: init, then set and add any number of times, fini. fr_buffer's sticky errors apply to both
 * buffers and are looked at when the answer is sent.
 */
#ifndef FR_INTAKE_ANSWER_H
#define FR_INTAKE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { INTAKE_ANSWER_MAX = 256 * 1024 * 1024 };

struct intake_answer {
	int status;
	const char *type;         /* borrowed */
	const char *date;         /* borrowed: instead of the time it is; NULL: none */
	struct fr_buffer headers; /* further lines, each with its CR LF */
	struct fr_buffer body;
};

void intake_answer_init(struct intake_answer *answer);
void intake_answer_fini(struct intake_answer *answer);

/* Starts over with a status, a type and a body (NULL: filled in by the caller). */
void intake_answer_set(struct intake_answer *answer, int status, const char *type,
		       const char *body);

/* Starts over with {"error":"..."}. */
void intake_answer_set_error(struct intake_answer *answer, int status, const char *reason);

void intake_answer_add_header(struct intake_answer *answer, const char *name, const char *value);

/* Appends the status line and all headers; with length as the Content-Length, whatever the body is.
 * A negative length promises chunks. */
void intake_answer_write_head(const struct intake_answer *answer, struct fr_buffer *out,
			      int64_t length, bool keep_alive, int64_t wall_us);

/* May an answer with this status have a body? */
bool intake_status_has_body(int status);

#endif
