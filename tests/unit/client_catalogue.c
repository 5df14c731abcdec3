/* A recorder with a catalogue: what it records, what it refuses, and that it says so. */
#include <stdio.h>
#include <string.h>

#include "client_fixture.h"
#include "support/test.h"

static const char catalogue[] =
	"{\"catalogue\":1,\"events\":{"
	"\"tool_use_error\":{\"severity\":\"error\",\"sinks\":[\"datadog\"],\"properties\":{"
	"\"toolName\":{\"enum\":[\"edit_file\"]},\"duration\":{\"type\":\"integer\"},"
	"\"host\":{\"type\":\"string\"}},\"required\":[\"toolName\"]},"
	"\"old\":{\"expires\":\"2020-12-31\"},"
	"\"insider\":{\"audience\":\"internal\"},"
	"\"never\":{\"sample\":0},"
	"\"plain\":{}}}";

static flightrec *open_with(struct client *client, const char *json)
{
	flightrec_options *options = client_options(client);

	flightrec_options_set_catalogue_json(options, json);
	return client_open(client, options);
}

static int64_t refused(const struct client *client, const char *reason, const char *name)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql,
		       "SELECT coalesce(sum(events), 0) FROM refused WHERE reason = '%s' AND "
		       "name = '%s'",
		       reason, name);
	return client_ask(client, sql);
}

static void what_is_declared_is_recorded_with_what_the_catalogue_says_of_it(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);

	assert_int_equal(flightrec_record(recorder, "tool_use_error",
					  "{\"toolName\":\"edit_file\",\"duration\":450}"),
			 FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "tool_use_error",
					  "{\"toolName\":\"edit_file\",\"severity\":\"warn\"}"),
			 FLIGHTREC_OK);
	assert_int_equal(
		client_ask(client,
			   "SELECT count(*) FROM event WHERE severity = 'error' AND route = "
			   "'[\"datadog\"]' AND properties = "
			   "'{\"toolName\":\"edit_file\",\"duration\":450}'"),
		1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE severity = 'warn'"),
			 1);
}

static void what_nobody_declared_is_refused_and_counted(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);

	assert_int_equal(flightrec_record(recorder, "typo", NULL), FLIGHTREC_UNDECLARED);
	assert_int_equal(flightrec_commit(recorder, flightrec_event_new("typo")),
			 FLIGHTREC_UNDECLARED);
	assert_int_equal(flightrec_record(recorder, "old", NULL), FLIGHTREC_EXPIRED);
	assert_int_equal(flightrec_record_internal(recorder, "plain", NULL),
			 FLIGHTREC_NOT_INTERNAL);
	assert_int_equal(flightrec_record(recorder, "insider", NULL), FLIGHTREC_NOT_INTERNAL);
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name <> ''"), 0);
	assert_int_equal(refused(client, "undeclared", "typo"), 2);
	assert_int_equal(refused(client, "expired", "old"), 1);
}

static void what_an_event_does_not_declare_is_taken_out_and_counted(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);

	assert_int_equal(flightrec_set_common(recorder, "{\"host\":\"h\",\"user\":\"u\"}"),
			 FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "tool_use_error",
					  "{\"toolName\":\"rm\",\"secret\":1,\"duration\":\"1\"}"),
			 FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "plain", "{\"x\":1}"), FLIGHTREC_OK);
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE "
					    "name = 'tool_use_error' AND "
					    "properties = '{\"host\":\"h\"}'"),
			 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE name = 'plain' AND "
					    "properties = '{}'"),
			 1);
	assert_int_equal(refused(client, "property_undeclared", "tool_use_error"), 1);
	assert_int_equal(refused(client, "property_undeclared", "plain"), 1);
	assert_int_equal(refused(client, "property_invalid", "tool_use_error"), 1);
	assert_int_equal(refused(client, "property_missing", "tool_use_error"), 1);
}

static void a_session_that_is_not_in_the_sample_is_counted(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);

	assert_int_equal(flightrec_record(recorder, "never", NULL), FLIGHTREC_LIMITED);
	client_close(client);
	assert_int_equal(refused(client, "sampled", "never"), 1);
}

