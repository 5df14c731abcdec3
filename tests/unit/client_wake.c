/* When the agent is told, and when that is counted as told. */
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/wake.h"
#include "support/folder.h"
#include "support/world.h"

enum { MS = 1000, S = 1000 * MS };

struct meeting {
	struct test_folder folder;
	char home[TEST_PATH_MAX];
	struct test_world world;
	struct fr_wake wake;
	int mailbox; /* the agent's end, -1: no agent */
};

static void home_set(struct meeting *meeting, const char *home)
{
	(void)snprintf(meeting->home, sizeof meeting->home, "%s", home);
	fr_wake_init(&meeting->wake, meeting->home, &meeting->world.env);
}

static int meeting_make(void **state)
{
	struct meeting *meeting = calloc(1, sizeof *meeting);

	assert_non_null(meeting);
	test_folder_make(&meeting->folder);
	test_world_init(&meeting->world);
	meeting->mailbox = -1;
	home_set(meeting, meeting->folder.path);
	*state = meeting;
	return 0;
}

static void agent_goes(struct meeting *meeting)
{
	if (meeting->mailbox >= 0)
		(void)close(meeting->mailbox);
	meeting->mailbox = -1;
}

static int meeting_remove(void **state)
{
	struct meeting *meeting = *state;

	agent_goes(meeting);
	fr_wake_fini(&meeting->wake);
	test_folder_remove(&meeting->folder);
	free(meeting);
	return 0;
}

static void agent_comes(struct meeting *meeting)
{
	struct fr_socket_address address;
	char path[FR_PATH_MAX];

	assert_int_equal(fr_path_join(path, meeting->home, FR_WAKE_SOCKET, NULL), FR_OK);
	(void)unlink(path);
	assert_int_equal(fr_socket_open(SOCK_DGRAM, &meeting->mailbox, NULL), FR_OK);
	assert_int_equal(fr_socket_address_init(&address, meeting->home, FR_WAKE_SOCKET, NULL),
			 FR_OK);
	assert_int_equal(bind(meeting->mailbox, fr_socket_name(&address), fr_socket_name_length()),
			 0);
	fr_socket_address_fini(&address);
}

/* How many datagrams are there, all of which say word. */
static int agent_reads(struct meeting *meeting, enum fr_wake_word word)
{
	char text[16];
	int count = 0;
	ssize_t got;

	while ((got = recv(meeting->mailbox, text, sizeof text, 0)) >= 0) {
		assert_int_equal(got, 1);
		assert_int_equal(text[0], word);
		count++;
	}
	assert_int_equal(errno, EAGAIN);
	return count;
}

static void commit(struct meeting *meeting, int64_t takes_us)
{
	fr_wake_before_commit(&meeting->wake);
	test_world_pass(&meeting->world, takes_us);
	fr_wake_after_commit(&meeting->wake);
}

static void the_agent_is_told_before_the_commit_and_then_once_a_second(void **state)
{
	struct meeting *meeting = *state;

	agent_comes(meeting);
	fr_wake_before_commit(&meeting->wake);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
	fr_wake_after_commit(&meeting->wake);
	for (int i = 0; i < 99; i++)
		commit(meeting, 10 * MS);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 0);
	test_world_pass(&meeting->world, 11 * MS);
	commit(meeting, 0);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
}

static void a_commit_that_ends_later_than_a_second_after_the_word_is_told_again(void **state)
{
	struct meeting *meeting = *state;

	agent_comes(meeting);
	commit(meeting, 1 * S);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
	test_world_pass(&meeting->world, 5 * S);
	commit(meeting, 1 * S + 1);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 2);
}

static void a_word_that_nobody_heard_does_not_count(void **state)
{
	struct meeting *meeting = *state;

	commit(meeting, 0);
	agent_comes(meeting);
	commit(meeting, 0); /* too soon after the failure: the agent looks when it starts anyway */
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 0);
	test_world_pass(&meeting->world, 10 * MS + 1);
	commit(meeting, 0);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
}

