#include "sink/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void fr_request_init(struct fr_request *request, size_t body_ceiling)
{
	*request = (struct fr_request){0};
	fr_buffer_init(&request->body, body_ceiling);
}

void fr_request_fini(struct fr_request *request)
{
	size_t i;

	for (i = 0; i < request->header_count; i++) {
		free(request->headers[i].name);
		free(request->headers[i].value);
		free(request->headers[i].origin);
	}
	free(request->url);
	free(request->left_out);
	fr_buffer_fini(&request->body);
	fr_request_init(request, 0);
}

void fr_request_take(struct fr_request *to, struct fr_request *from)
{
	size_t *left_out = from->left_out;
	size_t left_out_count = from->left_out_count;

	assert(to->url == NULL && to->header_count == 0 && to->body.length == 0);
	*to = *from;
	to->left_out = NULL;
	to->left_out_count = 0;
	fr_request_init(from, to->body.ceiling);
	from->left_out = left_out;
	from->left_out_count = left_out_count;
}

static enum fr_status no_memory(struct fr_error *err)
{
	return fr_fail(err, FR_NOMEM, "request: %s", fr_status_text(FR_NOMEM));
}

enum fr_status fr_request_set_url(struct fr_request *request, const char *url, struct fr_error *err)
{
	char *copy = strdup(url);

	if (copy == NULL)
		return no_memory(err);
	free(request->url);
	request->url = copy;
	return FR_OK;
}

/* RFC 9110: a token. */
static bool name_is_valid(const char *name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	const char *c;

	for (c = name; *c != '\0'; c++) {
		bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		if (!is_letter && !(*c >= '0' && *c <= '9') && strchr(others, *c) == NULL)
			return false;
	}
	return c != name;
}

/* Whatever could end the header early, or hide in it, is refused. */
static bool value_is_valid(const char *value)
{
	const unsigned char *c;

	for (c = (const unsigned char *)value; *c != '\0'; c++)
		if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

/* The header of this name, or the first free one. */
static size_t header_find(const struct fr_request *request, const char *name)
{
	size_t i = 0;

	while (i < request->header_count && strcasecmp(request->headers[i].name, name) != 0)
		i++;
	return i;
}

enum fr_status fr_request_add_header(struct fr_request *request, const char *name,
				     const char *value, const char *origin, struct fr_error *err)
{
	struct fr_request_header made = {NULL, NULL, NULL};
	size_t at = header_find(request, name);

	if (!name_is_valid(name))
		return fr_fail(err, FR_INVALID, "\"%s\" is no name for a header", name);
	if (!value_is_valid(value)) /* which may be a secret: it is not shown */
		return fr_fail(err, FR_INVALID, "header %s: the value has control characters",
			       name);
	if (at == FR_REQUEST_HEADERS)
		return fr_fail(err, FR_TOO_LARGE, "more than %d headers", FR_REQUEST_HEADERS);
	made.name = strdup(name);
	made.value = strdup(value);
	made.origin = origin != NULL ? strdup(origin) : NULL;
	if (made.name == NULL || made.value == NULL || (origin != NULL && made.origin == NULL)) {
		free(made.name);
		free(made.value);
		free(made.origin);
		return no_memory(err);
	}
	if (at == request->header_count) {
		request->header_count++;
	} else {
		free(request->headers[at].name);
		free(request->headers[at].value);
		free(request->headers[at].origin);
	}
	request->headers[at] = made;
	return FR_OK;
}

enum fr_status fr_request_add_settings(struct fr_request *request,
				       const struct fr_sink_settings *settings,
				       struct fr_error *err)
{
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < settings->header_count && status == FR_OK; i++) {
		const struct fr_sink_header *header = &settings->headers[i];

		status = fr_request_add_header(request, header->name, header->value, header->origin,
					       err);
	}
	return status;
}

enum fr_status fr_request_leave_out(struct fr_request *request, size_t index, struct fr_error *err)
{
	size_t count = request->left_out_count;
	size_t *grown;

	assert(count == 0 || request->left_out[count - 1] < index);
	grown = realloc(request->left_out, (count + 1) * sizeof *grown);
	if (grown == NULL)
		return no_memory(err);
	grown[count] = index;
	request->left_out = grown;
	request->left_out_count = count + 1;
	return FR_OK;
}
