/* flightrec sql, verify, purge: the queue as a whole, read and changed. */
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"

static void record_some(struct cli_fixture *cli)
{
	CLI_GIVEN(cli,
		  "{\"eventName\":\"a\",\"t\":\"comma, quote\\\" and\\nline\"}\n"
		  "{\"eventName\":\"b\",\"n\":9007199254740993}\n",
		  0, "record", "-");
}

/* ---- sql ---- */

static void a_query_is_answered_as_a_table(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI(cli, 0, "sql", "SELECT id, name, NULL AS empty FROM pending");
	assert_string_equal(cli_output(cli), "id  name  empty\n"
					     " 1  a     NULL\n"
					     " 2  b     NULL\n");
}

static void json_and_csv_are_for_programs(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI(cli, 0, "sql", "--json",
	    "SELECT id, name, '7' AS text, 1.5 AS real, NULL AS no, 9e999 AS inf, x'ff' AS blob "
	    "FROM pending LIMIT 1");
	assert_string_equal(cli_output(cli),
			    "[{\"id\":1,\"name\":\"a\",\"text\":\"7\",\"real\":1.5,\"no\":null,"
			    "\"inf\":\"Inf\",\"blob\":\"\xef\xbf\xbd\"}]\n");
	CLI(cli, 0, "sql", "--csv", "SELECT id, properties->>'t' AS t FROM pending");
	assert_string_equal(cli_output(cli), "id,t\r\n"
					     "1,\"comma, quote\"\" and\nline\"\r\n"
					     "2,\r\n");
	CLI(cli, 0, "sql", "--json", "SELECT 1 WHERE 0");
	assert_string_equal(cli_output(cli), "[]\n");
	CLI(cli, 2, "sql", "--csv", "--json", "SELECT 1");
}

static void nothing_can_be_changed_by_a_query(void **state)
{
	static const char *const writes[] = {
		"DELETE FROM event",
		"UPDATE event SET name = 'y'",
		"DROP TABLE event",
		"CREATE TABLE t (a)",
		"PRAGMA user_version = 7",
		"SELECT 1; DELETE FROM event",
		"VACUUM",
	};
	struct cli_fixture *cli = *state;

	record_some(cli);
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
		CLI(cli, 1, "sql", writes[i]);
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), 2);
	CLI(cli, 0, "verify");
	CLI(cli, 1, "sql", "SELEC 1");
	assert_complains(cli, "syntax error");
	CLI(cli, 1, "sql", "");
	CLI(cli, 1, "sql", "SELECT * FROM nowhere");
	assert_complains(cli, "no such table: nowhere");
}

static void the_shell_reads_statements(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI_GIVEN(cli,
		  ".tables\n"
		  "SELECT count(*) AS n\n"
		  "  FROM pending;\n"
		  "SELECT 'last'",
		  0, "sql");
	assert_says(cli, "pending_by_name");
	assert_says(cli, "n\n2\n");
	assert_says(cli, "last");
	CLI_GIVEN(cli, "nonsense;\nSELECT 7 AS seven;\n", 1, "sql");
	assert_complains(cli, "syntax error");
	assert_says(cli, "seven\n    7\n");
	CLI_GIVEN(cli, ".quit\nSELECT 8 AS eight;\n", 0, "sql");
	assert_says_not(cli, "eight");
	CLI_GIVEN(cli, ".schema\n", 0, "sql");
	assert_says(cli, "CREATE TABLE event");
	CLI_GIVEN(cli, ".what\n", 0, "sql");
	assert_complains(cli, ".tables");
}

static unsigned files_in(const char *path)
{
	DIR *folder = opendir(path);
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count;
}

static void looking_leaves_no_file_behind(void **state)
{
	struct cli_fixture *cli = *state;
	unsigned before;

	record_some(cli);
	before = files_in(cli->home);
	CLI(cli, 0, "sql", "SELECT 1");
	CLI(cli, 0, "ls");
	CLI(cli, 0, "status");
	CLI(cli, 0, "verify");
	CLI(cli, 0, "preview");
	CLI(cli, 1, "sql", "SELECT * FROM nowhere");
	assert_int_equal(files_in(cli->home), before);
}

/* ---- verify ---- */

