#include "ship/http_answer.h"

#include <string.h>
#include <strings.h>

void fr_http_answer_init(struct fr_http_answer *answer)
{
	*answer = (struct fr_http_answer){0};
	fr_buffer_init(&answer->body, FR_ANSWER_MAX);
}

void fr_http_answer_fini(struct fr_http_answer *answer)
{
	fr_buffer_fini(&answer->body);
}

/* "HTTP/1.1 200 OK" or "HTTP/2 200": the three digits behind the space; 0 where there are none. */
static int status_read(const char *line, size_t length)
{
	const char *space = memchr(line, ' ', length);
	int status = 0, i;

	if (length < 5 || memcmp(line, "HTTP/", 5) != 0)
		return 0;
	if (space == NULL || (size_t)(space - line) + 4 > length)
		return 0;
	for (i = 1; i <= 3; i++) {
		if (space[i] < '0' || space[i] > '9')
			return 0;
		status = status * 10 + (space[i] - '0');
	}
	return status;
}

/* Copies the value when the line is this header; a value that does not fit says nothing. */
static void header_read(char out[FR_HEADER_TEXT], const char *name, const char *line, size_t length)
{
	size_t name_length = strlen(name);

	if (length <= name_length || strncasecmp(line, name, name_length) != 0 ||
	    line[name_length] != ':')
		return;
	line += name_length + 1;
	length -= name_length + 1;
	while (length > 0 && (line[0] == ' ' || line[0] == '\t')) {
		line++;
		length--;
	}
	while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
		length--;
	if (length >= FR_HEADER_TEXT || memchr(line, '\0', length) != NULL)
		length = 0;
	memcpy(out, line, length);
	out[length] = '\0';
}

/* A new answer: what an interim one said counts no more. */
static void answer_begin(struct fr_http_answer *answer, int status)
{
	answer->status = status;
	answer->content_type[0] = '\0';
	answer->retry_after[0] = '\0';
	answer->date[0] = '\0';
	answer->exception_code[0] = '\0';
}

bool fr_http_answer_head(struct fr_http_answer *answer, const char *line, size_t length)
{
	answer->head_bytes += length;
	if (answer->head_bytes > FR_HEAD_MAX)
		return false;
	if (answer->head_complete || length == 0) /* trailers say nothing */
		return true;
	if (!answer->in_head) {
		answer->in_head = true;
		answer_begin(answer, status_read(line, length));
	} else if (line[0] == '\r' || line[0] == '\n') {
		answer->in_head = false;
		answer->head_complete = answer->status >= 200;
	} else {
		header_read(answer->content_type, "Content-Type", line, length);
		header_read(answer->retry_after, "Retry-After", line, length);
		header_read(answer->date, "Date", line, length);
		header_read(answer->exception_code, "X-ClickHouse-Exception-Code", line, length);
	}
	return true;
}

bool fr_http_answer_body(struct fr_http_answer *answer, const char *data, size_t length)
{
	bool is_read = answer->status / 100 == 2 || answer->status == 409;
	size_t most = is_read ? FR_ANSWER_MAX : FR_REFUSAL_KEPT;

	if (length > FR_ANSWER_MAX - answer->body_bytes)
		return false;
	answer->body_bytes += length;
	if (answer->body.length < most)
		fr_buffer_add(&answer->body, data,
			      length < most - answer->body.length ? length
								  : most - answer->body.length);
	return answer->body.status == FR_OK;
}
