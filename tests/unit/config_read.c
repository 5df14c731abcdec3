/* What is right: defaults, every key, comments, both readers. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/world.h"
#include "unit/config_fixture.h"

static void without_a_file_there_are_the_defaults_of_the_contract(void **state)
{
	struct fr_home home = {.path = "/h"};
	struct fr_config *config;
	struct test_world world;
	struct fr_error err;

	(void)state;
	test_world_init(&world);
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err), FR_OK);
	assert_string_equal(config->file, "");
	assert_string_equal(config->service, "");
	assert_string_equal(config->version, "");
	assert_int_equal(config->queue.durability, FR_POWER);
	assert_int_equal(config->queue.max_bytes, 64 * 1024 * 1024);
	assert_int_equal(config->queue.max_bytes, FR_QUEUE_BYTES_DEFAULT);
	assert_int_equal(config->queue.max_age_ms, INT64_C(30) * 86400 * 1000);
	assert_int_equal(config->queue.max_event_bytes, FR_EVENT_BYTES_DEFAULT);
	assert_false(config->privacy.has_default);
	assert_false(config->privacy.has_cap);
	assert_int_equal(config->privacy.buckets, 30);
	assert_string_equal(config->privacy.catalogue, "");
	assert_string_equal(config->privacy.internal_env, "");
	assert_string_equal(config->privacy.internal_value, "");
	assert_int_equal(config->limits.burst, 10000);
	assert_int_equal(config->limits.per_second, 200);
	assert_int_equal(config->sink_count, 0);
	assert_null(fr_config_problem(config, 0));
	fr_config_free(config);
}

static void an_empty_object_is_the_defaults_too(void **state)
{
	struct fr_config *config = config_of(" {} \n", FR_CONFIG_STRICT);

	(void)state;
	assert_string_equal(config->file, "/h/app.json");
	assert_int_equal(config->limits.burst, 10000);
	fr_config_free(config);
}

static const char whole_config[] =
	"{\n"
	"  \"service\": \"my-tool\", \"version\": \"1.2.3\",\n"
	"  \"queue\":   { \"durability\": \"process\",\n"
	"               \"max_bytes\": \"8MiB\", \"max_age\": \"2d\", \"max_event_bytes\": 2048 "
	"},\n"
	"  \"privacy\": { \"default\": \"off\", \"consent\": \"on\", \"buckets\": 1000,\n"
	"               \"internal\": { \"env\": \"USER_TYPE\", \"value\": \"ant\" } },\n"
	"  \"limits\":  { \"burst\": 0, \"per_second\": 7 },\n"
	"  \"sinks\": [\n"
	"    { \"name\": \"dd\", \"type\": \"datadog\", \"site\": \"datadoghq.eu\",\n"
	"      \"api_key\": \"env:DD_API_KEY\", \"tags\": \"env:prod,team:x\",\n"
	"      \"events\": [\"tool_use_error\", \"api_*\"], \"min_severity\": \"warn\" },\n"
	"    { \"name\": \"first-party\", \"type\": \"first_party\",\n"
	"      \"url\": \"https://telemetry.example.com/v1/events\",\n"
	"      \"headers\": { \"Authorization\": \"file:token\", \"X-Team\": \"tools\" },\n"
	"      \"audience\": \"internal\", \"events\": [\"*\"],\n"
	"      \"batch\": { \"max_events\": 50, \"max_bytes\": \"64KiB\", \"max_wait\": \"500ms\" "
	"},\n"
	"      \"retry\": { \"initial\": \"2s\", \"max\": \"1h\" }, \"inflight\": 4,\n"
	"      \"compression\": \"none\", \"timeout\": \"10s\",\n"
	"      \"tls\": { \"ca_file\": \"ca.pem\", \"cert_file\": \"/etc/c.pem\",\n"
	"               \"key_file\": \"keys/k.pem\", \"min_version\": \"1.3\" },\n"
	"      \"proxy\": \"socks5h://127.0.0.1:1080\", \"allow_plain_http\": true },\n"
	"    { \"name\": \"local\", \"type\": \"file\", \"path\": \"delivered.ndjson\",\n"
	"      \"max_bytes\": 0, \"events\": [\"*\"] }\n"
	"  ]\n"
	"}\n";

static void every_key_of_the_top_comes_through(void **state)
{
	struct fr_config *config = config_of(whole_config, FR_CONFIG_STRICT);

	(void)state;
	assert_string_equal(config->service, "my-tool");
	assert_string_equal(config->version, "1.2.3");
	assert_int_equal(config->queue.durability, FR_PROCESS);
	assert_int_equal(config->queue.max_bytes, 8 * 1024 * 1024);
	assert_int_equal(config->queue.max_age_ms, 2 * 86400 * 1000);
	assert_int_equal(config->queue.max_event_bytes, 2048);
	assert_true(config->privacy.has_default);
	assert_int_equal(config->privacy.default_level, FR_CONSENT_OFF);
	assert_true(config->privacy.has_cap);
	assert_int_equal(config->privacy.cap, FR_CONSENT_ON);
	assert_int_equal(config->privacy.buckets, 1000);
	assert_string_equal(config->privacy.internal_env, "USER_TYPE");
	assert_string_equal(config->privacy.internal_value, "ant");
	assert_int_equal(config->limits.burst, 0);
	assert_int_equal(config->limits.per_second, 7);
	assert_int_equal(config->sink_count, 3);
	assert_null(fr_config_problem(config, 0));
	fr_config_free(config);
}

static void a_sinks_defaults_are_those_of_the_contract(void **state)
{
	struct fr_config *config = config_of(whole_config, FR_CONFIG_STRICT);
	const struct fr_sink_settings *sink = &config->sinks[0];

	(void)state;
	assert_string_equal(sink->name, "dd");
	assert_string_equal(sink->type, "datadog");
	assert_string_equal(sink->site, "datadoghq.eu");
	assert_string_equal(sink->url, "");
	assert_string_equal(sink->tags, "env:prod,team:x");
	assert_string_equal(sink->api_key, "");
	assert_string_equal(sink->api_key_origin, "env:DD_API_KEY");
	assert_int_equal(sink->event_count, 2);
	assert_string_equal(sink->events[0], "tool_use_error");
	assert_string_equal(sink->events[1], "api_*");
	assert_false(sink->internal);
	assert_int_equal(sink->min_severity, FR_WARN);
	assert_int_equal(sink->max_events, 100);
	assert_int_equal(sink->max_bytes, 1024 * 1024);
	assert_int_equal(sink->max_wait_ms, 15000);
	assert_int_equal(sink->inflight, 1);
	assert_true(sink->gzip);
	assert_int_equal(sink->timeout_ms, 30000);
	assert_int_equal(sink->retry_initial_ms, 1000);
	assert_int_equal(sink->retry_max_ms, 300000);
	assert_string_equal(sink->ca_file, "");
	assert_string_equal(sink->cert_file, "");
	assert_string_equal(sink->key_file, "");
	assert_string_equal(sink->tls_min_version, "1.2");
	assert_string_equal(sink->proxy, "");
	assert_string_equal(sink->path, "");
	assert_string_equal(sink->table, "");
	assert_int_equal(sink->header_count, 0);
	assert_false(sink->allow_plain_http);
	fr_config_free(config);
}

static void every_key_of_a_sink_comes_through(void **state)
{
	struct fr_config *config = config_of(whole_config, FR_CONFIG_STRICT);
	const struct fr_sink_settings *sink = &config->sinks[1];

	(void)state;
	assert_string_equal(sink->url, "https://telemetry.example.com/v1/events");
	assert_int_equal(sink->header_count, 2);
	assert_string_equal(sink->headers[0].name, "Authorization");
	assert_string_equal(sink->headers[0].value, "");
	assert_string_equal(sink->headers[0].origin, "file:token");
	assert_string_equal(sink->headers[1].name, "X-Team");
	assert_string_equal(sink->headers[1].value, "tools");
	assert_null(sink->headers[1].origin);
	assert_true(sink->internal);
	assert_int_equal(sink->min_severity, FR_TRACE);
	assert_int_equal(sink->max_events, 50);
	assert_int_equal(sink->max_bytes, 65536);
	assert_int_equal(sink->max_wait_ms, 500);
	assert_int_equal(sink->retry_initial_ms, 2000);
	assert_int_equal(sink->retry_max_ms, 3600000);
	assert_int_equal(sink->inflight, 4);
	assert_false(sink->gzip);
	assert_int_equal(sink->timeout_ms, 10000);
	assert_string_equal(sink->ca_file, "/h/ca.pem");
	assert_string_equal(sink->cert_file, "/etc/c.pem");
	assert_string_equal(sink->key_file, "/h/keys/k.pem");
	assert_string_equal(sink->tls_min_version, "1.3");
	assert_string_equal(sink->proxy, "socks5h://127.0.0.1:1080");
	assert_true(sink->allow_plain_http);
	fr_config_free(config);
}

static void a_file_sink_writes_below_the_home_and_never_zips(void **state)
{
	struct fr_config *config = config_of(whole_config, FR_CONFIG_STRICT);
	const struct fr_sink_settings *sink = &config->sinks[2];

	(void)state;
	assert_string_equal(sink->path, "/h/delivered.ndjson");
	assert_int_equal(sink->file_max_bytes, 0);
	assert_false(sink->gzip);
	fr_config_free(config);
}

static void the_library_reads_its_sections_and_passes_over_the_rest(void **state)
{
	struct fr_config *config =
		config_of("{\"sinks\": 17, \"later\": {\"x\": [1, {}]},\n"
			  " \"queue\": {\"new\": null, \"max_bytes\": \"2MiB\"},\n"
			  " \"limits\": {\"burst\": 5, \"later\": true},\n"
			  " \"sinks\": [{\"type\": \"nobody knows\"}]}",
			  FR_CONFIG_LIBRARY);

	(void)state;
	assert_int_equal(config->queue.max_bytes, 2 * 1024 * 1024);
	assert_int_equal(config->limits.burst, 5);
	assert_int_equal(config->sink_count, 0);
	fr_config_free(config);
}

static void the_library_still_refuses_what_it_knows_to_be_wrong(void **state)
{
	struct fr_home home = config_home();
	static const char text[] = "{\"later\": 1,\n\"privacy\": {\"consent\": \"of\"}}";
	struct fr_config *config;
	struct fr_error err;

	(void)state;
	assert_int_equal(
		fr_config_parse(&config, &home, FR_CONFIG_LIBRARY, text, sizeof text - 1, &err),
		FR_INVALID);
	assert_string_equal(err.text, "/h/app.json:2: privacy.consent: \"of\" is none of off, "
				      "local, on; did you mean \"off\"?");
}

static void comments_go_and_lines_and_strings_stay(void **state)
{
	struct fr_config *config =
		config_of("\xef\xbb\xbf// a comment with \"quotes\" { [\n"
			  "{ /* one\n"
			  "     over lines */ \"service\": \"http://x // not /* a comment */\",\n"
			  "  \"version\": \"a\\\"//b\" // behind a \\\" in a string\n"
			  "  /**/ , \"limits\": {\"burst\"/**/:/***/1}}// at the end",
			  FR_CONFIG_STRICT);

	(void)state;
	assert_string_equal(config->service, "http://x // not /* a comment */");
	assert_string_equal(config->version, "a\"//b");
	assert_string_equal(config_show_key(config, "service").origin, "/h/app.json:3");
	assert_string_equal(config_show_key(config, "version").origin, "/h/app.json:4");
	assert_string_equal(config_show_key(config, "limits.burst").origin, "/h/app.json:5");
	fr_config_free(config);
}

