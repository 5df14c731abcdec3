/* Some fifty secrets are planted in events, in every way a host can record one, and then every byte
 * is searched: of the queue's files, of what an intake received, of the agent's log, of what the
 * tool and the library say.
 *
 * All of them are made up, shaped by their issuers' published rules, and put together here from
 * pieces, so that no scanner of repositories takes them for real ones.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"

#define HEX32              \
	"0f1e2d3c4b5a6978" \
	"8796a5b4c3d2e1f0"
#define ALNUM36            \
	"a8Kd03Lm9Qz7Xc5V" \
	"b2Nw4Er6Ty1Ui8Op0AsD"

enum { TEXT_MOST = 8192, LOG_MOST = 65536 };

/* What is planted, and the part of it that must not be found anywhere. */
struct secret {
	const char *text;
	const char *needle;
};

static const struct secret secrets[] = {
	{"planted.person@example.com", "planted.person"},
	{"Planted Other <other.planted+tag@mail.example.org>", "other.planted"},
	{"/home/planted/src/private.c", "home/planted"},
	{"/var/spool/planted-in/planted", "/planted\""},
	{"/Us"
	 "ers/plantedmac/Library",
	 "plantedmac"},
	{"C:\\Users\\plantedwin\\AppData", "plantedwin"},
	{"https://planteduser:plantedpass@example.com/x", "plantedpass"},
	{"postgres://app:pl4nted@ss@db.example.com:5432/x", "pl4nted"},
	{"redis://:pl4ntedredis@cache:6379/0", "pl4ntedredis"},
	{"Authorization: Bearer plantedbearer0a1b2c3d", "plantedbearer"},
	{"authorization: basic cGxhbnRlZDpwbGFudGVk", "cGxhbnRlZD"},
	{"Proxy-Authorization: Basic cHJveHk6cGxhbnRlZA==", "cHJveHk6"},
	{"eyJ"
	 "hbGciOiJIUzI1NiJ9"
	 ".eyJ"
	 "zdWIiOiJwbGFudGVkIn0"
	 ".dozjgNryP4J3jVmNHl0w5Nplanted",
	 "zdWIiOiJwbGFudGVkIn0"},
	{"-----BEGIN RSA PRIVATE KEY-----\nMIIEplantedA8Kd03Lm9Qz7\nXc5Vplanted==\n-----END RSA "
	 "PRIVATE KEY-----",
	 "plantedA8Kd03"},
	{"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rplanted", "b3BlbnNzaC1rplanted"},
	{"AKIA"
	 "PLANTEDZ7PLSM5TN",
	 "PLANTEDZ7"},
	{"ASIA"
	 "PLANTEDZ8PLSM5TN",
	 "PLANTEDZ8"},
	{"aws_secret_access_key = pLaNtEdUtnFEMI/K7MDENG/bPxRfiCYzz19zKEY", "pLaNtEdUtn"},
	{"ghp_"
	 "P1" ALNUM36,
	 "P1" ALNUM36},
	{"gho_"
	 "P2" ALNUM36,
	 "P2" ALNUM36},
	{"ghu_"
	 "P3" ALNUM36,
	 "P3" ALNUM36},
	{"ghs_"
	 "P4" ALNUM36,
	 "P4" ALNUM36},
	{"ghr_"
	 "P5" ALNUM36,
	 "P5" ALNUM36},
	{"github_pat_"
	 "11PLANTED00a1b2c3d4e5_" ALNUM36 "z9Y8x7W6v5U4t3S2r1Q0pon",
	 "11PLANTED00"},
	{"glpat-"
	 "pLaNt-3Lm9Qz_Xc5Vb2N",
	 "pLaNt-3Lm"},
	{"gldt-"
	 "pLaNu-3Lm9Qz_Xc5Vb2N",
	 "pLaNu-3Lm"},
	{"npm_"
	 "P6w"
	 "8Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0A",
	 "P6w8Kd03"},
	{"pypi-"
	 "AgEIcHlwaS5vcmcCJP7" ALNUM36,
	 "CJP7" ALNUM36},
	{"rubygems_" HEX32 "0123456789abcd01", "0123456789abcd01"},
	{"xoxb-"
	 "123456789012-1234567890123-"
	 "pLaNtE5Gh7Jk9Mn1Pq3St5Vw",
	 "pLaNtE5Gh7"},
	{"xoxp-"
	 "210987654321-210987654321-" HEX32,
	 "210987654321"},
	{"xapp-"
	 "1-A0PLANTED89-1234567890-" HEX32,
	 "A0PLANTED89"},
	{"https://hooks.slack.com/services/"
	 "T0PLANTED/B0PLANTED/pLaNtE7Gh7Jk9Mn1Pq3St5Vw",
	 "pLaNtE7Gh7"},
	{"AIza"
	 "SyD3pLaNtEdm9Qz7Xc5Vb2Nw4Er6Ty1Ui8O",
	 "pLaNtEdm9"},
	{"ya29."
	 "a0AfB_byC3pLaNtEdM9Qz7Xc5Vb2Nw4Er6",
	 "pLaNtEdM9"},
	{"GOCSPX-"
	 "pLaNtEd1m9Qz7Xc5Vb2Nw4Er6Ty1",
	 "pLaNtEd1m"},
	{"sk-ant-"
	 "api03-pLaNtEd2m9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0As-Df_GhAA",
	 "pLaNtEd2m"},
	{"sk-"
	 "pLaNtEd3m9Qz7Xc5Vb2NwT3BlbkFJ4Er6Ty1Ui8Op0AsDfGh2",
	 "pLaNtEd3m"},
	{"sk-proj-"
	 "pLaNtEd4m9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2",
	 "pLaNtEd4m"},
	{"sk_live_"
	 "pLaNtEd5m9Qz7Xc5Vb2Nw4Er",
	 "pLaNtEd5m"},
	{"rk_test_"
	 "pLaNtEd6m9Qz7Xc5Vb2Nw4Er",
	 "pLaNtEd6m"},
	{"whsec_"
	 "pLaNtEd7m9Qz7Xc5Vb2Nw4Er6Ty1Ui8",
	 "pLaNtEd7m"},
	{"hf_"
	 "pLaNtEdQWzEXcRVbTNwYErUTyIUiOOpPAs",
	 "pLaNtEdQW"},
	{"SG."
	 "pLaNtEd8m9Qz7Xc5Vb2Nw4"
	 ".r6Ty1Ui8Op0AsDfGh2JkLzXcVbNm4Qw5Er6Ty7Ui8Op",
	 "pLaNtEd8m"},
	{"dop_v1_"
	 "beef" HEX32 "0123456789abcdef0123456789ab",
	 "beef0f1e"},
	{"hvs."
	 "CAESIJpLaNtEd9m9Qz7Xc5Vb2Nw4Er6",
	 "pLaNtEd9m"},
	{"password=pl4ntedsecret", "pl4ntedsecret"},
	{"{\"client_secret\": \"pl4ntedClientSecret\"}", "pl4ntedClientSecret"},
	{"api_key: face" HEX32, "face0f1e"},
	{"https://example.com/?token=cafe" HEX32 "&x=1", "cafe0f1e"},
	{"--token dead" HEX32, "dead0f1e"},
	{"AccountKey=pLaNtEdA9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2JkL=;EndpointSuffix=x", "pLaNtEdA9"},
	{"X-Amz-Signature=f00d" HEX32 HEX32, "f00d0f1e"},
	{"upload id pLaNtEdBLm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2 failed", "pLaNtEdBLm"},
};
enum { SECRETS = sizeof secrets / sizeof secrets[0] };

