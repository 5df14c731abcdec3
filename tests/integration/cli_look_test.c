/* flightrec ls, show, tail, export: looking at what is queued, without being in anybody's way. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_fixture.h"

static void record_some(struct cli_fixture *cli)
{
	CLI_GIVEN(cli,
		  "{\"eventName\":\"api_call\",\"severity\":\"debug\",\"n\":1}\n"
		  "{\"eventName\":\"api_error\",\"severity\":\"error\",\"n\":2}\n"
		  "{\"eventName\":\"tool_use_error\",\"severity\":\"warn\",\"n\":3}\n",
		  0, "record", "-");
}

static void before_the_first_event_there_is_nothing_to_see(void **state)
{
	struct cli_fixture *cli = *state;
	static const char *const commands[] = {"ls", "tail", "export"};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		CLI(cli, 0, commands[i]);
		assert_string_equal(cli_output(cli), "");
		assert_complains(cli, "Nothing recorded yet for app default in ");
		assert_complains(cli, cli->home);
		CLI(cli, 0, commands[i], "--json");
		assert_string_equal(cli_output(cli), "");
	}
	CLI(cli, 1, "show", "1");
	assert_complains(cli, "no event 1");
	assert_int_equal(access(cli->home, F_OK), -1);
}

static void ls_shows_a_table_newest_last(void **state)
{
	struct cli_fixture *cli = *state;
	const char *output, *first, *last;

	record_some(cli);
	CLI(cli, 0, "ls");
	output = cli_output(cli);
	assert_int_equal(strncmp(output, "ID  TIME                 SEVERITY  CONSENT", 30), 0);
	first = strstr(output, " 1  2");
	last = strstr(output, " 3  2");
	assert_non_null(first);
	assert_non_null(last);
	assert_true(first < last);
	assert_says(cli, "warn      local    tool_use_error  {\"n\":3}\n");
}

static void filters_take_names_severities_ages_and_numbers(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI(cli, 0, "ls", "--name", "api_*", "--json");
	assert_says(cli, "\"n\":1");
	assert_says(cli, "\"n\":2");
	assert_says_not(cli, "\"n\":3");
	CLI(cli, 0, "ls", "--severity", "warn", "--json");
	assert_says_not(cli, "\"n\":1");
	assert_says(cli, "\"n\":2");
	CLI(cli, 0, "ls", "-n", "1", "--json");
	assert_says_not(cli, "\"n\":2");
	assert_says(cli, "\"n\":3");
	CLI(cli, 0, "ls", "--since", "1h", "--json");
	assert_says(cli, "\"n\":1");
	CLI(cli, 0, "ls", "--since", "2100-01-01T00:00:00Z");
	assert_complains(cli, "No events.");
	CLI(cli, 1, "ls", "--sink", "nobody");
	assert_complains(cli, "nobody");
	CLI(cli, 2, "ls", "--since", "tomorrow");
	CLI(cli, 2, "ls", "--severity", "loud");
	CLI(cli, 2, "ls", "--last", "-1");
	CLI(cli, 2, "ls", "--last", "0");
}

static void ls_says_when_there_is_more(void **state)
{
	struct cli_fixture *cli = *state;
	char input[80 * 24];
	size_t length = 0;

	for (int i = 0; i < 60; i++)
		length += (size_t)snprintf(input + length, sizeof input - length,
					   "{\"eventName\":\"x\"}\n");
	CLI_GIVEN(cli, input, 0, "record", "-");
	CLI(cli, 0, "ls");
	assert_complains(cli, "The newest 50. All: flightrec ls --all");
	assert_says_not(cli, "\n10  ");
	assert_says(cli, "\n11  ");
	CLI(cli, 0, "ls", "--all");
	assert_says(cli, "\n 1  ");
	assert_string_equal(cli_errors(cli), "");
}

static void json_lines_are_the_wire_form_with_the_row_in_front(void **state)
{
	struct cli_fixture *cli = *state;
	const char *output;

	record_some(cli);
	CLI(cli, 0, "ls", "--json", "-n", "1");
	output = cli_output(cli);
	assert_ptr_equal(strstr(output, "{\"id\":3,\"consent\":\"local\",\"internal\":false,"
					"\"eventId\":\"0"),
			 output);
	assert_says(cli, "\"eventName\":\"tool_use_error\",\"time\":\"20");
	assert_says(cli, "\"seq\":2,\"userBucket\":");
	assert_says(cli, "\"properties\":{\"n\":3}}\n");
}

static void an_event_cannot_talk_to_the_terminal(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli,
		  "{\"eventName\":\"x\",\"t\":\"\\u001b[2J \\u0007 \x7f \xc2\x9b"
		  "31m \xe2\x80\xae evil\\n\\u0000\"}\n",
		  0, "record", "-");
	CLI(cli, 0, "ls");
	assert_says(cli, "\\u001b[2J \\u0007 \\x7f \\u{9b}31m \\u{202e} evil\\n\\u0000");
	assert_null(strchr(cli_output(cli), 0x1b));
	CLI(cli, 0, "show", "1");
	assert_says(cli, "\\u{202e} evil");
	assert_null(strchr(cli_output(cli), 0x7f));
	CLI(cli, 0, "sql", "SELECT properties FROM pending");
	assert_null(strchr(cli_output(cli), 0x7f));
}

static void show_lays_an_event_out(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "a:={\"b\":[1,{}],\"c\":[]}", "--service", "my-tool");
	CLI(cli, 0, "show", "1");
	assert_says(cli, "event       x\n");
	assert_says(cli, "service     my-tool\n");
	assert_says(cli, "consent     local: it never leaves this machine\n");
	assert_says(cli, "properties  {\n"
			 "  \"a\": {\n"
			 "    \"b\": [\n"
			 "      1,\n"
			 "      {}\n"
			 "    ],\n"
			 "    \"c\": []\n"
			 "  }\n"
			 "}\n");
	assert_says(cli, "waits for   no sink\n");
	CLI(cli, 0, "show", "1", "--json");
	assert_says(cli, "\"properties\":{\"a\":{\"b\":[1,{}],\"c\":[]}},\"waitsFor\":[]}\n");
}

/* The eventId of row 1. */
static void uuid_read(struct cli_fixture *cli, char out[37])
{
	const char *at;

	CLI(cli, 0, "ls", "--json");
	at = strstr(cli_output(cli), "\"eventId\":\"");
	assert_non_null(at);
	(void)snprintf(out, 37, "%s", at + 11);
}