static void escapes_in_keys_and_values_are_read(void **state)
{
	struct fr_config *config =
		config_of("{\"serv\\u0069ce\": \"caf\\u00e9 \\ud83d\\ude00\"}", FR_CONFIG_STRICT);

	(void)state;
	assert_string_equal(config->service, "caf\xc3\xa9 \xf0\x9f\x98\x80");
	fr_config_free(config);
}

static void a_config_of_one_mebibyte_is_read(void **state)
{
	char *text = malloc(FR_CONFIG_BYTES_MAX + 1);
	size_t at;
	struct fr_config *config;

	(void)state;
	assert_non_null(text);
	at = (size_t)snprintf(text, 64, "{\"service\": \"s\" /*");
	memset(text + at, '\n', FR_CONFIG_BYTES_MAX - at);
	memcpy(text + FR_CONFIG_BYTES_MAX - 24, "*/, \"version\": \"end\"    }", 24);
	text[FR_CONFIG_BYTES_MAX - 1] = '}';
	text[FR_CONFIG_BYTES_MAX] = '\0';
	config = config_of(text, FR_CONFIG_STRICT);
	assert_string_equal(config->version, "end");
	fr_config_free(config);
	free(text);
}

/* ---- from a file ---- */

static void a_file_is_read_through_a_symlink(void **state)
{
	struct test_folder folder;
	struct test_world world;
	struct fr_home home = {.config_explicit = true};
	struct fr_config *config;
	char real[TEST_PATH_MAX];
	struct fr_error err;

	(void)state;
	test_world_init(&world);
	test_folder_make(&folder);
	test_folder_write(&folder, "dotfiles.json", "{\"service\":\"linked\"}");
	test_folder_path(&folder, "app.json", home.config);
	assert_int_equal(symlink(test_folder_path(&folder, "dotfiles.json", real), home.config), 0);
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_LIBRARY, &world.env, &err),
			 FR_OK);
	assert_string_equal(config->service, "linked");
	assert_string_equal(config->file, home.config);
	fr_config_free(config);
	test_folder_remove(&folder);
}

