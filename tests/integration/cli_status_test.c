/* flightrec status, apps, whoami: how all of it is, for people and for programs. */
#include "support/test.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "support/http.h"

static void before_the_first_event_all_is_said_that_can_be(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "status");
	assert_says(cli, "app       default in ");
	assert_says(cli, "consent   local: nobody has chosen, the built-in default is local\n");
	assert_says(cli, "flightrec consent on");
	assert_says(cli, "agent     not running");
	assert_says(cli, "queue     nothing recorded yet\n");
	assert_says(cli, "config    none: the defaults\n");
	assert_says(cli, "sinks     none in the config");
	assert_int_equal(access(cli->home, F_OK), -1); /* looking makes nothing */
}

static void the_queue_is_told_with_depth_age_and_size(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, "{\"eventName\":\"x\"}\n{\"eventName\":\"y\"}\n", 0, "record", "-");
	CLI(cli, 0, "status");
	assert_says(cli, "queue     2 events, the oldest ");
	assert_says(cli, "KiB of 64.0 MiB\n");
}

static void json_has_the_keys_that_programs_count_on(void **state)
{
	static const char *const keys[] = {
		"{\"version\":\"",
		"\"app\":\"default\"",
		"\"home\":\"/",
		"\"consent\":{\"level\":\"local\",\"source\":\"built-in\",\"why\":\"local: ",
		"\"choice\":null,\"chosenAt\":null,\"ci\":false,\"voices\":[",
		"\"agent\":{\"running\":false}",
		"\"queue\":{\"exists\":true,\"events\":1,\"oldest\":\"20",
		"\"lastId\":1,",
		"\"maxBytes\":67108864,",
		"\"sessions\":1,\"deadLetters\":0,\"schemaVersion\":",
		"\"incident\":null,\"incidentAt\":null}",
		"\"config\":{\"file\":null,\"problems\":[]}",
		"\"refused\":[],\"refusedLeftOut\":0,",
		"\"sinks\":[]}\n",
	};
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x");
	CLI(cli, 0, "status", "--json");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_says(cli, keys[i]);
}

static void why_names_every_voice(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"privacy\":{\"default\":\"on\",\"consent\":\"local\"}}");
	cli_variable(cli, "FLIGHTREC_CONSENT", "off");
	CLI(cli, 0, "status", "--why");
	assert_says(
		cli,
		"consent   off: FLIGHTREC_CONSENT allows no more (privacy.default in the config is "
		"on)\n");
	assert_says(cli, "built-in default             local\n");
	assert_says(cli, "config, privacy.default      on\n");
	assert_says(cli, "owner, consent.json          has not chosen\n");
	assert_says(cli, "policy.json");
	assert_says(cli, "DO_NOT_TRACK                 not set\n");
	assert_says(cli, "FLIGHTREC_CONSENT            off\n");
	assert_says(cli, "config, privacy.consent      local\n");
	CLI(cli, 0, "status", "--json");
	assert_says(cli, "{\"who\":\"FLIGHTREC_CONSENT\",\"said\":\"off\"}");
}

static void a_sink_in_the_config_is_shown_before_the_agent_met_it(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"sinks\":[{\"name\":\"here\",\"type\":\"file\",\"path\":\"out.ndjson\","
			"\"events\":[\"*\"]},{\"name\":\"mute\",\"type\":\"file\",\"path\":\"mute."
			"ndjson\"}]}");
	CLI(cli, 0, "status");
	assert_says(
		cli,
		"SINK  STATE  COMMITTED =  DELIVERED +  QUEUED +  DEAD +  DROPPED +  UNWANTED\n");
	assert_says(cli, "here  new");
	assert_says(cli, "here: in the config, the agent has not met it yet");
	assert_says(cli, "1 problem (flightrec config check)"); /* mute may send nothing */
	CLI(cli, 0, "status", "--json");
	assert_says(cli,
		    "{\"name\":\"here\",\"type\":\"file\",\"configured\":true,\"state\":\"new\"");
}

