/* OTLP/HTTP logs in their JSON encoding: each event is a LogRecord with an event name.
 *
 * The happy path: the events are put in order by (service, version), one resourceLogs each; of an
 * event, its properties become attributes (otlp_value.h), its traceparent a trace and a span. It
 * has no body: the conventions for events want none.
 *
 * An event that cannot be encoded is left out, with its resource when that has no other. The answer
 * is otlp_answer.c's.
 */
#include "sink/formats.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/draft.h"
#include "event/json.h"
#include "event/uuid.h"
#include "sink/encode.h"
#include "sink/otlp_answer.h"
#include "sink/otlp_value.h"

#define NANOSECONDS "000" /* behind microseconds */

struct member {
	const struct fr_event *event;
	size_t index; /* in the batch */
	bool is_left_out;
};

/* ---- one event ---- */

/* 64 bits hold the nanoseconds from 1970 to 2262; 0 would mean that the time is unknown. */
static bool has_nanoseconds(int64_t time_us)
{
	return time_us > 0 && time_us <= INT64_MAX / 1000;
}

static void time_add(struct fr_buffer *out, const char *key, int64_t time_us)
{
	fr_buffer_add_text(out, key);
	fr_buffer_add_int(out, time_us);
	fr_buffer_add_text(out, NANOSECONDS "\",");
}

/* When it was recorded, which its id says to the millisecond: only for imported events is that
 * another time than the event's own. */
static int64_t observed_us(const struct fr_event *event)
{
	char digits[13];
	int64_t ms;

	if (!fr_uuid_is_valid(event->uuid) || event->uuid[14] != '7')
		return event->time_us;
	memcpy(digits, event->uuid, 8);
	memcpy(digits + 8, event->uuid + 9, 4);
	digits[12] = '\0';
	ms = (int64_t)strtoll(digits, NULL, 16);
	return ms == event->time_us / 1000 ? event->time_us : ms * 1000;
}

static void times_add(struct fr_buffer *out, const struct fr_event *event)
{
	int64_t observed = observed_us(event);

	if (has_nanoseconds(event->time_us))
		time_add(out, "\"timeUnixNano\":\"", event->time_us);
	if (has_nanoseconds(observed))
		time_add(out, "\"observedTimeUnixNano\":\"", observed);
}

/* 1, 5, 9, 13, 17, 21: the first of four grades of each. */
static void severity_add(struct fr_buffer *out, enum fr_severity severity)
{
	if (severity < FR_TRACE || severity > FR_FATAL)
		severity = FR_INFO; /* as its name reads */
	fr_buffer_add_format(out, "\"severityNumber\":%d,\"severityText\":\"%s\",",
			     4 * ((int)severity - FR_TRACE) + 1, fr_severity_name(severity));
}

static enum fr_status attributes_add(struct fr_buffer *out, const struct fr_event *event)
{
	char time[FR_TIME_TEXT];
	enum fr_status status;

	fr_buffer_add_text(out, ",\"attributes\":[");
	fr_otlp_add_text(out, "log.record.uid", event->uuid);
	fr_buffer_add_char(out, ',');
	fr_otlp_add_text(out, "session.id", event->session);
	fr_buffer_add_char(out, ',');
	fr_otlp_add_int(out, "flightrec.seq", event->seq);
	fr_buffer_add_char(out, ',');
	fr_otlp_add_int(out, "flightrec.user_bucket", event->user_bucket);
	if (event->ci)
		fr_buffer_add_text(out,
				   ",{\"key\":\"flightrec.ci\",\"value\":{\"boolValue\":true}}");
	if (!has_nanoseconds(event->time_us)) {
		fr_time_format(time, event->time_us);
		fr_buffer_add_char(out, ',');
		fr_otlp_add_text(out, "flightrec.time", time);
	}
	status = fr_otlp_add_properties(out, event);
	fr_buffer_add_char(out, ']');
	return status;
}

/* 00-<trace id>-<span id>-<flags>. One that is not valid cannot come from the library. */
static void trace_add(struct fr_buffer *out, const char *traceparent)
{
	char flags[3];

	if (!fr_traceparent_is_valid(traceparent))
		return;
	memcpy(flags, traceparent + 53, sizeof flags);
	fr_buffer_add_format(out, ",\"traceId\":\"%.32s\",\"spanId\":\"%.16s\",\"flags\":%lu",
			     traceparent + 3, traceparent + 36, strtoul(flags, NULL, 16));
}

/* FR_INVALID: it cannot be encoded. */
static enum fr_status record_add(struct fr_buffer *out, const struct fr_event *event)
{
	enum fr_status status;

	if (event->name[0] == '\0') /* a record without one is no event */
		return FR_INVALID;
	fr_buffer_add_char(out, '{');
	times_add(out, event);
	severity_add(out, event->severity);
	fr_buffer_add_text(out, "\"eventName\":");
	fr_json_add_string(out, event->name, strlen(event->name));
	status = attributes_add(out, event);
	trace_add(out, event->traceparent);
	fr_buffer_add_char(out, '}');
	return status;
}

/* ---- resources ---- */

static int resource_compare(const struct fr_event *a, const struct fr_event *b)
{
	int order = strcmp(a->service, b->service);

	return order != 0 ? order : strcmp(a->version, b->version);
}