static void a_named_file_must_exist_and_a_looked_up_one_need_not(void **state)
{
	struct fr_home home = {.config = "/nonexistent/app.json", .config_explicit = true};
	struct fr_config *config;
	struct test_world world;
	struct fr_error err;

	(void)state;
	test_world_init(&world);
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err),
			 FR_INVALID);
	assert_null(config);
	assert_string_equal(err.text, "config /nonexistent/app.json: no such file");
	home.config_explicit = false;
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err), FR_OK);
	assert_string_equal(config->file, "");
	fr_config_free(config);
}

static void a_file_that_is_none_or_too_large_is_named(void **state)
{
	struct fr_home home = {.config_explicit = true};
	char *large = malloc(FR_CONFIG_BYTES_MAX + 2);
	struct test_folder folder;
	struct fr_config *config;
	struct test_world world;
	struct fr_error err;

	(void)state;
	assert_non_null(large);
	test_world_init(&world);
	test_folder_make(&folder);
	(void)snprintf(home.config, sizeof home.config, "%.1000s", folder.path);
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err),
			 FR_INVALID);
	assert_non_null(strstr(err.text, "is not a regular file"));
	memset(large, ' ', FR_CONFIG_BYTES_MAX + 1);
	large[FR_CONFIG_BYTES_MAX + 1] = '\0';
	test_folder_write(&folder, "app.json", large);
	test_folder_path(&folder, "app.json", home.config);
	assert_int_equal(fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err),
			 FR_TOO_LARGE);
	assert_non_null(strstr(err.text, "app.json is larger than 1048576 bytes"));
	assert_null(config);
	free(large);
	test_folder_remove(&folder);
}

