#include "event/event.h"

#include <string.h>

#include "base/text.h"
#include "event/json.h"

/* What every event carries besides its texts: ids, times, keys and punctuation, in the longest of
 * the formats it may be sent in. */
enum { WEIGHT_FIXED = 400 };

static void member_add(struct fr_buffer *out, const char *key, const char *text)
{
	fr_buffer_add_text(out, key);
	fr_json_add_string(out, text, strlen(text));
}

void fr_event_add_json(struct fr_buffer *out, const struct fr_event *event)
{
	char when[FR_TIME_TEXT];

	fr_time_format(when, event->time_us);
	member_add(out, "{\"eventId\":", event->uuid);
	member_add(out, ",\"eventName\":", event->name);
	member_add(out, ",\"time\":", when);
	member_add(out, ",\"severity\":", fr_severity_name(event->severity));
	member_add(out, ",\"service\":", event->service);
	member_add(out, ",\"version\":", event->version);
	member_add(out, ",\"session\":", event->session);
	fr_buffer_add_text(out, ",\"seq\":");
	fr_buffer_add_int(out, event->seq);
	fr_buffer_add_text(out, ",\"userBucket\":");
	fr_buffer_add_int(out, event->user_bucket);
	if (event->ci)
		fr_buffer_add_text(out, ",\"ci\":true");
	if (event->traceparent[0] != '\0')
		member_add(out, ",\"traceparent\":", event->traceparent);
	fr_buffer_add_text(out, ",\"properties\":");
	fr_buffer_add(out, event->properties, (size_t)event->properties_length);
	fr_buffer_add_char(out, '}');
}

int64_t fr_event_weight(const struct fr_event *event)
{
	return WEIGHT_FIXED + (int64_t)strlen(event->name) + (int64_t)strlen(event->service) +
	       (int64_t)strlen(event->version) + event->properties_length;
}
