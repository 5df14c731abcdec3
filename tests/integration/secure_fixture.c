#include "secure_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const char waiting[] = "SELECT count(*) FROM pending";

int secure_set_up(void **state)
{
	struct secure_fixture *fixture = calloc(1, sizeof *fixture);
	void *agent = NULL;

	assert_non_null(fixture);
	if (agent_set_up(&agent) != 0)
		return -1;
	fixture->agent = agent;
	fixture->authority = test_authority_new(&fixture->agent->folder, "ca.pem");
	test_certificate_write(&fixture->agent->folder, "server.pem", fixture->authority,
			       &(struct test_certificate){0});
	fixture->nginx.folder = &fixture->agent->folder;
	fixture->nginx.intake_port = fixture->agent->intake.port;
	*state = fixture;
	return 0;
}

int secure_tear_down(void **state)
{
	struct secure_fixture *fixture = *state;
	void *agent = fixture->agent;
	int code;

	test_rogue_stop(&fixture->rogue);
	test_nginx_stop(&fixture->nginx);
	test_authority_free(fixture->authority);
	code = agent_tear_down(&agent);
	free(fixture);
	return code;
}

void secure_configure(struct secure_fixture *fixture, const char *host, int port, const char *more)
{
	static const char word[] = "FOLDER";
	char json[4096];
	size_t length = (size_t)snprintf(
		json, sizeof json,
		"{\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\","
		"\"url\":\"https://%s:%d/v1/events\",\"events\":[\"*\"],\"batch\":{\"max_wait\":"
		"\"0s\",\"max_events\":%d},\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}%s",
		host, port, fixture->batch_events != 0 ? fixture->batch_events : 100,
		more[0] != '\0' ? "," : "");

	for (; *more != '\0'; more++) {
		assert_true(length + TEST_PATH_MAX + 8 < sizeof json);
		if (strncmp(more, word, sizeof word - 1) != 0) {
			json[length++] = *more;
			continue;
		}
		length += (size_t)snprintf(json + length, sizeof json - length, "%s",
					   fixture->agent->folder.path);
		more += sizeof word - 2;
	}
	(void)snprintf(json + length, sizeof json - length, "}]}");
	agent_configure(fixture->agent, json);
}

void secure_configure_nginx(struct secure_fixture *fixture)
{
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"}");
}

long long secure_pending(const struct secure_fixture *fixture)
{
	return agent_ask_queue(fixture->agent, waiting);
}

void secure_await_status(const struct secure_fixture *fixture, const char *text)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	for (;;) {
		struct test_answer answer;
		bool found;

		agent_call(fixture->agent, "GET", "/status", 200, &answer);
		found = strstr(answer.body, text) != NULL;
		if (!found && test_now_ms() > deadline)
			fail_msg("status never says \"%s\" but %s", text, answer.body);
		test_answer_fini(&answer);
		if (found)
			return;
		test_sleep_ms(10);
	}
}

void secure_status_lacks(const struct secure_fixture *fixture, const char *text)
{
	struct test_answer answer;

	agent_call(fixture->agent, "GET", "/status", 200, &answer);
	if (strstr(answer.body, text) != NULL)
		fail_msg("status says \"%s\": %s", text, answer.body);
	test_answer_fini(&answer);
}

void secure_nothing_left(const struct secure_fixture *fixture, long long events)
{
	assert_int_equal(secure_pending(fixture), events);
	assert_int_equal(test_intake_stat(&fixture->agent->intake, "requests"), 0);
	assert_int_equal(test_nginx_count(&fixture->nginx, ""), 0);
	assert_int_equal(agent_ask_queue(fixture->agent, "SELECT count(*) FROM dead_letters"), 0);
}

void secure_await_delivery(const struct secure_fixture *fixture, long long events)
{
	agent_await_intake(fixture->agent, "events_distinct", events);
	agent_await_queue(fixture->agent, waiting, 0);
	assert_int_equal(test_intake_stat(&fixture->agent->intake, "events_distinct"), events);
	assert_int_equal(test_intake_stat(&fixture->agent->intake, "duplicate_events"), 0);
	assert_int_equal(agent_ask_queue(fixture->agent, "SELECT count(*) FROM dead_letters"), 0);
}
