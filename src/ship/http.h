/* The transport over HTTP: libcurl's multi interface driven by libevent. */
#ifndef FR_SHIP_HTTP_H
#define FR_SHIP_HTTP_H

#include "ship/transport.h"

enum fr_status fr_http_new(struct fr_transport **out, struct event_base *loop,
			   const struct fr_sink_settings *settings, const struct fr_env *env,
			   struct fr_error *err);

#endif
