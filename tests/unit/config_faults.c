/* What is wrong anywhere in a config: each kind of mistake, with the one message that names file,
 * line, key and what would be right.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/config_fixture.h"

static void text_that_is_no_json_is_refused_with_its_line(void **state)
{
	(void)state;
	config_refuses("", "/h/app.json:1: the text is empty");
	config_refuses("\n\n // nothing\n",
		       "/h/app.json:4: expected a value, found the end of the text");
	config_refuses("{\"service\": \"a\",\n}",
		       "/h/app.json:2: expected a key in quotes, found '}'");
	config_refuses("{\n\"service\" \"a\"}", "/h/app.json:2: expected ':', found '\"'");
	config_refuses("{\n\"service\": 'a'}", "/h/app.json:2: expected a value, found '''");
	config_refuses("{\"service\": \"a\"", "/h/app.json:1: expected ',' or '}', found the end "
					      "of the text");
	config_refuses("{\"limits\": {\"burst\": 1}\n}\n}",
		       "/h/app.json:3: expected nothing behind the value, found '}'");
	config_refuses("{} {}", "/h/app.json:1: expected nothing behind the value, found '{'");
	config_refuses("[]", "/h/app.json:1: a config is one object: {\"service\": ...}");
	config_refuses("17", "/h/app.json:1: a config is one object: {\"service\": ...}");
	config_refuses("{\"limits\": {\"burst\": NaN}}",
		       "/h/app.json:1: expected a value, found \"NaN\"");
	config_refuses("{} / {}", "/h/app.json:1: expected nothing behind the value, found '/'");
}

static void wrong_bytes_are_refused_with_their_line(void **state)
{
	struct fr_home home = config_home();
	struct fr_config *config;
	struct fr_error err;

	(void)state;
	config_refuses("{\n\"service\": \"\xff\"}", "/h/app.json:2: not valid UTF-8");
	config_refuses("{\n\"service\": \"a\nb\"}",
		       "/h/app.json:2: a control character inside a string");
	config_refuses("{\"service\": \"a\\u0000b\"}",
		       "/h/app.json:1: service: has control characters in it");
	config_refuses("{\"service\": \"a\\nb\"}",
		       "/h/app.json:1: service: has control characters in it");
	assert_int_equal(fr_config_parse(&config, &home, FR_CONFIG_STRICT, "{\n\0}", 4, &err),
			 FR_INVALID);
	assert_string_equal(err.text, "/h/app.json:2: expected a key in quotes, found a NUL byte");
}

static void a_comment_that_does_not_end_is_refused_where_it_begins(void **state)
{
	(void)state;
	config_refuses("{\n\n  /* and so on\n\n}", "/h/app.json:3: this comment does not end");
	config_refuses("{}/*/", "/h/app.json:1: this comment does not end");
	config_refuses("{} /", "/h/app.json:1: expected nothing behind the value, found '/'");
}

static void an_unclosed_string_is_refused_in_its_own_line(void **state)
{
	(void)state;
	config_refuses("{\n\"service\": \"http://x,\n\"version\": \"1\"}",
		       "/h/app.json:2: a control character inside a string");
}

static void nesting_without_end_is_refused(void **state)
{
	enum { DEEP = 100000 };
	char *text = malloc(DEEP + 32);
	struct fr_home home = config_home();
	struct fr_config *config;
	struct fr_error err;
	int head;

	(void)state;
	assert_non_null(text);
	head = snprintf(text, 32, "{\"later\":\n");
	for (int i = 0; i < 2; i++) {
		memset(text + head, i == 0 ? '[' : '{', DEEP);
		text[head + DEEP] = '\0';
		assert_int_equal(fr_config_parse(&config, &home, FR_CONFIG_LIBRARY, text,
						 strlen(text), &err),
				 FR_INVALID);
		assert_string_equal(err.text,
				    i == 0 ? "/h/app.json:2: nested too deeply"
					   : "/h/app.json:2: expected a key in quotes, found '{'");
	}
	free(text);
}

