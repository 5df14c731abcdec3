/* The happy path: the event was recorded under `on`, is for everybody, is bad enough, and its name
 * is on the sink's list. Anything that is missing or cannot be read means no.
 */
#include "sink/settings.h"

#include <string.h>

#include "base/text.h"
#include "event/json.h"

/* Does a JSON array of strings hold this name? A route that is not such an array names nobody. */
static bool route_names(const char *route, const char *name)
{
	enum fr_json_kind kind;
	struct fr_json json;
	bool found = false;

	fr_json_init(&json, route, strlen(route), 1);
	if (fr_json_next(&json, &kind, NULL) != FR_OK || kind != FR_JSON_ARRAY_BEGIN)
		return false;
	while (fr_json_next(&json, &kind, NULL) == FR_OK && kind == FR_JSON_STRING) {
		size_t length = json.at - json.start - 2; /* without the quotes */

		/* Names of sinks need no escapes, so that the raw text is the name. */
		if (length == strlen(name) && memcmp(json.text + json.start + 1, name, length) == 0)
			found = true;
	}
	return found && kind == FR_JSON_ARRAY_END;
}

bool fr_sink_wants_name(const struct fr_sink_settings *settings, const char *name,
			const char *route)
{
	size_t i;

	if (settings->events == NULL)
		return route != NULL && route_names(route, settings->name);
	for (i = 0; i < settings->event_count; i++)
		if (fr_glob_matches(settings->events[i], name))
			return true;
	return false;
}

bool fr_sink_may_send(const struct fr_sink_settings *settings, const struct fr_event *event,
		      const char *route)
{
	return event->sendable && (!event->internal || settings->internal) &&
	       event->severity >= settings->min_severity &&
	       fr_sink_wants_name(settings, event->name, route);
}
