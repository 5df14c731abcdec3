#include "support/test.h"

#include "delivery_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int delivery_set_up(void **state)
{
	struct delivery *delivery = calloc(1, sizeof *delivery);

	assert_non_null(delivery);
	assert_int_equal(cli_set_up((void **)&delivery->cli), 0);
	test_intake_start(&delivery->intake, NULL);
	CLI(delivery->cli, 0, "consent", "on");
	*state = delivery;
	return 0;
}

int delivery_tear_down(void **state)
{
	struct delivery *delivery = *state;
	void *cli = delivery->cli;

	test_process_free(delivery->agent);
	test_intake_free(&delivery->intake);
	(void)cli_tear_down(&cli);
	free(delivery);
	return 0;
}

void delivery_configure(struct delivery *delivery, const char *json)
{
	static const char word[] = "PORT";
	char text[8192];
	size_t length = 0;

	while (*json != '\0') {
		assert_true(length + 8 < sizeof text);
		if (strncmp(json, word, sizeof word - 1) == 0) {
			length += (size_t)snprintf(text + length, sizeof text - length, "%d",
						   delivery->intake.port);
			json += sizeof word - 1;
		} else {
			text[length++] = *json++;
		}
	}
	text[length] = '\0';
	cli_config(delivery->cli, text);
}

void delivery_agent_start(struct delivery *delivery)
{
	const char *argv[] = {FLIGHTRECD, NULL};
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	assert_null(delivery->agent);
	delivery->agent = test_process_start(
		&(struct test_program){.argv = argv, .environment = delivery->cli->environment});
	do {
		test_sleep_ms(20);
		CLI(delivery->cli, 0, "status", "--json");
	} while (strstr(cli_output(delivery->cli), "\"running\":true") == NULL &&
		 test_now_ms() < deadline);
	assert_says(delivery->cli, "\"running\":true");
}

void delivery_agent_stop(struct delivery *delivery)
{
	test_process_signal(delivery->agent, SIGTERM);
	assert_int_equal(test_process_wait(delivery->agent, TEST_PATIENCE_MS), 0);
	test_process_free(delivery->agent);
	delivery->agent = NULL;
}

void delivery_await(struct delivery *delivery, const char *sql, long long expected)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (cli_ask(delivery->cli, sql) != expected && test_now_ms() < deadline)
		test_sleep_ms(20);
	assert_int_equal(cli_ask(delivery->cli, sql), expected);
}

/* ---- every byte of the home ---- */

static bool holds(const char *bytes, size_t length, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + size <= length; i++)
		if (memcmp(bytes + i, text, size) == 0)
			return true;
	return false;
}

bool delivery_home_holds(struct delivery *delivery, const char *text, char where[256])
{
	DIR *folder = opendir(delivery->cli->home);
	struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
		char path[TEST_PATH_MAX + 256];
		struct stat facts;
		size_t length = 0;
		char *bytes;

		(void)snprintf(path, sizeof path, "%s/%s", delivery->cli->home, entry->d_name);
		if (lstat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
			continue;
		bytes = test_file_read(path, &length);
		found = bytes != NULL && holds(bytes, length, text);
		if (found && where != NULL)
			(void)snprintf(where, 256, "%s", entry->d_name);
		free(bytes);
	}
	if (folder != NULL)
		(void)closedir(folder);
	return found;
}

void delivery_await_forgotten(struct delivery *delivery, const char *text)
{
	static int patience_ms = TEST_PATIENCE_MS;
	long long deadline = test_now_ms() + patience_ms;
	char where[256] = "";

	while (delivery_home_holds(delivery, text, where)) {
		if (test_now_ms() > deadline) {
			patience_ms =
				1000; /* the other tests of a program that fails may be brief */
			fail_msg("\"%s\" is still in %s", text, where);
		}
		test_sleep_ms(50);
	}
}
