/* fork and exec with standard output and error in unlinked temporary files, read with pread;
 * waiting is a look every two milliseconds. The child is made with the environment ready, so that
 * between fork and exec nothing is called that may not be. */
#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { LOOK_EVERY_MS = 2, EXEC_FAILED = 127 };

struct capture {
	int file;
	char *text;
};

struct test_process {
	pid_t pid;
	int input; /* write end, -1 once closed */
	bool ended;
	int code;
	struct capture output;
	struct capture errors;
};

static void *must_have(void *memory)
{
	if (memory == NULL) {
		fputs("test support: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static void give_up(const char *what, const char *subject)
{
	fprintf(stderr, "test support: cannot %s %s: %s\n", what, subject, strerror(errno));
	abort();
}

long long test_now_ms(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		give_up("read", "the clock");
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void test_sleep_ms(int ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static int temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	char path[1024];
	(void)snprintf(path, sizeof(path), "%s/flightrec-test-XXXXXX",
		       folder != NULL && *folder != '\0' ? folder : "/tmp");
	int file = mkstemp(path);
	if (file < 0)
		give_up("make", path);
	(void)unlink(path);
	(void)fcntl(file, F_SETFD, FD_CLOEXEC);
	return file;
}

/* The environment */

static bool is_passed_on(const char *variable)
{
	static const char *const names[] = {"PATH=",
					    "TMPDIR=",
					    "ASAN_OPTIONS=",
					    "UBSAN_OPTIONS=",
					    "TSAN_OPTIONS=",
					    "LSAN_OPTIONS=",
					    "LD_LIBRARY_PATH=",
					    "VALGRIND_",
					    "LLVM_PROFILE_FILE=",
					    "GCOV_",
					    "DYLD_"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static size_t count_strings(const char *const *strings)
{
	size_t count = 0;
	while (strings != NULL && strings[count] != NULL)
		count++;
	return count;
}

/* An array to free; its strings belong to others. */
static const char **clean_environment(const char *const *added)
{
	size_t inherited = 0;
	while (environ[inherited] != NULL)
		inherited++;
	size_t count = 0;
	const char **all = must_have(calloc(inherited + count_strings(added) + 2, sizeof(*all)));
	for (size_t i = 0; i < count_strings(added); i++)
		all[count++] = added[i];
	for (size_t i = 0; i < inherited; i++)
		if (is_passed_on(environ[i]))
			all[count++] = environ[i];
	all[count++] = "LANG=C";
	return all;
}

/* The child */

/* exec takes its strings unconst for reasons older than const; it does not change them. */
static char **unconst(const char *const *strings)
{
	return (char **)(uintptr_t)strings;
}

static void set_signal(int signal_number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	(void)sigaction(signal_number, &action, NULL);
}

/* A file that would grow beyond the limit fails with EFBIG, much like a full disk. */
static void limit_files(size_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
	set_signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void run_child(const struct test_program *program, const char *const *environment, int input,
		      int output, int errors)
{
	static const int reset[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD};
	for (size_t i = 0; i < sizeof(reset) / sizeof(reset[0]); i++)
		set_signal(reset[i], SIG_DFL);
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(errors, STDERR_FILENO) < 0)
		_exit(EXEC_FAILED);
	if (program->file_limit > 0)
		limit_files(program->file_limit);
	environ = unconst(environment);
	if (program->folder == NULL || chdir(program->folder) == 0)
		(void)execvp(program->argv[0], unconst(program->argv));
	const char *why = strerror(errno);
	(void)!write(STDERR_FILENO, program->argv[0], strlen(program->argv[0]));
	(void)!write(STDERR_FILENO, ": ", 2);
	(void)!write(STDERR_FILENO, why, strlen(why));
	_exit(EXEC_FAILED);
}

/* The parent */

static bool write_all(int file, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, data, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		length -= (size_t)written;
	}
	return true;
}

/* What the child reads from: a file with the whole input, or a pipe whose other end is kept. */
static int open_input(const struct test_program *program, int *kept)
{
	*kept = -1;
	if (program->keep_input_open) {
		int ends[2];
		if (pipe(ends) != 0)
			give_up("make", "a pipe");
		(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
		*kept = ends[1];
		set_signal(SIGPIPE, SIG_IGN);
		return ends[0];
	}
	if (program->input == NULL)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	int file = temporary_file();
	size_t length = program->input_length;
	if (length == 0)
		length = strlen(program->input);
	if (!write_all(file, program->input, length) || lseek(file, 0, SEEK_SET) != 0)
		give_up("write", "the input");
	return file;
}

struct test_process *test_process_start(const struct test_program *program)
{
	struct test_process *process = must_have(calloc(1, sizeof(*process)));
	process->output.file = temporary_file();
	process->errors.file = temporary_file();
	int input = open_input(program, &process->input);
	const char **environment = clean_environment(program->environment);
	process->pid = fork();
	if (process->pid < 0)
		give_up("start", program->argv[0]);
	if (process->pid == 0)
		run_child(program, environment, input, process->output.file, process->errors.file);
	free(environment);
	(void)close(input);
	return process;
}

struct test_process *test_process_run(const struct test_program *program)
{
	struct test_process *process = test_process_start(program);
	if (test_process_wait(process, TEST_PATIENCE_MS) == TEST_STILL_RUNNING) {
		fprintf(stderr, "test support: %s does not end; it is killed\n", program->argv[0]);
		test_process_kill(process);
	}
	return process;
}

pid_t test_process_id(const struct test_process *process)
{
	return process->pid;
}

static bool has_ended(struct test_process *process)
{
	if (process->ended)
		return true;
	int state = 0;
	pid_t found = waitpid(process->pid, &state, WNOHANG);
	if (found == 0 || (found < 0 && errno == EINTR))
		return false;
	if (found < 0)
		give_up("wait for", "a program");
	process->ended = true;
	process->code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
	return true;
}

/* A process that was reaped is never signalled: its number may be somebody else's by now. */
void test_process_signal(struct test_process *process, int signal_number)
{
	if (!has_ended(process))
		(void)kill(process->pid, signal_number);
}

int test_process_wait(struct test_process *process, int timeout_ms)
{
	long long deadline = test_now_ms() + timeout_ms;
	while (!has_ended(process)) {
		if (test_now_ms() >= deadline)
			return TEST_STILL_RUNNING;
		test_sleep_ms(LOOK_EVERY_MS);
	}
	return process->code;
}

int test_process_stop(struct test_process *process)
{
	test_process_signal(process, SIGTERM);
	return test_process_wait(process, TEST_PATIENCE_MS);
}

void test_process_kill(struct test_process *process)
{
	test_process_signal(process, SIGKILL);
	(void)test_process_wait(process, TEST_PATIENCE_MS);
}

bool test_process_write(struct test_process *process, const char *text)
{
	return process->input >= 0 && write_all(process->input, text, strlen(text));
}

void test_process_close_input(struct test_process *process)
{
	if (process->input >= 0)
		(void)close(process->input);
	process->input = -1;
}

static const char *capture_text(struct capture *capture)
{
	struct stat state;
	if (fstat(capture->file, &state) != 0)
		give_up("look at", "a program's output");
	size_t size = (size_t)state.st_size;
	free(capture->text);
	capture->text = must_have(malloc(size + 1));
	size_t length = 0;
	while (length < size) {
		ssize_t got =
			pread(capture->file, capture->text + length, size - length, (off_t)length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	capture->text[length] = '\0';
	return capture->text;
}

const char *test_process_output(struct test_process *process)
{
	return capture_text(&process->output);
}

const char *test_process_errors(struct test_process *process)
{
	return capture_text(&process->errors);
}

static bool await_text(struct test_process *process, struct capture *capture, const char *text,
		       int timeout_ms)
{
	long long deadline = test_now_ms() + timeout_ms;
	for (;;) {
		bool ended = has_ended(process);
		if (strstr(capture_text(capture), text) != NULL)
			return true;
		if (ended || test_now_ms() >= deadline)
			return false;
		test_sleep_ms(LOOK_EVERY_MS);
	}
}

bool test_process_await_output(struct test_process *process, const char *text, int timeout_ms)
{
	return await_text(process, &process->output, text, timeout_ms);
}

bool test_process_await_errors(struct test_process *process, const char *text, int timeout_ms)
{
	return await_text(process, &process->errors, text, timeout_ms);
}

void test_process_free(struct test_process *process)
{
	if (process == NULL)
		return;
	test_process_kill(process);
	test_process_close_input(process);
	(void)close(process->output.file);
	(void)close(process->errors.file);
	free(process->output.text);
	free(process->errors.text);
	free(process);
}
