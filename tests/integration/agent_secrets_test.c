/* Secrets in files that change while the agent runs: nobody has to restart it. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";
static const char is_paused[] = "SELECT count(*) FROM sink WHERE paused AND kind = 'credentials'";
static const char beside_delivered[] = "SELECT coalesce(sum(events), 0) FROM ledger_entry l JOIN "
				       "sink s ON s.id = l.sink WHERE s.name = 'beside' AND "
				       "l.kind = 'delivered'";

/* From now on the intake asks for this token. */
static void intake_demand(struct agent_fixture *fixture, const char *token)
{
	char secret[TEST_PATH_MAX + 8], path[TEST_PATH_MAX];
	const char *const flags[] = {"--token", secret, NULL};

	test_folder_write(&fixture->folder, "demanded", token);
	(void)snprintf(secret, sizeof secret, "file:%s",
		       test_folder_path(&fixture->folder, "demanded", path));
	assert_int_equal(test_intake_stop(&fixture->intake), 0);
	test_intake_start(&fixture->intake, flags);
}

/* The intake asks for the token "right"; the sink reads its own from this file. */
static void sink_configure(struct agent_fixture *fixture, const char *file)
{
	char header[2 * TEST_PATH_MAX];

	intake_demand(fixture, "right");
	(void)snprintf(header, sizeof header,
		       "\"batch\":{\"max_wait\":\"0s\"},\"headers\":{\"Authorization\":"
		       "\"file:%s\"}",
		       file);
	agent_configure_one_sink(fixture, header);
}

/* As it should be done: all at once. */
static void token_replace(const struct agent_fixture *fixture, const char *name, const char *text)
{
	char from[TEST_PATH_MAX], to[TEST_PATH_MAX];

	test_folder_write(&fixture->folder, "token.new", text);
	assert_int_equal(rename(test_folder_path(&fixture->folder, "token.new", from),
				test_folder_path(&fixture->folder, name, to)),
			 0);
}

static void await_all(const struct agent_fixture *fixture, long long events)
{
	agent_await_intake(fixture, "events_distinct", events);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(agent_ask_queue(fixture, "SELECT coalesce(sum(events), 0) FROM "
						  "ledger_entry WHERE kind IN ('dropped', 'dead')"),
			 0);
}

static void a_token_that_is_put_right_ends_the_pause(void **state)
{
	struct agent_fixture *fixture = *state;

	test_folder_write(&fixture->folder, "token", "Bearer wrong\n");
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 150);
	agent_await_queue(fixture, is_paused, 1);
	token_replace(fixture, "token", "Bearer also wrong\n");
	agent_await_log(fixture, "secrets.changed");
	agent_await_queue(fixture, is_paused, 1);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 0);
	token_replace(fixture, "token", "Bearer right\n");
	await_all(fixture, 150);
}

static void a_token_that_is_written_in_place_counts_when_it_is_whole(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	FILE *file;

	test_folder_write(&fixture->folder, "token", "Bearer wrong\n");
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, is_paused, 1);
	file = fopen(test_folder_path(&fixture->folder, "token", path), "we");
	assert_non_null(file);
	(void)fputs("Bearer ", file);
	(void)fflush(file);
	test_sleep_ms(300);
	(void)fputs("right\n", file);
	assert_int_equal(fclose(file), 0);
	await_all(fixture, 10);
}

static void a_file_that_appears_starts_the_sink(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];

	sink_configure(fixture, "later/deeper/token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, is_paused, 1);
	assert_true(agent_says(fixture, "GET", "/status", 200, "deeper/token"));
	assert_int_equal(mkdir(test_folder_path(&fixture->folder, "later", path), 0700), 0);
	test_sleep_ms(200);
	assert_int_equal(mkdir(test_folder_path(&fixture->folder, "later/deeper", path), 0700), 0);
	test_sleep_ms(200);
	token_replace(fixture, "later/deeper/token", "Bearer right");
	await_all(fixture, 10);
}

