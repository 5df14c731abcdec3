/* With an empty queue the agent sleeps for good: strace sees no system call of it.
 *
 * FLIGHTREC_IDLE_SECONDS says how long is looked, 10 unless set. Skipped where strace may not
 * attach.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"
#include "support/test.h"

enum { SETTLE_MS = 6000, SECONDS_DEFAULT = 10 };

static long seconds_to_look(void)
{
	const char *text = getenv("FLIGHTREC_IDLE_SECONDS");

	return text != NULL ? strtol(text, NULL, 10) : SECONDS_DEFAULT;
}

/* Lines of the trace that tell of a call that began; the one it sleeps in is named when strace lets
 * go. */
static int count_calls(const char *trace)
{
	int calls = 0;

	for (const char *at = trace; at != NULL && *at != '\0'; at = strchr(at, '\n')) {
		at += *at == '\n';
		calls += *at != '\0' && strstr(at, "detached") == NULL;
	}
	return calls;
}

static char *trace_of(const struct agent_fixture *fixture, long seconds)
{
	char path[TEST_PATH_MAX], command[TEST_PATH_MAX + 128];
	struct test_process *strace;

	(void)test_folder_path(&fixture->folder, "trace", path);
	(void)snprintf(command, sizeof command, "timeout --signal=INT %ld strace -f -p %d -o '%s'",
		       seconds, (int)test_process_id(fixture->agent), path);
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	strace = test_process_start(&(struct test_program){.argv = argv});
	(void)test_process_wait(strace, (int)seconds * 1000 + TEST_PATIENCE_MS);
	if (strstr(test_process_errors(strace), "attached") == NULL) {
		test_process_free(strace);
		return NULL;
	}
	test_process_free(strace);
	return test_file_read(path, NULL);
}

static void an_idle_agent_makes_no_system_call(void **state)
{
	struct agent_fixture *fixture = *state;
	char *trace;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 150);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	test_sleep_ms(SETTLE_MS); /* the last look, and the log is emptied */
	trace = trace_of(fixture, seconds_to_look());
	if (trace == NULL)
		skip();
	if (count_calls(trace) > 1)
		print_error("%s", trace);
	assert_in_range(count_calls(trace), 0, 1); /* 1: the wait it was found in */
	free(trace);
	agent_record(fixture, "e", 1); /* and it still wakes up */
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(an_idle_agent_makes_no_system_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
