/* The Nth allocation fails, for every N until none does: a config is refused for lack of memory and
 * nothing of it stays, or it is whole; and the limits go on counting.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/limits.h"
#include "support/folder.h"
#include "support/world.h"
#include "unit/config_fixture.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int until_failure = -1; /* -1: never */

static bool allocation_fails(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(memory, size);
}

/* Something of everything that takes memory. */
static const char greedy_config[] =
	"{\"service\":\"a\\u0062c\",\"privacy\":{\"catalogue\":\"events.json\"},\n"
	"\"sinks\":[{\"name\":\"dd\",\"type\":\"datadog\",\"site\":\"datadoghq.eu\",\n"
	"\"api_key\":\"written\",\"events\":[\"a\",\"b*\",\"c\"]},\n"
	"{\"name\":\"fp\",\"type\":\"first_party\",\"url\":\"https://x\",\n"
	"\"tls\":{\"ca_file\":\"missing.pem\"},\"proxy\":\"env:PROXY\",\n"
	"\"headers\":{\"Authorization\":\"file:token\",\"X-A\":\"env:GONE\",\"Cookie\":\"c\"}},\n"
	"{\"name\":\"f\",\"type\":\"file\",\"path\":\"out\"},\n"
	"{\"name\":\"ot\",\"type\":\"otlp\"}]}";

static void assert_is_whole(const struct fr_config *config)
{
	size_t problems = 0;

	assert_int_equal(config->sink_count, 4);
	assert_int_equal(config->sinks[0].event_count, 3);
	assert_string_equal(config->sinks[1].headers[0].value, "secret");
	assert_string_equal(config->sinks[1].proxy, "http://proxy:1");
	assert_string_equal(config->sinks[3].url, "https://collector");
	assert_string_equal(config->sinks[3].headers[0].value, "1");
	assert_non_null(fr_config_missing_secret(config, 1));
	while (fr_config_problem(config, problems) != NULL)
		problems++;
	assert_int_equal(problems, 5);
}

static void a_config_is_whole_or_refused_for_lack_of_memory(void **state)
{
	struct fr_home home = {.path = "/h", .config_explicit = true};
	struct test_folder folder;
	struct test_world world;
	struct fr_config *config;
	int failures = 0;

	(void)state;
	test_folder_make(&folder);
	test_world_init(&world);
	test_world_set(&world, "PROXY", "http://proxy:1");
	test_world_set(&world, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://collector");
	test_world_set(&world, "OTEL_EXPORTER_OTLP_HEADERS", "x-a=1,x-b=2,=");
	test_world_set(&world, "OTEL_EXPORTER_OTLP_TIMEOUT", "2000");
	test_folder_write(&folder, "token", "secret\n");
	test_folder_write(&folder, "app.json", greedy_config);
	test_folder_path(&folder, "app.json", home.config);
	for (;; failures++) {
		struct fr_error err = {0};
		enum fr_status status;

		until_failure = failures;
		status = fr_config_load(&config, &home, FR_CONFIG_STRICT, &world.env, &err);
		if (until_failure >= 0)
			break; /* there was no allocation left to fail */
		assert_int_equal(status, FR_NOMEM);
		assert_int_equal(err.status, FR_NOMEM);
		assert_true(err.text[0] != '\0');
		assert_null(config);
	}
	until_failure = -1;
	assert_true(failures > 30);
	assert_is_whole(config);
	fr_config_free(config);
	test_folder_remove(&folder);
}

static void names_without_memory_share_the_bucket_of_the_many(void **state)
{
	struct fr_limits *limits = fr_limits_new(2, 1);
	char name[16];

	(void)state;
	until_failure = 0;
	assert_true(fr_limits_take(limits, "first", 1));
	until_failure = -1;
	assert_true(fr_limits_take(limits, "second", 1));
	until_failure = 0;
	assert_true(fr_limits_take(limits, "third", 1)); /* the many have had their two */
	until_failure = 0;
	assert_false(fr_limits_take(limits, "third", 1));
	assert_int_equal(fr_limits_suppressed(limits), 1);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		until_failure = i % 3;
		(void)fr_limits_take(limits, name, 1);
		until_failure = -1;
		assert_true(fr_limits_suppressed(limits) < 102);
	}
	assert_true(fr_limits_take(limits, "second", 1)); /* what had a bucket keeps it */
	fr_limits_free(limits);
	until_failure = 0;
	assert_null(fr_limits_new(1, 1));
	until_failure = 1;
	assert_null(fr_limits_new(1, 1));
	until_failure = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_is_whole_or_refused_for_lack_of_memory),
		cmocka_unit_test(names_without_memory_share_the_bucket_of_the_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