static void an_unknown_key_is_named_with_its_nearest_neighbour(void **state)
{
	(void)state;
	config_refuses("{\n\"queue\": {\n\"max_byte\": 1}}",
		       "/h/app.json:3: queue.max_byte: unknown key; did you mean \"max_bytes\"?");
	config_refuses("{\"Service\": \"a\"}",
		       "/h/app.json:1: Service: unknown key; did you mean \"service\"?");
	config_refuses("{\"sevrice\": \"a\"}",
		       "/h/app.json:1: sevrice: unknown key; did you mean \"service\"?");
	config_refuses("{\"privacy\": {\"catalog\": \"a\"}}",
		       "/h/app.json:1: privacy.catalog: unknown key; did you mean \"catalogue\"?");
	config_refuses(
		"{\"durability\": \"power\"}",
		"/h/app.json:1: durability: unknown key; did you mean \"queue.durability\"?");
	config_refuses("{\"colour\": 1}",
		       "/h/app.json:1: colour: unknown key (there are service, version, queue, "
		       "privacy, limits, sinks)");
	config_refuses("{\"queue.max_bytes\": 1}",
		       "/h/app.json:1: queue.max_bytes: unknown key (there are service, version, "
		       "queue, privacy, limits, sinks)");
	config_refuses("{\"a\\u0000\\u001b[31m\": 1}",
		       "/h/app.json:1: a??[31m: unknown key (there are service, version, queue, "
		       "privacy, limits, sinks)");
	config_refuses_sink("\"max_wait\": \"1s\"", "2: sinks[0].max_wait: unknown key; did you "
						    "mean \"batch.max_wait\"?");
	config_refuses_sink("\"tls\": {\"insecure\": true}",
			    "2: sinks[0].tls.insecure: unknown key (there are ca_file, cert_file, "
			    "key_file, min_version)");
}

static void a_key_given_twice_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	config_refuses("{\"service\": \"a\",\n\"service\": \"a\"}",
		       "/h/app.json:2: service: given twice, first in line 1");
	config_refuses("{\"queue\": {},\n\n\"queue\": {}}",
		       "/h/app.json:3: queue: given twice, first in line 1");
	config_refuses("{\"queue\": {\"max_age\": \"1d\",\n\"max_\\u0061ge\": \"1d\"}}",
		       "/h/app.json:2: queue.max_age: given twice, first in line 1");
	config_refuses("{\"sinks\": [],\n\"sinks\": []}",
		       "/h/app.json:2: sinks: given twice, first in line 1");
	config_refuses_sink("\"name\": \"a\",\n\"name\": \"b\"",
			    "3: sinks[0].name: given twice, first in line 2");
	config_refuses_sink("\"headers\": {\"X-A\": \"1\",\n\"x-a\": \"2\"}",
			    "3: sinks[0].headers.x-a: given twice, first in line 2");
}

static void a_value_of_the_wrong_type_is_told_the_right_one(void **state)
{
	(void)state;
	config_refuses("{\"service\": 17}",
		       "/h/app.json:1: service: 17 is not a text (write \"...\")");
	config_refuses("{\"service\": null}",
		       "/h/app.json:1: service: null is not a text (write \"...\")");
	config_refuses("{\"queue\": \"64MiB\"}",
		       "/h/app.json:1: queue: \"64MiB\" is not an object (write {...})");
	config_refuses("{\"queue\": []}",
		       "/h/app.json:1: queue: a list is not an object (write {...})");
	config_refuses("{\"sinks\": {}}",
		       "/h/app.json:1: sinks: an object is not a list of sinks (write [{...}])");
	config_refuses("{\"sinks\": [\n\"a\"]}",
		       "/h/app.json:2: sinks: every sink is an object: {\"name\": ..., \"type\": "
		       "...}");
	config_refuses("{\"limits\": {\"burst\":\n\"10000\"}}",
		       "/h/app.json:2: limits.burst: \"10000\" is not a whole number (write "
		       "digits, no quotes)");
	config_refuses("{\"limits\": {\"burst\": 1.5}}",
		       "/h/app.json:1: limits.burst: 1.5 is not a whole number (write digits, no "
		       "quotes)");
	config_refuses("{\"limits\": {\"burst\": 1e4}}",
		       "/h/app.json:1: limits.burst: 1e4 is not a whole number (write digits, no "
		       "quotes)");
	config_refuses("{\"limits\": {\"burst\": [1]}}",
		       "/h/app.json:1: limits.burst: a list is not a whole number (write digits, "
		       "no quotes)");
	config_refuses_sink("\"allow_plain_http\": \"yes\"",
			    "2: sinks[0].allow_plain_http: \"yes\" is not a switch (write true, "
			    "false)");
	config_refuses_sink("\"events\": \"*\"",
			    "2: sinks[0].events: \"*\" is not a list of event names (write "
			    "[\"tool_use_error\", \"api_*\"])");
}