static void show_takes_an_id_or_its_beginning(void **state)
{
	struct cli_fixture *cli = *state;
	char uuid[37], prefix[37];

	record_some(cli);
	uuid_read(cli, uuid);
	CLI(cli, 0, "show", uuid);
	assert_says(cli, "event       api_call\n");
	(void)snprintf(prefix, sizeof prefix, "%.34s", uuid);
	CLI(cli, 0, "show", prefix);
	assert_says(cli, uuid);
	(void)snprintf(prefix, sizeof prefix, "%.8s", uuid);
	CLI(cli, 1, "show", prefix);
	assert_complains(cli, "is the beginning of 3 events");
	assert_complains(cli, "tool_use_error");
	CLI(cli, 1, "show", "00000000");
	assert_complains(cli, "no event 00000000 in the queue");
	CLI(cli, 1, "show", "99");
	CLI(cli, 2, "show", "abc");
	CLI(cli, 2, "show", "x'; DROP");
	CLI(cli, 2, "show");
}

static void tail_shows_the_newest(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI(cli, 0, "tail", "-n", "2");
	assert_says_not(cli, "api_call");
	assert_says(cli, "api_error");
	assert_says(cli, "tool_use_error");
	CLI(cli, 0, "tail", "-n0");
	assert_string_equal(cli_output(cli), "");
}

static void tail_follows_what_is_recorded(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *tail;

	record_some(cli);
	tail = CLI_START(cli, false, "tail", "-f", "-n", "1", "--json");
	assert_true(test_process_await_output(tail, "\"n\":3}", TEST_PATIENCE_MS));
	for (int i = 0; i < 5; i++) {
		char value[16], text[32];

		(void)snprintf(value, sizeof value, "n:=%d", 100 + i);
		(void)snprintf(text, sizeof text, "\"n\":%d}", 100 + i);
		CLI(cli, 0, "record", "later", value);
		assert_true(test_process_await_output(tail, text, TEST_PATIENCE_MS));
	}
	assert_null(strstr(test_process_output(tail), "\"n\":1}"));
	test_process_kill(tail);
	test_process_free(tail);
}

static void tail_waits_for_the_first_event_and_survives_a_new_queue(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *tail = CLI_START(cli, false, "tail", "-f", "--name", "y");

	assert_true(test_process_await_errors(tail, "Nothing recorded yet", TEST_PATIENCE_MS));
	CLI(cli, 0, "record", "y", "n:=1");
	assert_true(test_process_await_output(tail, "{\"n\":1}", TEST_PATIENCE_MS));
	CLI(cli, 0, "consent", "off");
	CLI(cli, 0, "consent", "local");
	CLI(cli, 0, "record", "y", "n:=2");
	assert_true(test_process_await_output(tail, "{\"n\":2}", TEST_PATIENCE_MS));
	test_process_kill(tail);
	test_process_free(tail);
}

