/* A child may go on using the recorder: a session of its own, from seq 0, and never the parent's
 * connection. */
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client_fixture.h"

enum { FORKS = 200, FORK_LIMIT_S = 60 };

/* AddressSanitizer's allocator of these years is not made for it: when another thread was
 * allocating, its lock stays taken in the child for ever. The C library's own, and
 * ThreadSanitizer's, are. */
#define CAN_FORK_WITH_THREADS true
#if defined(__SANITIZE_ADDRESS__)
#undef CAN_FORK_WITH_THREADS
#define CAN_FORK_WITH_THREADS false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef CAN_FORK_WITH_THREADS
#define CAN_FORK_WITH_THREADS false
#endif
#endif

static void expect_success_of(pid_t child)
{
	int outcome = 0;

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &outcome, 0), child);
	assert_int_equal(outcome, 0);
}

/* In a child: cmocka's asserts would run the parent's tests on. */
static void must(int is_true)
{
	if (!is_true)
		_exit(1);
}

static void assert_every_session_is_gapless(const struct client *client, int sessions, int events)
{
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), events);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM session"), sessions);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM (SELECT 1 FROM event"
					    " GROUP BY session HAVING min(seq) = 0"
					    " AND max(seq) = count(*) - 1"
					    " AND count(DISTINCT seq) = count(*))"),
			 sessions);
}

static void a_child_has_a_session_of_its_own(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	char session[64];
	pid_t child;

	assert_int_equal(flightrec_record(recorder, "parent", NULL), FLIGHTREC_OK);
	(void)snprintf(session, sizeof session, "%s", flightrec_session_id(recorder));
	child = fork();
	if (child == 0) {
		must(strcmp(flightrec_session_id(recorder), session) != 0);
		must(flightrec_record(recorder, "child", NULL) == FLIGHTREC_OK);
		must(flightrec_record(recorder, "child", NULL) == FLIGHTREC_OK);
		flightrec_close(recorder);
		_exit(0);
	}
	expect_success_of(child);
	assert_string_equal(flightrec_session_id(recorder), session);
	assert_int_equal(flightrec_record(recorder, "parent", NULL), FLIGHTREC_OK);
	assert_every_session_is_gapless(client, 2, 4);
}

static void a_grandchild_too_and_one_whose_parent_never_recorded(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0) {
			must(flightrec_record(recorder, "grandchild", NULL) == FLIGHTREC_OK);
			_exit(0);
		}
		int outcome = 1;

		must(waitpid(grandchild, &outcome, 0) == grandchild && outcome == 0);
		must(flightrec_record(recorder, "child", NULL) == FLIGHTREC_OK);
		grandchild = fork();
		if (grandchild == 0) {
			must(flightrec_record(recorder, "grandchild", NULL) == FLIGHTREC_OK);
			must(flightrec_record(recorder, "grandchild", NULL) == FLIGHTREC_OK);
			_exit(0);
		}
		must(waitpid(grandchild, &outcome, 0) == grandchild && outcome == 0);
		flightrec_close(recorder);
		_exit(0);
	}
	expect_success_of(child);
	assert_int_equal(flightrec_record(recorder, "parent", NULL), FLIGHTREC_OK);
	assert_every_session_is_gapless(client, 4, 5);
}

static void a_child_that_only_closes_or_exits_disturbs_nothing(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	pid_t child;

	for (int i = 0; i < 10; i++) {
		assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
		child = fork();
		if (child == 0) {
			if (i % 2 == 0)
				flightrec_close(recorder);
			_exit(0);
		}
		expect_success_of(child);
	}
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
	assert_every_session_is_gapless(client, 1, 11);
}

static void what_the_parent_suppressed_is_the_parents_to_tell(void **state)
{
	struct client *client = *state;
	flightrec *recorder;
	pid_t child;

	client_configure(client, "{\"limits\":{\"burst\":1,\"per_second\":1}}");
	recorder = client_open(client, NULL);
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_LIMITED);
	child = fork();
	if (child == 0) {
		must(flightrec_record(recorder, "f", NULL) == FLIGHTREC_OK);
		flightrec_close(recorder);
		_exit(0);
	}
	expect_success_of(child);
	client_close(client);
	assert_int_equal(client_ask(client, "SELECT sum(json_extract(properties, '$.count'))"
					    " FROM event WHERE name = 'flightrec.suppressed'"),
			 1);
}

/* ---- forks while another thread records ---- */

struct busy {
	flightrec *recorder;
	atomic_bool stop;
	int committed;
	int refused;
};

static void *record_until_told(void *argument)
{
	struct busy *busy = argument;

	while (!atomic_load(&busy->stop)) {
		if (flightrec_record(busy->recorder, "thread", "{\"a\":1}") == FLIGHTREC_OK)
			busy->committed++;
		else
			busy->refused++;
	}
	return NULL;
}

static void forks_in_the_midst_of_recording_lose_nothing_and_never_hang(void **state)
{
	struct client *client = *state;
	struct busy busy = {.committed = 0};
	pthread_t thread;

	if (!CAN_FORK_WITH_THREADS)
		skip();
	client_configure(client, "{\"limits\":{\"burst\":0,\"per_second\":0}}");
	busy.recorder = client_open(client, NULL);
	assert_int_equal(pthread_create(&thread, NULL, record_until_told, &busy), 0);
	for (int i = 0; i < FORKS; i++) {
		pid_t child = fork();

		if (child == 0) {
			(void)alarm(FORK_LIMIT_S); /* a child that hangs dies of it */
			for (int k = 0; k < 3; k++)
				must(flightrec_record(busy.recorder, "child", NULL) ==
				     FLIGHTREC_OK);
			if (i % 2 == 0)
				flightrec_close(busy.recorder);
			_exit(0);
		}
		expect_success_of(child);
	}
	atomic_store(&busy.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(busy.refused, 0);
	assert_true(busy.committed > 0);
	assert_every_session_is_gapless(client, FORKS + 1, busy.committed + 3 * FORKS);
	assert_int_equal(client_ask(client, "SELECT integrity_check = 'ok' FROM"
					    " pragma_integrity_check"),
			 1);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_child_has_a_session_of_its_own),
		CLIENT_TEST(a_grandchild_too_and_one_whose_parent_never_recorded),
		CLIENT_TEST(a_child_that_only_closes_or_exits_disturbs_nothing),
		CLIENT_TEST(what_the_parent_suppressed_is_the_parents_to_tell),
		CLIENT_TEST(forks_in_the_midst_of_recording_lose_nothing_and_never_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