static void a_slow_commit_after_an_unheard_word_is_told(void **state)
{
	struct meeting *meeting = *state;

	fr_wake_before_commit(&meeting->wake);
	agent_comes(meeting);
	test_world_pass(&meeting->world, 1 * S + 1);
	fr_wake_after_commit(&meeting->wake);
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
}

static void a_new_agent_is_found_where_the_old_one_was(void **state)
{
	struct meeting *meeting = *state;

	agent_comes(meeting);
	commit(meeting, 0);
	agent_goes(meeting);
	test_world_pass(&meeting->world, 2 * S);
	assert_false(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
	agent_comes(meeting);
	assert_true(fr_wake_say(&meeting->wake, FR_WAKE_FLUSH));
	assert_int_equal(agent_reads(meeting, FR_WAKE_FLUSH), 1);
}

static void a_full_mailbox_is_as_good_as_a_delivery(void **state)
{
	struct meeting *meeting = *state;

	agent_comes(meeting);
	for (int i = 0; i < 2000; i++)
		assert_true(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
	assert_in_range(agent_reads(meeting, FR_WAKE_LOOK), 1, 1999);
}

static void a_home_deeper_than_a_socket_address_is_reached_all_the_same(void **state)
{
	struct meeting *meeting = *state;
	char deep[TEST_PATH_MAX];

	assert_int_equal(fr_path_join(deep, meeting->folder.path,
				      "a-folder-with-a-name-of-more-than-one-hundred-bytes-"
				      "which-no-socket-address-in-the-world-can-hold-by-itself",
				      NULL),
			 FR_OK);
	assert_int_equal(mkdir(deep, 0700), 0);
	assert_true(strlen(deep) > sizeof(((struct sockaddr_un *)NULL)->sun_path));
	home_set(meeting, deep);
	assert_false(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
	agent_comes(meeting);
	assert_true(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
	assert_int_equal(agent_reads(meeting, FR_WAKE_LOOK), 1);
}

static void a_home_that_was_replaced_is_found_again(void **state)
{
	struct meeting *meeting = *state;
	char deep[TEST_PATH_MAX], aside[TEST_PATH_MAX], name[101];

	memset(name, 'd', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	(void)test_folder_path(&meeting->folder, name, deep);
	(void)test_folder_path(&meeting->folder, "aside", aside);
	assert_int_equal(mkdir(deep, 0700), 0);
	home_set(meeting, deep);
	agent_comes(meeting);
	assert_true(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
	agent_goes(meeting);
	assert_int_equal(rename(deep, aside), 0);
	assert_int_equal(mkdir(deep, 0700), 0);
	agent_comes(meeting);
	assert_false(fr_wake_say(&meeting->wake, FR_WAKE_LOOK)); /* the old folder's dead socket */
	assert_true(fr_wake_say(&meeting->wake, FR_WAKE_LOOK));
}

static void nothing_is_opened_before_the_first_word(void **state)
{
	struct meeting *meeting = *state;

	assert_int_equal(meeting->wake.fd, -1);
	assert_false(meeting->wake.has_address);
}

#define MEETING_TEST(test) cmocka_unit_test_setup_teardown(test, meeting_make, meeting_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEETING_TEST(the_agent_is_told_before_the_commit_and_then_once_a_second),
		MEETING_TEST(a_commit_that_ends_later_than_a_second_after_the_word_is_told_again),
		MEETING_TEST(a_word_that_nobody_heard_does_not_count),
		MEETING_TEST(a_slow_commit_after_an_unheard_word_is_told),
		MEETING_TEST(a_new_agent_is_found_where_the_old_one_was),
		MEETING_TEST(a_full_mailbox_is_as_good_as_a_delivery),
		MEETING_TEST(a_home_deeper_than_a_socket_address_is_reached_all_the_same),
		MEETING_TEST(a_home_that_was_replaced_is_found_again),
		MEETING_TEST(nothing_is_opened_before_the_first_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
