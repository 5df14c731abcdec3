#include "unit/sink_fixture.h"

#include <string.h>

static const char *const everything[] = {"*"};

void sink_event_set(struct fr_event *event, const char *properties)
{
	event->properties = properties;
	event->properties_length = (int64_t)strlen(properties);
}

struct fr_event sink_event(void)
{
	struct fr_event event = {
		.id = 1,
		.uuid = "0193524e-9e3b-7000-8000-000000000001",
		.name = "tool_use_error",
		.time_us = SINK_TIME_US,
		.severity = FR_ERROR,
		.service = "my-tool",
		.version = "1.2.3",
		.session = "0193524e-0000-7000-8000-00000000000a",
		.seq = 17,
		.user_bucket = 5,
		.sendable = true,
		.traceparent = "",
	};

	sink_event_set(&event, "{\"toolName\":\"edit_file\",\"duration\":450}");
	return event;
}

struct fr_sink_settings sink_settings(const char *type)
{
	return (struct fr_sink_settings){
		.name = "test",
		.type = type,
		.url = "",
		.path = "",
		.site = "",
		.tags = "",
		.endpoint_path = "/v1/logs",
		.os_type = "linux",
		.host_arch = "amd64",
		.table = "",
		.api_key = "",
		.user = "",
		.password = "",
		.events = everything,
		.event_count = 1,
		.min_severity = FR_TRACE,
		.max_events = 100,
		.max_bytes = 1024 * 1024,
		.max_wait_ms = 15000,
		.inflight = 1,
		.timeout_ms = 30000,
		.retry_initial_ms = 1000,
		.retry_max_ms = 300000,
		.ca_file = "",
		.cert_file = "",
		.key_file = "",
		.tls_min_version = "1.2",
		.proxy = "",
	};
}

struct fr_sink_batch sink_batch(const struct fr_event *events, size_t count)
{
	return (struct fr_sink_batch){
		.uuid = "0193524e-aaaa-7000-8000-00000000000b",
		.batch_time_us = SINK_TIME_US,
		.events = events,
		.count = count,
	};
}
