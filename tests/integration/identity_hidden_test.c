/* The identity and its hash stay in their file: every byte that an agent, a library and the tool
 * wrote, sent or printed is searched for them.
 */
#define _GNU_SOURCE /* memmem; this test is for Linux */
#include "support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"
#include "base/digest.h"
#include "base/status.h"

/* What must not be seen: the id, the id without its hyphens, its hash as text and as bytes. */
struct secrets {
	char id[64], plain[64], hash[FR_DIGEST_HEX];
	unsigned char bytes[(FR_DIGEST_HEX - 1) / 2];
};

static void hash_bytes(struct secrets *secrets)
{
	for (size_t i = 0; i < sizeof secrets->bytes; i++) {
		const char pair[] = {secrets->hash[2 * i], secrets->hash[2 * i + 1], '\0'};

		secrets->bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
}

static void secrets_read(struct secrets *secrets, const struct agent_fixture *fixture)
{
	char path[TEST_PATH_MAX];
	size_t length = 0;
	char *text;

	(void)snprintf(path, sizeof path, "%.900s/identity", fixture->home);
	text = test_file_read(path, NULL);
	assert_non_null(text);
	assert_int_equal(strcspn(text, "\n"), 36);
	*secrets = (struct secrets){.id = ""};
	memcpy(secrets->id, text, 36);
	for (size_t i = 0; i < 36; i++)
		if (secrets->id[i] != '-')
			secrets->plain[length++] = secrets->id[i];
	assert_int_equal(fr_digest_hex(secrets->hash, secrets->id, 36, NULL), FR_OK);
	hash_bytes(secrets);
	free(text);
}

static void expect_hidden(const struct secrets *secrets, const char *where, const char *bytes,
			  size_t length)
{
	if (memmem(bytes, length, secrets->id, strlen(secrets->id)) != NULL ||
	    memmem(bytes, length, secrets->plain, strlen(secrets->plain)) != NULL)
		fail_msg("%s holds the identity", where);
	if (memmem(bytes, length, secrets->hash, 16) != NULL ||
	    memmem(bytes, length, secrets->bytes, 8) != NULL)
		fail_msg("%s holds the identity's hash", where);
}

/* Every file of the home but the one it lives in; how many there were. */
static unsigned search_home(const struct secrets *secrets, const struct agent_fixture *fixture)
{
	DIR *folder = opendir(fixture->home);
	const struct dirent *entry;
	unsigned files = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char path[TEST_PATH_MAX + 256];
		size_t length = 0;
		char *bytes;

		if (strcmp(entry->d_name, "identity") == 0 || entry->d_type != DT_REG)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", fixture->home, entry->d_name);
		bytes = test_file_read(path, &length);
		assert_non_null(bytes);
		expect_hidden(secrets, entry->d_name, bytes, length);
		free(bytes);
		files++;
	}
	(void)closedir(folder);
	return files;
}

static void search_requests(const struct secrets *secrets, const struct agent_fixture *fixture)
{
	static const char *const parts[] = {"headers", "body"};
	long long requests = test_intake_stat(&fixture->intake, "requests");

	assert_true(requests >= 2);
	for (long long i = 1; i <= requests; i++) {
		for (size_t part = 0; part < 2; part++) {
			char path[64];
			char *text;

			(void)snprintf(path, sizeof path, "/requests/%lld/%s", i, parts[part]);
			text = test_intake_get(&fixture->intake, path);
			expect_hidden(secrets, path, text, strlen(text));
			free(text);
		}
	}
}

static void search_tool(const struct secrets *secrets, const struct agent_fixture *fixture)
{
	static const char *const words[] = {"whoami", "status", "export", "preview", "apps"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *const argv[] = {FLIGHTREC_CLI,   "--home", fixture->home, "--config",
					    fixture->config, words[i], "--json",      NULL};
		struct test_process *tool = test_process_run(&(struct test_program){.argv = argv});

		expect_hidden(secrets, words[i], test_process_output(tool),
			      strlen(test_process_output(tool)));
		expect_hidden(secrets, words[i], test_process_errors(tool),
			      strlen(test_process_errors(tool)));
		test_process_free(tool);
	}
}

static void neither_the_identity_nor_its_hash_is_anywhere_else(void **state)
{
	struct agent_fixture *fixture = *state;
	struct secrets secrets;

	agent_configure(
		fixture,
		"{\"sinks\":[{\"name\":\"a\",\"type\":\"first_party\",\"url\":"
		"\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],\"compression\":"
		"\"none\",\"batch\":{\"max_wait\":\"0s\"}},{\"name\":\"b\",\"type\":\"otlp\","
		"\"url\":\"http://127.0.0.1:PORT\",\"events\":[\"*\"],\"compression\":"
		"\"none\",\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_record(fixture, "before", 3);
	secrets_read(&secrets, fixture);
	assert_true(search_home(&secrets, fixture) >= 3); /* with the rows still in it */
	agent_start(fixture);
	agent_await_intake(fixture, "events_distinct", 3);
	agent_record(fixture, "after", 3);
	agent_await_queue(fixture, "SELECT count(*) FROM event WHERE name <> ''", 0);
	search_requests(&secrets, fixture);
	search_tool(&secrets, fixture);
	assert_true(search_home(&secrets, fixture) >= 3);
	expect_hidden(&secrets, "the agent's log", test_process_errors(fixture->agent),
		      strlen(test_process_errors(fixture->agent)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(neither_the_identity_nor_its_hash_is_anywhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
