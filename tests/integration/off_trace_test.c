/* Off is zero: what the kernel sees of a host that records under `off`, whoever said so.
 *
 * strace writes down every system call between two marks of off_host. It may ask (the time, who it
 * is, whether a file is there, what is in it); whatever makes, changes, maps, connects, sends or
 * starts something is none of the calls it may make. Skipped where strace is missing or may not
 * trace.
 */
#define _GNU_SOURCE /* unshare; this test is for Linux */
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/process.h"

#define CATALOGUE                                                                                  \
	"{\"catalogue\":1,\"events\":{\"declared\":{\"description\":\"A test's.\",\"properties\":" \
	"{\"n\":{\"type\":\"integer\"}}}}}"
#define ALL_OFF "0 1 1 1 1 1 0 notices 0\n"

enum { VARIABLES_MAX = 4 };

struct host {
	struct test_folder folder; /* its HOME, and nothing else is in it */
	struct test_folder files;  /* the trace, the catalogue, a config */
	char variables[VARIABLES_MAX][TEST_PATH_MAX + 32];
	const char *environment[VARIABLES_MAX + 1];
	bool is_over_etc; /* the files are mounted there */
	char *trace;      /* NULL: strace could not */
	char output[256];
};

static bool has_own_mounts;

static int enter_namespace(void **state)
{
	(void)state;
	has_own_mounts = unshare(CLONE_NEWNS) == 0 &&
			 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return 0;
}

static int set_up(void **state)
{
	struct host *host = calloc(1, sizeof *host);

	assert_non_null(host);
	test_folder_make(&host->folder);
	test_folder_make(&host->files);
	test_folder_write(&host->files, "catalogue.json", CATALOGUE);
	(void)snprintf(host->variables[0], sizeof *host->variables, "HOME=%s", host->folder.path);
	host->environment[0] = host->variables[0];
	*state = host;
	return 0;
}

static int tear_down(void **state)
{
	struct host *host = *state;

	if (host->is_over_etc)
		assert_int_equal(umount("/etc"), 0);
	test_folder_remove(&host->folder);
	test_folder_remove(&host->files);
	free(host->trace);
	free(host);
	return 0;
}

static void host_variable(struct host *host, const char *name, const char *value)
{
	size_t at = 0;

	while (host->environment[at] != NULL)
		at++;
	assert_true(at < VARIABLES_MAX);
	(void)snprintf(host->variables[at], sizeof *host->variables, "%s=%s", name, value);
	host->environment[at] = host->variables[at];
}

static void host_choose(const struct host *host, const char *text)
{
	static const char *const folders[] = {".local", ".local/state", ".local/state/flightrec",
					      ".local/state/flightrec/off-host"};
	char path[TEST_PATH_MAX];

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		assert_int_equal(mkdir(test_folder_path(&host->folder, folders[i], path), 0700), 0);
	test_folder_write(&host->folder, ".local/state/flightrec/off-host/consent.json", text);
}

/* Runs it under strace; skips the test where there is no trace. */
static void host_run(struct host *host)
{
	char trace[TEST_PATH_MAX], catalogue[TEST_PATH_MAX];
	const char *const argv[] = {
		"strace", "-f",
		"-s",     "512",
		"-o",     test_folder_path(&host->files, "trace", trace),
		OFF_HOST, test_folder_path(&host->files, "catalogue.json", catalogue),
		NULL};
	struct test_process *process = test_process_run(
		&(struct test_program){.argv = argv, .environment = host->environment});

	host->trace = test_file_read(trace, NULL);
	(void)snprintf(host->output, sizeof host->output, "%s", test_process_output(process));
	test_process_free(process);
	if (host->trace == NULL || strstr(host->trace, "the host is done") == NULL) {
		print_message("strace is missing or may not trace here\n");
		skip();
	}
}

/* The name of the call in a line like "4711 openat(AT_FDCWD, ...", NULL for a line that tells of no
 * call. */
static bool call_name(const char *line, char out[32])
{
	size_t length;

	line += strspn(line, "0123456789 ");
	length = strcspn(line, "(\n");
	if (line[length] != '(' || length >= 32)
		return false;
	memcpy(out, line, length);
	out[length] = '\0';
	return true;
}

/* Calls that only ask. */
static bool is_question(const char *line, const char *name)
{
	static const char *const questions[] = {
		"lstat",  "stat",          "fstat",          "newfstatat", "statx",
		"access", "faccessat2",    "read",           "close",      "getpid",
		"getuid", "geteuid",       "uname",          "gettid",     "futex",
		"getcwd", "clock_gettime", "rt_sigprocmask", "getrandom",
	};

	if (strcmp(name, "openat") == 0 || strcmp(name, "open") == 0)
		return strstr(line, "O_RDONLY") != NULL && strstr(line, "O_CREAT") == NULL &&
		       strstr(line, "O_TRUNC") == NULL;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (strcmp(name, questions[i]) == 0)
			return true;
	return false;
}

/* What it may look at below HOME: the owner's choice, its notice, and the config. */
static bool is_its_business(const struct host *host, const char *line)
{
	return strstr(line, host->folder.path) == NULL || strstr(line, "/consent.json\"") != NULL ||
	       strstr(line, "/off-host.json\"") != NULL;
}

/* Every call between the marks, one by one. */
static void expect_only_questions(struct host *host)
{
	char *line = strstr(host->trace, "the host records"), *next;
	unsigned calls = 0, faults = 0;
	char name[32];

	assert_non_null(line);
	for (line = strchr(line, '\n') + 1; (next = strchr(line, '\n')) != NULL; line = next + 1) {
		*next = '\0';
		if (strstr(line, "the host is done") != NULL)
			break;
		calls++;
		if (call_name(line, name) && is_question(line, name) && is_its_business(host, line))
			continue;
		print_error("under off: %s\n", line);
		faults++;
	}
	assert_int_equal(faults, 0);
	assert_in_range(calls, 1000, 100000); /* the loop looked at consent.json each time */
}

