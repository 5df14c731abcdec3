/* A full disk, and one that may only be read: the owner can still look, choose, and deliver. On a
 * small file system of the test's own, in a mount namespace that goes with the process; skipped
 * where that is not allowed.
 */
#define _GNU_SOURCE /* unshare; this test is for Linux */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"

static bool has_small_disks;

static int enter_namespace(void **state)
{
	(void)state;
	has_small_disks = unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return 0;
}

/* The fixture again, its home on 2 MiB and with one event in it. */
static int set_up(void **state)
{
	struct cli_fixture *cli;

	if (cli_set_up(state) != 0)
		return -1;
	cli = *state;
	if (has_small_disks) {
		assert_int_equal(mkdir(cli->home, 0700), 0);
		assert_int_equal(mount("none", cli->home, "tmpfs", 0, "size=2m,mode=0700"), 0);
		CLI(cli, 0, "record", "here_before");
	}
	return 0;
}

static int tear_down(void **state)
{
	struct cli_fixture *cli = *state;

	if (has_small_disks)
		(void)umount(cli->home);
	return cli_tear_down(state);
}

static void fill_disk(struct cli_fixture *cli)
{
	static const char block[4096];
	char path[TEST_PATH_MAX + 16];
	int descriptor;

	(void)snprintf(path, sizeof path, "%s/filler", cli->home);
	descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(descriptor >= 0);
	while (write(descriptor, block, sizeof block) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(descriptor);
}

static void expect_the_event(struct cli_fixture *cli)
{
	CLI(cli, 0, "ls");
	assert_says(cli, "here_before");
	CLI(cli, 0, "status");
	assert_says(cli, "queue     1 event");
	CLI(cli, 0, "export");
	assert_says(cli, "here_before");
	CLI(cli, 0, "verify");
}

static void on_a_full_disk_one_can_still_look(void **state)
{
	struct cli_fixture *cli = *state;

	if (!has_small_disks)
		skip();
	fill_disk(cli);
	expect_the_event(cli);
}

static void what_may_only_be_read_is_read(void **state)
{
	struct cli_fixture *cli = *state;

	if (!has_small_disks)
		skip();
	assert_int_equal(mount(NULL, cli->home, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	expect_the_event(cli);
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "Read-only file system");
}

static void off_finds_room_for_itself_on_a_full_disk(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];

	if (!has_small_disks)
		skip();
	fill_disk(cli);
	CLI(cli, 75, "consent", "on");
	assert_complains(cli, "No space left on device");
	CLI(cli, 0, "consent", "off");
	assert_says(cli, "off: the owner chose off");
	assert_says(cli, "Deleted 1 event");
	(void)snprintf(path, sizeof path, "%s/queue.db", cli->home);
	assert_int_equal(access(path, F_OK), -1);
	CLI(cli, 1, "record", "x");
}

/* A file of 4 KiB, as a salvage would leave it. */
static void damaged_copy_make(const char *path)
{
	static const char block[4096] = "a damaged copy";
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(file >= 0);
	assert_int_equal(write(file, block, sizeof block), (ssize_t)sizeof block);
	(void)close(file);
}

/* What one app gives up makes room for the choice of the next. */
static void every_app_can_be_switched_off_on_a_full_disk(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 64];

	if (!has_small_disks)
		skip();
	cli_variable(cli, "FLIGHTREC_HOME", "");
	cli_variable(cli, "XDG_STATE_HOME", cli->home);
	CLI(cli, 0, "record", "x", "--app", "alpha");
	CLI(cli, 0, "record", "x", "--app", "beta");
	(void)snprintf(path, sizeof path, "%s/flightrec/beta/queue.db.damaged-20261122T083500Z",
		       cli->home);
	damaged_copy_make(path);
	fill_disk(cli);
	CLI(cli, 0, "consent", "off", "--all");
	assert_says(cli, "alpha: off: the owner chose off");
	assert_says(cli, "beta: off: the owner chose off");
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof path, "%s/flightrec/alpha/queue.db", cli->home);
	assert_int_equal(access(path, F_OK), -1);
	CLI(cli, 1, "record", "x", "--app", "beta");
}

/* What frees the disk must not need room on it. */
static void a_purge_finds_room_for_itself_on_a_full_disk(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];

	if (!has_small_disks)
		skip();
	CLI(cli, 0, "consent", "on");
	for (int i = 0; i < 4; i++)
		CLI(cli, 0, "record", "more");
	fill_disk(cli);
	CLI(cli, 75, "record", "x");
	CLI(cli, 0, "purge", "--yes");
	assert_says(cli, "Deleted 5 events of app default.");
	CLI(cli, 0, "ls");
	assert_complains(cli, "No events.");
	CLI(cli, 0, "verify");
	(void)snprintf(path, sizeof path, "%s/filler", cli->home);
	assert_int_equal(unlink(path), 0);
	CLI(cli, 0, "record", "after");
	assert_int_equal(cli_ask(cli, "SELECT id FROM pending"), 6); /* ids are never reused */
	CLI(cli, 0, "verify");
}

static void an_agent_starts_on_a_full_disk(void **state)
{
	struct cli_fixture *cli = *state;
	const char *argv[] = {FLIGHTRECD, NULL};
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	struct test_process *agent;

	if (!has_small_disks)
		skip();
	fill_disk(cli);
	agent = test_process_start(
		&(struct test_program){.argv = argv, .environment = cli->environment});
	do {
		test_sleep_ms(20);
		CLI(cli, 0, "status", "--json");
	} while (strstr(cli_output(cli), "\"running\":true") == NULL && test_now_ms() < deadline);
	assert_says(cli, "\"running\":true");
	test_process_free(agent);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(on_a_full_disk_one_can_still_look),
		TEST(what_may_only_be_read_is_read),
		TEST(off_finds_room_for_itself_on_a_full_disk),
		TEST(every_app_can_be_switched_off_on_a_full_disk),
		TEST(a_purge_finds_room_for_itself_on_a_full_disk),
		TEST(an_agent_starts_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
