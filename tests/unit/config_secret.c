/* Secrets: fetched by the strict reader, missed with a word, never shown. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/world.h"
#include "unit/config_fixture.h"

struct place {
	struct test_folder folder;
	struct test_world world;
	struct fr_home home;
	struct fr_config *config; /* the last one loaded */
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

static const struct fr_config *load(struct place *place, enum fr_config_reader reader,
				    const char *text)
{
	struct fr_error err = {0};

	fr_config_free(place->config);
	test_folder_write(&place->folder, "app.json", text);
	if (fr_config_load(&place->config, &place->home, reader, &place->world.env, &err) != FR_OK)
		fail_msg("refused: %s", err.text);
	return place->config;
}

static const char two_sinks[] =
	"{\"sinks\":[\n"
	"{\"name\":\"dd\",\"type\":\"datadog\",\"site\":\"datadoghq.eu\",\"events\":[\"*\"],\n"
	" \"api_key\":\"env:DD_API_KEY\"},\n"
	"{\"name\":\"fp\",\"type\":\"first_party\",\"url\":\"https://x\",\"events\":[\"*\"],\n"
	" \"headers\":{\"Authorization\":\"file:token\",\n"
	"\"X-Env\":\"env:TEAM\"}}]}";

static void secrets_are_fetched_from_variables_and_files(void **state)
{
	struct place *place = *state;
	const struct fr_config *config;

	test_world_set(&place->world, "DD_API_KEY", "0123abcd");
	test_world_set(&place->world, "TEAM", "tools and more");
	test_folder_write(&place->folder, "token", "Bearer abc.def\r\n");
	config = load(place, FR_CONFIG_STRICT, two_sinks);
	assert_string_equal(config->sinks[0].api_key, "0123abcd");
	assert_string_equal(config->sinks[0].api_key_origin, "env:DD_API_KEY");
	assert_string_equal(config->sinks[1].headers[0].value, "Bearer abc.def");
	assert_string_equal(config->sinks[1].headers[0].origin, "file:token");
	assert_string_equal(config->sinks[1].headers[1].value, "tools and more");
	assert_null(fr_config_missing_secret(config, 0));
	assert_null(fr_config_missing_secret(config, 1));
	assert_null(fr_config_problem(config, 0));
}

static void a_missing_secret_is_told_and_its_sink_stays(void **state)
{
	struct place *place = *state;
	const struct fr_config *config = load(place, FR_CONFIG_STRICT, two_sinks);
	char expected[3 * TEST_PATH_MAX];

	assert_int_equal(config->sink_count, 2);
	assert_string_equal(config->sinks[0].api_key, "");
	assert_string_equal(fr_config_missing_secret(config, 0),
			    "api_key: the environment variable DD_API_KEY is not set (set it, then "
			    "restart the agent)");
	(void)snprintf(expected, sizeof expected, "headers.Authorization: %s/token: no such file",
		       place->folder.path);
	assert_string_equal(fr_config_missing_secret(config, 1), expected);
	(void)snprintf(expected, sizeof expected,
		       "%s:3: sinks[0].api_key: the environment variable DD_API_KEY is not set "
		       "(set it, then "
		       "restart the agent)",
		       place->home.config);
	assert_string_equal(fr_config_problem(config, 0), expected);
	(void)snprintf(expected, sizeof expected,
		       "%s:5: sinks[1].headers.Authorization: %s/token: no such file",
		       place->home.config, place->folder.path);
	assert_string_equal(fr_config_problem(config, 1), expected);
	(void)snprintf(expected, sizeof expected,
		       "%s:6: sinks[1].headers.X-Env: the environment variable TEAM is not set "
		       "(set it, then "
		       "restart the agent)",
		       place->home.config);
	assert_string_equal(fr_config_problem(config, 2), expected);
	assert_null(fr_config_problem(config, 3));
}

