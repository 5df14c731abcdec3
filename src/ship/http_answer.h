/* An HTTP answer as it comes in, line by line and piece by piece, with a bound on everything.
 *
 * A server may send anything: headers without end, a body without end, a status line that is none.
 * Internal to ship/.
 */
#ifndef FR_SHIP_HTTP_ANSWER_H
#define FR_SHIP_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "sink/answer.h"

enum {
	FR_HEAD_MAX = 64 * 1024,     /* all headers of an exchange */
	FR_HEADER_TEXT = 128,        /* of a header we read */
	FR_REFUSAL_KEPT = 16 * 1024, /* of a body that is only shown to people */
};

struct fr_http_answer {
	int status;         /* of the last status line; 0 when it was none */
	bool in_head;       /* between a status line and the empty one */
	bool head_complete; /* of the final answer, not of an interim one */
	size_t head_bytes;
	char content_type[FR_HEADER_TEXT];
	char retry_after[FR_HEADER_TEXT];
	char date[FR_HEADER_TEXT];
	char exception_code[FR_HEADER_TEXT];
	struct fr_buffer body;
	size_t body_bytes; /* also those that were not kept */
};

void fr_http_answer_init(struct fr_http_answer *answer);
void fr_http_answer_fini(struct fr_http_answer *answer);

/* One line of the head with its line break. False: too much, break off. */
bool fr_http_answer_head(struct fr_http_answer *answer, const char *line, size_t length);

/* A piece of the body. False: too much, break off. Of answers that are neither 2xx nor 409 only the
 * beginning is kept. */
bool fr_http_answer_body(struct fr_http_answer *answer, const char *data, size_t length);

#endif