/* Names below a folder, at any depth. */
static unsigned count_names(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	unsigned count = 0;

	if (folder == NULL)
		return 0;
	while ((entry = readdir(folder)) != NULL) {
		char below[TEST_PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		count += 1 + count_names(below);
	}
	(void)closedir(folder);
	return count;
}

static void expect_zero(struct host *host)
{
	unsigned names = count_names(host->folder.path);

	host_run(host);
	assert_string_equal(host->output, ALL_OFF);
	expect_only_questions(host);
	assert_int_equal(count_names(host->folder.path), names);
}

static void do_not_track_is_zero(void **state)
{
	host_variable(*state, "DO_NOT_TRACK", "1");
	expect_zero(*state);
}

static void the_variable_is_zero(void **state)
{
	host_variable(*state, "FLIGHTREC_CONSENT", "off");
	expect_zero(*state);
}

static void the_owners_choice_is_zero(void **state)
{
	host_choose(*state, "{\"consent\":\"off\",\"chosen\":\"2026-11-22T08:35:00Z\"}\n");
	expect_zero(*state);
}

static void a_choice_that_cannot_be_read_is_zero(void **state)
{
	host_choose(*state, "{\"consent\":\"o");
	expect_zero(*state);
}

static void the_configs_cap_is_zero(void **state)
{
	struct host *host = *state;
	char path[TEST_PATH_MAX];

	test_folder_write(&host->files, "config.json", "{\"privacy\":{\"consent\":\"off\"}}");
	host_variable(host, "FLIGHTREC_CONFIG",
		      test_folder_path(&host->files, "config.json", path));
	expect_zero(host);
}

/* A folder in the place of /etc for as long as the host runs: the path of the policy is fixed when
 * Flightrec is built. */
static void expect_policy_zero(struct host *host, const char *policy, mode_t mode)
{
	char path[TEST_PATH_MAX];

	if (!has_own_mounts || geteuid() != 0) {
		print_message("only root may put a policy where it belongs\n");
		skip();
	}
	host_variable(host, "FLIGHTREC_CONSENT", "on"); /* which cannot help */
	assert_int_equal(mkdir(test_folder_path(&host->files, "flightrec", path), 0755), 0);
	test_folder_write(&host->files, "flightrec/policy.json", policy);
	assert_int_equal(chmod(test_folder_path(&host->files, "flightrec/policy.json", path), mode),
			 0);
	assert_int_equal(mount(host->files.path, "/etc", NULL, MS_BIND, NULL), 0);
	host->is_over_etc = true;
	host_run(host);
	assert_string_equal(host->output, ALL_OFF);
	expect_only_questions(host);
	assert_int_equal(count_names(host->folder.path), 0);
}

static void the_machines_policy_is_zero(void **state)
{
	expect_policy_zero(*state, "{\"consent\":\"off\"}", 0644);
}

static void a_policy_that_is_no_json_is_zero(void **state)
{
	expect_policy_zero(*state, "consent: on\n", 0644);
}

static void a_policy_that_others_may_write_is_zero(void **state)
{
	expect_policy_zero(*state, "{\"consent\":\"on\"}", 0666);
}

/* The trace can tell: under `local` the same host opens its queue. */
static void under_local_the_trace_is_not_empty(void **state)
{
	struct host *host = *state;

	host_variable(host, "FLIGHTREC_CONSENT", "local");
	host_run(host);
	assert_non_null(strstr(host->trace, "/queue.db\""));
	assert_non_null(strstr(host->trace, "notice.json"));
	assert_non_null(strstr(host->output, "notices 1\n"));
	assert_true(count_names(host->folder.path) > 0);
}

/* What an internal event gathers is not even looked at for anybody else, and the token of a service
 * account for nobody. */
static void only_an_insiders_event_looks_where_it_is_recorded(void **state)
{
	struct host *host = *state;
	char path[TEST_PATH_MAX];

	test_folder_write(
		&host->files, "config.json",
		"{\"privacy\":{\"internal\":{\"env\":\"FR_TEST_INSIDER\",\"value\":\"yes\"}}}");
	host_variable(host, "FLIGHTREC_CONFIG",
		      test_folder_path(&host->files, "config.json", path));
	host_variable(host, "KUBERNETES_SERVICE_HOST", "127.0.0.1");
	host_run(host);
	assert_non_null(strstr(host->output, "0 0 2 16 4 0 "));
	assert_null(strstr(host->trace, "/proc/self/cgroup"));
	assert_null(strstr(host->trace, "serviceaccount"));
	free(host->trace);
	host_variable(host, "FR_TEST_INSIDER", "yes");
	host_run(host);
	assert_non_null(strstr(host->output, "0 0 2 16 0 0 "));
	assert_non_null(strstr(host->trace, "/proc/self/cgroup"));
	assert_non_null(strstr(host->trace, "serviceaccount/namespace"));
	assert_null(strstr(host->trace, "serviceaccount/token"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(do_not_track_is_zero),
		TEST(the_variable_is_zero),
		TEST(the_owners_choice_is_zero),
		TEST(a_choice_that_cannot_be_read_is_zero),
		TEST(the_configs_cap_is_zero),
		TEST(the_machines_policy_is_zero),
		TEST(a_policy_that_is_no_json_is_zero),
		TEST(a_policy_that_others_may_write_is_zero),
		TEST(under_local_the_trace_is_not_empty),
		TEST(only_an_insiders_event_looks_where_it_is_recorded),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
