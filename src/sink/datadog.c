/* Datadog's Logs intake v2: a JSON array of flat entries.
 *
 * The happy path of one event: our own members, its properties spread beside them, and the ids.
 * What could go wrong is Datadog's reading of it, which is silent, so it is prevented here:
 *   - names that Datadog takes over, or that are ours, go under "properties" instead;
 *   - an entry over 1 MB would be cut: it is left out;
 *   - an entry dated outside of its window would be dropped after a 202: it is sent without a
 *     timestamp, its true time in occurredAt. An entry that slides out of the window while it waits
 *     makes its batch stale.
 */
#include "sink/formats.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "event/json.h"
#include "sink/encode.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)

/* Datadog drops what is over 18 h old or 2 h ahead. What is dated when the batch is made keeps an
 * hour, or ten minutes, to arrive; a batch that has used up all but five minutes of it is made
 * anew. */
#define DATED_PAST_US  (17 * HOUR_US)
#define DATED_AHEAD_US (HOUR_US + 50 * MINUTE_US)
#define STALE_PAST_US  (18 * HOUR_US - 5 * MINUTE_US)
#define STALE_AHEAD_US (2 * HOUR_US - 5 * MINUTE_US)

enum { ENTRY_MAX = 1000000, BODY_MAX = 4250000, ENTRIES_MAX = 1000 };

static bool is_dated(const struct fr_event *event, int64_t batch_time_us)
{
	int64_t age_us = batch_time_us - event->time_us;

	return age_us <= DATED_PAST_US && -age_us <= DATED_AHEAD_US;
}

/* Datadog reads a dot in a name as a step into an object, so that what counts is the part before
 * it. */