static void a_pattern_that_is_none_is_refused_with_its_place(void **state)
{
	(void)state;
	config_refuses("{\"privacy\": {\"scrub\": [\"ACME-*\",\n\"*-ACME\"]}}",
		       "/h/app.json:2: privacy.scrub[1]: \"*-ACME\": a pattern begins with a "
		       "character that is meant as it stands");
	config_refuses("{\"privacy\": {\"scrub\": [\"a?*\"]}}",
		       "/h/app.json:1: privacy.scrub[0]: \"a?*\": a pattern says at least 3 "
		       "characters besides * and ?");
	config_refuses("{\"privacy\": {\"scrub\": [17]}}",
		       "/h/app.json:1: privacy.scrub[0]: 17 is no text");
	config_refuses("{\"privacy\": {\"scrub\": \"ACME\"}}",
		       "/h/app.json:1: privacy.scrub: \"ACME\" is not a list of patterns (write "
		       "[\"ACME-*\"])");
}

static void a_bad_unit_is_told_what_can_be_written(void **state)
{
	static const char size[] = " is not a size (write \"4MiB\", \"512KiB\", 1000)";
	static const char duration[] = " is not a duration (write \"15s\", \"500ms\", \"5m\")";
	static const char *const sizes[] = {"\"4mib\"", "\"4 MiB\"", "\"MiB\"", "\"\"",
					    "1.5",      "\"-1MiB\"", "1e6",     "true"};
	static const char *const durations[] = {"\"15 seconds\"", "\"15\"", "15",
						"\"1.5s\"",       "\"\"",   "\"1h30m\""};
	char text[128], message[256];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		(void)snprintf(text, sizeof text, "{\"queue\":{\"max_bytes\":%s}}", sizes[i]);
		(void)snprintf(message, sizeof message, "/h/app.json:1: queue.max_bytes: %s%s",
			       sizes[i], size);
		config_refuses(text, message);
	}
	for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
		(void)snprintf(text, sizeof text, "{\"queue\":{\"max_age\":%s}}", durations[i]);
		(void)snprintf(message, sizeof message, "/h/app.json:1: queue.max_age: %s%s",
			       durations[i], duration);
		config_refuses(text, message);
	}
}