static void the_rules_of_consent_get_what_the_config_says(void **state)
{
	struct fr_config *config = config_of(
		"{\"privacy\":{\"default\":\"on\",\"consent\":\"local\"}}", FR_CONFIG_LIBRARY);
	struct fr_consent_rules rules = {.home = "/h", .has_host_default = true};

	(void)state;
	fr_config_consent_rules(config, &rules);
	assert_true(rules.has_config_default);
	assert_int_equal(rules.config_default, FR_CONSENT_ON);
	assert_true(rules.has_config_cap);
	assert_int_equal(rules.config_cap, FR_CONSENT_LOCAL);
	assert_string_equal(rules.home, "/h");
	assert_true(rules.has_host_default);
	fr_config_free(config);
}

static void a_catalogue_is_found_beside_the_config(void **state)
{
	static const enum fr_config_reader readers[] = {FR_CONFIG_LIBRARY, FR_CONFIG_STRICT};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fr_config *config =
			config_of("{\"privacy\":{\"catalogue\":\"events.json\"},\"sinks\":[{"
				  "\"name\":\"a\",\"type\":\"file\",\"path\":\"x\"}]}",
				  readers[i]);

		assert_string_equal(config->privacy.catalogue, "/h/events.json");
		assert_false(config->privacy.has_cap);
		assert_null(fr_config_problem(config, 0)); /* it may say what the sink sends */
		fr_config_free(config);
	}
}