static void a_missing_secret_is_told_by_its_name(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"sinks\":[{\"name\":\"dd\",\"type\":\"datadog\",\"site\":"
			"\"datadoghq.eu\",\"api_key\":\"env:DD_API_KEY\",\"events\":[\"*\"]},"
			"{\"name\":\"own\",\"type\":\"first_party\",\"url\":"
			"\"https://127.0.0.1:1\",\"headers\":{\"Authorization\":\"file:token\"},"
			"\"events\":[\"*\"]}]}");
	CLI(cli, 0, "status");
	assert_says(cli, "dd: api_key: the environment variable DD_API_KEY is not set");
	assert_says(cli, "own: headers.Authorization: ");
	assert_says(cli, "/token");
	CLI(cli, 0, "status", "--json");
	assert_says(cli, "DD_API_KEY is not set");
}

/* A line for each reason and name, the largest first; the rest is named and not shown. */
static void what_rules_refused_is_told_by_reason_and_name(void **state)
{
	struct cli_fixture *cli = *state;
	char line[128];

	test_folder_write(&cli->folder, "events.json",
			  "{\"catalogue\":1,\"events\":{\"known\":{\"properties\":{\"n\":{\"type\":"
			  "\"integer\"}}},\"over\":{\"expires\":\"2020-01-01\"}}}");
	cli_config(cli, "{\"privacy\":{\"catalogue\":\"events.json\"}}");
	CLI(cli, 0, "record", "known", "o=2");
	CLI(cli, 1, "record", "over");
	for (int i = 0; i < 3; i++)
		CLI(cli, 1, "record", "typo");
	CLI(cli, 0, "status");
	assert_says(cli, "rules     3 of typo refused: the catalogue does not declare it, last ");
	assert_says(cli, "1 of over refused: its declaration has expired, last ");
	assert_says(cli, "1 of known recorded without a property that is not declared, last ");
	assert_says_not(cli, "more (flightrec sql");
	CLI(cli, 0, "status", "--json");
	assert_says(cli, "\"refused\":[{\"name\":\"typo\",\"reason\":\"undeclared\",\"events\":3,"
			 "\"last\":\"");
	assert_says(cli, "\"refusedLeftOut\":0");
	for (int i = 0; i < 7; i++) {
		(void)snprintf(line, sizeof line, "typo.%d", i);
		CLI(cli, 1, "record", line);
	}
	CLI(cli, 0, "status");
	assert_says(cli, "and 2 lines more (flightrec sql");
}

static void what_is_wrong_does_not_hide_the_rest(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];
	const char *fault;
	FILE *file;

	CLI(cli, 0, "record", "x");
	cli_config(cli, "{\"queeu\":{}}");
	CLI(cli, 1, "status");
	assert_says(cli, "queue     1 event");
	assert_says(cli, "config.json:1: queeu");
	assert_says(cli, "sinks     not known: the config cannot be read");
	CLI(cli, 1, "status", "--json");
	assert_says(cli, "\"events\":1,");
	cli_config(cli, "{}");
	(void)snprintf(path, sizeof path, "%s/consent.json", cli->home);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("{\"consent\":\"o", file);
	assert_int_equal(fclose(file), 0);
	CLI(cli, 1, "status");
	assert_says(cli, "consent   off: the owner's choice cannot be read");
	fault = strstr(cli_output(cli), path);
	assert_non_null(fault);
	assert_null(strstr(fault + 1, path)); /* told once */
	assert_says(cli, "queue     1 event");
}

static void homes_that_are_wrong_are_named(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];

	(void)test_folder_path(&cli->folder, "real", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlink(path, cli->home), 0);
	CLI(cli, 1, "status");
	assert_says(cli, "is a symbolic link: name the folder itself");
	CLI(cli, 1, "ls");
	assert_complains(cli, "is a symbolic link");
	CLI(cli, 1, "verify");
	CLI(cli, 1, "purge", "--yes");
	CLI(cli, 1, "consent", "on");
	assert_complains(cli, "is a symbolic link");
	assert_int_equal(unlink(cli->home), 0);
	test_folder_write(&cli->folder, "home", "a file");
	CLI(cli, 1, "ls");
	assert_complains(cli, "is not a folder");
}

