/* What the files of the ClickHouse format share: clickhouse.c makes the request,
 * clickhouse_question.c fits it to the server's release, clickhouse_answer.c reads what comes back.
 * Internal to sink/.
 */
#ifndef FR_SINK_CLICKHOUSE_H
#define FR_SINK_CLICKHOUSE_H

#include "sink/sink.h"

/* A setting in the URL of an insert. */
struct fr_clickhouse_setting {
	const char *name;
	const char *value; /* NULL: the batch's id */
	bool is_asked_for; /* system.settings lists it; unknown, it is an error */
};

enum { FR_CLICKHOUSE_SETTINGS = 6 };
extern const struct fr_clickhouse_setting fr_clickhouse_settings[FR_CLICKHOUSE_SETTINGS];

extern const struct fr_sink_question fr_clickhouse_question;

enum fr_status fr_clickhouse_add_headers(const struct fr_sink_settings *settings,
					 struct fr_request *request, struct fr_error *err);

/* The server's exception: the header's code, else the `Code: N` that begins the body's first line
 * or a later one; 0: none. */
unsigned fr_clickhouse_code(const struct fr_answer *answer);

enum fr_status fr_clickhouse_read(const struct fr_sink_batch *batch, const struct fr_answer *answer,
				  struct fr_answer_details *details);

#endif
