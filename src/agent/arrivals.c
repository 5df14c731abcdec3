/* The happy path: an event becomes a draft, consent lets it pass, it joins the batch; a full batch
 * is committed in one transaction.
 *
 * Failures: a wrong event is named and left out. A batch that fails is tried again event by event,
 * so that one that does not fit does not take the others with it. When the queue itself fails
 * (lock, disk, no room) everything stops, and the first event that was not recorded is named.
 */
#include "agent/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "client/import.h"
#include "event/json.h"

enum { BATCH_EVENTS = 200, BATCH_BYTES = 512 * 1024, TOLD_BYTES_MAX = 128 * 1024 };

struct batch {
	struct fr_import events[BATCH_EVENTS];
	struct fr_draft drafts[BATCH_EVENTS];
	int64_t places[BATCH_EVENTS];
	unsigned count;
	size_t bytes;
};

void fr_arrivals_init(struct fr_arrivals *arrivals, flightrec *recorder, bool may_be_sent)
{
	*arrivals = (struct fr_arrivals){.recorder = recorder, .may_be_sent = may_be_sent};
	fr_buffer_init(&arrivals->told, TOLD_BYTES_MAX);
}

void fr_arrivals_fini(struct fr_arrivals *arrivals)
{
	fr_buffer_fini(&arrivals->told);
}

/* Neither the event's fault nor a rule about it: what comes behind it would fare no better. */
static bool is_end_of_it(enum fr_status status)
{
	return status == FR_OFF || status == FR_NOMEM ||
	       (status >= FR_FULL && status != FR_UNCERTAIN);
}

static void refusal_tell(struct fr_arrivals *arrivals, int64_t place, const char *reason)
{
	if (++arrivals->refused > FR_ARRIVALS_TOLD_MAX)
		return;
	fr_buffer_add_text(&arrivals->told, arrivals->refused > 1 ? ",{\"" : "{\"");
	fr_buffer_add_text(&arrivals->told, arrivals->is_array ? "event" : "line");
	fr_buffer_add_text(&arrivals->told, "\":");
	fr_buffer_add_int(&arrivals->told, place);
	fr_buffer_add_text(&arrivals->told, ",\"reason\":");
	fr_json_add_string(&arrivals->told, reason, strlen(reason));
	fr_buffer_add_char(&arrivals->told, '}');
}

/* ---- batches ---- */

static enum fr_status events_import(struct fr_arrivals *arrivals, struct batch *batch,
				    unsigned first, unsigned count, struct fr_error *err)
{
	enum fr_status status =
		fr_recorder_import(arrivals->recorder, batch->events + first, count, err);

	if (status != FR_OK && status != FR_UNCERTAIN)
		return status;
	arrivals->accepted += count;
	return FR_OK;
}

static enum fr_status events_import_singly(struct fr_arrivals *arrivals, struct batch *batch,
					   struct fr_error *err)
{
	for (unsigned i = 0; i < batch->count; i++) {
		enum fr_status status = events_import(arrivals, batch, i, 1, err);

		if (is_end_of_it(status)) {
			arrivals->stopped_at = batch->places[i];
			return status;
		}
		if (status != FR_OK)
			refusal_tell(arrivals, batch->places[i], err->text);
	}
	return FR_OK;
}

static void batch_empty(struct fr_arrivals *arrivals, struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++) {
		fr_pass_return(arrivals->recorder, &batch->events[i].pass);
		fr_draft_fini(&batch->drafts[i]);
	}
	batch->count = 0;
	batch->bytes = 0;
}

static enum fr_status batch_commit(struct fr_arrivals *arrivals, struct batch *batch,
				   struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (batch->count > 0)
		status = events_import(arrivals, batch, 0, batch->count, err);
	if (status == FR_BUSY || status == FR_OFF)
		arrivals->stopped_at = batch->places[0];
	else if (status != FR_OK)
		status = events_import_singly(arrivals, batch, err);
	batch_empty(arrivals, batch);
	return status;
}

/* ---- events ---- */

/* The rule of internal events asks the environment of who records, and a socket does not show it;
 * the agent's own says nothing of its callers. */
static enum fr_status insiders_refuse(struct fr_arrivals *arrivals, struct fr_pass *pass,
				      struct fr_error *err)
{
	if (!pass->internal)
		return FR_OK;
	fr_pass_return(arrivals->recorder, pass);
	return fr_fail(err, FR_NOT_INTERNAL,
		       "for insiders only: who calls here cannot show that he is one");
}

static enum fr_status draft_make(struct fr_arrivals *arrivals, struct fr_draft *draft,
				 struct fr_pass *pass, const char *text, size_t length,
				 struct fr_error *err)
{
	enum fr_status status;

