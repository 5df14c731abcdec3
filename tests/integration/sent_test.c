/* flightrec sent: what left, when, and what came of it. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery_fixture.h"

#define SINKS                                                                           \
	"\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"events\":[\"*\"],"    \
	"\"url\":\"http://127.0.0.1:PORT/v1/events\",\"batch\":{\"max_wait\":\"1h\"}}," \
	"{\"name\":\"lines\",\"type\":\"ndjson\",\"events\":[\"tool_*\"],"              \
	"\"url\":\"http://127.0.0.1:PORT/ndjson\",\"batch\":{\"max_wait\":\"1h\"}}]"

/* Two requests: three events to `main`, two of them to `lines`. */
static void deliver(struct delivery *delivery, const char *privacy)
{
	char json[1024];

	(void)snprintf(json, sizeof json, "{\"privacy\":{\"keep_sent\":\"%s\"}," SINKS "}",
		       privacy);
	delivery_configure(delivery, json);
	delivery_agent_start(delivery);
	CLI_GIVEN(delivery->cli,
		  "{\"eventName\":\"tool_use\",\"n\":1}\n"
		  "{\"eventName\":\"tool_use\",\"n\":2}\n"
		  "{\"eventName\":\"api_call\",\"text\":\"<here>\"}\n",
		  0, "record", "-");
	CLI(delivery->cli, 0, "flush");
	delivery_await(delivery, "SELECT sum(delivered) FROM ledger", 5);
}

static int lines(struct delivery *delivery)
{
	const char *at = cli_output(delivery->cli);
	int count = 0;

	for (; (at = strchr(at, '\n')) != NULL; at++)
		count++;
	return count;
}

static void it_lists_what_left_with_or_without_an_agent(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;

	deliver(delivery, "counts");
	CLI(cli, 0, "sent");
	assert_int_equal(lines(delivery), 3); /* with titles */
	assert_says(cli, "ANSWERED");
	assert_says(cli, "tool_use 2, api_call 1\n");
	assert_says_not(cli, "<here>");
	delivery_agent_stop(delivery);
	CLI(cli, 0, "sent", "--sink", "lines", "--json");
	assert_int_equal(lines(delivery), 1);
	assert_says(cli, "\"sink\":\"lines\",");
	assert_says(cli, "\"status\":200,\"events\":2,\"accepted\":2,");
	assert_says(cli, "\"names\":{\"tool_use\":2},\"body\":null}");
	CLI(cli, 0, "sent", "--last", "1");
	assert_int_equal(lines(delivery), 2);
	assert_int_equal(cli_ask(delivery->cli, "SELECT count(*) FROM sent WHERE time LIKE "
						"'20__-__-__T__:__:__.___Z'"),
			 2);
	CLI(cli, 0, "sent", "--sink", "nobody");
	assert_complains(cli, "nothing has been sent to nobody");
	CLI(cli, 2, "sent", "--last", "many");
}

/* It left, though nobody wanted it. */
static void what_was_refused_is_listed_too(void **state)
{
	struct delivery *delivery = *state;

	deliver(delivery, "counts");
	test_intake_fail(&delivery->intake,
			 "{\"fault\":\"status\",\"status\":422,\"name\":\"bad\",\"accept\":0}");
	CLI(delivery->cli, 0, "record", "bad");
	CLI(delivery->cli, 0, "flush");
	delivery_await(delivery, "SELECT sum(dead) FROM ledger", 1);
	CLI(delivery->cli, 0, "sent", "--last", "1", "--json");
	assert_says(delivery->cli, "\"status\":422,\"events\":1,\"accepted\":0,");
	assert_says(delivery->cli, "\"names\":{\"bad\":1}");
}

static char *received_body(struct delivery *delivery, const char *path)
{
	char *requests = test_intake_get(&delivery->intake, "/requests");
	char wanted[64], target[64];
	const char *at;

	(void)snprintf(wanted, sizeof wanted, "\"path\":\"%s\"", path);
	at = strstr(requests, wanted);
	assert_non_null(at);
	while (at > requests && at[-1] != '\n')
		at--;
	(void)snprintf(target, sizeof target, "/requests/%lld/body", test_json_int(at, "id", -1));
	free(requests);
	return test_intake_get(&delivery->intake, target);
}

static void a_body_that_is_kept_is_the_one_that_was_received(void **state)
{
	struct delivery *delivery = *state;
	char *body;

	deliver(delivery, "bodies");
	body = received_body(delivery, "/v1/events");
	delivery_agent_stop(delivery);
	CLI(delivery->cli, 0, "sql", "--csv",
	    "SELECT replace(body, '\"', '_') FROM sent WHERE sink = 'main'");
	for (char *at = body; *at != '\0'; at++)
		*at = *at == '"' ? '_' : *at;
	assert_true(strlen(body) > 100);
	assert_says(delivery->cli, body);
	free(body);
}

static void nothing_is_kept_where_nothing_is_to_be(void **state)
{
	struct delivery *delivery = *state;

	deliver(delivery, "none");
	CLI(delivery->cli, 0, "sent");
	assert_complains(delivery->cli, "privacy.keep_sent is none");
	assert_int_equal(cli_ask(delivery->cli, "SELECT count(*) FROM sent"), 0);
}

static void a_purge_and_consent_off_delete_it(void **state)
{
	struct delivery *delivery = *state;

	deliver(delivery, "counts");
	CLI(delivery->cli, 0, "purge", "--yes");
	CLI(delivery->cli, 0, "sent");
	assert_complains(delivery->cli, "Nothing has been sent.");
	CLI(delivery->cli, 0, "consent", "off");
	CLI(delivery->cli, 0, "sent");
	assert_complains(delivery->cli, "Nothing recorded yet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DELIVERY_TEST(it_lists_what_left_with_or_without_an_agent),
		DELIVERY_TEST(what_was_refused_is_listed_too),
		DELIVERY_TEST(a_body_that_is_kept_is_the_one_that_was_received),
		DELIVERY_TEST(nothing_is_kept_where_nothing_is_to_be),
		DELIVERY_TEST(a_purge_and_consent_off_delete_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
