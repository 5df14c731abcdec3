#include "support/intake.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAGS_MAX = 24 };

static void give_up(const char *what, const char *detail)
{
	fprintf(stderr, "test support: the intake %s: %s\n", what, detail);
	abort();
}

static void read_port(struct test_intake *intake, const char *path)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	char *text;
	while ((text = test_file_read(path, NULL)) == NULL) {
		if (test_process_wait(intake->process, 2) != TEST_STILL_RUNNING)
			give_up("ended", test_process_errors(intake->process));
		if (test_now_ms() > deadline)
			give_up("does not listen", test_process_errors(intake->process));
	}
	intake->port = (int)strtol(text, NULL, 10);
	free(text);
}

void test_intake_start_as(struct test_intake *intake, const char *const *flags,
			  struct test_program program)
{
	char address[32];
	char port_file[TEST_PATH_MAX];
	const char *argv[FLAGS_MAX + 6] = {FLIGHTREC_INTAKE, "--listen", address, "--port-file",
					   port_file};
	if (intake->folder.path[0] == '\0')
		test_folder_make(&intake->folder);
	test_folder_path(&intake->folder, "port", port_file);
	(void)remove(port_file);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", intake->port);
	for (size_t i = 0; flags != NULL && flags[i] != NULL; i++) {
		if (i == FLAGS_MAX)
			give_up("takes fewer flags", flags[i]);
		argv[5 + i] = flags[i];
	}
	program.argv = argv;
	intake->process = test_process_start(&program);
	read_port(intake, port_file);
}

void test_intake_start(struct test_intake *intake, const char *const *flags)
{
	test_intake_start_as(intake, flags, (struct test_program){0});
}

int test_intake_stop(struct test_intake *intake)
{
	int code = test_process_stop(intake->process);
	test_process_free(intake->process);
	intake->process = NULL;
	return code;
}

void test_intake_free(struct test_intake *intake)
{
	if (intake->process != NULL && test_process_stop(intake->process) != 0)
		give_up("ended badly", test_process_errors(intake->process));
	test_process_free(intake->process);
	test_folder_remove(&intake->folder);
	*intake = (struct test_intake){0};
}

char *test_intake_get(const struct test_intake *intake, const char *path)
{
	struct test_answer answer;
	test_http_get(intake->port, path, &answer);
	if (answer.status != 200 || !answer.complete)
		give_up("does not show", path);
	char *body = answer.body;
	answer.body = NULL;
	test_answer_fini(&answer);
	return body;
}

long long test_intake_stat(const struct test_intake *intake, const char *name)
{
	char *stats = test_intake_get(intake, "/stats");
	long long value = test_json_int(stats, name, -1);
	free(stats);
	return value;
}

bool test_intake_await(const struct test_intake *intake, const char *name, long long least,
		       int timeout_ms)
{
	long long deadline = test_now_ms() + timeout_ms;
	while (test_intake_stat(intake, name) < least) {
		if (test_now_ms() > deadline)
			return false;
		test_sleep_ms(10);
	}
	return true;
}

static void control(const struct test_intake *intake, const char *method, const char *json)
{
	struct test_answer answer;
	test_http(intake->port, method, "/control", NULL, json, strlen(json), &answer);
	if (answer.status != 200) {
		fprintf(stderr, "status %d, closed %d, reset %d, after %d ms; it says:\n%s\n",
			answer.status, answer.closed, answer.reset, answer.elapsed_ms,
			test_process_errors(intake->process));
		give_up("refuses the fault", answer.body);
	}
	test_answer_fini(&answer);
}

void test_intake_fail(const struct test_intake *intake, const char *json)
{
	control(intake, "POST", json);
}

void test_intake_heal(const struct test_intake *intake)
{
	control(intake, "DELETE", "");
}

void test_intake_expect(const struct test_intake *intake, const char *path, const char *headers,
			const char *body, int status, const char *text)
{
	struct test_answer answer;
	test_http_post(intake->port, path, headers, body, &answer);
	assert_int_equal(answer.status, status);
	assert_true(answer.complete);
	if (text != NULL && strstr(answer.body, text) == NULL)
		fail_msg("\"%s\" is not in: %s", text, answer.body);
	test_answer_fini(&answer);
}

int test_intake_set_up(void **state)
{
	struct test_intake *intake = calloc(1, sizeof(*intake));
	assert_non_null(intake);
	test_intake_start(intake, NULL);
	*state = intake;
	return 0;
}

int test_intake_tear_down(void **state)
{
	test_intake_free(*state);
	free(*state);
	return 0;
}
