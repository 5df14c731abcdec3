/* A full disk: recording says so, and what was delivered can still be finished. On a small file
 * system of the test's own, in a mount namespace that goes with the process; skipped where that is
 * not allowed.
 */
#define _GNU_SOURCE /* unshare; this test is for Linux */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "queue/room.h"
#include "support/queue_fixture.h"
#include "support/test.h"

enum { LONG_LOG_BYTES = FR_CHECKPOINT_FRAMES * FR_FRAME_BYTES };

static bool has_small_disks;

static int enter_namespace(void **state)
{
	(void)state;
	has_small_disks = unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return 0;
}

/* The fixture again, on 48 MiB. */
static int set_up(void **state)
{
	struct queue_fixture *fixture;

	if (queue_fixture_set_up(state) != 0)
		return -1;
	fixture = *state;
	if (has_small_disks) {
		fr_queue_close(fixture->queue);
		fixture->queue = NULL;
		assert_int_equal(
			mount("none", fixture->folder.path, "tmpfs", 0, "size=48m,mode=0700"), 0);
		fixture->options.exclusive_agent = true;
		queue_fixture_reopen(fixture);
	}
	return 0;
}

static int tear_down(void **state)
{
	struct queue_fixture *fixture = *state;

	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	if (has_small_disks)
		(void)umount2(fixture->folder.path, MNT_DETACH); /* also when it failed */
	return queue_fixture_tear_down(state);
}

static void fill_disk(struct queue_fixture *fixture)
{
	static char block[4096];
	char path[TEST_PATH_MAX];
	int descriptor = open(test_folder_path(&fixture->folder, "filler", path),
			      O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(descriptor >= 0);
	while (write(descriptor, block, sizeof block) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(descriptor);
}

static bool has_ballast(struct queue_fixture *fixture)
{
	char path[TEST_PATH_MAX];

	return access(test_folder_path(&fixture->folder, "ballast", path), F_OK) == 0;
}

static void keep_house(struct queue_fixture *fixture)
{
	struct fr_upkeep upkeep = {.idle = true};

	if (fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err) != FR_OK)
		fail_msg("%s", fixture->err.text);
}

/* Acks as the courier does: a failed transaction is tried again. */
static unsigned ack_patiently(struct queue_fixture *fixture, const struct fr_batch *batch)
{
	unsigned attempts = 0;
	enum fr_status status;

	do {
		attempts++;
		status = fr_queue_begin(fixture->queue, &fixture->err);
		if (status == FR_OK)
			status = fr_batch_ack(fixture->queue, batch, NULL, 0, &fixture->err);
		if (status == FR_OK)
			status = fr_queue_commit(fixture->queue, &fixture->err);
		fr_queue_rollback(fixture->queue);
	} while (status == FR_FULL && attempts < 10);
	assert_int_equal(status, FR_OK);
	return attempts;
}

static void on_a_full_disk_an_ack_still_commits(void **state)
{
	struct queue_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	struct fr_batch *batch;
	enum fr_status status = FR_OK;
	int64_t sink;

	if (!has_small_disks)
		skip();
	keep_house(fixture);
	assert_true(has_ballast(fixture));
	sink = queue_fixture_sinks(fixture, "a", NULL);
	queue_fixture_record_many(fixture, 500);
	batch = queue_fixture_claim(fixture, sink, 100);
	fill_disk(fixture);
	fixture->options.exclusive_agent = false; /* a host program: it may not have the ballast */
	struct fr_queue *agent = fixture->queue;
	fixture->queue = NULL;
	queue_fixture_reopen(fixture);
	for (int i = 0; i < 2000 && status == FR_OK; i++)
		status = queue_fixture_record(fixture, NULL, NULL);
	assert_int_equal(status, FR_FULL);
	assert_true(has_ballast(fixture));
	fr_queue_close(fixture->queue);
	fixture->queue = agent;
	assert_true(ack_patiently(fixture, batch) > 1);
	fr_batch_free(batch);
	assert_false(has_ballast(fixture));
	assert_int_equal(unlink(test_folder_path(&fixture->folder, "filler", path)), 0);
	keep_house(fixture);
	assert_true(has_ballast(fixture));
	queue_fixture_record_many(fixture, 1);
	queue_fixture_verify(fixture);
}

static struct fr_batch *claim_patiently(struct queue_fixture *fixture, int64_t sink)
{
	struct fr_claim claim = {
		.sink = sink, .max_events = 100, .max_bytes = 1 << 20, .min_severity = FR_TRACE};
	struct fr_batch *batch = NULL;
	enum fr_status status;
	unsigned attempts = 0;
	bool more;

	do {
		status = fr_queue_begin(fixture->queue, &fixture->err);
		if (status == FR_OK)
			status = fr_batch_claim(fixture->queue, &claim, &batch, &more,
						&fixture->err);
		if (status == FR_OK)
			status = fr_queue_commit(fixture->queue, &fixture->err);
		fr_queue_rollback(fixture->queue);
		if (status != FR_OK) { /* it was never frozen */
			fr_batch_free(batch);
			batch = NULL;
		}
	} while (status == FR_FULL && attempts++ < 10);
	if (status != FR_OK && status != FR_NONE)
		fail_msg("%s", fixture->err.text);
	return batch;
}

/* More than the ballast has room for: each ack finds what the log of those before took. */
static void on_a_full_disk_a_whole_backlog_is_finished(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_batch *batch;
	int64_t sink;

	if (!has_small_disks)
		skip();
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 8; i++) {
		queue_fixture_record_many(fixture, 500);
		keep_house(fixture);
	}
	assert_true(has_ballast(fixture));
	fill_disk(fixture);
	for (int i = 0; i < 40; i++) {
		batch = claim_patiently(fixture, sink);
		(void)ack_patiently(fixture, batch);
		fr_batch_free(batch);
	}
	assert_false(has_ballast(fixture));
	queue_fixture_verify(fixture);
}