static void a_value_out_of_range_is_told_the_range(void **state)
{
	char text[512], long_name[300];

	(void)state;
	config_refuses("{\"queue\": {\"max_bytes\": \"512KiB\"}}",
		       "/h/app.json:1: queue.max_bytes: \"512KiB\" is out of range (1MiB to "
		       "1TiB)");
	config_refuses("{\"queue\": {\"max_age\": \"3651d\"}}",
		       "/h/app.json:1: queue.max_age: \"3651d\" is out of range (0s to 3650d)");
	config_refuses("{\"privacy\": {\"buckets\": 1}}",
		       "/h/app.json:1: privacy.buckets: 1 is out of range (2 to 1000)");
	config_refuses("{\"privacy\": {\"buckets\": 1001}}",
		       "/h/app.json:1: privacy.buckets: 1001 is out of range (2 to 1000)");
	config_refuses("{\"privacy\": {\"buckets\": -30}}",
		       "/h/app.json:1: privacy.buckets: -30 is out of range (2 to 1000)");
	config_refuses("{\"limits\": {\"burst\": 18446744073709551617}}",
		       "/h/app.json:1: limits.burst: 18446744073709551617 is out of range (0 to "
		       "1000000000)");
	config_refuses_sink("\"inflight\": 17",
			    "2: sinks[0].inflight: 17 is out of range (1 to 16)");
	config_refuses_sink("\"name\": \"\"", "2: sinks[0].name: is empty");
	config_refuses_sink("\"path\": \"\"", "2: sinks[0].path: is empty");
	memset(long_name, 'n', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	(void)snprintf(text, sizeof text, "{\"service\": \"%s\"}", long_name);
	config_refuses(text, "/h/app.json:1: service: is longer than 256 bytes");
}

static void a_word_that_is_none_of_them_is_told_all(void **state)
{
	(void)state;
	config_refuses("{\"queue\": {\"durability\": \"powr\"}}",
		       "/h/app.json:1: queue.durability: \"powr\" is none of power, process; did "
		       "you mean \"power\"?");
	config_refuses("{\"privacy\": {\"default\": \"yes\"}}",
		       "/h/app.json:1: privacy.default: \"yes\" is none of off, local, on");
	config_refuses("{\"privacy\": {\"default\": true}}",
		       "/h/app.json:1: privacy.default: true is not a word");
	config_refuses_sink("\"min_severity\": \"warning\"",
			    "2: sinks[0].min_severity: \"warning\" is none of trace, debug, info, "
			    "warn, error, fatal");
	config_refuses_sink("\"site\": \"us1.datadoghq.com\"",
			    "2: sinks[0].site: \"us1.datadoghq.com\" is none of datadoghq.com, "
			    "us3.datadoghq.com, us5.datadoghq.com, ap1.datadoghq.com, "
			    "ap2.datadoghq.com, uk1.datadoghq.com, datadoghq.eu, ddog-gov.com, "
			    "us2.ddog-gov.com; did you mean \"us3.datadoghq.com\"?");
	config_refuses_sink("\"tls\": {\"min_version\": \"1.1\"}",
			    "2: sinks[0].tls.min_version: \"1.1\" is none of 1.2, 1.3; did you "
			    "mean \"1.2\"?");
}

static void hostile_text_is_shown_short_and_harmless(void **state)
{
	char text[512], fill[200];

	(void)state;
	memset(fill, 'x', sizeof fill - 1);
	fill[sizeof fill - 1] = '\0';
	(void)snprintf(text, sizeof text, "{\"privacy\": {\"default\": \"%s\"}}", fill);
	config_refuses(text, "/h/app.json:1: privacy.default: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxxxxxxxxxxxxxxxxxxxxx...\" is none of off, local, on");
	(void)snprintf(text, sizeof text, "{\"%s\": 1}", fill);
	config_refuses(text, "/h/app.json:1: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxx...: unknown key (there are service, version, queue, privacy, "
			     "limits, sinks)");
}

static void keys_of_the_top_that_need_each_other_are_checked(void **state)
{
	(void)state;
	config_refuses("{\"privacy\": {\"internal\": {\n\"env\": \"A\"}}}",
		       "/h/app.json:2: privacy.internal.env: needs \"value\" beside it");
	config_refuses("{\"privacy\": {\"internal\": {\n\"value\": \"A\"}}}",
		       "/h/app.json:2: privacy.internal.value: needs \"env\" beside it");
	config_refuses("{\"privacy\": {\"internal\": {\"env\": \"A-B\", \"value\": \"x\"}}}",
		       "/h/app.json:1: privacy.internal.env: \"A-B\" is not a variable's name "
		       "(write letters, digits, _)");
	config_refuses("{\"queue\": {\"max_event_bytes\": \"1MiB\",\n\"max_bytes\": \"2MiB\"}}",
		       "/h/app.json:1: queue.max_event_bytes: 1MiB is more than a quarter of "
		       "queue.max_bytes, 2MiB");
}

static void a_long_path_of_the_file_leaves_room_for_the_message(void **state)
{
	struct fr_home home = config_home();
	struct fr_config *config;
	struct fr_error err;

	(void)state;
	memset(home.config, 'd', 900);
	home.config[0] = '/';
	memcpy(home.config + 900, "/app.json", sizeof "/app.json");
	assert_int_equal(fr_config_parse(&config, &home, FR_CONFIG_STRICT, "{\"x\":1}", 7, &err),
			 FR_INVALID);
	assert_memory_equal(err.text, "...ddd", 6);
	assert_non_null(strstr(err.text, "d/app.json:1: x: unknown key (there are service, "
					 "version, queue, privacy, limits, sinks)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_is_no_json_is_refused_with_its_line),
		cmocka_unit_test(wrong_bytes_are_refused_with_their_line),
		cmocka_unit_test(a_comment_that_does_not_end_is_refused_where_it_begins),
		cmocka_unit_test(an_unclosed_string_is_refused_in_its_own_line),
		cmocka_unit_test(nesting_without_end_is_refused),
		cmocka_unit_test(an_unknown_key_is_named_with_its_nearest_neighbour),
		cmocka_unit_test(a_key_given_twice_is_refused_wherever_it_stands),
		cmocka_unit_test(a_value_of_the_wrong_type_is_told_the_right_one),
		cmocka_unit_test(a_pattern_that_is_none_is_refused_with_its_place),
		cmocka_unit_test(a_bad_unit_is_told_what_can_be_written),
		cmocka_unit_test(a_value_out_of_range_is_told_the_range),
		cmocka_unit_test(a_word_that_is_none_of_them_is_told_all),
		cmocka_unit_test(hostile_text_is_shown_short_and_harmless),
		cmocka_unit_test(keys_of_the_top_that_need_each_other_are_checked),
		cmocka_unit_test(a_long_path_of_the_file_leaves_room_for_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
