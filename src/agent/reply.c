#include "agent/reply.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <string.h>

#include "event/json.h"

void fr_reply(struct evhttp_request *request, int code, const char *type,
	      const struct fr_buffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	(void)evhttp_add_header(headers, "Content-Type", type);
	(void)evbuffer_add(evhttp_request_get_output_buffer(request), fr_buffer_text(body),
			   body->length);
	evhttp_send_reply(request, code, NULL, NULL);
}

void fr_reply_json(struct evhttp_request *request, int code, const char *json)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_buffer_add_text(&body, json);
	fr_buffer_add_char(&body, '\n');
	fr_reply(request, code, "application/json", &body);
	fr_buffer_fini(&body);
}

void fr_reply_error(struct evhttp_request *request, int code, const char *text)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_buffer_add_text(&body, "{\"error\":");
	fr_json_add_string(&body, text, strlen(text));
	fr_buffer_add_text(&body, "}\n");
	fr_reply(request, code, "application/json", &body);
	fr_buffer_fini(&body);
}
