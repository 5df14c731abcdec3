/* What an OTLP server's answer means beyond its status. Internal to sink/. */
#ifndef FR_SINK_OTLP_ANSWER_H
#define FR_SINK_OTLP_ANSWER_H

#include "sink/sink.h"

enum fr_status fr_otlp_read_answer(const struct fr_sink_batch *batch,
				   const struct fr_answer *answer,
				   struct fr_answer_details *details);

#endif
