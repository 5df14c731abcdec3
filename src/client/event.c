/* Events built step by step: a draft on the heap. It knows no recorder until its commit, so that
 * is where the recorder's limits are applied. */
#include <stdlib.h>
#include <string.h>

#include "client/recorder.h"

enum { BUILDER_BYTES_MAX = 16 * 1024 * 1024 }; /* more than any queue.max_event_bytes may say */

struct flightrec_event {
	struct fr_draft draft;
};

flightrec_event *flightrec_event_new(const char *name)
{
	flightrec_event *event = malloc(sizeof *event);

	if (event == NULL)
		return NULL;
	fr_draft_init(&event->draft, BUILDER_BYTES_MAX);
	fr_draft_set_name(&event->draft, name);
	return event;
}

void flightrec_event_free(flightrec_event *event)
{
	if (event == NULL)
		return;
	fr_draft_fini(&event->draft);
	free(event);
}

void flightrec_event_set_string(flightrec_event *event, const char *key, const char *text)
{
	if (event != NULL)
		fr_draft_set_string(&event->draft, key, text, text != NULL ? strlen(text) : 0);
}

void flightrec_event_set_string_n(flightrec_event *event, const char *key, const char *text,
				  size_t length)
{
	if (event != NULL)
		fr_draft_set_string(&event->draft, key, text, length);
}

void flightrec_event_set_int64(flightrec_event *event, const char *key, int64_t value)
{
	if (event != NULL)
		fr_draft_set_int64(&event->draft, key, value);
}

void flightrec_event_set_uint64(flightrec_event *event, const char *key, uint64_t value)
{
	if (event != NULL)
		fr_draft_set_uint64(&event->draft, key, value);
}

void flightrec_event_set_double(flightrec_event *event, const char *key, double value)
{
	if (event != NULL)
		fr_draft_set_double(&event->draft, key, value);
}

void flightrec_event_set_bool(flightrec_event *event, const char *key, int value)
{
	if (event != NULL)
		fr_draft_set_bool(&event->draft, key, value != 0);
}

void flightrec_event_set_json(flightrec_event *event, const char *key, const char *json)
{
	if (event != NULL)
		fr_draft_set_json(&event->draft, key, json, json != NULL ? strlen(json) : 0);
}

void flightrec_event_set_severity(flightrec_event *event, enum flightrec_severity severity)
{
	if (event != NULL)
		fr_draft_set_severity(&event->draft, (enum fr_severity)severity);
}

void flightrec_event_set_time(flightrec_event *event, int64_t unix_us)
{
	if (event != NULL)
		fr_draft_set_time(&event->draft, unix_us);
}

void flightrec_event_set_traceparent(flightrec_event *event, const char *traceparent)
{
	if (event != NULL)
		fr_draft_set_traceparent(&event->draft, traceparent);
}

/* From now on the draft is bounded as this recorder's events are. */
static enum fr_status draft_bound(struct fr_draft *draft, size_t most, struct fr_error *err)
{
	if (draft->properties.length > most)
		return fr_fail(err, FR_TOO_LARGE, "the properties take over %zu bytes", most);
	draft->properties.ceiling = most;
	return FR_OK;
}

static enum fr_status event_commit(flightrec *recorder, flightrec_event *event,
				   struct fr_error *err)
{
	const size_t most = (size_t)recorder->config->queue.max_event_bytes;
	struct fr_pass pass;
	enum fr_status status;
	const char *name;

	if (event == NULL)
		return fr_fail(err, FR_NOMEM, "there was no memory for the event");
	name = event->draft.name[0] != '\0' ? event->draft.name : NULL;
	status = fr_recorder_ask(recorder, name, false, &pass, err);
	if (status == FR_INVALID && name == NULL)
		*err = event->draft.error; /* what was wrong with the one it was given */
	if (status != FR_OK)
		return status;
	status = draft_bound(&event->draft, most, err);
	if (status == FR_OK)
		status = fr_recorder_commit(recorder, &event->draft, &pass, err);
	fr_pass_return(recorder, &pass);
	return status;
}

enum flightrec_status flightrec_commit(flightrec *recorder, flightrec_event *event)
{
	struct fr_error err = {FR_OK, ""};
	enum flightrec_status status = FLIGHTREC_OFF;

	if (recorder != NULL)
		status = fr_recorder_answer(recorder, "commit", event_commit(recorder, event, &err),
					    &err);
	flightrec_event_free(event);
	return status;
}