static void many_refused_names_are_counted_together(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);
	char name[32];
	int i;

	for (i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "undeclared%d", i);
		assert_int_equal(flightrec_record(recorder, name, NULL), FLIGHTREC_UNDECLARED);
	}
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT sum(events) FROM refused"), 1000);
	assert_in_range(client_ask(client, "SELECT count(*) FROM refused"), 2, 40);
}

static void refusals_cost_the_disk_nothing_until_a_minute_is_over(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with(client, catalogue);
	int64_t counted;

	assert_int_equal(flightrec_record(recorder, "typo", NULL), FLIGHTREC_UNDECLARED);
	counted = refused(client, "undeclared", "typo");
	assert_int_equal(counted, 1); /* the first one is told at once */
	assert_int_equal(flightrec_record(recorder, "typo", NULL), FLIGHTREC_UNDECLARED);
	assert_int_equal(refused(client, "undeclared", "typo"), counted);
	client_close(client);
	assert_int_equal(refused(client, "undeclared", "typo"), 2);
}

static void a_compiled_in_catalogue_that_is_wrong_is_the_hosts_error(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);
	flightrec *recorder;

	flightrec_options_set_catalogue_json(options, "{\"catalogue\":1,\"evnts\":{}}");
	assert_int_equal(flightrec_open(&recorder, options), FLIGHTREC_INVALID);
	assert_null(recorder);
	assert_non_null(strstr(client->log, "the compiled-in catalogue:1: evnts"));
	options = client_options(client);
	flightrec_options_set_catalogue_json(options, "{}");
	flightrec_options_set_catalogue_json(options, NULL);
	assert_int_equal(flightrec_record(client_open(client, options), "any", NULL), FLIGHTREC_OK);
}

static void a_catalogue_file_that_is_missing_or_wrong_declares_nothing(void **state)
{
	struct client *client = *state;

	client_configure(client, "{\"privacy\":{\"catalogue\":\"events.json\"}}");
	assert_int_equal(flightrec_record(client_open(client, NULL), "any", NULL),
			 FLIGHTREC_UNDECLARED);
	assert_non_null(strstr(client->log, "no event is recorded"));
	assert_non_null(strstr(client->log, "events.json: there is no such file"));
	client_close(client);
	test_folder_write(&client->folder, "events.json", "{\"catalogue\":1,\n\"events\":7}");
	assert_int_equal(flightrec_record(client_open(client, NULL), "any", NULL),
			 FLIGHTREC_UNDECLARED);
	assert_non_null(strstr(client->log, "events.json:2: events: "));
	client_close(client);
	test_folder_write(&client->folder, "events.json",
			  "{\"catalogue\":1,\"events\":{\"any\":{}}}");
	assert_int_equal(flightrec_record(client_open(client, NULL), "any", NULL), FLIGHTREC_OK);
}

static void the_compiled_in_catalogue_goes_before_the_configs(void **state)
{
	struct client *client = *state;
	flightrec *recorder;

	client_configure(client, "{\"privacy\":{\"catalogue\":\"events.json\"}}");
	test_folder_write(&client->folder, "events.json",
			  "{\"catalogue\":1,\"events\":{\"wide\":{}}}");
	recorder = open_with(client, catalogue);
	assert_int_equal(flightrec_record(recorder, "plain", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "wide", NULL), FLIGHTREC_UNDECLARED);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(what_is_declared_is_recorded_with_what_the_catalogue_says_of_it),
		CLIENT_TEST(what_nobody_declared_is_refused_and_counted),
		CLIENT_TEST(what_an_event_does_not_declare_is_taken_out_and_counted),
		CLIENT_TEST(a_session_that_is_not_in_the_sample_is_counted),
		CLIENT_TEST(many_refused_names_are_counted_together),
		CLIENT_TEST(refusals_cost_the_disk_nothing_until_a_minute_is_over),
		CLIENT_TEST(a_compiled_in_catalogue_that_is_wrong_is_the_hosts_error),
		CLIENT_TEST(a_catalogue_file_that_is_missing_or_wrong_declares_nothing),
		CLIENT_TEST(the_compiled_in_catalogue_goes_before_the_configs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
