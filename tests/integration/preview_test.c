/* What preview shows is what is then sent, to the byte: request line, every header in its order,
 * body; for every type of sink, and in whatever state the sink is.
 *
 * The receiver writes down what arrives before anybody has read it as HTTP. What preview can only
 * describe (a secret, the time of sending) is put in its place here, and then all of it must be
 * equal.
 */
#include "support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery_fixture.h"
#include "support/rogue.h"

enum { REQUEST_MAX = 64 * 1024 };

#define SECRET "0123456789abcdef0123456789abcdef"

/* ---- the receiver ---- */

static char *file_of(const char *folder, const char *name, int number)
{
	char path[TEST_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s-%d", folder, name, number);
	return test_file_read(path, NULL);
}

/* One request as it came; its length, 0 at the end of the connection. */
static size_t take_raw(struct test_visit *visit, char *raw)
{
	size_t length = 0, wanted = 0;

	while (wanted == 0 || length < wanted) {
		size_t got = test_visit_read(visit, raw + length, REQUEST_MAX - 1 - length);
		const char *end, *said;

		length += got;
		raw[length] = '\0';
		if (got == 0)
			return 0;
		end = strstr(raw, "\r\n\r\n");
		said = strstr(raw, "Content-Length: ");
		if (wanted == 0 && end != NULL && said != NULL)
			wanted = (size_t)(end - raw) + 4 + strtoul(said + 16, NULL, 10);
	}
	return length;
}

/* ClickHouse is asked which settings it knows: all that it is asked for. */
static void answer_question(struct test_visit *visit, const char *names)
{
	char body[1024], answer[2048];
	size_t length = 0;

	for (const char *at = strchr(names, '\''); at != NULL; at = strchr(at, '\'')) {
		size_t size = strcspn(++at, "'");

		length += (size_t)snprintf(body + length, sizeof body - length, "%.*s\n", (int)size,
					   at);
		at += size + 1;
	}
	(void)snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		       length, body);
	(void)test_visit_tell(visit, answer);
}