static int member_compare(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	int order = resource_compare(left->event, right->event);

	return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static void resource_add(struct fr_buffer *out, const struct fr_sink_settings *settings,
			 const struct fr_event *event)
{
	const struct {
		const char *key, *value;
	} others[] = {
		{"service.version", event->version},
		{"os.type", settings->os_type},
		{"host.arch", settings->host_arch},
	};
	size_t i;

	fr_buffer_add_text(out, "{\"resource\":{\"attributes\":[");
	fr_otlp_add_text(out, "service.name",
			 event->service[0] != '\0' ? event->service : "unknown_service");
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (others[i].value[0] == '\0')
			continue;
		fr_buffer_add_char(out, ',');
		fr_otlp_add_text(out, others[i].key, others[i].value);
	}
	fr_buffer_add_text(
		out, "]},\"scopeLogs\":[{\"scope\":{\"name\":\"flightrec\"},\"logRecords\":[");
}

/* Appends the first of these members with all others of its resource; returns how many those are.
 */
static enum fr_status group_add(struct fr_buffer *out, const struct fr_sink_settings *settings,
				struct member *members, size_t count, size_t *taken)
{
	size_t before = out->length, encoded = 0, i;

	if (out->length > 0 && out->data[out->length - 1] == '}')
		fr_buffer_add_char(out, ',');
	resource_add(out, settings, members[0].event);
	for (i = 0; i < count; i++) {
		const struct fr_event *event = members[i].event;
		size_t start = out->length;
		enum fr_status status;

		if (resource_compare(event, members[0].event) != 0)
			break;
		if (encoded > 0)
			fr_buffer_add_char(out, ',');
		status = record_add(out, event);
		if (status == FR_NOMEM)
			return status;
		members[i].is_left_out = status != FR_OK;
		if (members[i].is_left_out)
			fr_buffer_cut(out, start);
		else
			encoded++;
	}
	fr_buffer_add_text(out, "]}]}");
	if (encoded == 0)
		fr_buffer_cut(out, before);
	*taken = i;
	return FR_OK;
}

static enum fr_status groups_add(struct fr_buffer *out, const struct fr_sink_settings *settings,
				 struct member *members, size_t count)
{
	enum fr_status status = FR_OK;
	size_t at = 0, taken = 0;

	while (at < count && status == FR_OK) {
		status = group_add(out, settings, members + at, count - at, &taken);
		at += taken;
	}
	return status;
}

/* ---- a batch ---- */

static int index_compare(const void *a, const void *b)
{
	const struct member *left = a, *right = b;

	return (left->index > right->index) - (left->index < right->index);
}

static enum fr_status left_out_note(struct member *members, size_t count,
				    struct fr_request *request, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	size_t i;

	qsort(members, count, sizeof *members, index_compare);
	for (i = 0; i < count && status == FR_OK; i++)
		if (members[i].is_left_out)
			status = fr_request_leave_out(request, i, err);
	return status;
}

static enum fr_status body_add(const struct fr_sink_settings *settings,
			       const struct fr_sink_batch *batch, struct fr_request *request,
			       struct fr_error *err)
{
	struct member *members = calloc(batch->count + 1, sizeof *members);
	enum fr_status status = FR_NOMEM;
	size_t i;

	if (members != NULL) {
		for (i = 0; i < batch->count; i++)
			members[i] = (struct member){&batch->events[i], i, false};
		qsort(members, batch->count, sizeof *members, member_compare);
		fr_buffer_add_text(&request->body, "{\"resourceLogs\":[");
		status = groups_add(&request->body, settings, members, batch->count);
		fr_buffer_add_text(&request->body, "]}");
	}
	if (status == FR_OK)
		status = left_out_note(members, batch->count, request, err);
	else
		(void)fr_fail(err, status, "encode: %s", fr_status_text(status));
	free(members);
	return status == FR_OK ? fr_encode_finish(request, err) : status;
}

static enum fr_status otlp_encode(const struct fr_sink_settings *settings,
				  const struct fr_sink_batch *batch, struct fr_request *request,
				  struct fr_error *err)
{
	enum fr_status status;

	status = fr_encode_head(&fr_sink_otlp, settings, "application/json", request, err);
	if (status == FR_OK)
		status = fr_request_add_settings(request, settings, err);
	return status == FR_OK ? body_add(settings, batch, request, err) : status;
}

/* The base, the path of the endpoint, and behind it what query the base may have. Without a path
 * the base is all of it. */
static enum fr_status otlp_url(const struct fr_sink_settings *settings, struct fr_buffer *out,
			       struct fr_error *err)
{
	const char *path = settings->endpoint_path;
	size_t base = strcspn(settings->url, "?"), length = base;

	if (settings->url[0] == '\0')
		return fr_fail(err, FR_INVALID, "sink %s: no url", settings->name);
	while (path[0] != '\0' && length > 0 && settings->url[length - 1] == '/')
		length--;
	fr_buffer_add(out, settings->url, length);
	if (path[0] != '\0' && path[0] != '/')
		fr_buffer_add_char(out, '/');
	fr_buffer_add_text(out, path);
	fr_buffer_add_text(out, settings->url + base);
	return FR_OK;
}

const struct fr_sink_format fr_sink_otlp = {
	.type = "otlp",
	.encoder_version = 1,
	.has_gzip = true,
	.url = otlp_url,
	.encode = otlp_encode,
	.read_answer = fr_otlp_read_answer,
};
