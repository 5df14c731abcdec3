/* What an otlp sink takes from the environment where the config leaves it open. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/folder.h"
#include "support/world.h"
#include "unit/config_fixture.h"

#define OPEN_SINK "{\"name\":\"c\",\"type\":\"otlp\",\"events\":[\"*\"]}"

struct place {
	struct test_folder folder;
	struct test_world world;
	struct fr_home home;
	struct fr_config *config; /* the last one loaded */
	struct fr_error err;
};

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	assert_non_null(place);
	test_folder_make(&place->folder);
	test_world_init(&place->world);
	test_folder_path(&place->folder, "app.json", place->home.config);
	place->home.config_explicit = true;
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;

	fr_config_free(place->config);
	test_folder_remove(&place->folder);
	free(place);
	return 0;
}

static enum fr_status try_load(struct place *place, const char *sinks)
{
	char text[4096];

	fr_config_free(place->config);
	(void)snprintf(text, sizeof text, "{\"sinks\":[\n%s]}", sinks);
	test_folder_write(&place->folder, "app.json", text);
	return fr_config_load(&place->config, &place->home, FR_CONFIG_STRICT, &place->world.env,
			      &place->err);
}

/* The settings of the first sink. */
static const struct fr_sink_settings *load(struct place *place, const char *sinks)
{
	if (try_load(place, sinks) != FR_OK)
		fail_msg("refused: %s", place->err.text);
	return &place->config->sinks[0];
}

static void expect_refused(struct place *place, const char *sinks, const char *message)
{
	char expected[TEST_PATH_MAX + 512];

	assert_int_equal(try_load(place, sinks), FR_INVALID);
	(void)snprintf(expected, sizeof expected, "%s:2: sinks[0].%s", place->home.config, message);
	assert_string_equal(place->err.text, expected);
}

static void expect_problem(struct place *place, size_t index, const char *message)
{
	const char *problem = fr_config_problem(place->config, index);
	char expected[TEST_PATH_MAX + 512];

	(void)snprintf(expected, sizeof expected, "%s:2: sinks[0].%s", place->home.config, message);
	if (problem == NULL)
		fail_msg("no problem: %s", message);
	assert_string_equal(problem, expected);
}

static void expect_shown(const struct place *place, const char *key, const char *value,
			 const char *origin)
{
	struct config_shown shown = config_show_key(place->config, key);

	assert_string_equal(shown.value, value);
	assert_string_equal(shown.origin, origin);
}

static void expect_url(const struct fr_sink_settings *settings, const char *expected)
{
	struct fr_buffer url;
	struct fr_error err;

	fr_buffer_init(&url, 4096);
	assert_int_equal(fr_sink_format_find("otlp")->url(settings, &url, &err), FR_OK);
	assert_string_equal(fr_buffer_text(&url), expected);
	fr_buffer_fini(&url);
}

static void expect_header(const struct fr_sink_settings *settings, size_t index, const char *name,
			  const char *value, const char *origin)
{
	assert_true(index < settings->header_count);
	assert_string_equal(settings->headers[index].name, name);
	assert_string_equal(settings->headers[index].value, value);
	assert_string_equal(settings->headers[index].origin, origin);
}

/* ---- where to ---- */

static void without_anything_said_a_collector_on_this_machine_is_meant(void **state)
{
	struct place *place = *state;

	expect_url(load(place, OPEN_SINK), "http://localhost:4318/v1/logs");
	expect_shown(place, "sinks[0].url", "http://localhost:4318", "default");
	expect_shown(place, "sinks[0].endpoint_path", "/v1/logs", "default");
	assert_null(fr_config_problem(place->config, 0));
}

static void the_base_endpoint_gets_the_path_of_logs(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_ENDPOINT", "https://c.example.com/otel/");
	expect_url(load(place, OPEN_SINK), "https://c.example.com/otel/v1/logs");
	expect_shown(place, "sinks[0].url", "https://c.example.com/otel/",
		     "env:OTEL_EXPORTER_OTLP_ENDPOINT");
	expect_url(load(place, "{\"name\":\"c\",\"type\":\"otlp\",\"events\":[\"*\"],"
			       "\"endpoint_path\":\"/in\"}"),
		   "https://c.example.com/otel/in");
}

