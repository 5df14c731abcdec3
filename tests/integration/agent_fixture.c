#include "support/test.h"

#include "agent_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "privacy/consent.h"

enum { ARGUMENTS_MAX = 16, VARIABLES_MAX = 4 };

int agent_set_up(void **state)
{
	struct agent_fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	test_folder_make(&fixture->folder);
	(void)test_folder_path(&fixture->folder, "home", fixture->home);
	(void)test_folder_path(&fixture->folder, "config.json", fixture->config);
	test_intake_start(&fixture->intake, NULL);
	agent_choose(fixture, "on");
	*state = fixture;
	return 0;
}

int agent_tear_down(void **state)
{
	struct agent_fixture *fixture = *state;
	int code = 0;

	flightrec_close(fixture->recorder);
	if (fixture->agent != NULL) {
		code = test_process_stop(fixture->agent);
		if (code != 0)
			fprintf(stderr, "the agent ended with %d:\n%s", code,
				test_process_errors(fixture->agent));
		test_process_free(fixture->agent);
	}
	test_intake_free(&fixture->intake);
	test_folder_remove(&fixture->folder);
	free(fixture);
	return code;
}

/* ---- config ---- */

void agent_configure(struct agent_fixture *fixture, const char *json)
{
	static const char word[] = "PORT";
	char text[8192];
	size_t length = 0;

	while (*json != '\0') {
		assert_true(length + 8 < sizeof text);
		if (strncmp(json, word, sizeof word - 1) == 0) {
			length += (size_t)snprintf(text + length, sizeof text - length, "%d",
						   fixture->intake.port);
			json += sizeof word - 1;
		} else {
			text[length++] = *json++;
		}
	}
	text[length] = '\0';
	test_folder_write(&fixture->folder, "config.json", text);
}

void agent_configure_one_sink(struct agent_fixture *fixture, const char *more)
{
	char json[2048];

	(void)snprintf(json, sizeof json,
		       "{\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\",\"type\":"
		       "\"first_party\",\"url\":\"http://127.0.0.1:PORT/v1/events\","
		       "\"events\":[\"*\"]%s%s}]}",
		       more[0] != '\0' ? "," : "", more);
	agent_configure(fixture, json);
}

void agent_choose(struct agent_fixture *fixture, const char *level)
{
	struct fr_error err = {FR_OK, ""};
	enum fr_consent chosen;
	struct fr_env env;

	fr_env_real(&env);
	assert_true(fr_consent_parse(level, &chosen));
	if (fr_consent_choose(fixture->home, chosen, &env, &err) != FR_OK)
		fail_msg("%s", err.text);
}

/* ---- the process ---- */

struct test_process *agent_launch(struct agent_fixture *fixture, const char *const *words)
{
	const char *argv[ARGUMENTS_MAX] = {FLIGHTREC_AGENT, "--home",        fixture->home,
					   "--config",      fixture->config, "--log-level",
					   "debug"};
	const char *environment[VARIABLES_MAX] = {"HOME=/nonexistent", fixture->variable};
	const struct test_program program = {.argv = argv, .environment = environment};
	size_t count = 7;

	for (; words != NULL && *words != NULL; words++) {
		assert_true(count + 1 < ARGUMENTS_MAX);
		argv[count++] = *words;
	}
	return test_process_start(&program);
}

void agent_await_log(struct agent_fixture *fixture, const char *text)
{
	if (!test_process_await_errors(fixture->agent, text, TEST_PATIENCE_MS))
		fail_msg("the agent never says %s:\n%s", text, test_process_errors(fixture->agent));
}

void agent_start(struct agent_fixture *fixture)
{
	assert_null(fixture->agent);
	fixture->agent = agent_launch(fixture, NULL);
	agent_await_log(fixture, "agent.started");
}

int agent_stop(struct agent_fixture *fixture)
{
	int code = test_process_stop(fixture->agent);

	test_process_free(fixture->agent);
	fixture->agent = NULL;
	return code;
}

void agent_kill(struct agent_fixture *fixture)
{
	test_process_kill(fixture->agent);
	test_process_free(fixture->agent);
	fixture->agent = NULL;
}

/* ---- recording ---- */

static flightrec *recorder_of(struct agent_fixture *fixture)
{
	flightrec_options *options;

	if (fixture->recorder != NULL)
		return fixture->recorder;
	options = flightrec_options_new();
	assert_non_null(options);
	flightrec_options_set_home(options, fixture->home);
	flightrec_options_set_config(options, fixture->config);
	flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	flightrec_options_set_busy_timeout(options, 10000);
	assert_int_equal(flightrec_open(&fixture->recorder, options), FLIGHTREC_OK);
	return fixture->recorder;
}

void agent_record(struct agent_fixture *fixture, const char *name, int count)
{
	flightrec *recorder = recorder_of(fixture);
	char json[64];

	for (int i = 0; i < count; i++) {
		(void)snprintf(json, sizeof json, "{\"n\":%d}", i);
		assert_int_equal(flightrec_record(recorder, name, json), FLIGHTREC_OK);
	}
}

void agent_forget_recorder(struct agent_fixture *fixture)
{
	flightrec_close(fixture->recorder);
	fixture->recorder = NULL;
}

/* ---- looking ---- */

long long agent_ask_queue(const struct agent_fixture *fixture, const char *sql)
{
	char path[TEST_PATH_MAX];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	long long number;

	assert_int_equal(fr_path_join(path, fixture->home, "queue.db", NULL), FR_OK);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(db));
	(void)sqlite3_busy_timeout(db, TEST_PATIENCE_MS);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

void agent_await_queue(const struct agent_fixture *fixture, const char *sql, long long expected)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	long long found;

	while ((found = agent_ask_queue(fixture, sql)) != expected) {
		if (test_now_ms() > deadline)
			fail_msg("%s stays %lld, not %lld; the agent says:\n%s", sql, found,
				 expected,
				 fixture->agent != NULL ? test_process_errors(fixture->agent)
							: "nothing, it does not run");
		test_sleep_ms(10);
	}
}

void agent_await_intake(const struct agent_fixture *fixture, const char *count, long long least)
{
	if (!test_intake_await(&fixture->intake, count, least, TEST_PATIENCE_MS))
		fail_msg("%s stays %lld, under %lld; the agent says:\n%s", count,
			 test_intake_stat(&fixture->intake, count), least,
			 fixture->agent != NULL ? test_process_errors(fixture->agent)
						: "nothing, it does not run");
}

void agent_call(const struct agent_fixture *fixture, const char *method, const char *path,
		int status, struct test_answer *answer)
{
	char name[TEST_PATH_MAX];
	int connection;

	assert_int_equal(fr_path_join(name, fixture->home, "agent.sock", NULL), FR_OK);
	connection = test_connect_unix(name);
	assert_true(connection >= 0);
	assert_true(test_send_request(connection, method, path, NULL, NULL, 0));
	test_read_answer(connection, answer, TEST_PATIENCE_MS);
	(void)close(connection);
	if (answer->status != status)
		fail_msg("%s %s answers %d %s", method, path, answer->status, answer->body);
	assert_true(answer->complete);
}

bool agent_says(const struct agent_fixture *fixture, const char *method, const char *path,
		int status, const char *text)
{
	struct test_answer answer;
	bool found;

	agent_call(fixture, method, path, status, &answer);
	found = strstr(answer.body, text) != NULL;
	if (!found)
		fprintf(stderr, "%s %s answers %s\n", method, path, answer.body);
	test_answer_fini(&answer);
	return found;
}
