/* A head is cut into lines in place: the request line, then headers until the empty line;
 * afterwards the few headers that frame the body are read. A refusal ends everything: after one
 * of these nobody knows where the next request would begin, so the connection is closed. */
#include "intake/http.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const struct intake_refusal no_refusal = {0, NULL};

static struct intake_refusal refuse(int status, const char *reason)
{
	return (struct intake_refusal){status, reason};
}

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *text)
{
	size_t length = 0;
	while (is_token_char(text[length]))
		length++;
	return length > 0 && text[length] == '\0';
}

/* Cuts the line at *at off, NUL-terminated, and moves *at behind it; NULL when it is not ended by
 * CR LF or holds a control character. */
static char *take_line(char **at, const char *end)
{
	char *line = *at;
	char *c = line;
	while (c < end && ((unsigned char)*c >= ' ' || *c == '\t') && *c != 0x7f)
		c++;
	if (end - c < 2 || c[0] != '\r' || c[1] != '\n')
		return NULL;
	*c = '\0';
	*at = c + 2;
	return line;
}

/* METHOD SP target SP HTTP/1.x */
static struct intake_refusal parse_request_line(struct intake_head *head, char *line)
{
	char *target = strchr(line, ' ');
	char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
	if (version == NULL)
		return refuse(400, "the request line is not METHOD TARGET VERSION");
	*target++ = '\0';
	*version++ = '\0';
	if (!is_token(line) || target[0] != '/')
		return refuse(400, "the request line has no method or no path");
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	head->keep_alive = version[7] == '1';
	head->method = line;
	head->path = target;
	head->query = "";
	char *query = strchr(target, '?');
	if (query != NULL) {
		*query = '\0';
		head->query = query + 1;
	}
	return no_refusal;
}

static struct intake_refusal parse_header(struct intake_head *head, char *line)
{
	char *colon = strchr(line, ':');
	if (colon == NULL)
		return refuse(400, "a header without a colon");
	*colon = '\0';
	if (!is_token(line))
		return refuse(400, "a header whose name is not a name");
	if (head->count == INTAKE_HEADERS_MAX)
		return refuse(431, "more than 100 headers");
	char *value = colon + 1;
	value += strspn(value, " \t");
	size_t length = strlen(value);
	while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
		value[--length] = '\0';
	head->headers[head->count++] = (struct intake_header){line, value};
	return no_refusal;
}

static bool parse_length(const char *text, uint64_t *length)
{
	uint64_t value = 0;
	size_t digits = 0;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 18; digits++)
		value = value * 10 + (uint64_t)(text[digits] - '0');
	*length = value;
	return digits > 0 && text[digits] == '\0';
}

/* Is a word in a comma-separated list, in any case? */
static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);
	while (*list != '\0') {
		list += strspn(list, " \t,");
		size_t here = strcspn(list, " \t,");
		if (here == length && strncasecmp(list, word, length) == 0)
			return true;
		list += here;
	}
	return false;
}

/* How the body is delimited: chunks, or a length, or nothing; never two of them. */
static struct intake_refusal parse_framing(struct intake_head *head)
{
	bool has_length = false;
	for (size_t i = 0; i < head->count; i++) {
		const struct intake_header *header = &head->headers[i];
		if (strcasecmp(header->name, "Content-Length") == 0) {
			if (has_length || !parse_length(header->value, &head->length))
				return refuse(400, "Content-Length is not one number");
			has_length = true;
		} else if (strcasecmp(header->name, "Transfer-Encoding") == 0) {
			if (head->chunked || strcasecmp(header->value, "chunked") != 0)
				return refuse(501, "a Transfer-Encoding other than chunked");
			head->chunked = true;
		} else if (strcasecmp(header->name, "Connection") == 0) {
			if (list_has(header->value, "close"))
				head->keep_alive = false;
			else if (list_has(header->value, "keep-alive"))
				head->keep_alive = true;
		} else if (strcasecmp(header->name, "Expect") == 0) {
			if (strcasecmp(header->value, "100-continue") != 0)
				return refuse(417, "an expectation other than 100-continue");
			head->expects_continue = true;
		}
	}
	if (has_length && head->chunked)
		return refuse(400, "both Content-Length and Transfer-Encoding");
	if (head->length > INTAKE_BODY_MAX)
		return refuse(413, "a body of more than 16 MiB");
	return no_refusal;
}

struct intake_refusal intake_head_parse(struct intake_head *head, char *text, size_t length)
{
	assert(length >= 4 && memcmp(text + length - 4, "\r\n\r\n", 4) == 0);
	*head = (struct intake_head){0};
	char *at = text;
	const char *end = text + length;
	char *line = take_line(&at, end);
	if (line == NULL)
		return refuse(400, "a request line with a stray control character");
	struct intake_refusal refusal = parse_request_line(head, line);
	while (refusal.status == 0) {
		line = take_line(&at, end);
		if (line == NULL)
			return refuse(400, "a header with a stray control character");
		if (*line == '\0')
			return parse_framing(head);
		refusal = parse_header(head, line);
	}
	return refusal;
}