static struct {
	char text[LOG_MOST];
	size_t length;
} host_log;

static void host_logger(void *context, int level, const char *text)
{
	int length = snprintf(host_log.text + host_log.length,
			      sizeof host_log.text - host_log.length, "%s\n", text);

	(void)context;
	(void)level;
	if (length > 0 && host_log.length + (size_t)length < sizeof host_log.text)
		host_log.length += (size_t)length;
}

/* ---- planting ---- */

/* As the inside of a JSON string; where `hidden`, each character is an escape of its number. */
static void json_write(char out[TEXT_MOST], const char *text, bool hidden)
{
	size_t length = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_plain = !hidden && c >= ' ' && c != '"' && c != '\\';

		assert_true(length + 8 < TEXT_MOST);
		length += (size_t)(is_plain ? snprintf(out + length, 8, "%c", c)
					    : snprintf(out + length, 8, "\\u%04x", c));
	}
	out[length] = '\0';
}

static void record_json(struct agent_fixture *fixture, const char *format, const char *text,
			bool hidden)
{
	char inside[TEXT_MOST], json[4 * TEXT_MOST];
	size_t length = 0;

	json_write(inside, text, hidden);
	for (; *format != '\0'; format++) {
		assert_true(length + TEXT_MOST < sizeof json);
		if (*format == '$')
			length +=
				(size_t)snprintf(json + length, sizeof json - length, "%s", inside);
		else
			json[length++] = *format;
	}
	json[length] = '\0';
	assert_int_equal(flightrec_record(fixture->recorder, "planted", json), FLIGHTREC_OK);
}

