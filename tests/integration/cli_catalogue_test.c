/* flightrec and catalogues: what one declares, what it lacks, and that records keep to it. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "cli_fixture.h"

static const char good[] =
	"{\"catalogue\":1,\"events\":{\"tool_use_error\":{\n"
	"\"description\":\"A tool call failed.\",\"owner\":\"tools@example.com\",\n"
	"\"purpose\":\"reliability\",\"expires\":\"2990-12-31\",\"severity\":\"error\",\n"
	"\"sinks\":[\"datadog\"],\"properties\":{\n"
	"\"toolName\":{\"type\":\"string\",\"enum\":[\"edit|file\",\"run\"],\"description\":"
	"\"Which.\"},\n"
	"\"duration\":{\"type\":\"integer\",\"minimum\":0,\"unit\":\"ms\"}},\n"
	"\"required\":[\"toolName\"]}}}";

static const char *events_path(struct cli_fixture *cli, const char *text)
{
	static char path[TEST_PATH_MAX];

	test_folder_write(&cli->folder, "events.json", text);
	return test_folder_path(&cli->folder, "events.json", path);
}

static void a_catalogue_is_shown_as_a_table(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "config", "check", "--catalogue", events_path(cli, good));
	assert_says(cli, "EVENT ");
	assert_says(cli, "tool_use_error ");
	assert_says(cli, "error, for everybody, to datadog, until 2990-12-31");
	assert_says(cli, "toolName (required)  one of \"edit|file\", \"run\"");
	assert_says(cli, "whole number, at least 0, in ms");
}

static void a_catalogue_is_shown_as_a_page_to_publish(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "config", "check", "--markdown", "--catalogue", events_path(cli, good));
	assert_says(cli, "# What is recorded\n\n## tool\\_use\\_error\n\nA tool call failed.\n");
	assert_says(cli, "- Recorded for: reliability\n- Sent to: datadog\n- Severity: error\n");
	assert_says(cli, "| toolName | one of \"edit\\|file\", \"run\" | always | Which. |\n");
}

static void programs_get_it_as_json(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "config", "check", "--json", "--catalogue", events_path(cli, good));
	assert_says(cli, "\"name\":\"tool_use_error\"");
	assert_says(cli, "\"sinks\":[\"datadog\"]");
	assert_says(cli, "\"problems\":[]");
}

static void what_a_catalogue_fails_to_say_is_told_with_its_line(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 1, "config", "check", "--catalogue",
	    events_path(cli, "{\"catalogue\":1,\n\"events\":{\"e\":{\"expires\":\"2020-01-01\",\n"
			     "\"properties\":{\"text\":{\"type\":\"string\"},\n"
			     "\"loose\":{\"type\":\"string\",\"pattern\":\"[a-z]+\"},\n"
			     "\"tight\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"},\n"
			     "\"list\":{\"type\":\"array\"},\"bag\":{\"type\":\"object\"},\n"
			     "\"any\":{}}},\"n\":{}}}"));
	assert_complains(cli, "events.json:2: e: no description");
	assert_complains(cli, "events.json:2: e: no owner");
	assert_complains(cli, "events.json:2: e: no purpose");
	assert_complains(cli, "events.json:2: e: it has expired and is refused");
	assert_complains(cli, "e.text: free text without a bound");
	assert_complains(cli, "e.loose: free text without a bound");
	assert_null(strstr(cli_errors(cli), "e.tight"));
	assert_complains(cli, "e.list: a list of anything");
	assert_complains(cli, "e.bag: an object that may hold anything");
	assert_complains(cli, "e.any: may be anything");
	assert_complains(cli, "n: it never expires");
}

static void a_sink_that_the_config_has_not_got_is_told(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"sinks\":[{\"name\":\"other\",\"type\":\"file\",\"path\":\"x\"}]}");
	CLI(cli, 1, "config", "check", "--catalogue", events_path(cli, good));
	assert_complains(cli, "tool_use_error: the config has no sink \"datadog\"");
}

static void a_hostile_catalogue_is_refused_with_its_place(void **state)
{
	struct cli_fixture *cli = *state;
	char deep[5000];

	(void)memset(deep, '{', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	CLI(cli, 1, "config", "check", "--catalogue", events_path(cli, deep));
	assert_complains(cli, "events.json:1: ");
	CLI(cli, 1, "config", "check", "--catalogue",
	    events_path(cli, "{\"catalogue\":1,\"events\":{\"e\":{\n\"properties\":{\"p\":{"
			     "\"pattern\":\"(a)\\\\1\"}}}}}"));
	assert_complains(cli, "events.json:2: events.e.properties.p.pattern: character 5: "
			      "this escape is not supported");
	CLI(cli, 1, "config", "check", "--catalogue", events_path(cli, "\xff\xfe{}"));
	CLI(cli, 1, "config", "check", "--catalogue", "/nonexistent/events.json");
	assert_complains(cli, "/nonexistent/events.json: there is no such file");
	CLI(cli, 1, "config", "check", "--catalogue", cli->folder.path);
}

static void the_config_check_reads_the_catalogue_that_the_config_names(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"privacy\":{\"catalogue\":\"events.json\"}}");
	CLI(cli, 1, "config", "check");
	assert_complains(cli, "events.json: privacy.catalogue: there is no such file");
	(void)events_path(cli, "{\"catalogue\":1,\"evnts\":{}}");
	CLI(cli, 1, "config", "check");
	assert_complains(cli, "events.json:1: evnts: this release does not know");
	(void)events_path(cli, good);
	CLI(cli, 0, "config", "check");
}

static void what_is_recorded_keeps_to_the_catalogue(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"privacy\":{\"catalogue\":\"events.json\"}}");
	(void)events_path(cli, good);
	CLI(cli, 0, "record", "tool_use_error", "toolName=edit|file", "secret=x");
	CLI(cli, 1, "record", "typo");
	assert_complains(cli, "typo: ");
	CLI_GIVEN(cli,
		  "{\"eventName\":\"typo\"}\n{\"eventName\":\"tool_use_error\",\"duration\":-1}\n",
		  1, "record", "-");
	assert_complains(cli, "line 1: typo: ");
	assert_int_equal(cli_ask(cli, "SELECT count(*) FROM event WHERE name = 'tool_use_error' "
				      "AND severity = 'error' AND route = '[\"datadog\"]' AND "
				      "properties IN ('{\"toolName\":\"edit|file\"}', '{}')"),
			 2);
	assert_int_equal(cli_ask(cli, "SELECT sum(events) FROM refused WHERE reason = 'undeclared' "
				      "AND name = 'typo'"),
			 2);
}

#define CLI_TEST(test) cmocka_unit_test_setup_teardown(test, cli_set_up, cli_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(a_catalogue_is_shown_as_a_table),
		CLI_TEST(a_catalogue_is_shown_as_a_page_to_publish),
		CLI_TEST(programs_get_it_as_json),
		CLI_TEST(what_a_catalogue_fails_to_say_is_told_with_its_line),
		CLI_TEST(a_sink_that_the_config_has_not_got_is_told),
		CLI_TEST(a_hostile_catalogue_is_refused_with_its_place),
		CLI_TEST(the_config_check_reads_the_catalogue_that_the_config_names),
		CLI_TEST(what_is_recorded_keeps_to_the_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