/* Writes each request into a file of its own, and answers what the file "answer-0" says. */
static void receive(struct test_visit *visit)
{
	const char *folder = visit->context;
	char *raw = malloc(REQUEST_MAX);
	size_t length;

	while (raw != NULL && (length = take_raw(visit, raw)) > 0) {
		const char *question = strstr(raw, "SELECT name FROM system.settings");
		char path[TEST_PATH_MAX];
		char *answer;
		FILE *file;

		if (question != NULL) {
			answer_question(visit, question);
			continue;
		}
		(void)snprintf(path, sizeof path, "%s/request-%d", folder,
			       atomic_fetch_add(&visit->tally->requests, 1));
		file = fopen(path, "wb");
		if (file == NULL || fwrite(raw, 1, length, file) != length || fclose(file) != 0)
			abort();
		answer = file_of(folder, "answer", 0);
		(void)test_visit_tell(
			visit,
			answer != NULL ? answer : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		free(answer);
	}
	free(raw);
}

/* ---- the world ---- */

struct watched {
	struct delivery *delivery;
	struct test_rogue receiver;
	struct test_folder folder; /* of what arrived */
};

static int set_up(void **state)
{
	struct watched *watched = calloc(1, sizeof *watched);

	assert_non_null(watched);
	assert_int_equal(delivery_set_up((void **)&watched->delivery), 0);
	test_folder_make(&watched->folder);
	test_rogue_start(&watched->receiver, receive, watched->folder.path);
	cli_variable(watched->delivery->cli, "PREVIEW_SECRET", SECRET);
	*state = watched;
	return 0;
}

static int tear_down(void **state)
{
	struct watched *watched = *state;
	void *delivery = watched->delivery;

	test_rogue_stop(&watched->receiver);
	test_folder_remove(&watched->folder);
	(void)delivery_tear_down(&delivery);
	free(watched);
	return 0;
}

/* One sink, and the agent has met it. */
static void begin(struct watched *watched, const char *sink)
{
	char json[2048];

	(void)snprintf(json, sizeof json,
		       "{\"service\":\"my-tool\",\"version\":\"1.2.3\",\"limits\":{\"burst\":0},"
		       "\"sinks\":[{\"name\":\"main\",\"events\":[\"*\"],\"compression\":\"none\","
		       "\"retry\":{\"initial\":\"1h\",\"max\":\"1h\"},"
		       "\"url\":\"http://127.0.0.1:%d%s}]}",
		       watched->receiver.port, sink);
	delivery_configure(watched->delivery, json);
	delivery_agent_start(watched->delivery);
	CLI(watched->delivery->cli, 0, "record", "first_of_all");
	CLI(watched->delivery->cli, 0, "flush");
	delivery_agent_stop(watched->delivery);
	atomic_store(&watched->receiver.tally->requests, 0);
}

static void record(struct watched *watched, int count)
{
	char lines[8192];
	size_t length = 0;

	for (int i = 0; i < count; i++)
		length +=
			(size_t)snprintf(lines + length, sizeof lines - length,
					 "{\"eventName\":\"tool_use_error\",\"toolName\":"
					 "\"edit_file\",\"n\":%d,\"text\":\"\\u00e4 \\\"x\\\"\"}\n",
					 i);
	CLI_GIVEN(watched->delivery->cli, lines, 0, "record", "-");
}

/* Delivers what there is; what is left is the business of whoever calls. */
static void drain(struct watched *watched)
{
	const char *argv[] = {FLIGHTRECD, "--drain", NULL};
	struct test_process *process = test_process_run(&(struct test_program){
		.argv = argv, .environment = watched->delivery->cli->environment});

	assert_int_not_equal(test_process_wait(process, TEST_PATIENCE_MS), TEST_STILL_RUNNING);
	test_process_free(process);
}

/* ---- both sides, in the same words ---- */

static void replace(char *text, size_t size, const char *from, const char *to)
{
	char *at = strstr(text, from);
	char rest[REQUEST_MAX];

	if (at == NULL)
		return;
	(void)snprintf(rest, sizeof rest, "%s", at + strlen(from));
	(void)snprintf(at, size - (size_t)(at - text), "%s%s", to, rest);
}

/* As preview shows it: without what is said about it, with the line ends of HTTP. */
static char *previewed(struct watched *watched)
{
	char *out = calloc(1, REQUEST_MAX);
	const char *at, *end;
	size_t length = 0;

	assert_non_null(out);
	CLI(watched->delivery->cli, 0, "preview", "--sink", "main");
	at = cli_output(watched->delivery->cli);
	while (*at == '#')
		at = strchr(at, '\n') + 1;
	end = strstr(at, "\n\n");
	assert_non_null(end);
	for (; at < end + 2; at++) {
		if (*at == '\n')
			out[length++] = '\r';
		out[length++] = *at;
	}
	(void)snprintf(out + length, REQUEST_MAX - length, "%s", at);
	out[strlen(out) - 2] = '\0'; /* two line ends behind the body */
	assert_null(strstr(out, SECRET));
	replace(out, REQUEST_MAX, "<from env:PREVIEW_SECRET>", SECRET);
	return out;
}

/* As it arrived, but for the time. */
static char *received(struct watched *watched, int number)
{
	static const char before[] = "X-Flightrec-Sent-At: ";
	char *raw = file_of(watched->folder.path, "request", number);
	char *out = calloc(1, REQUEST_MAX);
	const char *at;

	assert_non_null(raw);
	assert_non_null(out);
	at = strstr(raw, before);
	assert_non_null(at);
	(void)snprintf(out, REQUEST_MAX, "%.*s%s<time of sending>%s", (int)(at - raw), raw, before,
		       strstr(at, "\r\n"));
	free(raw);
	return out;
}

static void expect_sent(struct watched *watched, const char *shown, int number)
{
	char *sent = received(watched, number);

	assert_string_equal(sent, shown);
	free(sent);
}

/* Records, looks, delivers, compares; `contains` shows that there was something to compare. */
static void expect_the_same(struct watched *watched, int events, const char *contains)
{
	char *shown;

	record(watched, events);
	shown = previewed(watched);
	if (strstr(shown, contains) == NULL)
		fail_msg("no %s in\n%s", contains, shown);
	drain(watched);
	expect_sent(watched, shown, 0);
	free(shown);
}

/* ---- every type ---- */

static void first_party_is_sent_what_was_shown(void **state)
{
	begin(*state, "/v1/events?x=1\",\"type\":\"first_party\",\"headers\":{\"Authorization\":"
		      "\"env:PREVIEW_SECRET\",\"X-Team\":\"tools\"}");
	expect_the_same(*state, 3, "\r\nAuthorization: " SECRET "\r\n");
}

static void datadog_is_sent_what_was_shown(void **state)
{
	begin(*state, "/api/v2/logs\",\"type\":\"datadog\",\"api_key\":\"env:PREVIEW_SECRET\"");
	expect_the_same(*state, 3, "\r\nDD-API-KEY: " SECRET "\r\n");
}

static void otlp_is_sent_what_was_shown(void **state)
{
	begin(*state, "\",\"type\":\"otlp\",\"headers\":{\"User-Agent\":\"mine\"}");
	expect_the_same(*state, 3, "POST /v1/logs HTTP/1.1\r\n");
}

static void clickhouse_is_sent_what_was_shown(void **state)
{
	begin(*state, "\",\"type\":\"clickhouse\",\"table\":\"t.events\",\"user\":\"me\","
		      "\"password\":\"env:PREVIEW_SECRET\"");
	expect_the_same(*state, 3, "insert_deduplication_token=");
}

static void ndjson_is_sent_what_was_shown(void **state)
{
	begin(*state, "/in\",\"type\":\"ndjson\"");
	expect_the_same(*state, 3, "\r\n\r\n{\"eventId\"");
}

static void a_file_gets_what_was_shown(void **state)
{
	struct watched *watched = *state;
	struct cli_fixture *cli = watched->delivery->cli;
	char path[TEST_PATH_MAX + 32];
	const char *shown;
	char *expected, *found;

	delivery_configure(watched->delivery,
			   "{\"sinks\":[{\"name\":\"main\",\"type\":\"file\",\"events\":[\"*\"],"
			   "\"path\":\"delivered.ndjson\"}]}");
	record(watched, 3);
	CLI(cli, 0, "preview");
	shown = strstr(cli_output(cli), "append to ");
	assert_non_null(shown);
	expected = strdup(strstr(shown, "\n\n") + 2);
	assert_non_null(expected);
	expected[strlen(expected) - 1] = '\0'; /* an empty line ends what is shown */
	drain(watched);
	(void)snprintf(path, sizeof path, "%s/delivered.ndjson", cli->home);
	found = test_file_read(path, NULL);
	assert_non_null(found);
	assert_string_equal(found, expected);
	free(found);
	free(expected);
}

/* ---- every state ---- */

#define PLAIN "/v1/events\",\"type\":\"first_party\""

/* What a courier remembers between two batches, put in its place by hand. */
static void remember(struct watched *watched, const char *sql)
{
	char path[TEST_PATH_MAX + 16];
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof path, "%s/queue.db", watched->delivery->cli->home);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A batch that was refused for now, or that may have been taken, is shown as it goes again. */
static void see_it_go_again(struct watched *watched, const char *answer, const char *told)
{
	struct cli_fixture *cli = watched->delivery->cli;
	char *shown;

	begin(watched, PLAIN ",\"batch\":{\"max_wait\":\"50ms\"}");
	test_folder_write(&watched->folder, "answer-0", answer);
	record(watched, 3);
	delivery_agent_start(watched->delivery);
	delivery_await(watched->delivery, "SELECT attempts > 0 FROM sinks", 1);
	delivery_agent_stop(watched->delivery);
	record(watched, 2); /* these wait behind it */
	shown = previewed(watched);
	CLI(cli, 0, "preview");
	assert_says(cli, told);
	expect_sent(watched, shown, 0);
	remember(watched, "UPDATE sink SET wait_us = 0");
	test_folder_write(&watched->folder, "answer-0",
			  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	delivery_agent_start(watched->delivery);
	CLI(cli, 0, "flush", "--timeout", "20s");
	expect_sent(watched, shown, 1);
	free(shown);
}

static void a_batch_that_was_refused_for_now_goes_again_as_shown(void **state)
{
	see_it_go_again(*state, "HTTP/1.1 429 Later\r\nContent-Length: 0\r\n\r\n",
			"# main: 3 events, frozen, not taken yet");
}

static void a_batch_that_may_have_been_taken_goes_again_as_shown(void **state)
{
	see_it_go_again(*state, "HTTP/1.1 500 Perhaps\r\nContent-Length: 0\r\n\r\n",
			"# main: 3 events, frozen, and sent before: the answer is outstanding");
}

static void after_an_outage_one_event_is_shown_and_sent(void **state)
{
	struct watched *watched = *state;

	begin(watched, PLAIN);
	remember(watched, "UPDATE sink SET ramp = 1");
	expect_the_same(watched, 20, "\"n\":0,");
	CLI(watched->delivery->cli, 0, "sent", "--json", "--last", "1000");
	assert_says(watched->delivery->cli, "\"events\":1,");
}

static void a_learned_size_is_shown_and_sent(void **state)
{
	struct watched *watched = *state;
	char *shown;

	begin(watched, PLAIN);
	remember(watched, "UPDATE sink SET limit_bytes = 2000");
	record(watched, 20);
	shown = previewed(watched);
	assert_in_range(strlen(strstr(shown, "\r\n\r\n")), 500, 2004);
	drain(watched);
	expect_sent(watched, shown, 0);
	free(shown);
}

static void the_first_of_several_under_way_is_the_one_that_was_shown(void **state)
{
	struct watched *watched = *state;
	bool found = false;
	char *shown;

	begin(watched, PLAIN ",\"inflight\":4,\"batch\":{\"max_events\":5}");
	record(watched, 20);
	shown = previewed(watched);
	drain(watched);
	for (int i = 0; i < 4; i++) {
		char *sent = received(watched, i);

		found = found || strcmp(sent, shown) == 0;
		free(sent);
	}
	assert_true(found);
	free(shown);
}

/* Only its length and its bytes are not known before. */
static void a_packed_body_is_said_to_be_packed(void **state)
{
	struct watched *watched = *state;
	struct cli_fixture *cli = watched->delivery->cli;

	delivery_configure(watched->delivery,
			   "{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"events\":"
			   "[\"*\"],\"url\":\"http://127.0.0.1:PORT/v1/events\"}]}");
	record(watched, 20);
	CLI(cli, 0, "preview");
	assert_says(cli, "\nContent-Encoding: gzip\n");
	assert_says(cli, "\nContent-Length: <length of the compressed body>\n");
}

int main(void)
{
#define PREVIEW_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		PREVIEW_TEST(first_party_is_sent_what_was_shown),
		PREVIEW_TEST(datadog_is_sent_what_was_shown),
		PREVIEW_TEST(otlp_is_sent_what_was_shown),
		PREVIEW_TEST(clickhouse_is_sent_what_was_shown),
		PREVIEW_TEST(ndjson_is_sent_what_was_shown),
		PREVIEW_TEST(a_file_gets_what_was_shown),
		PREVIEW_TEST(a_batch_that_was_refused_for_now_goes_again_as_shown),
		PREVIEW_TEST(a_batch_that_may_have_been_taken_goes_again_as_shown),
		PREVIEW_TEST(after_an_outage_one_event_is_shown_and_sent),
		PREVIEW_TEST(a_learned_size_is_shown_and_sent),
		PREVIEW_TEST(the_first_of_several_under_way_is_the_one_that_was_shown),
		PREVIEW_TEST(a_packed_body_is_said_to_be_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
