/* A program under test: started, waited for with a limit, its output collected, never left
 * behind.
 *
 * What the program writes goes to two unlinked temporary files, so it can never block on a test
 * that does not read. It starts with a clean environment: PATH, TMPDIR, LANG=C and what
 * sanitizers and Valgrind read are passed on, HOME, XDG_*, FLIGHTREC_*, CI and DO_NOT_TRACK are
 * not; a test names what it wants. All waiting is bounded. A test that cannot even start its
 * program aborts, loudly.
 * Threads: one owner.
 * Life: start, wait or signal, free (which kills what still runs).
 */
#ifndef FR_TESTS_SUPPORT_PROCESS_H
#define FR_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct test_process;

/* What to start. Arrays end with NULL; everything but argv may be left zero. */
struct test_program {
	const char *const *argv;        /* argv[0] is the path, or a name looked up in PATH */
	const char *const *environment; /* "NAME=value", added to the clean one */
	const char *folder;             /* working directory */
	const char *input;              /* all of standard input; NULL: empty */
	size_t input_length;            /* 0 with an input: its strlen */
	size_t file_limit;              /* no file of it grows beyond so many bytes; 0: no limit */
	bool keep_input_open;           /* test_process_write follows */
};

enum {
	TEST_STILL_RUNNING = -1,
	TEST_PATIENCE_MS = 20000, /* generous: sanitizers, Valgrind and a busy machine are slow */
};

struct test_process *test_process_start(const struct test_program *program);

/* Starts a program and waits until it ends. */
struct test_process *test_process_run(const struct test_program *program);

pid_t test_process_id(const struct test_process *process);
void test_process_signal(struct test_process *process, int signal_number);

/* The exit code, 128 + the signal that ended it, or TEST_STILL_RUNNING when the time is up. */
int test_process_wait(struct test_process *process, int timeout_ms);

/* SIGTERM, then at most TEST_PATIENCE_MS of waiting. */
int test_process_stop(struct test_process *process);

/* SIGKILL, and gone when this returns. */
void test_process_kill(struct test_process *process);

/* More standard input, for a program started with keep_input_open; false when it no longer
 * reads. */
bool test_process_write(struct test_process *process, const char *text);
void test_process_close_input(struct test_process *process);

/* Everything written so far, NUL-terminated; valid until the next call with this process. */
const char *test_process_output(struct test_process *process);
const char *test_process_errors(struct test_process *process);

/* Waits until standard output, or standard error, contains a text; false when the time is up, or
 * when the program ended without it. */
bool test_process_await_output(struct test_process *process, const char *text, int timeout_ms);
bool test_process_await_errors(struct test_process *process, const char *text, int timeout_ms);

/* Accepts NULL. */
void test_process_free(struct test_process *process);

/* Milliseconds of a clock that only goes forward, for deadlines. */
long long test_now_ms(void);
void test_sleep_ms(int ms);

#endif
