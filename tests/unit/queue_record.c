/* What a record call leaves in the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/queue_fixture.h"
#include "support/test.h"

static void a_recorded_event_is_in_the_file_with_everything_that_was_said(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event event = {.name = "edit_file", .severity = FR_ERROR};
	int64_t id = 0;

	assert_int_equal(queue_fixture_record(fixture, &event, &id), FR_OK);
	assert_int_equal(id, 1);
	assert_int_equal(queue_fixture_ask(
				 fixture,
				 "SELECT count(*) FROM pending WHERE name = 'edit_file' "
				 "AND severity = 'error' AND consent = 'on' AND service = 'editor' "
				 "AND seq = 0 AND properties = '{\"text\":\"x\"}'"),
			 1);
}

static void seq_counts_the_commits_of_a_session_without_a_gap(void **state)
{
	struct queue_fixture *fixture = *state;

	queue_fixture_record_many(fixture, 50);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT count(*) FROM event WHERE seq = id - 1"), 50);
	assert_int_equal(fixture->session.next_seq, 50);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM session"), 1);
}

static void the_files_are_private(void **state)
{
	struct queue_fixture *fixture = *state;
	static const char *const names[] = {"queue.db", "queue.db-wal", "queue.db-shm",
					    "queue.lock"};

	queue_fixture_record_many(fixture, 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[TEST_PATH_MAX];
		struct stat facts;

		assert_int_equal(stat(test_folder_path(&fixture->folder, names[i], path), &facts),
				 0);
		assert_int_equal(facts.st_mode & 07777, 0600);
	}
}

static void an_id_is_not_used_again_after_everything_left(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), id = 0;

	queue_fixture_record_many(fixture, 3);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 0);
	queue_fixture_reopen(fixture);
	assert_int_equal(queue_fixture_record(fixture, NULL, &id), FR_OK);
	assert_int_equal(id, 4);
	queue_fixture_verify(fixture);
}

static void an_id_is_not_used_again_after_a_purge(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t id = 0, events = 0;

	queue_fixture_record_many(fixture, 5);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	assert_int_equal(events, 5);
	assert_int_equal(queue_fixture_record(fixture, NULL, &id), FR_OK);
	assert_int_equal(id, 6);
	queue_fixture_verify(fixture);
}

static void the_newest_row_cannot_be_deleted_by_hand(void **state)
{
	struct queue_fixture *fixture = *state;
	char command[TEST_PATH_MAX + 128];

	queue_fixture_record_many(fixture, 2);
	(void)snprintf(command, sizeof command,
		       "sqlite3 '%s/queue.db' 'DELETE FROM event WHERE id = 2' 2>/dev/null",
		       fixture->folder.path);
	assert_int_not_equal(system(command), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(id) FROM event"), 2);
}

static void a_session_that_was_cleaned_away_comes_back_with_its_next_event(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL), events;

	queue_fixture_record_many(fixture, 2);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM session"), 0);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT seq FROM pending WHERE service = 'editor'"), 2);
}

static void many_events_go_in_together_or_not_at_all(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_draft draft;
	struct fr_append appends[3];

	fr_draft_init(&draft, 1000);
	fr_draft_set_name(&draft, "bulk");
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	for (int i = 0; i < 3; i++)
		appends[i] = (struct fr_append){.uuid = "0", .draft = &draft, .sendable = true};
	assert_int_equal(
		fr_queue_append_all(fixture->queue, &fixture->session, appends, 3, &fixture->err),
		FR_OK);
	appends[2].uuid = NULL; /* NOT NULL refuses it */
	assert_int_not_equal(
		fr_queue_append_all(fixture->queue, &fixture->session, appends, 3, &fixture->err),
		FR_OK);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 3);
	assert_int_equal(fixture->session.next_seq, 3);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(seq) FROM pending"), 3);
	fr_draft_fini(&draft);
}