static void export_gives_everything_back_in_order(void **state)
{
	enum { EVENTS = 3000 };
	struct cli_fixture *cli = *state;
	char *input = malloc(EVENTS * 32 + 1);
	size_t length = 0;
	const char *at;
	int lines = 0;

	for (int i = 0; i < EVENTS; i++)
		length +=
			(size_t)snprintf(input + length, 33, "{\"eventName\":\"x\",\"n\":%d}\n", i);
	CLI_GIVEN(cli, input, 0, "record", "-");
	free(input);
	CLI(cli, 0, "export");
	for (at = cli_output(cli); *at != '\0'; at = strchr(at, '\n') + 1) {
		char wanted[32];

		(void)snprintf(wanted, sizeof wanted, "\"properties\":{\"n\":%d}}\n", lines++);
		at = strstr(at, "\"properties\"");
		assert_int_equal(strncmp(at, wanted, strlen(wanted)), 0);
	}
	assert_int_equal(lines, EVENTS);
}

/* Which settings go into a ClickHouse URL is known once the server was asked. */
static void preview_says_what_only_the_server_can_tell(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"sinks\":[{\"name\":\"w\",\"type\":\"clickhouse\",\"url\":"
			"\"http://127.0.0.1:9\",\"table\":\"t\",\"user\":\"me\",\"password\":"
			"\"env:CH_PASSWORD\",\"events\":[\"*\"]}]}");
	cli_variable(cli, "CH_PASSWORD", "hunter2");
	CLI(cli, 0, "consent", "on");
	record_some(cli);
	CLI(cli, 0, "preview");
	assert_says(cli, "# the server is asked first, and what it does not know is left out");
	assert_says(cli, "&insert_deduplication_token=");
	assert_says(cli, "X-ClickHouse-User: me\n");
	assert_says(cli, "X-ClickHouse-Key: <from env:CH_PASSWORD>\n");
	assert_says(cli, "\"name\":\"tool_use_error\"");
	assert_null(strstr(cli_output(cli), "hunter2"));
	CLI(cli, 0, "preview", "--json");
	assert_says(cli, "\"urlFinal\":false");
}

static void a_full_disk_behind_the_output_is_a_failure(void **state)
{
	struct cli_fixture *cli = *state;
	char command[TEST_PATH_MAX * 2];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_program program = {.argv = argv, .environment = cli->environment};
	struct test_process *shell;

	if (access("/dev/full", W_OK) != 0)
		skip();
	record_some(cli);
	(void)snprintf(command, sizeof command, "'%s' export > /dev/full", FLIGHTREC_CLI);
	shell = test_process_run(&program);
	assert_int_equal(test_process_wait(shell, 0), 1);
	assert_non_null(strstr(test_process_errors(shell), "cannot write to standard output"));
	test_process_free(shell);
}

static void what_only_insiders_may_see_can_be_left_out(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];
	char *text;

	cli_config(cli, "{\"privacy\":{\"internal\":{\"env\":\"USER_TYPE\",\"value\":\"ant\"}}}");
	cli_variable(cli, "USER_TYPE", "ant");
	CLI(cli, 0, "record", "--internal", "secret_project");
	CLI(cli, 0, "record", "plain");
	CLI(cli, 0, "ls");
	assert_says(cli, "secret_project");
	CLI(cli, 0, "ls", "--public");
	assert_says(cli, "plain");
	assert_says_not(cli, "secret_project");
	assert_complains(cli, "1 internal event is not shown.");
	CLI(cli, 0, "report", "--out", test_folder_path(&cli->folder, "report.txt", path));
	text = test_file_read(path, NULL);
	assert_non_null(strstr(text, "plain"));
	assert_null(strstr(text, "secret_project"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(what_only_insiders_may_see_can_be_left_out),
		TEST(before_the_first_event_there_is_nothing_to_see),
		TEST(ls_shows_a_table_newest_last),
		TEST(filters_take_names_severities_ages_and_numbers),
		TEST(ls_says_when_there_is_more),
		TEST(json_lines_are_the_wire_form_with_the_row_in_front),
		TEST(an_event_cannot_talk_to_the_terminal),
		TEST(show_lays_an_event_out),
		TEST(show_takes_an_id_or_its_beginning),
		TEST(tail_shows_the_newest),
		TEST(tail_follows_what_is_recorded),
		TEST(tail_waits_for_the_first_event_and_survives_a_new_queue),
		TEST(export_gives_everything_back_in_order),
		TEST(preview_says_what_only_the_server_can_tell),
		TEST(a_full_disk_behind_the_output_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
