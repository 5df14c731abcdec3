/* The same way to the queue as one event takes, with an array in the place of the one. */
#include "client/import.h"

#include <assert.h>
#include <stdlib.h>

enum fr_status fr_recorder_lift_limits(flightrec *recorder, struct fr_error *err)
{
	struct fr_limits *none = fr_limits_new(0, 0);

	if (none == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	(void)pthread_mutex_lock(&recorder->desk);
	fr_limits_free(recorder->limits);
	recorder->limits = none;
	(void)pthread_mutex_unlock(&recorder->desk);
	return FR_OK;
}

/* With the turn. */
static enum fr_status events_append(flightrec *recorder, struct fr_import *events,
				    struct fr_append *appends, unsigned count, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (unsigned i = 0; status == FR_OK && i < count; i++)
		status = fr_recorder_fill(recorder, events[i].draft, &events[i].pass,
					  events[i].uuid, &appends[i], err);
	if (status == FR_OK)
		status = fr_recorder_append(recorder, appends, count, err);
	return status;
}

enum fr_status fr_recorder_import(flightrec *recorder, struct fr_import *events, unsigned count,
				  struct fr_error *err)
{
	struct fr_append *appends = calloc(count, sizeof *appends);
	enum fr_status status;

	assert(count > 0);
	if (appends == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	status = fr_recorder_take_turn(recorder, recorder->busy_ms, err);
	if (status == FR_OK) {
		status = events_append(recorder, events, appends, count, err);
		fr_turn_give(&recorder->turn);
	}
	free(appends);
	return status;
}
