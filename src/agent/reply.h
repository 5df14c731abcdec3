/* Answers to the callers of agent.sock. Each ends the request. */
#ifndef FR_AGENT_REPLY_H
#define FR_AGENT_REPLY_H

#include "base/buffer.h"

struct evhttp_request;

enum { FR_REPLY_BYTES_MAX = 4 * 1024 * 1024 };

void fr_reply(struct evhttp_request *request, int code, const char *type,
	      const struct fr_buffer *body);
void fr_reply_json(struct evhttp_request *request, int code, const char *json);

/* {"error":"..."} */
void fr_reply_error(struct evhttp_request *request, int code, const char *text);

#endif