static void record_built(struct agent_fixture *fixture, const char *text)
{
	flightrec_event *event = flightrec_event_new("planted");

	flightrec_event_set_string(event, "marker", "planted-and-found");
	flightrec_event_set_string(event, "built", text);
	assert_int_equal(flightrec_commit(fixture->recorder, event), FLIGHTREC_OK);
}

static void record_with_the_library(struct agent_fixture *fixture)
{
	for (size_t i = 0; i < SECRETS; i++) {
		const char *text = secrets[i].text;

		record_json(fixture, "{\"marker\":\"planted-and-found\",\"value\":\"$\"}", text,
			    false);
		record_json(fixture,
			    "{\"nested\":[1,{\"deep\":[\"x\",{\"deeper\":[[\"$\"]]}]}],\"y\":null}",
			    text, false);
		record_json(fixture, "{\"message\":\"cannot read: $\"}", text, false);
		record_json(fixture, "{\"message\":\"$: no such thing, \xc3\xa4\"}", text, false);
		record_json(fixture, "{\"file\":\"/var/log/$\"}", text, false);
		record_json(fixture, "{\"hidden\":\"$\"}", text, true);
		record_built(fixture, text);
	}
	assert_int_equal(
		flightrec_set_common(fixture->recorder, "{\"who\":\"planted.person@example.com\"}"),
		FLIGHTREC_OK);
	record_built(fixture, "with a common property");
	/* What is refused is told to the host's logger, without what it says. */
	assert_int_equal(flightrec_record(fixture->recorder, "planted",
					  "{\"p\":\"ghp_"
					  "P1" ALNUM36 "\" oops}"),
			 FLIGHTREC_INVALID);
	assert_int_equal(flightrec_record(fixture->recorder, "planted",
					  "{\"bad key ghp_"
					  "P1" ALNUM36 "\":1}"),
			 FLIGHTREC_OK);
}

static void recorder_open(struct agent_fixture *fixture)
{
	flightrec_options *options = flightrec_options_new();

	flightrec_options_set_home(options, fixture->home);
	flightrec_options_set_config(options, fixture->config);
	flightrec_options_set_logger(options, host_logger, NULL);
	assert_int_equal(flightrec_open(&fixture->recorder, options), FLIGHTREC_OK);
}

/* ---- the tool ---- */

static const char *const environment[] = {"HOME=/home/planted", "USER=planted", NULL};

static void run_tool(const struct agent_fixture *fixture, const char *name, const char *word,
		     const char *input, struct test_process **out)
{
	const char *argv[] = {FLIGHTREC_CLI, "--home", fixture->home, "--config", fixture->config,
			      "record",      name,     word,          NULL};
	const struct test_program program = {
		.argv = argv, .environment = environment, .input = input};

	*out = test_process_run(&program);
}

/* ---- searching ---- */

static bool bytes_hold(const char *bytes, size_t length, const char *needle)
{
	size_t size = strlen(needle);

	for (const char *at = bytes; length >= size;) {
		const char *found = memchr(at, needle[0], length - size + 1);

		if (found == NULL)
			return false;
		length -= (size_t)(found - at);
		if (memcmp(found, needle, size) == 0)
			return true;
		at = found + 1;
		length--;
	}
	return false;
}

static void must_not_hold(const char *what, const char *bytes, size_t length)
{
	for (size_t i = 0; i < SECRETS; i++)
		if (bytes_hold(bytes, length, secrets[i].needle))
			fail_msg("%s holds \"%s\" of %s", what, secrets[i].needle, secrets[i].text);
}

/* Returns whether there is such a file and it holds the marker. */
static bool file_search(const struct agent_fixture *fixture, const char *name, const char *marker)
{
	char path[TEST_PATH_MAX];
	size_t length = 0;
	char *bytes;
	bool found;

	(void)snprintf(path, sizeof path, "%.900s/%s", fixture->home, name);
	bytes = test_file_read(path, &length);
	if (bytes == NULL)
		return false;
	must_not_hold(name, bytes, length);
	found = bytes_hold(bytes, length, marker);
	free(bytes);
	return found;
}

static void files_search(const struct agent_fixture *fixture, const char *marker)
{
	bool in_db = file_search(fixture, "queue.db", marker);
	bool in_log = file_search(fixture, "queue.db-wal", marker);

	(void)file_search(fixture, "queue.db-shm", marker);
	(void)file_search(fixture, "ballast", marker);
	assert_true(in_db || in_log);
}

/* ---- tests ---- */

static const char plain[] = "\"compression\":\"none\",\"batch\":{\"max_wait\":\"0s\"}";

