/* The disk fails, at every write, sync, truncation, open and delete of every call on the queue:
 * with an I/O error or for want of space, once and from there on.
 *
 * Nothing acknowledged is lost, and the same call works as soon as the disk does. Where only the
 * flush failed, the event is there, and record said FR_UNCERTAIN. FLIGHTREC_FAULT_ALL=1 tries every
 * read, else each third.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault/stage.h"
#include "support/fault_heap.h"
#include "support/fault_vfs.h"
#include "support/test.h"

static struct stage stage;

static const char *operation_name(unsigned operation)
{
	switch (operation) {
	case FAULT_OPEN:
		return "open";
	case FAULT_READ:
		return "read";
	case FAULT_WRITE:
		return "write";
	case FAULT_SYNC:
		return "sync";
	case FAULT_TRUNCATE:
		return "truncation";
	case FAULT_DELETE:
		return "delete";
	default:
		return "mapping";
	}
}

/* A fault of the disk is told as one: never as damage, which would move a sound file aside. */
static void check_status(enum fr_status status, const struct fault_plan *plan, bool fired,
			 const char *what)
{
	bool is_told = status == FR_OK || status == FR_IO || (status == FR_FULL && plan->is_full) ||
		       (status == FR_NOMEM && plan->operations == FAULT_SHARED_MEMORY);

	if (!is_told || (status != FR_OK && !fired))
		fail_msg("%s: answers %d: %s", what, (int)status, stage.fixture->err.text);
}

static bool try_at(const struct stage_act *act, const struct fault_plan *plan)
{
	enum fr_status status;
	char what[128];
	bool fired;

	(void)snprintf(what, sizeof what, "%s, %s %u fails%s%s", act->name,
		       operation_name(plan->operations), plan->countdown,
		       plan->is_full ? ", full" : "", plan->for_ever ? ", and all after it" : "");
	stage_set(&stage, act);
	fault_vfs_arm(plan);
	status = act->run(&stage);
	fired = fault_vfs_disarm();
	check_status(status, plan, fired, what);
	stage_check(&stage, act, what);
	return fired;
}

static void sweep(unsigned operation, bool is_full)
{
	unsigned tried = 0;
	unsigned step = operation == FAULT_READ && getenv("FLIGHTREC_FAULT_ALL") == NULL ? 3 : 1;

	for (size_t i = 0; i < stage_act_count; i++)
		for (int for_ever = 0; for_ever < 2; for_ever++) {
			struct fault_plan plan = {.operations = operation,
						  .countdown = 1,
						  .for_ever = for_ever,
						  .is_full = is_full};

			for (; try_at(&stage_acts[i], &plan); plan.countdown += step)
				tried++;
		}
	print_message("%s%s: %u failures\n", operation_name(operation), is_full ? ", no space" : "",
		      tried);
	assert_true(tried > 0 || operation == FAULT_DELETE);
}

static void a_write_that_fails_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_WRITE, false);
}

static void a_full_disk_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_WRITE, true);
}

static void a_sync_that_fails_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_SYNC, false);
}

static void a_truncation_that_fails_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_TRUNCATE, false);
}

static void a_file_that_cannot_be_opened_or_deleted_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_OPEN, false);
	sweep(FAULT_DELETE, false);
}

static void a_read_that_fails_is_not_taken_for_damage(void **state)
{
	(void)state;
	sweep(FAULT_READ, false);
}

static void memory_that_cannot_be_shared_loses_nothing(void **state)
{
	(void)state;
	sweep(FAULT_SHARED_MEMORY, false);
}

static const struct stage_act *act_named(const char *name)
{
	for (size_t i = 0; i < stage_act_count; i++)
		if (strcmp(stage_acts[i].name, name) == 0)
			return &stage_acts[i];
	fail_msg("no act %s", name);
	return NULL;
}

/* The row is there for every other process at once, whatever became of the flush. */
static void an_event_whose_flush_failed_is_there_and_uncertain(void **state)
{
	static const char *const names[] = {"record", "record the first of a session",
					    "record many"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct stage_act *act = act_named(names[i]);
		struct fault_plan plan = {
			.operations = FAULT_SYNC, .countdown = 1, .for_ever = true};
		int64_t before;

		stage_set(&stage, act);
		before = queue_fixture_ask(stage.fixture, "SELECT count(*) FROM pending");
		fault_vfs_arm(&plan);
		assert_int_equal(act->run(&stage), FR_OK);
		assert_true(fault_vfs_disarm());
		assert_int_equal(stage.uncertain, 1);
		assert_true(queue_fixture_ask(stage.fixture, "SELECT count(*) FROM pending") >
			    before);
		stage_check(&stage, act, names[i]);
	}
}

/* Going back to the stronger setting takes memory too; until it succeeds nothing is recorded. */
static void a_flush_and_the_memory_may_fail_together(void **state)
{
	const struct stage_act *act = act_named("record");
	struct fault_plan plan = {.operations = FAULT_SYNC, .countdown = 1};

	(void)state;
	for (unsigned n = 1; n < 60; n++) {
		char what[64];

		(void)snprintf(what, sizeof what, "sync and allocation %u fail", n);
		stage_set(&stage, act);
		fault_vfs_arm(&plan);
		fault_heap_arm(n, true);
		(void)act->run(&stage);
		(void)fault_heap_disarm();
		(void)fault_vfs_disarm();
		stage_check(&stage, act, what);
	}
}

static int set_up_once(void **state)
{
	(void)state;
	test_folder_in_memory();
	fault_heap_install();
	fault_vfs_install();
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	stage_make(&stage, FR_PROCESS);
	return 0;
}

static int set_up_power(void **state)
{
	(void)state;
	stage_make(&stage, FR_POWER);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_drop(&stage);
	return 0;
}

int main(void)
{
#define WITH(set_up, test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH(set_up, a_write_that_fails_loses_nothing),
		WITH(set_up, a_full_disk_loses_nothing),
		WITH(set_up_power, a_sync_that_fails_loses_nothing),
		WITH(set_up, a_truncation_that_fails_loses_nothing),
		WITH(set_up, a_file_that_cannot_be_opened_or_deleted_loses_nothing),
		WITH(set_up, a_read_that_fails_is_not_taken_for_damage),
		WITH(set_up, memory_that_cannot_be_shared_loses_nothing),
		WITH(set_up_power, an_event_whose_flush_failed_is_there_and_uncertain),
		WITH(set_up_power, a_flush_and_the_memory_may_fail_together),
	};

	return cmocka_run_group_tests(tests, set_up_once, NULL);
}