	fr_draft_parse(draft, text, length, NULL);
	status = fr_draft_finish(draft, NULL, 0, err);
	if (status == FR_OK)
		status = fr_recorder_ask(arrivals->recorder, draft->name, false, pass, err);
	if (status == FR_OK)
		status = insiders_refuse(arrivals, pass, err);
	if (status == FR_OK)
		status = fr_recorder_finish(arrivals->recorder, draft, pass, err);
	if (status == FR_OK && !arrivals->may_be_sent)
		pass->sendable = false;
	return status;
}

static enum fr_status event_take(struct fr_arrivals *arrivals, struct batch *batch, int64_t place,
				 const char *text, size_t length, struct fr_error *err)
{
	const size_t limit = (size_t)arrivals->recorder->config->queue.max_event_bytes;
	struct fr_draft *draft = &batch->drafts[batch->count];
	struct fr_import *event = &batch->events[batch->count];
	struct fr_error why = {FR_OK, ""};
	enum fr_status status;

	fr_draft_init(draft, limit);
	status = draft_make(arrivals, draft, &event->pass, text, length, &why);
	if (status == FR_OK) {
		event->draft = draft;
		batch->places[batch->count++] = place;
		batch->bytes += draft->properties.length;
		if (batch->count < BATCH_EVENTS && batch->bytes < BATCH_BYTES)
			return FR_OK;
		return batch_commit(arrivals, batch, err);
	}
	fr_draft_fini(draft);
	if (!is_end_of_it(status)) {
		refusal_tell(arrivals, place, why.text);
		return FR_OK;
	}
	status = batch_commit(arrivals, batch, err); /* what came before it */
	if (status != FR_OK)
		return status;
	arrivals->stopped_at = place;
	return fr_fail(err, why.status, "%s", why.text);
}

/* ---- texts ---- */

static size_t space_length(const char *text, size_t length)
{
	size_t space = 0;

	while (space < length && (text[space] == ' ' || text[space] == '\t' ||
				  text[space] == '\r' || text[space] == '\n'))
		space++;
	return space;
}

static enum fr_status lines_take(struct fr_arrivals *arrivals, struct batch *batch,
				 const char *text, size_t length, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	int64_t place = 1;

	while (status == FR_OK && length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t line = end != NULL ? (size_t)(end - text) : length;

		if (space_length(text, line) < line)
			status = event_take(arrivals, batch, place, text, line, err);
		text += end != NULL ? line + 1 : line;
		length -= end != NULL ? line + 1 : line;
		place++;
	}
	return status;
}

/* Is it one JSON array, and nothing else? */
static enum fr_status array_check(const char *text, size_t length, struct fr_error *err)
{
	enum fr_json_kind kind;
	struct fr_json json;
	enum fr_status status;

	fr_json_init(&json, text, length, FR_JSON_DEPTH_MAX);
	do
		status = fr_json_next(&json, &kind, err);
	while (status == FR_OK && kind != FR_JSON_END);
	if (status != FR_OK && status != FR_NOMEM)
		return fr_fail(err, FR_INVALID, "the array of events: %.400s", err->text);
	return status;
}

static enum fr_status elements_take(struct fr_arrivals *arrivals, struct batch *batch,
				    const char *text, size_t length, struct fr_error *err)
{
	enum fr_status status = array_check(text, length, err);
	enum fr_json_kind kind = FR_JSON_END;
	struct fr_json json;
	int64_t place = 1;

	fr_json_init(&json, text, length, FR_JSON_DEPTH_MAX);
	if (status == FR_OK)
		status = fr_json_next(&json, &kind, err); /* its bracket */
	while (status == FR_OK && (status = fr_json_next(&json, &kind, err)) == FR_OK &&
	       kind != FR_JSON_ARRAY_END) {
		size_t start = json.start;

		status = fr_json_skip(&json, kind, err);
		if (status == FR_OK)
			status = event_take(arrivals, batch, place++, text + start, json.at - start,
					    err);
	}
	return status;
}

static void mark_skip(const char **text, size_t *length)
{
	if (*length >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
		*text += 3; /* a byte order mark, as some editors leave it */
		*length -= 3;
	}
}

enum fr_status fr_arrivals_take(struct fr_arrivals *arrivals, const char *text, size_t length,
				struct fr_error *err)
{
	struct batch *batch = calloc(1, sizeof *batch);
	enum fr_status status;
	size_t space;

	if (batch == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	mark_skip(&text, &length);
	space = space_length(text, length);
	arrivals->is_array = space < length && text[space] == '[';
	status = fr_recorder_lift_limits(arrivals->recorder, err);
	if (status == FR_OK)
		status = arrivals->is_array ? elements_take(arrivals, batch, text, length, err)
					    : lines_take(arrivals, batch, text, length, err);
	if (status == FR_OK)
		status = batch_commit(arrivals, batch, err);
	batch_empty(arrivals, batch);
	free(batch);
	return status;
}