static void a_home_of_somebody_else_is_refused(void **state)
{
	struct cli_fixture *cli = *state;
	const struct passwd *nobody = getpwnam("nobody");

	if (geteuid() != 0 || nobody == NULL)
		skip(); /* only root can make one */
	assert_int_equal(mkdir(cli->home, 0700), 0);
	assert_int_equal(chown(cli->home, nobody->pw_uid, nobody->pw_gid), 0);
	CLI(cli, 1, "ls");
	assert_complains(cli, "belongs to user ");
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "belongs to user ");
}

static void apps_lists_the_homes_of_this_machine(void **state)
{
	struct cli_fixture *cli = *state;
	const char *behind;

	cli_variable(cli, "FLIGHTREC_HOME", "");
	CLI(cli, 0, "apps");
	assert_complains(cli, "No app has recorded anything yet in ");
	CLI(cli, 0, "apps", "--json");
	assert_string_equal(cli_output(cli), "[]\n");
	CLI(cli, 0, "record", "x", "--app", "beta");
	CLI(cli, 0, "record", "x", "--app", "alpha");
	CLI(cli, 0, "consent", "on", "--app", "alpha");
	CLI(cli, 0, "apps");
	assert_says(cli, "APP    CONSENT  AGENT  EVENTS");
	behind = strstr(cli_output(cli), "alpha  on       down        1");
	assert_non_null(behind);
	assert_non_null(strstr(behind, "beta   local    down        1"));
	CLI(cli, 0, "apps", "--json");
	assert_says(cli, "[{\"app\":\"alpha\",\"home\":\"/");
	assert_says(cli, "\"consent\":\"on\",\"agent\":\"down\",\"events\":1,\"bytes\":");
}

static void whoami_tells_the_bucket_and_never_the_id(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];
	char *id;
	long long bucket;

	CLI(cli, 0, "whoami", "--json");
	bucket = test_json_int(cli_output(cli), "bucket", -1);
	assert_in_range(bucket, 0, 29);
	assert_says(cli, "\"buckets\":30,\"internal\":false,\"reset\":false}");
	(void)snprintf(path, sizeof path, "%s/identity", cli->home);
	id = test_file_read(path, NULL);
	assert_non_null(id);
	id[36] = '\0';
	CLI(cli, 0, "whoami");
	assert_says_not(cli, id);
	assert_says(cli, " of 30 (0 to 29), internal: no\n");
	CLI(cli, 0, "record", "x");
	CLI(cli, 0, "export");
	assert_int_equal(test_json_int(cli_output(cli), "userBucket", -1), bucket);
	free(id);
}

static void whoami_reset_takes_a_new_identity(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];
	char *before, *after;

	(void)snprintf(path, sizeof path, "%s/identity", cli->home);
	CLI(cli, 0, "whoami");
	before = test_file_read(path, NULL);
	CLI(cli, 0, "whoami", "--reset");
	assert_says(cli, "of a new identity");
	after = test_file_read(path, NULL);
	assert_non_null(before);
	assert_non_null(after);
	assert_string_not_equal(before, after);
	free(before);
	free(after);
}

static void under_off_there_is_nobody_to_be(void **state)
{
	struct cli_fixture *cli = *state;

	cli_variable(cli, "DO_NOT_TRACK", "1");
	CLI(cli, 1, "whoami");
	assert_complains(cli, "nobody: off: DO_NOT_TRACK is set");
	assert_int_equal(access(cli->home, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(before_the_first_event_all_is_said_that_can_be),
		TEST(the_queue_is_told_with_depth_age_and_size),
		TEST(json_has_the_keys_that_programs_count_on),
		TEST(why_names_every_voice),
		TEST(a_sink_in_the_config_is_shown_before_the_agent_met_it),
		TEST(a_missing_secret_is_told_by_its_name),
		TEST(what_rules_refused_is_told_by_reason_and_name),
		TEST(what_is_wrong_does_not_hide_the_rest),
		TEST(homes_that_are_wrong_are_named),
		TEST(a_home_of_somebody_else_is_refused),
		TEST(apps_lists_the_homes_of_this_machine),
		TEST(whoami_tells_the_bucket_and_never_the_id),
		TEST(whoami_reset_takes_a_new_identity),
		TEST(under_off_there_is_nobody_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
