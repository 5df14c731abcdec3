/* A fork child and its parent's queue: the locks that fork does not carry over, and those that it
 * does. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "queue/lock.h"
#include "support/queue_fixture.h"
#include "support/test.h"

static void wait_for_success(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void tell(int descriptor)
{
	if (write(descriptor, "x", 1) != 1)
		_exit(3);
}

static void await(int descriptor)
{
	char byte;

	if (read(descriptor, &byte, 1) != 1)
		_exit(4);
}

/* In the child: leaves the parent's connection behind, and records with one of its own, before and
 * after. */
static void child_records(struct queue_fixture *fixture, int from_parent, int to_parent)
{
	fr_queue_abandon(fixture->queue);
	fixture->queue = NULL;
	if (fr_queue_open(&fixture->queue, &fixture->options, &fixture->err) != FR_OK)
		_exit(1);
	fixture->session = (struct fr_session){.service = "child", .version = ""};
	(void)fr_text_copy(fixture->session.uuid, sizeof fixture->session.uuid,
			   "0198c000-0000-7000-8000-000000000000");
	if (queue_fixture_record(fixture, NULL, NULL) != FR_OK)
		_exit(2);
	tell(to_parent);
	await(from_parent);
	for (int i = 0; i < 10; i++)
		if (queue_fixture_record(fixture, NULL, NULL) != FR_OK)
			_exit(2);
	_exit(0);
}

/* The stock shell believes itself the last one and would delete the WAL, were the child's locks not
 * there. */
static void what_a_child_commits_survives_others_that_come_and_go(void **state)
{
	struct queue_fixture *fixture = *state;
	char command[TEST_PATH_MAX + 128];
	int down[2], up[2];
	pid_t child;

	queue_fixture_record_many(fixture, 3);
	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		child_records(fixture, down[0], up[1]);
	await(up[0]);
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	(void)snprintf(command, sizeof command,
		       "sqlite3 '%s/queue.db' 'SELECT count(*) FROM event' > /dev/null",
		       fixture->folder.path);
	assert_int_equal(system(command), 0);
	tell(down[1]);
	wait_for_success(child);
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 15);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT count(*) FROM pending WHERE service = 'child'"),
		11);
	queue_fixture_verify(fixture);
	for (int i = 0; i < 2; i++) {
		(void)close(down[i]);
		(void)close(up[i]);
	}
}

/* The middle process holds the lock, forks, and is killed; its child lives on. */
static void hold_fork_and_die(const char *path, int to_parent)
{
	struct fr_lock *lock;

	if (fr_lock_open(&lock, path, NULL) != FR_OK || fr_lock_acquire(lock, 0, NULL) != FR_OK)
		_exit(1);
	if (fork() == 0) {
		tell(to_parent);
		(void)sleep(20);
		_exit(0);
	}
	(void)pause();
}

static void a_child_does_not_keep_the_lock_of_its_dead_parent(void **state)
{
	struct queue_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	int up[2], status;
	pid_t middle;

	(void)test_folder_path(&fixture->folder, "queue.lock", path);
	assert_int_equal(pipe(up), 0);
	middle = fork();
	assert_true(middle >= 0);
	if (middle == 0) {
		(void)setpgid(0, 0);
		hold_fork_and_die(path, up[1]);
	}
	await(up[0]);
	assert_int_equal(fr_lock_open(&lock, path, NULL), FR_OK);
	assert_int_equal(fr_lock_acquire(lock, 0, NULL), FR_BUSY);
	assert_int_equal(kill(middle, SIGKILL), 0);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(fr_lock_acquire(lock, 100, NULL), FR_OK);
	fr_lock_release(lock);
	fr_lock_close(lock);
	(void)kill(-middle, SIGKILL); /* the grandchild */
	(void)close(up[0]);
	(void)close(up[1]);
}

static void waiting_for_the_lock_is_bounded(void **state)
{
	struct queue_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	struct fr_env env;
	int64_t before_us, waited_us;

	fr_env_real(&env);
	(void)test_folder_path(&fixture->folder, "queue.lock", path);
	assert_int_equal(fr_lock_open(&lock, path, NULL), FR_OK);
	assert_int_equal(fr_lock_acquire(lock, 0, NULL), FR_OK);
	fixture->options.busy_ms = 50;
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	before_us = fr_env_boot_us(&env);
	assert_int_equal(fr_queue_open(&fixture->queue, &fixture->options, &fixture->err), FR_BUSY);
	waited_us = fr_env_boot_us(&env) - before_us;
	assert_true(waited_us >= 50 * 1000);
	assert_true(waited_us < 5 * 1000 * 1000);
	fr_lock_release(lock);
	fr_lock_close(lock);
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 1);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(what_a_child_commits_survives_others_that_come_and_go),
		WITH_QUEUE(a_child_does_not_keep_the_lock_of_its_dead_parent),
		WITH_QUEUE(waiting_for_the_lock_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