const char *intake_head_find(const struct intake_head *head, const char *name)
{
	for (size_t i = 0; i < head->count; i++)
		if (strcasecmp(head->headers[i].name, name) == 0)
			return head->headers[i].value;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes up to the next '&' or the end. */
static bool decode_value(const char *from, char *out, size_t size)
{
	size_t length = 0;
	while (*from != '\0' && *from != '&' && length + 1 < size) {
		int high = from[0] == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;
		out[length++] = low >= 0 ? (char)(high * 16 + low) : *from;
		from += low >= 0 ? 3 : 1;
	}
	out[length] = '\0';
	return *from == '\0' || *from == '&';
}

bool intake_query_find(const char *query, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	while (*query != '\0') {
		if (strncmp(query, name, length) == 0 && query[length] == '=')
			return decode_value(query + length + 1, out, size);
		query += strcspn(query, "&");
		query += *query == '&';
	}
	return false;
}

/* Chunks */

/* One byte of the line that holds a chunk's size; false when it may not be there. */
static bool take_size_byte(struct intake_chunks *chunks, char c)
{
	int digit = hex_digit(c);
	if (digit >= 0) {
		chunks->left = chunks->left * 16 + (unsigned)digit;
		return ++chunks->digits <= 8;
	}
	if (chunks->digits == 0)
		return false;
	chunks->state = c == '\r' ? INTAKE_CHUNK_SIZE_END : INTAKE_CHUNK_EXTENSION;
	return c == '\r' || c == ';' || c == ' ' || c == '\t';
}

static bool take_trailer_byte(struct intake_chunks *chunks, char c)
{
	if (c == '\r')
		chunks->state = chunks->state == INTAKE_CHUNK_TRAILER ? INTAKE_CHUNK_LAST_LF
								      : INTAKE_CHUNK_TRAILER_LF;
	else
		chunks->state = INTAKE_CHUNK_TRAILER_LINE;
	return c != '\n' && ++chunks->trailer <= INTAKE_TRAILER_MAX;
}

static bool expect(struct intake_chunks *chunks, char c, char expected,
		   enum intake_chunk_state next)
{
	chunks->state = next;
	return c == expected;
}

/* One byte that is not a chunk's content. */
static bool take_framing_byte(struct intake_chunks *chunks, char c)
{
	switch (chunks->state) {
	case INTAKE_CHUNK_SIZE:
		return take_size_byte(chunks, c);
	case INTAKE_CHUNK_EXTENSION:
		if (c == '\r')
			chunks->state = INTAKE_CHUNK_SIZE_END;
		return c != '\n' && ++chunks->trailer <= INTAKE_TRAILER_MAX;
	case INTAKE_CHUNK_SIZE_END:
		return expect(chunks, c, '\n',
			      chunks->left > 0 ? INTAKE_CHUNK_DATA : INTAKE_CHUNK_TRAILER);
	case INTAKE_CHUNK_DATA_CR:
		return expect(chunks, c, '\r', INTAKE_CHUNK_DATA_LF);
	case INTAKE_CHUNK_DATA_LF:
		chunks->digits = 0;
		return expect(chunks, c, '\n', INTAKE_CHUNK_SIZE);
	case INTAKE_CHUNK_TRAILER:
	case INTAKE_CHUNK_TRAILER_LINE:
		return take_trailer_byte(chunks, c);
	case INTAKE_CHUNK_TRAILER_LF:
		return expect(chunks, c, '\n', INTAKE_CHUNK_TRAILER);
	case INTAKE_CHUNK_LAST_LF:
		return expect(chunks, c, '\n', INTAKE_CHUNK_DONE);
	case INTAKE_CHUNK_DATA:
	case INTAKE_CHUNK_DONE:
		break;
	}
	return false;
}

static size_t take_data(struct intake_chunks *chunks, const char *data, size_t length,
			struct fr_buffer *body)
{
	size_t part = chunks->left < length ? (size_t)chunks->left : length;
	fr_buffer_add(body, data, part);
	chunks->left -= part;
	if (chunks->left == 0)
		chunks->state = INTAKE_CHUNK_DATA_CR;
	return part;
}

struct intake_refusal intake_chunks_take(struct intake_chunks *chunks, const char *data,
					 size_t length, size_t *used, struct fr_buffer *body)
{
	*used = 0;
	while (*used < length && chunks->state != INTAKE_CHUNK_DONE) {
		if (chunks->state == INTAKE_CHUNK_DATA)
			*used += take_data(chunks, data + *used, length - *used, body);
		else if (!take_framing_byte(chunks, data[(*used)++]))
			return refuse(400, "the chunks of the body are malformed");
		if (body->status == FR_TOO_LARGE)
			return refuse(413, "a body of more than 16 MiB");
		if (body->status != FR_OK)
			return refuse(503, "out of memory");
	}
	return no_refusal;
}