static void assert_token_is_missed(struct place *place, const char *says)
{
	const struct fr_config *config = load(place, FR_CONFIG_STRICT, two_sinks);
	const char *missing = fr_config_missing_secret(config, 1);

	assert_string_equal(config->sinks[1].headers[0].value, "");
	assert_non_null(missing);
	if (strstr(missing, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", missing, says);
	assert_null(strstr(missing, "hunter2"));
}

static void an_odd_secret_file_is_a_missing_secret(void **state)
{
	struct place *place = *state;
	char token[TEST_PATH_MAX];
	char *large = malloc(70000);

	assert_non_null(large);
	test_folder_path(&place->folder, "token", token);
	test_folder_write(&place->folder, "token", "");
	assert_token_is_missed(place, "token is empty");
	test_folder_write(&place->folder, "token", "\n");
	assert_token_is_missed(place, "token is empty");
	test_folder_write(&place->folder, "token", "hunter2\nhunter2\n");
	assert_token_is_missed(place, "has a line break or another control character");
	test_folder_write(&place->folder, "token", "hunter2\x7f");
	assert_token_is_missed(place, "has a line break or another control character");
	memset(large, 'a', 69999);
	large[69999] = '\0';
	test_folder_write(&place->folder, "token", large);
	assert_token_is_missed(place, "is larger than 65536 bytes");
	assert_int_equal(unlink(token), 0);
	assert_int_equal(mkdir(token, 0700), 0);
	assert_token_is_missed(place, "is not a regular file");
	assert_int_equal(rmdir(token), 0);
	assert_int_equal(mkfifo(token, 0600), 0);
	assert_token_is_missed(place, "is not a regular file");
	free(large);
}

static void a_mounted_secret_is_read_through_its_symlink(void **state)
{
	struct place *place = *state;
	char real[TEST_PATH_MAX], token[TEST_PATH_MAX];

	test_folder_write(&place->folder, "mounted", "abc");
	assert_int_equal(symlink(test_folder_path(&place->folder, "mounted", real),
				 test_folder_path(&place->folder, "token", token)),
			 0);
	assert_string_equal(load(place, FR_CONFIG_STRICT, two_sinks)->sinks[1].headers[0].value,
			    "abc");
}

static void the_library_fetches_no_secret(void **state)
{
	struct place *place = *state;
	const struct fr_config *config;

	test_world_set(&place->world, "DD_API_KEY", "0123abcd");
	config = load(place, FR_CONFIG_LIBRARY, two_sinks);
	assert_int_equal(config->sink_count, 0);
	assert_null(fr_config_problem(config, 0));
}

static void a_proxy_with_a_password_comes_from_elsewhere(void **state)
{
	struct place *place = *state;
	const struct fr_config *config;

	test_world_set(&place->world, "PROXY", "http://me:hunter2@127.0.0.1:3128");
	config = load(place, FR_CONFIG_STRICT,
		      "{\"sinks\":[{\"name\":\"fp\",\"type\":\"first_party\",\"events\":[\"*\"],"
		      "\"url\":\"https://x\",\"proxy\":\"env:PROXY\"}]}");
	assert_string_equal(config->sinks[0].proxy, "http://me:hunter2@127.0.0.1:3128");
	assert_string_equal(config_show_key(config, "sinks[0].proxy").value, "<from env:PROXY>");
}

static void a_secret_written_down_works_is_told_and_is_not_shown(void **state)
{
	struct place *place = *state;
	const struct fr_config *config = load(
		place, FR_CONFIG_STRICT,
		"{\"sinks\":[{\"name\":\"dd\",\"type\":\"datadog\",\"site\":\"datadoghq.eu\",\n"
		"\"events\":[\"*\"],\"api_key\":\"hunter2\",\n"
		"\"headers\":{\"X-Auth-Token\":\"hunter2\",\"X-Team\":\"tools\"}}]}");
	char expected[3 * TEST_PATH_MAX];

	assert_string_equal(config->sinks[0].api_key, "hunter2");
	assert_string_equal(config->sinks[0].headers[0].value, "hunter2");
	assert_null(fr_config_missing_secret(config, 0));
	(void)snprintf(expected, sizeof expected, "%s:3", place->home.config);
	assert_string_equal(config->sinks[0].headers[0].origin, expected);
	assert_null(config->sinks[0].headers[1].origin);
	(void)snprintf(expected, sizeof expected, "%s:2", place->home.config);
	assert_string_equal(config->sinks[0].api_key_origin, expected);
	(void)snprintf(expected, sizeof expected,
		       "%s:2: sinks[0].api_key: the secret is written into the config; "
		       "\"env:NAME\" or \"file:PATH\" keeps it out of here",
		       place->home.config);
	assert_string_equal(fr_config_problem(config, 0), expected);
	assert_non_null(strstr(fr_config_problem(config, 1), ":3: sinks[0].headers: the secret"));
	assert_null(fr_config_problem(config, 2));
	(void)snprintf(expected, sizeof expected, "<from %s:2>", place->home.config);
	assert_string_equal(config_show_key(config, "sinks[0].api_key").value, expected);
	(void)snprintf(expected, sizeof expected, "<from %s:3>", place->home.config);
	assert_string_equal(config_show_key(config, "sinks[0].headers.X-Auth-Token").value,
			    expected);
	assert_string_equal(config_show_key(config, "sinks[0].headers.X-Team").value, "tools");
}

static void a_certificate_that_cannot_be_read_is_told(void **state)
{
	struct place *place = *state;
	const struct fr_config *config;
	char expected[3 * TEST_PATH_MAX];

	test_folder_write(&place->folder, "cert.pem", "x");
	config = load(place, FR_CONFIG_STRICT,
		      "{\"sinks\":[{\"name\":\"fp\",\"type\":\"first_party\",\"events\":[\"*\"],"
		      "\"url\":\"https://x\",\"tls\":{\"cert_file\":\"cert.pem\",\n"
		      "\"ca_file\":\"ca.pem\"}}]}");
	(void)snprintf(expected, sizeof expected,
		       "%s:2: sinks[0].tls.ca_file: cannot read "
		       "%s/ca.pem",
		       place->home.config, place->folder.path);
	assert_string_equal(fr_config_problem(config, 0), expected);
	assert_null(fr_config_problem(config, 1));
}

#define in_a_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_place(secrets_are_fetched_from_variables_and_files),
		in_a_place(a_missing_secret_is_told_and_its_sink_stays),
		in_a_place(an_odd_secret_file_is_a_missing_secret),
		in_a_place(a_mounted_secret_is_read_through_its_symlink),
		in_a_place(the_library_fetches_no_secret),
		in_a_place(a_proxy_with_a_password_comes_from_elsewhere),
		in_a_place(a_secret_written_down_works_is_told_and_is_not_shown),
		in_a_place(a_certificate_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
