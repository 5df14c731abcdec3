/* The transport of a sink that is a file on this machine. */
#ifndef FR_SHIP_FILE_TRANSPORT_H
#define FR_SHIP_FILE_TRANSPORT_H

#include "ship/transport.h"

enum fr_status fr_file_transport_new(struct fr_transport **out, struct event_base *loop,
				     const struct fr_sink_settings *settings, struct fr_error *err);

#endif
