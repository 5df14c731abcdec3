/* Looking into a queue: the same answers with and without an agent, and nothing left behind. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "queue/inspect.h"
#include "support/queue_fixture.h"
#include "support/test.h"

static struct fr_snapshot *look(struct queue_fixture *fixture)
{
	struct fr_snapshot *snapshot = NULL;

	fr_queue_close(fixture->queue); /* another process looks, usually */
	fixture->queue = NULL;
	if (fr_snapshot_open(&snapshot, fixture->folder.path, &fixture->world.env, &fixture->err) !=
	    FR_OK)
		fail_msg("%s", fixture->err.text);
	return snapshot;
}

static unsigned count_files(struct queue_fixture *fixture)
{
	DIR *folder = opendir(fixture->folder.path);
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count;
}

static void facts_are_the_same_as_the_rows(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot;
	struct fr_queue_facts facts;

	queue_fixture_record_many(fixture, 4);
	snapshot = look(fixture);
	assert_int_equal(fr_snapshot_facts(snapshot, &facts, &fixture->err), FR_OK);
	assert_int_equal(facts.queued, 4);
	assert_int_equal(facts.last_id, 4);
	assert_int_equal(facts.oldest_us, fixture->world.wall_us);
	assert_int_equal(facts.sessions, 1);
	assert_string_equal(facts.incident, "");
	assert_true(facts.db_bytes > 0 && facts.wal_bytes > 0);
	fr_snapshot_close(snapshot);
}

static void looking_leaves_no_file_and_changes_none(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot;
	unsigned before;
	int64_t bytes;

	queue_fixture_record_many(fixture, 4);
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	before = count_files(fixture);
	bytes = queue_fixture_bytes(fixture);
	snapshot = look(fixture);
	fr_snapshot_close(snapshot);
	assert_int_equal(count_files(fixture), before);
	assert_int_equal(queue_fixture_bytes(fixture), bytes);
}

static void beside_an_agent_the_file_itself_is_read(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_socket_address address;
	struct fr_snapshot *snapshot;
	struct fr_queue_facts facts;
	int descriptor = -1;

	assert_int_equal(fr_socket_address_init(&address, fixture->folder.path, "agent.sock", NULL),
			 FR_OK);
	assert_int_equal(fr_socket_open(SOCK_STREAM, &descriptor, NULL), FR_OK);
	assert_int_equal(bind(descriptor, fr_socket_name(&address), fr_socket_name_length()), 0);
	assert_int_equal(listen(descriptor, 4), 0);
	fr_socket_address_fini(&address);
	queue_fixture_record_many(fixture, 2);
	snapshot = look(fixture);
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(fr_snapshot_facts(snapshot, &facts, &fixture->err), FR_OK);
	assert_int_equal(facts.queued, 3); /* what came after it was opened is seen too */
	fr_snapshot_close(snapshot);
	(void)close(descriptor);
}

struct names {
	char text[256];
};

static bool add_name(void *context, const struct fr_event *event)
{
	struct names *names = context;
	size_t length = strlen(names->text);

	(void)snprintf(names->text + length, sizeof names->text - length, "%s ", event->name);
	return true;
}

static void expect_names(struct fr_snapshot *snapshot, struct fr_event_filter filter,
			 const char *expected)
{
	struct names names = {""};
	struct fr_error err;

	if (filter.min_severity == 0)
		filter.min_severity = FR_TRACE;
	if (fr_snapshot_events(snapshot, &filter, add_name, &names, &err) != FR_OK)
		fail_msg("%s", err.text);
	assert_string_equal(names.text, expected);
}

static void events_are_filtered_by_name_severity_age_and_number(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot;
	int64_t start_us = fixture->world.wall_us;
	const struct queue_event events[] = {{.name = "api_call"},
					     {.name = "api_error", .severity = FR_ERROR},
					     {.name = "edit"},
					     {.name = "crash", .severity = FR_FATAL}};

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(queue_fixture_record(fixture, &events[i], NULL), FR_OK);
		test_world_pass(&fixture->world, 1000000);
	}
	snapshot = look(fixture);
	expect_names(snapshot, (struct fr_event_filter){0}, "api_call api_error edit crash ");
	expect_names(snapshot, (struct fr_event_filter){.name_glob = "api_*"},
		     "api_call api_error ");
	expect_names(snapshot, (struct fr_event_filter){.min_severity = FR_ERROR},
		     "api_error crash ");
	expect_names(snapshot, (struct fr_event_filter){.since_us = start_us + 2000000},
		     "edit crash ");
	expect_names(snapshot, (struct fr_event_filter){.last = 2}, "edit crash ");
	expect_names(snapshot, (struct fr_event_filter){.last = 1, .name_glob = "api_*"},
		     "api_error ");
	expect_names(snapshot, (struct fr_event_filter){.after_id = 3}, "crash ");
	fr_snapshot_close(snapshot);
}