static void a_sound_queue_is_called_that(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "verify");
	assert_complains(cli, "Nothing recorded yet");
	record_some(cli);
	CLI(cli, 0, "verify");
	assert_says(cli,
		    "Sound: the file holds together and the books add up, with 2 events queued.\n");
	CLI(cli, 0, "verify", "--json");
	assert_string_equal(cli_output(cli),
			    "{\"ok\":true,\"repaired\":false,\"incident\":null,\"findings\":[]}\n");
	CLI(cli, 0, "verify", "--repair");
	assert_says_not(cli, "Repaired");
}

/* Overwrites three pages in the middle of the file, its log moved into it first. */
static void queue_damage(struct cli_fixture *cli)
{
	char path[TEST_PATH_MAX + 16], garbage[4096];
	const char *argv[] = {"sqlite3", path, "PRAGMA wal_checkpoint(TRUNCATE)", NULL};
	struct test_process *shell;
	struct stat info;
	int file;

	(void)snprintf(path, sizeof path, "%s/queue.db", cli->home);
	shell = test_process_run(&(struct test_program){.argv = argv});
	if (test_process_wait(shell, 0) != 0)
		skip(); /* there is no stock shell here */
	test_process_free(shell);
	memset(garbage, 0xa5, sizeof garbage);
	file = open(path, O_RDWR);
	assert_true(file >= 0);
	assert_int_equal(fstat(file, &info), 0);
	for (off_t at = info.st_size / 8192 * 4096, end = at + 3 * 4096; at < end; at += 4096)
		assert_int_equal(pwrite(file, garbage, sizeof garbage, at),
				 (ssize_t)sizeof garbage);
	assert_int_equal(close(file), 0);
}

static void damage_is_found_planned_and_repaired(void **state)
{
	enum { EVENTS = 2000 };
	struct cli_fixture *cli = *state;
	static char input[EVENTS * 64];
	size_t length = 0;

	for (int i = 0; i < EVENTS; i++)
		length += (size_t)snprintf(
			input + length, sizeof input - length,
			"{\"eventName\":\"x\",\"n\":%d,\"pad\":\"aaaaaaaaaa\"}\n", i);
	CLI_GIVEN(cli, input, 0, "record", "-");
	queue_damage(cli);
	CLI(cli, 1, "verify");
	assert_complains(cli, "What --repair would do: move queue.db aside");
	CLI(cli, 1, "verify", "--json");
	assert_says(cli, "{\"ok\":false,\"repaired\":false,");
	CLI(cli, 1, "verify"); /* nothing was changed by looking */
	CLI(cli, 0, "verify", "--repair");
	assert_says(cli, "Repaired: ");
	CLI(cli, 0, "verify");
	assert_true(cli_ask(cli, "SELECT count(*) AS n FROM pending") > EVENTS / 2);
	CLI(cli, 0, "status");
	assert_says(cli, "incident  ");
	CLI(cli, 0, "record", "after");
	CLI(cli, 0, "purge", "--yes"); /* the copy that it names is deleted, too */
	CLI(cli, 0, "status");
	assert_says_not(cli, "damaged-");
}

/* ---- purge ---- */

static void purge_wants_a_word_where_nobody_can_be_asked(void **state)
{
	struct cli_fixture *cli = *state;

	record_some(cli);
	CLI(cli, 2, "purge");
	assert_complains(cli, "--yes");
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), 2);
}

static void purge_deletes_everything_and_says_how_much(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "purge", "--yes");
	assert_complains(cli, "Nothing recorded yet");
	record_some(cli);
	CLI(cli, 0, "purge", "--yes");
	assert_string_equal(cli_output(cli), "Deleted 2 events of app default.\n");
	CLI(cli, 0, "ls", "--all");
	assert_complains(cli, "No events.");
	CLI(cli, 0, "verify");
	record_some(cli);
	CLI(cli, 0, "purge", "-y", "--json");
	assert_string_equal(cli_output(cli), "{\"deleted\":2}\n");
	assert_int_equal(cli_ask(cli, "SELECT max(id) AS n FROM event"), 4); /* ids go on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(a_query_is_answered_as_a_table),
		TEST(json_and_csv_are_for_programs),
		TEST(nothing_can_be_changed_by_a_query),
		TEST(the_shell_reads_statements),
		TEST(looking_leaves_no_file_behind),
		TEST(a_sound_queue_is_called_that),
		TEST(damage_is_found_planned_and_repaired),
		TEST(purge_wants_a_word_where_nobody_can_be_asked),
		TEST(purge_deletes_everything_and_says_how_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