/* As Kubernetes does: a link to a link that is swapped. */
static void a_link_that_leads_elsewhere_is_a_change(void **state)
{
	struct agent_fixture *fixture = *state;
	char link_path[TEST_PATH_MAX], other[TEST_PATH_MAX], path[TEST_PATH_MAX];

	assert_int_equal(mkdir(test_folder_path(&fixture->folder, "one", path), 0700), 0);
	assert_int_equal(mkdir(test_folder_path(&fixture->folder, "two", path), 0700), 0);
	test_folder_write(&fixture->folder, "one/token", "Bearer wrong");
	test_folder_write(&fixture->folder, "two/token", "Bearer right");
	(void)test_folder_path(&fixture->folder, "data", link_path);
	(void)test_folder_path(&fixture->folder, "data.new", other);
	assert_int_equal(symlink("one", link_path), 0);
	assert_int_equal(symlink("data/token", test_folder_path(&fixture->folder, "token", path)),
			 0);
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, is_paused, 1);
	assert_int_equal(symlink("two", other), 0);
	assert_int_equal(rename(other, link_path), 0);
	await_all(fixture, 10);
}

static void a_token_that_is_renewed_while_all_is_well_is_used_for_the_next_batch(void **state)
{
	struct agent_fixture *fixture = *state;

	test_folder_write(&fixture->folder, "token", "Bearer right");
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	await_all(fixture, 10);
	intake_demand(fixture, "newer");
	token_replace(fixture, "token", "Bearer newer");
	agent_record(fixture, "e", 10);
	await_all(fixture, 10);
	assert_int_equal(agent_ask_queue(fixture, is_paused), 0);
}

static void what_can_no_longer_be_read_stays_in_use(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];

	test_folder_write(&fixture->folder, "token", "Bearer right");
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	await_all(fixture, 10);
	token_replace(fixture, "token", ""); /* as one that is just being written */
	agent_record(fixture, "e", 10);
	await_all(fixture, 20);
	assert_int_equal(unlink(test_folder_path(&fixture->folder, "token", path)), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	agent_record(fixture, "e", 10);
	await_all(fixture, 30);
	assert_int_equal(rmdir(path), 0);
	token_replace(fixture, "token", "Bearer wrong");
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, is_paused, 1);
	token_replace(fixture, "token", "Bearer right");
	await_all(fixture, 40);
}

/* Somebody edits the config and has not asked for it to be read. */
static void a_new_token_does_not_bring_in_an_edited_config(void **state)
{
	struct agent_fixture *fixture = *state;

	test_folder_write(&fixture->folder, "token", "Bearer wrong");
	sink_configure(fixture, "token");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, is_paused, 1);
	agent_configure(fixture, "{\n\"sinks\": \"half-writ");
	token_replace(fixture, "token", "Bearer right");
	await_all(fixture, 10);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"name\":\"main\""));
}

static int times_watched(struct agent_fixture *fixture)
{
	const char *at = test_process_errors(fixture->agent);
	int times = 0;

	while ((at = strstr(at, "secrets.watched")) != NULL) {
		at++;
		times++;
	}
	return times;
}

/* Folders are watched anew when something changed in them, not whenever another sink is at work. */
static void a_sink_that_waits_for_a_token_costs_the_others_nothing(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	int times;

	assert_int_equal(mkdir(test_folder_path(&fixture->folder, "keys", path), 0700), 0);
	test_folder_write(&fixture->folder, "keys/token", "Bearer wrong\n");
	intake_demand(fixture, "right");
	agent_configure(fixture,
			"{\"sinks\":["
			"{\"name\":\"main\",\"type\":\"first_party\","
			"\"url\":\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],"
			"\"headers\":{\"Authorization\":\"file:keys/token\"},"
			"\"batch\":{\"max_wait\":\"0s\"}},"
			"{\"name\":\"beside\",\"type\":\"file\",\"path\":\"beside.ndjson\","
			"\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_queue(fixture, is_paused, 1);
	agent_await_log(fixture, "secrets.watched");
	agent_await_queue(fixture, beside_delivered, 1);
	times = times_watched(fixture);
	for (int i = 2; i <= 10; i++) {
		agent_record(fixture, "e", 1);
		agent_await_queue(fixture, beside_delivered, i);
	}
	assert_int_equal(times_watched(fixture), times);
	token_replace(fixture, "keys/token", "Bearer right\n");
	await_all(fixture, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_token_that_is_put_right_ends_the_pause),
		AGENT_TEST(a_token_that_is_written_in_place_counts_when_it_is_whole),
		AGENT_TEST(a_file_that_appears_starts_the_sink),
		AGENT_TEST(a_link_that_leads_elsewhere_is_a_change),
		AGENT_TEST(a_token_that_is_renewed_while_all_is_well_is_used_for_the_next_batch),
		AGENT_TEST(what_can_no_longer_be_read_stays_in_use),
		AGENT_TEST(a_new_token_does_not_bring_in_an_edited_config),
		AGENT_TEST(a_sink_that_waits_for_a_token_costs_the_others_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