static void a_queue_that_was_deleted_under_us_is_told(void **state)
{
	struct queue_fixture *fixture = *state;
	unsigned files = 0;

	queue_fixture_record_many(fixture, 1);
	assert_int_equal(fr_queue_unlink(fixture->folder.path, &fixture->world.env, 1000, &files,
					 &fixture->err),
			 FR_OK);
	assert_int_equal(files, 3);
	assert_int_equal(queue_fixture_record(fixture, NULL, NULL), FR_NONE);
	queue_fixture_reopen(fixture);
	fixture->session.row = 0;
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 1);
}

static void a_file_of_another_application_is_left_alone(void **state)
{
	struct queue_fixture *fixture = *state;
	char command[2 * TEST_PATH_MAX + 128];
	struct fr_queue *other = NULL;

	(void)snprintf(command, sizeof command,
		       "rm '%s'/queue.db*; sqlite3 '%s/queue.db' 'CREATE TABLE mine (x)'",
		       fixture->folder.path, fixture->folder.path);
	assert_int_equal(system(command), 0);
	assert_int_equal(fr_queue_open(&other, &fixture->options, &fixture->err), FR_INVALID);
	assert_null(other);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM mine"), 0);
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
}

static void alter(struct queue_fixture *fixture, const char *sql)
{
	char command[TEST_PATH_MAX + 512];

	(void)snprintf(command, sizeof command, "sqlite3 '%s/queue.db' '%s' >/dev/null",
		       fixture->folder.path, sql);
	assert_int_equal(system(command), 0);
}

static void a_newer_file_that_only_adds_is_written_as_before(void **state)
{
	struct queue_fixture *fixture = *state;

	alter(fixture, "PRAGMA user_version = 7; ALTER TABLE event ADD COLUMN mood TEXT");
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_ask(fixture, "PRAGMA user_version"), 7);
}

static void a_newer_file_that_says_so_is_not_touched(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_queue *other = NULL;

	queue_fixture_record_many(fixture, 1);
	alter(fixture, "PRAGMA user_version = 7; UPDATE meta SET min_writer = 9999");
	assert_int_equal(fr_queue_open(&other, &fixture->options, &fixture->err), FR_TOO_NEW);
	assert_null(other);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 1);
}

static void a_file_that_a_newer_release_takes_over_is_not_touched_any_more(void **state)
{
	struct queue_fixture *fixture = *state;

	queue_fixture_record_many(fixture, 1);
	alter(fixture, "PRAGMA user_version = 7; UPDATE meta SET min_writer = 9999");
	assert_int_equal(queue_fixture_record(fixture, NULL, NULL), FR_TOO_NEW);
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_TOO_NEW);
	assert_int_equal(fr_queue_count_refused(fixture->queue,
						&(struct fr_refused){"a rule", "note", 1}, 1,
						&fixture->err),
			 FR_TOO_NEW);
	alter(fixture,
	      "ALTER TABLE event RENAME COLUMN name TO title"); /* whatever it does to it */
	assert_int_equal(queue_fixture_record(fixture, NULL, NULL), FR_TOO_NEW);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM event"), 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM refused"), 0);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(a_recorded_event_is_in_the_file_with_everything_that_was_said),
		WITH_QUEUE(seq_counts_the_commits_of_a_session_without_a_gap),
		WITH_QUEUE(the_files_are_private),
		WITH_QUEUE(an_id_is_not_used_again_after_everything_left),
		WITH_QUEUE(an_id_is_not_used_again_after_a_purge),
		WITH_QUEUE(the_newest_row_cannot_be_deleted_by_hand),
		WITH_QUEUE(a_session_that_was_cleaned_away_comes_back_with_its_next_event),
		WITH_QUEUE(many_events_go_in_together_or_not_at_all),
		WITH_QUEUE(a_queue_that_was_deleted_under_us_is_told),
		WITH_QUEUE(a_file_of_another_application_is_left_alone),
		WITH_QUEUE(a_newer_file_that_only_adds_is_written_as_before),
		WITH_QUEUE(a_newer_file_that_says_so_is_not_touched),
		WITH_QUEUE(a_file_that_a_newer_release_takes_over_is_not_touched_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
