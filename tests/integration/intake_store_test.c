/* What the intake keeps, and what it shows of it: the same to a script, a person and sqlite3. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "support/intake.h"

static const char key_1[] = "Idempotency-Key: \"b-1\"\r\n";
static const char batch_1[] = "{\"batchId\":\"b-1\",\"events\":[{\"eventId\":\"e-1\",\"n\":1},"
			      "{\"eventId\":\"e-2\",\"n\":12345678901234567890}]}";

struct kept {
	struct test_intake intake;
	char db[TEST_PATH_MAX];
	const char *flags[3];
};

static int set_up(void **state)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	assert_non_null(kept);
	test_folder_make(&kept->intake.folder);
	test_folder_path(&kept->intake.folder, "intake.db", kept->db);
	kept->flags[0] = "--db";
	kept->flags[1] = kept->db;
	test_intake_start(&kept->intake, kept->flags);
	*state = kept;
	return 0;
}

static int tear_down(void **state)
{
	struct kept *kept = *state;
	test_intake_free(&kept->intake);
	free(kept);
	return 0;
}

static void counting_goes_on_after_a_restart(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	assert_int_equal(test_intake_stop(&kept->intake), 0);
	test_intake_start(&kept->intake, kept->flags);
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, "\"duplicates\":2");
	assert_int_equal(test_intake_stat(&kept->intake, "requests"), 2);
	assert_int_equal(test_intake_stat(&kept->intake, "replays_accepted"), 1);
	assert_int_equal(test_intake_stat(&kept->intake, "replays_different"), 0);
}

static void what_was_answered_survives_sigkill(void **state)
{
	struct kept *kept = *state;
	for (int i = 0; i < 20; i++) {
		char body[64];
		(void)snprintf(body, sizeof(body), "{\"eventId\":\"e-%d\"}", i);
		test_intake_expect(&kept->intake, "/ndjson", NULL, body, 200, NULL);
	}
	test_process_kill(kept->intake.process);
	test_process_free(kept->intake.process);
	test_intake_start(&kept->intake, kept->flags);
	assert_int_equal(test_intake_stat(&kept->intake, "events_distinct"), 20);
}

static void a_store_is_private(void **state)
{
	struct kept *kept = *state;
	struct stat file;
	assert_int_equal(stat(kept->db, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
}

static void events_are_listed_as_they_came(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	test_intake_expect(&kept->intake, "/ndjson", NULL, "\n {\"eventId\" : \"e-0\"} ", 200,
			   NULL);
	char *ids = test_intake_get(&kept->intake, "/events?ids=1");
	assert_string_equal(ids, "e-0\ne-1\ne-2\n");
	char *events = test_intake_get(&kept->intake, "/events");
	assert_string_equal(events, "{\"eventId\":\"e-1\",\"n\":1}\n"
				    "{\"eventId\":\"e-2\",\"n\":12345678901234567890}\n"
				    "{\"eventId\" : \"e-0\"}\n");
	free(ids);
	free(events);
}

static void events_that_were_not_accepted_are_not_listed(void **state)
{
	struct kept *kept = *state;
	test_intake_fail(&kept->intake, "{\"status\":503}");
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 503, NULL);
	char *ids = test_intake_get(&kept->intake, "/events?ids=1");
	assert_string_equal(ids, "");
	free(ids);
}

static void requests_are_listed_with_what_was_answered(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	test_intake_expect(&kept->intake, "/v1/events", NULL, batch_1, 400, NULL);
	test_intake_fail(&kept->intake, "{\"fault\":\"status\",\"status\":429}");
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 429, NULL);
	char *requests = test_intake_get(&kept->intake, "/requests");
	char *second = strchr(requests, '\n') + 1;
	char *third = strchr(second, '\n') + 1;
	second[-1] = '\0';
	third[-1] = '\0';
	assert_non_null(strstr(requests, "\"id\":1,"));
	assert_non_null(strstr(requests, "\"status\":200,\"accepted\":true,\"fault\":null,"));
	assert_non_null(strstr(requests, "\"idempotency_key\":\"\\\"b-1\\\"\""));
	assert_non_null(strstr(second, "\"reason\":\"Idempotency-Key is missing\""));
	assert_non_null(strstr(third, "\"status\":429,\"accepted\":false,\"fault\":\"status\""));
	assert_non_null(strstr(third, "\"replay\":true"));
	free(requests);
}

static void a_body_is_shown_byte_for_byte(void **state)
{
	struct kept *kept = *state;
	struct test_answer answer;
	static const char body[] = "{\"eventId\":\"\xc3\xa9\\u0000\"}\n\r\n\n{\"a\":1.50}";
	test_intake_expect(&kept->intake, "/ndjson", NULL, body, 200, NULL);
	test_http_get(kept->intake.port, "/requests/1/body", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_length, sizeof(body) - 1);
	assert_memory_equal(answer.body, body, sizeof(body) - 1);
	test_answer_fini(&answer);
	test_http_get(kept->intake.port, "/requests/2/body", &answer);
	assert_int_equal(answer.status, 404);
	test_answer_fini(&answer);
	test_http_get(kept->intake.port, "/requests/1/feet", &answer);
	assert_int_equal(answer.status, 404);
	test_answer_fini(&answer);
}

static void headers_are_kept_but_no_secret(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/ndjson",
			   "X-Flightrec-Sent-At: now\r\nAuthorization: Bearer hunter2\r\n"
			   "DD-API-KEY: hunter2\r\nCookie: a=hunter2\r\n",
			   "", 200, NULL);
	char *headers = test_intake_get(&kept->intake, "/requests/1/headers");
	assert_non_null(strstr(headers, "X-Flightrec-Sent-At: now\n"));
	assert_non_null(strstr(headers, "DD-API-KEY: (kept secret)\n"));
	assert_null(strstr(headers, "hunter2"));
	free(headers);
}

static void reset_forgets_everything_but_the_faults(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	test_intake_fail(&kept->intake, "{\"status\":503}");
	test_intake_expect(&kept->intake, "/reset", NULL, "", 200, NULL);
	assert_int_equal(test_intake_stat(&kept->intake, "requests"), 0);
	assert_int_equal(test_intake_stat(&kept->intake, "events_distinct"), 0);
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 503, NULL);
	char *body = test_intake_get(&kept->intake, "/requests/1/body");
	assert_string_equal(body, batch_1);
	free(body);
}

static void the_summary_is_for_people(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(
		&kept->intake, "/ndjson", NULL,
		"{\"eventId\":\"1\",\"eventName\":\"opened\",\"session\":\"s\",\"seq\":2}", 200,
		NULL);
	char *summary = test_intake_get(&kept->intake, "/");
	assert_non_null(strstr(summary, "requests           1   accepted 1,"));
	assert_non_null(strstr(summary, "events             1   different 1, duplicates 0"));
	assert_non_null(strstr(summary, "missing            2   "));
	assert_non_null(strstr(summary, "named              1   opened"));
	assert_null(strstr(summary, "replays"));
	free(summary);
}

/* With SQLite itself, while the intake runs. */
static long long ask(const char *db, const char *query)
{
	sqlite3 *connection = NULL;
	sqlite3_stmt *statement = NULL;
	assert_int_equal(sqlite3_open_v2(db, &connection, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(connection, query, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	long long answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(connection), SQLITE_OK);
	return answer;
}

static void the_store_can_be_read_while_it_is_written(void **state)
{
	struct kept *kept = *state;
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	assert_int_equal(ask(kept->db, "SELECT count(*) FROM events WHERE json LIKE '%eventId%'"),
			 2);
	assert_int_equal(ask(kept->db, "SELECT count(*) FROM requests WHERE status = 200"), 1);
	assert_int_equal(ask(kept->db, "SELECT count(*) FROM gaps"), 0);
	test_intake_expect(&kept->intake, "/v1/events", key_1, batch_1, 200, NULL);
	assert_int_equal(ask(kept->db, "SELECT requests FROM batch WHERE key = 'b-1'"), 2);
}

static void a_full_disk_is_a_503_and_nothing_is_claimed(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	char db[TEST_PATH_MAX];
	test_folder_make(&intake.folder);
	test_folder_path(&intake.folder, "intake.db", db);
	const char *const flags[] = {"--db", db, NULL};
	test_intake_start_as(&intake, flags, (struct test_program){.file_limit = 1024 * 1024});
	char *body = malloc(1000001);
	assert_non_null(body);
	size_t filled = (size_t)snprintf(body, 100, "{\"eventId\":\"big\",\"x\":\"");
	memset(body + filled, 'x', 1000000 - filled - 2);
	memcpy(body + 1000000 - 2, "\"}", 3);
	test_intake_expect(&intake, "/ndjson", NULL, "{\"eventId\":\"small\"}", 200, NULL);
	test_intake_expect(&intake, "/ndjson", NULL, body, 503, "error");
	test_intake_expect(&intake, "/ndjson", NULL, body, 503, "error");
	free(body);
	assert_int_equal(test_intake_stat(&intake, "requests"), 1);
	char *ids = test_intake_get(&intake, "/events?ids=1");
	assert_string_equal(ids, "small\n");
	free(ids);
	assert_true(test_process_await_errors(intake.process, "nothing of this turn was kept",
					      TEST_PATIENCE_MS));
	test_intake_free(&intake);
}

#define KEPT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEPT(counting_goes_on_after_a_restart),
		KEPT(what_was_answered_survives_sigkill),
		KEPT(a_store_is_private),
		KEPT(events_are_listed_as_they_came),
		KEPT(events_that_were_not_accepted_are_not_listed),
		KEPT(requests_are_listed_with_what_was_answered),
		KEPT(a_body_is_shown_byte_for_byte),
		KEPT(headers_are_kept_but_no_secret),
		KEPT(reset_forgets_everything_but_the_faults),
		KEPT(the_summary_is_for_people),
		KEPT(the_store_can_be_read_while_it_is_written),
		cmocka_unit_test(a_full_disk_is_a_503_and_nothing_is_claimed),
	};
	return cmocka_run_group_tests_name("intake_store", tests, NULL, NULL);
}
