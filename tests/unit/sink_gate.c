#include "support/test.h"

#include "unit/sink_fixture.h"

static bool wants(const char *const *events, size_t count, const char *name, const char *route)
{
	struct fr_sink_settings settings = sink_settings("file");

	settings.name = "datadog";
	settings.events = events;
	settings.event_count = count;
	return fr_sink_wants_name(&settings, name, route);
}

static void a_list_names_events_and_globs(void **state)
{
	static const char *const list[] = {"tool_use_error", "api_*"};

	(void)state;
	assert_true(wants(list, 2, "tool_use_error", NULL));
	assert_true(wants(list, 2, "api_", NULL));
	assert_true(wants(list, 2, "api_call", NULL));
	assert_false(wants(list, 2, "tool_use_errors", NULL));
	assert_false(wants(list, 2, "the_api_call", NULL));
	assert_false(wants(list, 0, "tool_use_error", NULL));
}

static void a_list_goes_before_the_catalogue(void **state)
{
	static const char *const list[] = {"a"};

	(void)state;
	assert_true(wants(list, 1, "a", "[]"));
	assert_false(wants(list, 1, "b", "[\"datadog\"]"));
}

static void without_a_list_the_catalogue_decides_and_without_both_nothing_goes(void **state)
{
	(void)state;
	assert_false(wants(NULL, 0, "a", NULL));
	assert_true(wants(NULL, 0, "a", "[\"datadog\"]"));
	assert_true(wants(NULL, 0, "a", "[\"first-party\", \"datadog\"]"));
	assert_false(wants(NULL, 0, "a", "[]"));
	assert_false(wants(NULL, 0, "a", "[\"datadog2\",\"data\",\"Datadog\"]"));
}

static void a_route_that_is_no_list_of_names_lets_nothing_through(void **state)
{
	(void)state;
	assert_false(wants(NULL, 0, "a", ""));
	assert_false(wants(NULL, 0, "a", "\"datadog\""));
	assert_false(wants(NULL, 0, "a", "{\"datadog\":1}"));
	assert_false(wants(NULL, 0, "a", "[\"datadog\""));
	assert_false(wants(NULL, 0, "a", "[\"datadog\",17]"));
	assert_false(wants(NULL, 0, "a", "[[\"datadog\"]]"));
}

static void what_was_recorded_without_leave_to_send_stays(void **state)
{
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_event event = sink_event();

	(void)state;
	assert_true(fr_sink_may_send(&settings, &event, NULL));
	event.sendable = false;
	assert_false(fr_sink_may_send(&settings, &event, NULL));
}

static void internal_events_go_to_internal_sinks_only(void **state)
{
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_event event = sink_event();

	(void)state;
	event.internal = true;
	assert_false(fr_sink_may_send(&settings, &event, NULL));
	settings.internal = true;
	assert_true(fr_sink_may_send(&settings, &event, NULL));
	event.internal = false;
	assert_true(fr_sink_may_send(&settings, &event, NULL));
}

static void severities_below_the_sinks_least_stay(void **state)
{
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_event event = sink_event();

	(void)state;
	settings.min_severity = FR_WARN;
	event.severity = FR_INFO;
	assert_false(fr_sink_may_send(&settings, &event, NULL));
	event.severity = FR_WARN;
	assert_true(fr_sink_may_send(&settings, &event, NULL));
}

static void a_name_that_is_not_wanted_stays(void **state)
{
	static const char *const list[] = {"other"};
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_event event = sink_event();

	(void)state;
	settings.events = list;
	assert_false(fr_sink_may_send(&settings, &event, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_names_events_and_globs),
		cmocka_unit_test(a_list_goes_before_the_catalogue),
		cmocka_unit_test(
			without_a_list_the_catalogue_decides_and_without_both_nothing_goes),
		cmocka_unit_test(a_route_that_is_no_list_of_names_lets_nothing_through),
		cmocka_unit_test(what_was_recorded_without_leave_to_send_stays),
		cmocka_unit_test(internal_events_go_to_internal_sinks_only),
		cmocka_unit_test(severities_below_the_sinks_least_stay),
		cmocka_unit_test(a_name_that_is_not_wanted_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