static void a_sink_that_may_send_nothing_is_told_of(void **state)
{
	struct fr_config *config =
		config_of("{\"sinks\":[\n"
			  "{\"name\":\"a\",\"type\":\"file\",\"path\":\"a\"},\n"
			  "{\"name\":\"b\",\"type\":\"file\",\"path\":\"b\",\"events\":[]},\n"
			  "{\"name\":\"c\",\"type\":\"file\",\"path\":\"c\",\"events\":[\"*\"]}]}",
			  FR_CONFIG_STRICT);

	(void)state;
	assert_null(config->sinks[0].events);
	assert_non_null(config->sinks[1].events);
	assert_int_equal(config->sinks[1].event_count, 0);
	assert_string_equal(fr_config_problem(config, 0),
			    "/h/app.json:2: sinks[0]: may send nothing: it has no list of events, "
			    "and there is no catalogue that declares any (everything would be "
			    "\"events\": [\"*\"])");
	assert_string_equal(fr_config_problem(config, 1),
			    "/h/app.json:3: sinks[1]: may send nothing: its list of events is "
			    "empty (everything would be \"events\": [\"*\"])");
	assert_null(fr_config_problem(config, 2));
	fr_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_there_are_the_defaults_of_the_contract),
		cmocka_unit_test(an_empty_object_is_the_defaults_too),
		cmocka_unit_test(every_key_of_the_top_comes_through),
		cmocka_unit_test(a_sinks_defaults_are_those_of_the_contract),
		cmocka_unit_test(every_key_of_a_sink_comes_through),
		cmocka_unit_test(a_file_sink_writes_below_the_home_and_never_zips),
		cmocka_unit_test(the_library_reads_its_sections_and_passes_over_the_rest),
		cmocka_unit_test(the_library_still_refuses_what_it_knows_to_be_wrong),
		cmocka_unit_test(comments_go_and_lines_and_strings_stay),
		cmocka_unit_test(escapes_in_keys_and_values_are_read),
		cmocka_unit_test(a_config_of_one_mebibyte_is_read),
		cmocka_unit_test(a_file_is_read_through_a_symlink),
		cmocka_unit_test(a_named_file_must_exist_and_a_looked_up_one_need_not),
		cmocka_unit_test(a_file_that_is_none_or_too_large_is_named),
		cmocka_unit_test(the_rules_of_consent_get_what_the_config_says),
		cmocka_unit_test(a_catalogue_is_found_beside_the_config),
		cmocka_unit_test(a_sink_that_may_send_nothing_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