/* The log holds nothing but new pages, as many as it may have before the agent shortens it: to
 * shorten it the file must grow first. */
static void on_a_full_disk_a_long_log_does_not_stall_delivery(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event large = {.bytes = 40000};
	struct fr_batch *batch;
	int64_t sink;

	if (!has_small_disks)
		skip();
	keep_house(fixture);
	assert_true(has_ballast(fixture));
	sink = queue_fixture_sinks(fixture, "a", NULL);
	while (fr_room_wal_bytes(fixture->queue) < LONG_LOG_BYTES)
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
	fill_disk(fixture);
	while ((batch = claim_patiently(fixture, sink)) != NULL) {
		(void)ack_patiently(fixture, batch);
		fr_batch_free(batch);
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT queued FROM ledger"), 0);
	queue_fixture_verify(fixture);
}

/* Nobody ever made a ballast, and the log cannot be shortened: its pages are new to the file. */
static void a_purge_on_a_full_disk_keeps_the_books_and_the_ids(void **state)
{
	const struct fr_refusal why = {.reason = "schema", .status = 400, .answer = "no"};
	const struct queue_event large = {.bytes = 40000};
	struct queue_fixture *fixture = *state;
	struct fr_queue *other = NULL;
	struct fr_batch *batch;
	int64_t events = 0, id = 0, sink;
	char path[TEST_PATH_MAX];

	if (!has_small_disks)
		skip();
	fixture->options.exclusive_agent = false;
	queue_fixture_reopen(fixture);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 30; i++)
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 5));
	batch = queue_fixture_claim(fixture, sink, 5);
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_batch_bury(fixture->queue, batch, &why, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
	fr_batch_free(queue_fixture_claim(fixture, sink, 5));
	assert_int_equal(fr_queue_open(&other, &fixture->options, &fixture->err), FR_OK);
	fill_disk(fixture);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	assert_int_equal(events, 20); /* what was delivered or dead had left */
	assert_int_equal(fr_queue_begin(other, &fixture->err), FR_NONE); /* it has moved */
	fr_queue_close(other);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letter"), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), 5);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 25);
	assert_int_equal(unlink(test_folder_path(&fixture->folder, "filler", path)), 0);
	assert_int_equal(queue_fixture_record(fixture, NULL, &id), FR_OK);
	assert_int_equal(id, 31);
	assert_int_equal(queue_fixture_sinks(fixture, "a", NULL), sink);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 5));
	queue_fixture_verify(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_purge_on_a_full_disk_keeps_the_books_and_the_ids,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(on_a_full_disk_a_long_log_does_not_stall_delivery,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(on_a_full_disk_a_whole_backlog_is_finished, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(on_a_full_disk_an_ack_still_commits, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