static void the_next_batch_is_told_with_the_id_it_will_have(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_claim claim = {
		.sink = sink, .max_events = 2, .max_bytes = 1 << 20, .min_severity = FR_TRACE};
	struct fr_batch *foreseen = NULL, *batch;
	struct fr_snapshot *snapshot;

	queue_fixture_record_many(fixture, 3);
	snapshot = look(fixture);
	assert_int_equal(fr_snapshot_next_batch(snapshot, &claim, &foreseen, &fixture->err), FR_OK);
	fr_snapshot_close(snapshot);
	queue_fixture_reopen(fixture);
	batch = queue_fixture_claim(fixture, sink, 2);
	assert_string_equal(foreseen->uuid, batch->uuid);
	assert_int_equal(foreseen->count, batch->count);
	fr_batch_free(foreseen);
	fr_batch_free(batch);
}

static void copy_sentence(void *context, const char *sentence)
{
	struct names *last = context;

	(void)fr_text_copy(last->text, sizeof last->text, sentence);
}

static void a_false_book_is_found(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	char command[TEST_PATH_MAX + 256];
	struct fr_snapshot *snapshot;
	struct names last = {""};
	unsigned findings = 0;

	queue_fixture_record_many(fixture, 3);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 2));
	(void)snprintf(command, sizeof command,
		       "sqlite3 '%s/queue.db' 'UPDATE ledger_entry SET events = 3'",
		       fixture->folder.path);
	assert_int_equal(system(command), 0);
	snapshot = look(fixture);
	assert_int_equal(
		fr_snapshot_verify(snapshot, copy_sentence, &last, &findings, &fixture->err),
		FR_OK);
	assert_int_equal(findings, 1);
	assert_string_equal(last.text, "sink a: committed 3 events, but the books account for 4");
	fr_snapshot_close(snapshot);
}

static bool copy_value(void *context, const struct fr_cell *cells, int columns)
{
	struct names *out = context;

	assert_int_equal(columns, 1);
	(void)fr_text_copy(out->text, sizeof out->text, cells[0].text);
	return true;
}

static void any_question_is_answered_and_no_statement_writes(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot;
	struct names answer = {""};

	queue_fixture_record_many(fixture, 3);
	snapshot = look(fixture);
	assert_int_equal(fr_snapshot_query(snapshot, "SELECT count(*) FROM pending;", copy_value,
					   &answer, &fixture->err),
			 FR_OK);
	assert_string_equal(answer.text, "3");
	assert_int_equal(fr_snapshot_query(snapshot, "DELETE FROM event", copy_value, &answer,
					   &fixture->err),
			 FR_INVALID);
	assert_int_equal(fr_snapshot_query(snapshot, "SELECT 1; SELECT 2", copy_value, &answer,
					   &fixture->err),
			 FR_INVALID);
	assert_int_equal(fr_snapshot_query(snapshot, "SELEKT", copy_value, &answer, &fixture->err),
			 FR_INVALID);
	fr_snapshot_close(snapshot);
	queue_fixture_reopen(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 3);
}

static void without_a_queue_there_is_nothing_to_look_at(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot = NULL;
	struct test_folder empty;

	test_folder_make(&empty);
	assert_int_equal(
		fr_snapshot_open(&snapshot, empty.path, &fixture->world.env, &fixture->err),
		FR_NONE);
	assert_null(snapshot);
	test_folder_remove(&empty);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(facts_are_the_same_as_the_rows),
		WITH_QUEUE(looking_leaves_no_file_and_changes_none),
		WITH_QUEUE(beside_an_agent_the_file_itself_is_read),
		WITH_QUEUE(events_are_filtered_by_name_severity_age_and_number),
		WITH_QUEUE(the_next_batch_is_told_with_the_id_it_will_have),
		WITH_QUEUE(a_false_book_is_found),
		WITH_QUEUE(any_question_is_answered_and_no_statement_writes),
		WITH_QUEUE(without_a_queue_there_is_nothing_to_look_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
