/* What a config may not say of a ClickHouse sink. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "unit/config_fixture.h"

static void a_clickhouse_sink_says_once_who_it_is(void **state)
{
	static const char start[] = "\"name\": \"w\", \"type\": \"clickhouse\", \"table\": \"t\",\n"
				    "\"url\": \"https://x\",\n";
	static const struct {
		const char *more, *fault;
	} rows[] = {
		{"\"user\": \"writer\", \"headers\": {\"Authorization\": \"env:T\"}",
		 "4: sinks[0].user: cannot stand beside the header Authorization in line 4"},
		{"\"password\": \"env:P\",\n\"headers\": {\"authorization\": \"env:T\"}",
		 "4: sinks[0].password: cannot stand beside the header authorization in line 5"},
		{"\"headers\": {\"Authorization\": \"env:T\",\n\"X-ClickHouse-Key\": \"env:P\"}",
		 "1: sinks[0].password: cannot stand beside the header Authorization in line 4"},
		{"\"user\": \"writer\",\n\"headers\": {\"x-clickhouse-user\": \"me\"}",
		 "4: sinks[0].user: is given as a header too, in line 5"},
		{"\"password\": \"env:P\", \"headers\": {\"X-ClickHouse-Key\": \"env:Q\"}",
		 "4: sinks[0].password: is given as a header too, in line 4"},
	};
	char inside[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(inside, sizeof inside, "%s%s", start, rows[i].more);
		config_refuses_sink(inside, rows[i].fault);
	}
	config_refuses_sink("\"name\": \"a\", \"type\": \"ndjson\", \"url\": \"https://x\",\n"
			    "\"user\": \"me\"",
			    "3: sinks[0].user: is not for a \"ndjson\" sink");
}

static void a_clickhouse_url_leaves_the_query_to_the_sink(void **state)
{
	static const struct {
		const char *url, *table, *fault;
	} rows[] = {
		{"http://127.0.0.1:8123/?query=SELECT+1", "t",
		 "2: sinks[0].url: sink w: \"query\" in the URL is Flightrec's own to set"},
		{"http://127.0.0.1:8123?database=x&async_insert=1", "t",
		 "2: sinks[0].url: sink w: \"async_insert\" in the URL is Flightrec's own to set"},
		{"http://127.0.0.1:8123/?user=me", "t",
		 "2: sinks[0].url: sink w: \"user\" in the URL ends up in logs; the sink has a key "
		 "for it"},
		{"http://127.0.0.1:8123/?a=1&password=x", "t",
		 "2: sinks[0].url: sink w: \"password\" in the URL ends up in logs; the sink has a "
		 "key for it"},
	};
	char inside[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(inside, sizeof inside,
			       "\"name\": \"w\", \"type\": \"clickhouse\", \"table\": \"%s\", "
			       "\"url\": \"%s\"",
			       rows[i].table, rows[i].url);
		config_refuses_sink(inside, rows[i].fault);
	}
}

static void a_table_is_an_identifier_or_two(void **state)
{
	static const char *const wrong[] = {
		"t; DROP TABLE x", "a.b.c", "1t", "a.", ".a", "`t`", "a b", "t(x)", "é", "a.1"};
	char inside[512], fault[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		(void)snprintf(inside, sizeof inside,
			       "\"name\": \"w\", \"type\": \"clickhouse\", \"url\": "
			       "\"https://x\", \"table\": \"%s\"",
			       wrong[i]);
		(void)snprintf(fault, sizeof fault,
			       "2: sinks[0].table: \"%s\" is not a table's name (write "
			       "\"events\", \"telemetry.events\")",
			       wrong[i]);
		config_refuses_sink(inside, fault);
	}
}

static void user_and_password_go_to_the_sink_and_the_password_is_not_shown(void **state)
{
	struct fr_config *config = config_of(
		"{\"sinks\":[{\"name\":\"w\",\"type\":\"clickhouse\",\"events\":[\"*\"],\n"
		"\"url\":\"http://127.0.0.1:8123/?database=x\",\"table\":\"telemetry.events\",\n"
		"\"user\":\"writer\",\"password\":\"hunter2\"}]}",
		FR_CONFIG_STRICT);

	(void)state;
	assert_string_equal(config->sinks[0].user, "writer");
	assert_string_equal(config->sinks[0].password, "hunter2");
	assert_string_equal(config->sinks[0].password_origin, "/h/app.json:3");
	assert_string_equal(config->sinks[0].table, "telemetry.events");
	assert_string_equal(config_show_key(config, "sinks[0].user").value, "writer");
	assert_string_equal(config_show_key(config, "sinks[0].password").value,
			    "<from /h/app.json:3>");
	fr_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clickhouse_sink_says_once_who_it_is),
		cmocka_unit_test(a_clickhouse_url_leaves_the_query_to_the_sink),
		cmocka_unit_test(a_table_is_an_identifier_or_two),
		cmocka_unit_test(user_and_password_go_to_the_sink_and_the_password_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