static void the_endpoint_of_logs_is_used_as_it_is_and_before_the_base(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_ENDPOINT", "https://base.example.com");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
		       "https://logs.example.com/ingest/");
	expect_url(load(place, OPEN_SINK), "https://logs.example.com/ingest/");
	expect_shown(place, "sinks[0].url", "https://logs.example.com/ingest/",
		     "env:OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
	expect_shown(place, "sinks[0].endpoint_path", "", "env:OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
}

static void what_the_config_says_goes_over_the_environment(void **state)
{
	struct place *place = *state;
	const struct fr_sink_settings *settings;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://no.example.com");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_ENDPOINT", "https://no.example.com");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_TIMEOUT", "2500");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_COMPRESSION", "none");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_HEADERS", "X-A=no,x-b=yes");
	settings = load(place, "{\"name\":\"c\",\"type\":\"otlp\",\"events\":[\"*\"],"
			       "\"url\":\"https://c.example.com\",\"timeout\":\"7s\","
			       "\"compression\":\"gzip\",\"headers\":{\"x-a\":\"1\"}}");
	expect_url(settings, "https://c.example.com/v1/logs");
	assert_int_equal(settings->timeout_ms, 7000);
	assert_true(settings->gzip);
	assert_int_equal(settings->header_count, 2);
	assert_string_equal(settings->headers[0].name, "x-a");
	assert_string_equal(settings->headers[0].value, "1");
	expect_header(settings, 1, "x-b", "yes", "env:OTEL_EXPORTER_OTLP_HEADERS");
}

static void other_sinks_and_a_text_without_a_world_take_nothing(void **state)
{
	struct place *place = *state;
	const struct fr_sink_settings *settings;
	struct fr_config *config;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_TIMEOUT", "2500");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_HEADERS", "x-b=yes");
	settings = load(place, "{\"name\":\"n\",\"type\":\"ndjson\",\"events\":[\"*\"],"
			       "\"url\":\"https://c.example.com\"}");
	assert_int_equal(settings->timeout_ms, 30000);
	assert_int_equal(settings->header_count, 0);
	config = config_of("{\"sinks\":[" OPEN_SINK "]}", FR_CONFIG_STRICT);
	expect_url(&config->sinks[0], "http://localhost:4318/v1/logs");
	assert_int_equal(config->sinks[0].timeout_ms, 30000);
	fr_config_free(config);
}

static void an_endpoint_is_judged_like_any_other_url(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
	expect_refused(place, OPEN_SINK,
		       "url (OTEL_EXPORTER_OTLP_ENDPOINT): plain http to another machine, "
		       "collector: use https, or say \"allow_plain_http\": true");
	expect_url(load(place, "{\"name\":\"c\",\"type\":\"otlp\",\"events\":[\"*\"],"
			       "\"allow_plain_http\":true}"),
		   "http://collector:4318/v1/logs");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_ENDPOINT", "collector");
	expect_refused(place, OPEN_SINK,
		       "url (OTEL_EXPORTER_OTLP_ENDPOINT): the URL does not begin with a scheme "
		       "like https://");
}

/* ---- how ---- */

static void the_timeout_is_in_milliseconds(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_TIMEOUT", "2500");
	assert_int_equal(load(place, OPEN_SINK)->timeout_ms, 2500);
	expect_shown(place, "sinks[0].timeout", "2500ms", "env:OTEL_EXPORTER_OTLP_TIMEOUT");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "4000");
	assert_int_equal(load(place, OPEN_SINK)->timeout_ms, 4000);
	assert_null(fr_config_problem(place->config, 0));
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "10s");
	assert_int_equal(load(place, OPEN_SINK)->timeout_ms, 30000);
	expect_problem(place, 0,
		       "timeout: the environment variable OTEL_EXPORTER_OTLP_LOGS_TIMEOUT is "
		       "passed over: it is no number of milliseconds");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "1");
	assert_int_equal(load(place, OPEN_SINK)->timeout_ms, 30000);
	expect_problem(place, 0,
		       "timeout: the environment variable OTEL_EXPORTER_OTLP_LOGS_TIMEOUT is "
		       "passed over: \"1ms\" is out of range (1s to 10m)");
}

static void the_compression_is_gzip_or_none(void **state)
{
	struct place *place = *state;

	assert_true(load(place, OPEN_SINK)->gzip);
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_COMPRESSION", "none");
	assert_false(load(place, OPEN_SINK)->gzip);
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip");
	assert_true(load(place, OPEN_SINK)->gzip);
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "zstd");
	assert_true(load(place, OPEN_SINK)->gzip);
	expect_problem(place, 0,
		       "compression: the environment variable "
		       "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION is passed over: \"zstd\" is none of "
		       "gzip, none");
}

/* ---- headers ---- */