static void no_planted_secret_is_found_in_any_byte(void **state)
{
	struct agent_fixture *fixture = *state;
	long long events = 7 * SECRETS + 2;
	char path[64];

	agent_configure_one_sink(fixture, plain);
	recorder_open(fixture);
	record_with_the_library(fixture);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM pending"), events);
	files_search(fixture, "planted-and-found");
	files_search(fixture, "<github-token>");
	must_not_hold("the host's log", host_log.text, host_log.length);
	assert_true(host_log.length > 0);

	fixture->variable = "USER=planted";
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", events);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	for (long long i = 1; i <= test_intake_stat(&fixture->intake, "requests"); i++) {
		char *body;

		(void)snprintf(path, sizeof path, "/requests/%lld/body", i);
		body = test_intake_get(&fixture->intake, path);
		must_not_hold("a request", body, strlen(body));
		assert_non_null(strstr(body, "\"eventName\":\"planted\""));
		free(body);
	}
	must_not_hold("the agent's log", test_process_errors(fixture->agent),
		      strlen(test_process_errors(fixture->agent)));
	(void)file_search(fixture, "queue.db", "");
	(void)file_search(fixture, "queue.db-wal", "");
}

static void nor_in_what_the_tool_records_and_prints(void **state)
{
	struct agent_fixture *fixture = *state;
	char property[TEXT_MOST], inside[TEXT_MOST];
	static char input[SECRETS * 512];
	struct test_process *tool;
	size_t length = 0;

	agent_configure_one_sink(fixture, plain);
	for (size_t i = 0; i < SECRETS; i++) {
		json_write(inside, secrets[i].text, false);
		length += (size_t)snprintf(input + length, sizeof input - length,
					   "{\"eventName\":\"planted\",\"p\":\"%s\"}\n"
					   "{\"eventName\":\"planted\",\"p\":\"%s\" broken}\n",
					   inside, inside);
		assert_true(length < sizeof input);
	}
	run_tool(fixture, "-", NULL, input, &tool);
	assert_int_equal(test_process_wait(tool, 0), 1);
	must_not_hold("the tool's output", test_process_output(tool),
		      strlen(test_process_output(tool)));
	must_not_hold("the tool's errors", test_process_errors(tool),
		      strlen(test_process_errors(tool)));
	test_process_free(tool);
	for (size_t i = 0; i < SECRETS; i += 7) {
		(void)snprintf(property, sizeof property, "p=%s", secrets[i].text);
		run_tool(fixture, "planted", property, NULL, &tool);
		assert_int_equal(test_process_wait(tool, 0), 0);
		must_not_hold("the tool's output", test_process_output(tool),
			      strlen(test_process_output(tool)));
		test_process_free(tool);
	}
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM pending"),
			 SECRETS + (SECRETS + 6) / 7);
	files_search(fixture, "<github-token>");
}

static void nor_in_what_a_server_answers(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, plain);
	recorder_open(fixture);
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_queue(fixture, "SELECT delivered FROM ledger", 1);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":422,\"body\":\"no such user: "
			 "planted.person@example.com, header ghp_"
			 "P1" ALNUM36 " refused\"}");
	agent_record(fixture, "e", 1);
	agent_await_queue(fixture, "SELECT dead FROM ledger", 1);
	must_not_hold("the agent's log", test_process_errors(fixture->agent),
		      strlen(test_process_errors(fixture->agent)));
	files_search(fixture, "no such user: <email>, header <github-token> refused");
}

static void the_owners_patterns_come_from_the_config(void **state)
{
	struct agent_fixture *fixture = *state;
	char json[1024];

	(void)snprintf(json, sizeof json,
		       "{\"privacy\":{\"scrub\":[\"ACME-*-END\"]},\"sinks\":[{\"name\":\"main\","
		       "\"type\":\"first_party\",\"url\":\"http://127.0.0.1:PORT/v1/events\","
		       "\"events\":[\"*\"],%s}]}",
		       plain);
	agent_configure(fixture, json);
	recorder_open(fixture);
	assert_int_equal(flightrec_record(fixture->recorder, "planted",
					  "{\"p\":\"order ACME-17-END of ACME\"}"),
			 FLIGHTREC_OK);
	files_search(fixture, "order <scrubbed> of ACME");
	assert_false(file_search(fixture, "queue.db", "ACME-17"));
	assert_false(file_search(fixture, "queue.db-wal", "ACME-17"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(no_planted_secret_is_found_in_any_byte),
		AGENT_TEST(nor_in_what_the_tool_records_and_prints),
		AGENT_TEST(nor_in_what_a_server_answers),
		AGENT_TEST(the_owners_patterns_come_from_the_config),
	};

	if (setenv("HOME", "/home/planted", 1) != 0 || setenv("USER", "planted", 1) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
