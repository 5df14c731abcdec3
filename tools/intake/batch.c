/* Strings are left where they stand in the body unless they contain an escape, which those that
 * matter never do when our own client wrote them; then they are decoded to a side buffer. */
#include "intake/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "intake/http.h"

void intake_batch_init(struct intake_batch *batch)
{
	*batch = (struct intake_batch){0};
	fr_buffer_init(&batch->decoded, INTAKE_BODY_MAX);
}

void intake_batch_fini(struct intake_batch *batch)
{
	free(batch->events);
	fr_buffer_fini(&batch->decoded);
}

void intake_batch_start(struct intake_batch *batch, struct intake_bytes body)
{
	batch->body = body;
	batch->id = (struct intake_text){0};
	batch->count = 0;
	fr_buffer_clear(&batch->decoded);
}

enum fr_status intake_batch_read_text(struct intake_batch *batch, const struct fr_json *json,
				      struct intake_text *text, struct fr_error *err)
{
	assert(json->at - json->start >= 2);
	size_t length = json->at - json->start - 2;
	*text = (struct intake_text){json->start + 1, length, false};
	if (memchr(json->text + text->at, '\\', length) != NULL) {
		size_t before = batch->decoded.length;
		enum fr_status status = fr_json_decode(json, &batch->decoded);
		if (status != FR_OK)
			return fr_fail(err, status, "out of memory");
		*text = (struct intake_text){before, batch->decoded.length - before, true};
	} else {
		/* A line of an NDJSON body has a scanner of its own, which counts from the line's
		 * start. */
		text->at += (size_t)(json->text - batch->body.data);
	}
	if (text->length > INTAKE_TEXT_MAX)
		*text = (struct intake_text){0};
	return FR_OK;
}

struct intake_bytes intake_batch_text(const struct intake_batch *batch,
				      const struct intake_text *text)
{
	const char *from = text->is_decoded ? fr_buffer_text(&batch->decoded) : batch->body.data;
	return (struct intake_bytes){text->length > 0 ? from + text->at : "", text->length};
}

bool intake_batch_text_is(const struct intake_batch *batch, const struct intake_text *text,
			  const char *expected)
{
	struct intake_bytes bytes = intake_batch_text(batch, text);
	return bytes.length == strlen(expected) && memcmp(bytes.data, expected, bytes.length) == 0;
}

bool intake_batch_text_matches(const struct intake_batch *batch, const struct intake_text *text,
			       const char *glob)
{
	char copy[INTAKE_TEXT_MAX + 1];
	struct intake_bytes bytes = intake_batch_text(batch, text);
	assert(bytes.length <= INTAKE_TEXT_MAX);
	memcpy(copy, bytes.data, bytes.length);
	copy[bytes.length] = '\0';
	return fr_glob_matches(glob, copy);
}

bool intake_batch_has_name(const struct intake_batch *batch, const char *glob)
{
	for (size_t i = 0; i < batch->count; i++)
		if (intake_batch_text_matches(batch, &batch->events[i].name, glob))
			return true;
	return false;
}

/* Events */

static enum fr_status grow_events(struct intake_batch *batch, struct fr_error *err)
{
	if (batch->count < batch->capacity)
		return FR_OK;
	if (batch->count >= INTAKE_EVENTS_MAX)
		return fr_fail(err, FR_FULL, "more than %d events", INTAKE_EVENTS_MAX);
	size_t capacity = batch->capacity * 2 + 128;
	struct intake_event *events = realloc(batch->events, capacity * sizeof(*events));
	if (events == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	batch->events = events;
	batch->capacity = capacity;
	return FR_OK;
}

enum fr_status intake_batch_add(struct intake_batch *batch, const struct intake_event *event,
				struct fr_error *err)
{
	enum fr_status status = grow_events(batch, err);
	if (status == FR_OK)
		batch->events[batch->count++] = *event;
	return status;
}

/* seq as our client writes it; anything else counts as not said. */
static int64_t read_seq(const struct fr_json *json)
{
	int64_t value = 0;
	for (size_t i = json->start; i < json->at; i++) {
		char c = json->text[i];
		if (c < '0' || c > '9' || json->at - json->start > 18)
			return -1;
		value = value * 10 + (c - '0');
	}
	return value;
}

/* Which member of the event the last key names, if it is one that is counted. */
static struct intake_text *find_text_member(struct intake_batch *batch, struct intake_event *event,
					    const struct intake_text *key, const char *name_key)
{
	if (intake_batch_text_is(batch, key, "eventId"))
		return &event->id;
	if (intake_batch_text_is(batch, key, "session"))
		return &event->session;
	return intake_batch_text_is(batch, key, name_key) ? &event->name : NULL;
}

static enum fr_status read_member(struct intake_batch *batch, struct fr_json *json,
				  struct intake_event *event, const char *name_key,
				  struct fr_error *err)
{
	struct intake_text key = {json->start + 1, json->at - json->start - 2, false};
	key.at += (size_t)(json->text - batch->body.data);
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = fr_json_next(json, &kind, err);
	if (status != FR_OK)
		return status;
	struct intake_text *member = find_text_member(batch, event, &key, name_key);
	if (member != NULL && kind == FR_JSON_STRING)
		return intake_batch_read_text(batch, json, member, err);
	if (kind == FR_JSON_NUMBER && intake_batch_text_is(batch, &key, "seq"))
		event->seq = read_seq(json);
	return fr_json_skip(json, kind, err);
}

enum fr_status intake_batch_read_event(struct intake_batch *batch, struct fr_json *json,
				       const char *name_key, struct fr_error *err)
{
	struct intake_event event = {.seq = -1};
	event.at = (size_t)(json->text - batch->body.data) + json->start;
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = FR_OK;
	while (status == FR_OK && (status = fr_json_next(json, &kind, err)) == FR_OK &&
	       kind == FR_JSON_KEY)
		status = read_member(batch, json, &event, name_key, err);
	if (status != FR_OK)
		return fr_fail_within(err, status, "event %zu: ", batch->count);
	event.length = (size_t)(json->text - batch->body.data) + json->at - event.at;
	return intake_batch_add(batch, &event, err);
}
