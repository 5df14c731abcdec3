/* Events in every way they can be said: as JSON, built step by step, with common properties. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client_fixture.h"

static void the_reserved_members_are_the_events_own(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_int_equal(
		flightrec_record(recorder, "late",
				 "{\"eventTime\":\"2020-01-02T03:04:05.678901Z\",\"severity\":"
				 "\"fatal\",\"traceparent\":"
				 "\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}"),
		FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE severity = 'fatal'"
					    " AND time_us = 1577934245678901 AND properties = '{}'"
					    " AND traceparent LIKE '00-0af7%'"),
			 1);
}

static void every_setter_of_the_builder_arrives(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	flightrec_event *event = flightrec_event_new("built");

	flightrec_event_set_string(event, "text", "gr\xc3\xbc\xc3\x9f");
	flightrec_event_set_string_n(event, "part", "abcdef", 3);
	flightrec_event_set_int64(event, "least", INT64_MIN);
	flightrec_event_set_uint64(event, "most", UINT64_MAX);
	flightrec_event_set_double(event, "ratio", 0.1);
	flightrec_event_set_bool(event, "yes", 42);
	flightrec_event_set_bool(event, "no", 0);
	flightrec_event_set_json(event, "list", "[1, {\"a\": null}]");
	flightrec_event_set_severity(event, FLIGHTREC_WARN);
	flightrec_event_set_time(event, 1700000000000001);
	flightrec_event_set_traceparent(event,
					"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	assert_int_equal(flightrec_commit(recorder, event), FLIGHTREC_OK);
	assert_int_equal(
		client_ask(client,
			   "SELECT count(*) FROM event WHERE name = 'built' AND severity = 'warn'"
			   " AND time_us = 1700000000000001 AND traceparent IS NOT NULL"
			   " AND properties = '{\"text\":\"gr\xc3\xbc\xc3\x9f\",\"part\":\"abc\","
			   "\"least\":-9223372036854775808,\"most\":18446744073709551615,"
			   "\"ratio\":0.1,\"yes\":true,\"no\":false,\"list\":[1,{\"a\":null}]}'"),
		1);
}

static void the_first_error_of_a_builder_sticks_until_its_commit(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	flightrec_event *event = flightrec_event_new("built");

	flightrec_event_set_double(event, "ratio", (double)NAN);
	flightrec_event_set_int64(event, "fine", 1);
	assert_int_equal(flightrec_commit(recorder, event), FLIGHTREC_INVALID);
	event = flightrec_event_new("built");
	flightrec_event_set_int64(event, "twice", 1);
	flightrec_event_set_int64(event, "twice", 2);
	assert_int_equal(flightrec_commit(recorder, event), FLIGHTREC_INVALID);
	event = flightrec_event_new("9 is no letter");
	flightrec_event_set_int64(event, "fine", 1);
	assert_int_equal(flightrec_commit(recorder, event), FLIGHTREC_INVALID);
	assert_int_equal(client_count_files(client), 0);
	assert_non_null(strstr(client->log, "9 is no letter"));
}

static void an_event_over_the_limit_is_too_large_in_either_way_of_making_it(void **state)
{
	struct client *client = *state;
	char text[2000];
	char json[2048];
	flightrec_event *event;
	flightrec *recorder;

	client_configure(client, "{\"queue\":{\"max_event_bytes\":\"1KiB\"}}");
	recorder = client_open(client, NULL);
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	(void)snprintf(json, sizeof json, "{\"a\":\"%s\"}", text);
	assert_int_equal(flightrec_record(recorder, "large", json), FLIGHTREC_TOO_LARGE);
	event = flightrec_event_new("large");
	flightrec_event_set_string(event, "a", text);
	assert_int_equal(flightrec_commit(recorder, event), FLIGHTREC_TOO_LARGE);
	assert_int_equal(flightrec_set_common(recorder, json), FLIGHTREC_TOO_LARGE);
	text[600] = '\0';
	(void)snprintf(json, sizeof json, "{\"b\":\"%s\"}", text);
	assert_int_equal(flightrec_set_common(recorder, json), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "small", "{\"a\":1}"), FLIGHTREC_OK);
	(void)snprintf(json, sizeof json, "{\"a\":\"%s\"}", text);
	assert_int_equal(flightrec_record(recorder, "large", json), FLIGHTREC_TOO_LARGE);
}

static void common_properties_join_later_events_and_yield_to_their_own(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_int_equal(flightrec_set_common(recorder, "{\"shell\": \"zsh\", \"n\": 1}"),
			 FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "first", "{\"n\":2}"), FLIGHTREC_OK);
	assert_int_equal(flightrec_set_common(recorder, "{\"severity\":\"warn\"}"),
			 FLIGHTREC_INVALID);
	assert_int_equal(flightrec_set_common(recorder, "not json"), FLIGHTREC_INVALID);
	assert_int_equal(flightrec_record(recorder, "second", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_set_common(recorder, NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "third", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'first' AND"
					    " json_extract(properties, '$.n') = 2 AND"
					    " json_extract(properties, '$.shell') = 'zsh'"),
			 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'second' AND"
					    " json_extract(properties, '$.n') = 1"),
			 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'third' AND"
					    " properties = '{}'"),
			 1);
}

static void a_property_with_an_odd_key_is_removed_and_counted(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_int_equal(flightrec_record(recorder, "odd", "{\"a b\":1,\"good\":2}"), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'odd' AND"
					    " properties = '{\"good\":2}'"),
			 1);
	assert_int_equal(client_ask(client, "SELECT events FROM refused WHERE name = 'odd' AND"
					    " reason = 'property_key'"),
			 1);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(the_reserved_members_are_the_events_own),
		CLIENT_TEST(every_setter_of_the_builder_arrives),
		CLIENT_TEST(the_first_error_of_a_builder_sticks_until_its_commit),
		CLIENT_TEST(an_event_over_the_limit_is_too_large_in_either_way_of_making_it),
		CLIENT_TEST(common_properties_join_later_events_and_yield_to_their_own),
		CLIENT_TEST(a_property_with_an_odd_key_is_removed_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