static bool is_taken(const char *key, size_t length)
{
	static const char *const taken[] = {
		/* Datadog's */
		"timestamp", "_timestamp", "Timestamp", "eventTime", "date", "published_date",
		"status", "severity", "level", "host", "hostname", "service", "message", "ddsource",
		"ddtags", "dd", "syslog",
		/* ours */
		"userBucket", "eventId", "session", "seq", "ci", "traceparent", "occurredAt",
		"lateSeconds", "properties"};
	const char *dot = memchr(key, '.', length);
	size_t i;

	if (dot != NULL)
		length = (size_t)(dot - key);
	for (i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (strlen(taken[i]) == length && memcmp(taken[i], key, length) == 0)
			return true;
	return false;
}

/* Appends the members whose names are taken, or those whose are not, each with `,` in front. False
 * when the properties are not what the queue once accepted. */
static bool entry_add_members(struct fr_buffer *out, const struct fr_event *event, bool taken,
			      size_t *others)
{
	enum fr_json_kind kind;
	struct fr_json json;

	*others = 0;
	if (event->properties_length < 0)
		return false;
	fr_json_init(&json, event->properties, (size_t)event->properties_length, FR_JSON_DEPTH_MAX);
	if (fr_json_next(&json, &kind, NULL) != FR_OK || kind != FR_JSON_OBJECT_BEGIN)
		return false;
	while (fr_json_next(&json, &kind, NULL) == FR_OK && kind == FR_JSON_KEY) {
		size_t key = json.start, key_end = json.at, value;

		if (json.escaped) /* keys never need it; this one would slip past is_taken */
			return false;
		if (fr_json_next(&json, &kind, NULL) != FR_OK)
			return false;
		value = json.start;
		if (fr_json_skip(&json, kind, NULL) != FR_OK)
			return false;
		if (is_taken(json.text + key + 1, key_end - key - 2) != taken) {
			(*others)++;
			continue;
		}
		fr_buffer_add_char(out, ',');
		fr_buffer_add(out, json.text + key, key_end - key);
		fr_buffer_add_char(out, ':');
		fr_buffer_add(out, json.text + value, json.at - value);
	}
	return kind == FR_JSON_OBJECT_END && fr_json_next(&json, &kind, NULL) == FR_OK &&
	       kind == FR_JSON_END;
}

static bool entry_add_properties(struct fr_buffer *out, const struct fr_event *event)
{
	size_t taken, others, at;

	if (!entry_add_members(out, event, false, &taken))
		return false;
	if (taken == 0)
		return true;
	fr_buffer_add_text(out, ",\"properties\":");
	at = out->length;
	if (!entry_add_members(out, event, true, &others))
		return false;
	if (out->status == FR_OK)
		out->data[at] = '{'; /* where the first comma was */
	fr_buffer_add_char(out, '}');
	return true;
}

/* A tag as Datadog would make it anyway, and never one that ends the string or begins another tag.
 */
static void tags_add(struct fr_buffer *out, const char *text, const char *allowed)
{
	bool is_utf8 = fr_utf8_is_valid(text, strlen(text));
	const char *c;

	for (c = text; *c != '\0'; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				(*c >= '0' && *c <= '9') || strchr(allowed, *c) != NULL;
		bool is_wide = is_utf8 && ((unsigned char)*c & 0x80) != 0;

		fr_buffer_add_char(out, is_plain || is_wide ? *c : '_');
	}
}

static void entry_add_tags(struct fr_buffer *out, const struct fr_event *event, const char *tags,
			   bool is_late)
{
	const char *comma = "";

	if (event->version[0] == '\0' && tags[0] == '\0' && !is_late)
		return;
	fr_buffer_add_text(out, ",\"ddtags\":\"");
	if (event->version[0] != '\0') {
		fr_buffer_add_text(out, "version:");
		tags_add(out, event->version, "_-./");
		comma = ",";
	}
	if (tags[0] != '\0') {
		fr_buffer_add_text(out, comma);
		tags_add(out, tags, "_-./:,");
		comma = ",";
	}
	if (is_late) {
		fr_buffer_add_text(out, comma);
		fr_buffer_add_text(out, "late:true");
	}
	fr_buffer_add_char(out, '"');
}

static void entry_add_text(struct fr_buffer *out, const char *key, const char *text)
{
	fr_buffer_add_text(out, key);
	fr_json_add_string(out, text, strlen(text));
}

static void entry_add_number(struct fr_buffer *out, const char *key, int64_t number)
{
	fr_buffer_add_text(out, key);
	fr_buffer_add_int(out, number);
}

static void entry_add_head(struct fr_buffer *out, const struct fr_event *event, const char *tags,
			   bool is_late)
{
	entry_add_text(out, "{\"message\":", event->name);
	if (event->service[0] != '\0')
		entry_add_text(out, ",\"service\":", event->service);
	fr_buffer_add_text(out, ",\"ddsource\":\"flightrec\"");
	entry_add_tags(out, event, tags, is_late);
	entry_add_text(out, ",\"status\":", fr_severity_name(event->severity));
	if (!is_late)
		entry_add_number(out, ",\"timestamp\":", event->time_us / 1000);
}

static void entry_add_tail(struct fr_buffer *out, const struct fr_event *event)
{
	entry_add_number(out, ",\"userBucket\":", event->user_bucket);
	entry_add_text(out, ",\"eventId\":", event->uuid);
	entry_add_text(out, ",\"session\":", event->session);
	entry_add_number(out, ",\"seq\":", event->seq);
	if (event->ci)
		fr_buffer_add_text(out, ",\"ci\":true");
	if (event->traceparent[0] != '\0')
		entry_add_text(out, ",\"traceparent\":", event->traceparent);
	fr_buffer_add_char(out, '}');
}

static bool entry_add(const struct fr_encoding *encoding, const struct fr_event *event,
		      struct fr_buffer *out)
{
	int64_t batch_time_us = encoding->batch->batch_time_us;
	bool is_late = !is_dated(event, batch_time_us);
	char occurred_at[FR_TIME_TEXT];
	size_t before = out->length;

	entry_add_head(out, event, encoding->settings->tags, is_late);
	if (!entry_add_properties(out, event))
		return false;
	if (is_late) {
		fr_time_format(occurred_at, event->time_us);
		entry_add_text(out, ",\"occurredAt\":", occurred_at);
		entry_add_number(out,
				 ",\"lateSeconds\":", (batch_time_us - event->time_us) / SECOND_US);
	}
	entry_add_tail(out, event);
	return out->length - before <= ENTRY_MAX;
}

static enum fr_status datadog_url(const struct fr_sink_settings *settings, struct fr_buffer *out,
				  struct fr_error *err)
{
	if (settings->url[0] != '\0')
		fr_buffer_add_text(out, settings->url);
	else if (settings->site[0] != '\0')
		fr_buffer_add_format(out, "https://http-intake.logs.%s/api/v2/logs",
				     settings->site);
	else
		return fr_fail(err, FR_INVALID, "sink %s: neither site nor url", settings->name);
	return FR_OK;
}

static enum fr_status datadog_encode(const struct fr_sink_settings *settings,
				     const struct fr_sink_batch *batch, struct fr_request *request,
				     struct fr_error *err)
{
	struct fr_encoding entries = {settings, batch, ",", entry_add};
	enum fr_status status;

	status = fr_encode_head(&fr_sink_datadog, settings, "application/json", request, err);
	if (status == FR_OK)
		status = fr_request_add_header(request, "DD-API-KEY", settings->api_key,
					       settings->api_key_origin, err);
	if (status == FR_OK)
		status = fr_request_add_settings(request, settings, err);
	if (status != FR_OK)
		return status;
	fr_buffer_add_char(&request->body, '[');
	status = fr_encode_events(&entries, request, err);
	fr_buffer_add_char(&request->body, ']');
	return status == FR_OK ? fr_encode_finish(request, err) : status;
}

static bool datadog_is_stale(const struct fr_sink_batch *batch, int64_t now_us)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		int64_t age_us = now_us - batch->events[i].time_us;

		if (is_dated(&batch->events[i], batch->batch_time_us) &&
		    (age_us > STALE_PAST_US || -age_us > STALE_AHEAD_US))
			return true;
	}
	return false;
}

const struct fr_sink_format fr_sink_datadog = {
	.type = "datadog",
	.encoder_version = 1,
	.has_gzip = true,
	.most_events = ENTRIES_MAX,
	.most_bytes = BODY_MAX,
	.url = datadog_url,
	.encode = datadog_encode,
	.is_stale = datadog_is_stale,
};