static void headers_of_both_variables_are_joined_and_are_secrets(void **state)
{
	struct place *place = *state;
	const struct fr_sink_settings *settings;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
		       "Authorization=Basic%20YTpi%3D=,x-team = tools ");
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_HEADERS",
		       "authorization=no,,x-odd=env:PATH, x-percent=5%zz%4");
	settings = load(place, OPEN_SINK);
	assert_int_equal(settings->header_count, 4);
	expect_header(settings, 0, "Authorization",
		      "Basic YTpi==", "env:OTEL_EXPORTER_OTLP_LOGS_HEADERS");
	expect_header(settings, 1, "x-team", "tools", "env:OTEL_EXPORTER_OTLP_LOGS_HEADERS");
	expect_header(settings, 2, "x-odd", "env:PATH", "env:OTEL_EXPORTER_OTLP_HEADERS");
	expect_header(settings, 3, "x-percent", "5%zz%4", "env:OTEL_EXPORTER_OTLP_HEADERS");
	expect_shown(place, "sinks[0].headers.x-team", "<from env:OTEL_EXPORTER_OTLP_LOGS_HEADERS>",
		     "env:OTEL_EXPORTER_OTLP_LOGS_HEADERS");
	assert_null(fr_config_problem(place->config, 0));
	assert_null(fr_config_missing_secret(place->config, 0));
}

static void a_header_that_cannot_be_sent_is_told_without_being_shown(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_HEADERS",
		       "s3cret,s3cret name=1,Host=s3cret,x-a=,x-b=s3cret%0d%0aX: y,x-c=kept");
	assert_int_equal(load(place, OPEN_SINK)->header_count, 1);
	expect_header(&place->config->sinks[0], 0, "x-c", "kept", "env:OTEL_EXPORTER_OTLP_HEADERS");
	expect_problem(place, 0,
		       "headers: the environment variable OTEL_EXPORTER_OTLP_HEADERS is passed "
		       "over: a header in it has no \"=\"");
	expect_problem(place, 1,
		       "headers: the environment variable OTEL_EXPORTER_OTLP_HEADERS is passed "
		       "over: the name of a header in it cannot be one, or is Flightrec's own");
	expect_problem(place, 4,
		       "headers: the environment variable OTEL_EXPORTER_OTLP_HEADERS is passed "
		       "over: a header in it is empty, too long, or has control characters");
	assert_null(fr_config_problem(place->config, 5));
	for (size_t i = 0; i < 5; i++)
		assert_null(strstr(fr_config_problem(place->config, i), "s3cret"));
}

static void no_more_headers_are_taken_than_a_sink_has_room_for(void **state)
{
	struct place *place = *state;
	struct fr_buffer headers;

	fr_buffer_init(&headers, 4096);
	for (int i = 0; i < FR_SINK_HEADERS + 1; i++)
		fr_buffer_add_format(&headers, "x-%d=%d,", i, i);
	test_world_set(&place->world, "OTEL_EXPORTER_OTLP_HEADERS", fr_buffer_text(&headers));
	assert_int_equal(load(place, OPEN_SINK)->header_count, FR_SINK_HEADERS);
	expect_problem(place, 0,
		       "headers: the environment variable OTEL_EXPORTER_OTLP_HEADERS is passed "
		       "over: too many headers");
	assert_null(fr_config_problem(place->config, 1));
	fr_buffer_fini(&headers);
}

/* ---- the machine ---- */

static void the_machine_is_named_as_the_conventions_name_it(void **state)
{
	struct place *place = *state;
	const struct fr_sink_settings *settings = load(place, OPEN_SINK);
	static const char *const systems[] = {"linux", "darwin", "freebsd"};
	size_t i = 0;

	while (i < 3 && strcmp(settings->os_type, systems[i]) != 0)
		i++;
	assert_true(i < 3);
	assert_string_not_equal(settings->host_arch, "");
	assert_string_not_equal(settings->host_arch, "x86_64");
	assert_string_not_equal(settings->host_arch, "aarch64");
}

#define OTEL_TEST(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OTEL_TEST(without_anything_said_a_collector_on_this_machine_is_meant),
		OTEL_TEST(the_base_endpoint_gets_the_path_of_logs),
		OTEL_TEST(the_endpoint_of_logs_is_used_as_it_is_and_before_the_base),
		OTEL_TEST(what_the_config_says_goes_over_the_environment),
		OTEL_TEST(other_sinks_and_a_text_without_a_world_take_nothing),
		OTEL_TEST(an_endpoint_is_judged_like_any_other_url),
		OTEL_TEST(the_timeout_is_in_milliseconds),
		OTEL_TEST(the_compression_is_gzip_or_none),
		OTEL_TEST(headers_of_both_variables_are_joined_and_are_secrets),
		OTEL_TEST(a_header_that_cannot_be_sent_is_told_without_being_shown),
		OTEL_TEST(no_more_headers_are_taken_than_a_sink_has_room_for),
		OTEL_TEST(the_machine_is_named_as_the_conventions_name_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
