#include "privacy/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/test.h"

static struct fr_catalogue *parse(const char *text)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_catalogue *catalogue;

	if (fr_catalogue_parse(&catalogue, "events.json", text, strlen(text), &err) != FR_OK)
		fail_msg("%s", err.text);
	return catalogue;
}

static void assert_refused(const char *text, const char *words)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_catalogue *catalogue;

	assert_int_equal(fr_catalogue_parse(&catalogue, "events.json", text, strlen(text), &err),
			 FR_INVALID);
	assert_null(catalogue);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" was expected in: %s", words, err.text);
}

/* ---- reading ---- */

static const char example[] =
	"{ \"catalogue\": 1, // the first\n"
	"  \"events\": {\n"
	"    \"tool_use_error\": {\n"
	"      \"description\": \"A tool call failed.\", \"owner\": \"tools@example.com\",\n"
	"      \"purpose\": \"reliability\", \"audience\": \"public\",\n"
	"      \"severity\": \"error\", \"expires\": \"2027-12-31\",\n"
	"      \"sinks\": [\"datadog\", \"first-party\"],\n"
	"      \"properties\": {\n"
	"        \"toolName\": { \"type\": \"string\", \"enum\": [\"edit_file\", "
	"\"run_command\"],\n"
	"                      \"description\": \"Which tool.\" },\n"
	"        \"errorType\": { \"type\": \"string\", \"maxLength\": 64, \"pattern\": "
	"\"^[a-z_]+$\" },\n"
	"        \"duration\": { \"type\": \"integer\", \"minimum\": 0, \"unit\": \"ms\" } },\n"
	"      \"required\": [\"toolName\"] },\n"
	"    \"heartbeat\": { \"audience\": \"internal\", \"sample\": 0.25 }\n"
	"  } }\n";

static void the_example_of_the_documentation_is_read_whole(void **state)
{
	struct fr_catalogue *catalogue = parse(example);
	const struct fr_declaration *event = fr_catalogue_find(catalogue, "tool_use_error");
	const struct fr_schema_member *member;
	char time[FR_TIME_TEXT];
	size_t count;

	(void)state;
	assert_non_null(event);
	assert_int_equal(event->line, 3);
	assert_string_equal(event->description, "A tool call failed.");
	assert_string_equal(event->owner, "tools@example.com");
	assert_string_equal(event->purpose, "reliability");
	assert_false(event->is_internal);
	assert_true(event->has_severity);
	assert_int_equal(event->severity, FR_ERROR);
	fr_time_format(time, event->expires_us);
	assert_string_equal(time, "2028-01-01T00:00:00.000000Z");
	assert_string_equal(event->route, "[\"datadog\",\"first-party\"]");
	assert_int_equal(event->schema.member_count, 3);
	member = fr_schema_find(&event->schema, "toolName", 8);
	assert_true(member->is_required);
	assert_int_equal(member->schema.value_count, 2);
	member = fr_schema_find(&event->schema, "duration", 8);
	assert_false(member->is_required);
	assert_string_equal(member->schema.unit, "ms");

	event = fr_catalogue_events(catalogue, &count);
	assert_int_equal(count, 2);
	assert_string_equal(event[0].name, "heartbeat");
	assert_true(event[0].is_internal);
	assert_null(event[0].route);
	assert_true(event[0].expires_us == INT64_MAX);
	assert_null(fr_catalogue_find(catalogue, "tool_use_erro"));
	fr_catalogue_free(catalogue);
}

static void what_is_no_catalogue_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} faults[] = {
		{"", "events.json:1: "},
		{"[]", "an object"},
		{"{}", "\"catalogue\": 1 is missing"},
		{"{\"catalogue\":2}", "catalogue: this release reads version 1"},
		{"{\"catalogue\":1} x", "events.json:1: "},
		{"{\"catalogue\":1,\n\"event\":{}}", "events.json:2: event: this release does not"},
		{"{\"catalogue\":1,\"events\":{\"a b\":{}}}", "no event can have this name"},
		{"{\"catalogue\":1,\"events\":{\"a\":{},\n\"a\":{}}}", "events.json:2: events: "},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"expires\":\"2027-02-30\"}}}",
		 "events.a.expires: a day"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"expires\":\"soon\"}}}", "a day belongs"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"audience\":\"secret\"}}}", "\"internal\""},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"severity\":\"bad\"}}}",
		 "a severity is one"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"sinks\":\"datadog\"}}}", "a list"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"sinks\":[7]}}}", "a list of texts"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"sample\":1.5}}}", "from 0 to 1"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"sample\":1e-2}}}", "from 0 to 1"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"owner\":\"x\\u0000\"}}}", "NUL"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"required\":[\"b\"]}}}", "not declared"},
		{"{\"catalogue\":1,\"events\":{\"a\":{\"additionalProperties\":true}}}",
		 "does not know"},
		{"{\"catalogue\":1 /* no end", "comment"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
		assert_refused(faults[i].text, faults[i].words);
}

/* An event `e` whose property `p` has this schema. */
static char *with_schema(const char *schema)
{
	static const char frame[] =
		"{\"catalogue\":1,\"events\":{\"e\":{\"properties\":{\"p\":%s}}}}";
	size_t size = sizeof frame + strlen(schema);
	char *text = malloc(size);

	assert_non_null(text);
	(void)snprintf(text, size, frame, schema);
	return text;
}

static void what_goes_beyond_the_subset_is_refused(void **state)
{
	static const struct {
		const char *schema, *words;
	} faults[] = {
		{"{\"format\":\"email\"}", "events.e.properties.p.format: this release"},
		{"{\"minLength\":1}", "does not know"},
		{"{\"anyOf\":[]}", "does not know"},
		{"{\"$ref\":\"#\"}", "does not know"},
		{"{\"type\":\"text\"}", "a type is one of"},
		{"{\"type\":[]}", "an empty list"},
		{"{\"enum\":[]}", "an empty list"},
		{"{\"enum\":[{}]}", "only texts"},
		{"{\"enum\":[1],\"const\":1}", "either enum or const"},
		{"{\"minimum\":\"0\"}", "a number"},
		{"{\"maxLength\":-1}", "a whole number"},
		{"{\"maxLength\":1.5}", "a whole number"},
		{"{\"maxItems\":99999999999999999999}", "a whole number"},
		{"{\"pattern\":\"(\"}", "p.pattern: character 2"},
		{"{\"pattern\":\"(a+)\\\\1\"}", "not supported"},
		{"{\"items\":[{}]}", "an object"},
		{"{\"additionalProperties\":1}", "true or false"},
		{"{\"properties\":{\"a b\":{}}}", "no property can have this name"},
		{"true", "an object"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		char *text = with_schema(faults[i].schema);

		assert_refused(text, faults[i].words);
		free(text);
	}
}

static void nesting_has_an_end(void **state)
{
	char schema[4000] = "";
	size_t at = 0;
	int i;
	char *text;

	(void)state;
	for (i = 0; i < 9; i++)
		at += (size_t)snprintf(schema + at, sizeof schema - at, "{\"items\":");
	(void)snprintf(schema + at, sizeof schema - at, "{}}}}}}}}}}");
	text = with_schema(schema);
	assert_refused(text, "nested deeper than 8");
	free(text);

	memset(schema, '[', 3000);
	schema[3000] = '\0';
	text = with_schema(schema);
	assert_refused(text, "events.json:1: ");
	free(text);
}

static void there_are_no_more_than_ten_thousand_events(void **state)
{
	enum { SIZE = 2 * 1024 * 1024 };
	char *text = malloc(SIZE);
	struct fr_catalogue *catalogue;
	size_t at, count;
	int i;

	(void)state;
	assert_non_null(text);
	at = (size_t)snprintf(text, SIZE, "{\"catalogue\":1,\"events\":{\"e0\":{}");
	for (i = 1; i < FR_CATALOGUE_EVENTS_MAX; i++)
		at += (size_t)snprintf(text + at, SIZE - at, ",\"e%d\":{}", i);
	(void)snprintf(text + at, SIZE - at, "}}");
	catalogue = parse(text);
	(void)fr_catalogue_events(catalogue, &count);
	assert_int_equal(count, FR_CATALOGUE_EVENTS_MAX);
	assert_non_null(fr_catalogue_find(catalogue, "e9999"));
	fr_catalogue_free(catalogue);
	(void)snprintf(text + at, SIZE - at, ",\"x\":{}}}");
	assert_refused(text, "more than 10000 events");
	free(text);
}

/* ---- trimming ---- */

/* What stays of the properties of an event whose property p has this schema; found may be NULL. */
static void assert_trimmed(const char *catalogue_text, const char *properties, const char *expected,
			   struct fr_trimmed counts)
{
	struct fr_catalogue *catalogue = parse(catalogue_text);
	const struct fr_declaration *event = fr_catalogue_find(catalogue, "e");
	struct fr_trimmed found;
	struct fr_buffer buffer;

	assert_non_null(event);
	fr_buffer_init(&buffer, 64 * 1024);
	fr_buffer_add_text(&buffer, properties);
	assert_int_equal(fr_catalogue_trim(event, &buffer, &found, NULL), FR_OK);
	if (strcmp(fr_buffer_text(&buffer), expected) != 0)
		fail_msg("%s: %s stayed", properties, fr_buffer_text(&buffer));
	assert_int_equal(found.undeclared, counts.undeclared);
	assert_int_equal(found.ill_typed, counts.ill_typed);
	assert_int_equal(found.missing, counts.missing);
	fr_buffer_fini(&buffer);
	fr_catalogue_free(catalogue);
}

static void assert_value(const char *schema, const char *value, bool stays)
{
	char *catalogue = with_schema(schema);
	char properties[512];

	(void)snprintf(properties, sizeof properties, "\"p\":%s", value);
	assert_trimmed(catalogue, properties, stays ? properties : "",
		       (struct fr_trimmed){.ill_typed = stays ? 0 : 1});
	free(catalogue);
}

static void a_value_stays_when_it_is_what_it_must_be(void **state)
{
	(void)state;
	assert_value("{}", "{\"any\":[1,null]}", true);
	assert_value("{\"type\":\"string\"}", "\"x\"", true);
	assert_value("{\"type\":\"string\"}", "7", false);
	assert_value("{\"type\":\"integer\"}", "7", true);
	assert_value("{\"type\":\"integer\"}", "7.0", true);
	assert_value("{\"type\":\"integer\"}", "7.5", false);
	assert_value("{\"type\":\"integer\"}", "9007199254740993", true);
	assert_value("{\"type\":\"number\"}", "7.5e-3", true);
	assert_value("{\"type\":\"number\"}", "\"7\"", false);
	assert_value("{\"type\":\"boolean\"}", "true", true);
	assert_value("{\"type\":\"boolean\"}", "null", false);
	assert_value("{\"type\":[\"null\",\"boolean\"]}", "null", true);
	assert_value("{\"type\":\"array\"}", "[1,[2],{\"x\":3}]", true);
	assert_value("{\"type\":\"array\"}", "{}", false);
	assert_value("{\"type\":\"object\"}", "{\"a\":{\"b\":[]}}", true);
	assert_value("{\"type\":\"object\"}", "[{}]", false);
}

static void a_value_stays_when_it_is_one_of_those_listed(void **state)
{
	static const char listed[] = "{\"enum\":[\"a\\u002fb\",1.0,true,null]}";

	(void)state;
	assert_value(listed, "\"a/b\"", true);
	assert_value(listed, "\"a\"", false);
	assert_value(listed, "1", true);
	assert_value(listed, "10e-1", true);
	assert_value(listed, "1.1", false);
	assert_value(listed, "true", true);
	assert_value(listed, "false", false);
	assert_value(listed, "null", true);
	assert_value(listed, "[]", false);
	assert_value("{\"const\":\"x\"}", "\"x\"", true);
	assert_value("{\"const\":\"x\"}", "\"y\"", false);
}

static void a_value_stays_within_its_bounds(void **state)
{
	(void)state;
	assert_value("{\"minimum\":0,\"maximum\":9007199254740992}", "9007199254740992", true);
	assert_value("{\"minimum\":0,\"maximum\":9007199254740992}", "9007199254740993", false);
	assert_value("{\"minimum\":0}", "-0.1", false);
	assert_value("{\"minimum\":0}", "\"not a number\"", true);
	assert_value("{\"maxLength\":2}", "\"\xc3\xa9\xc3\xa9\"", true);
	assert_value("{\"maxLength\":2}", "\"abc\"", false);
	assert_value("{\"maxLength\":2}", "\"\\n\\\"\"", true);
	assert_value("{\"maxLength\":0}", "\"\"", true);
	assert_value("{\"pattern\":\"^[a-z]+$\"}", "\"abc\"", true);
	assert_value("{\"pattern\":\"^[a-z]+$\"}", "\"abC\"", false);
	assert_value("{\"pattern\":\"^.\\\"$\"}", "\"a\\\"\"", true);
	assert_value("{\"maxItems\":2}", "[1,2]", true);
	assert_value("{\"maxItems\":2}", "[1,2,3]", false);
	assert_value("{\"items\":{\"type\":\"integer\"}}", "[1,2]", true);
	assert_value("{\"items\":{\"type\":\"integer\"}}", "[1,[\"x\",{\"y\":1}],2]", false);
}

static void what_nobody_declared_is_cut_out(void **state)
{
	static const char catalogue[] =
		"{\"catalogue\":1,\"events\":{\"e\":{\"properties\":{"
		"\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"}},\"required\":[\"a\"]}}}";

	(void)state;
	assert_trimmed(catalogue, "\"a\":1,\"b\":\"x\"", "\"a\":1,\"b\":\"x\"",
		       (struct fr_trimmed){0, 0, 0});
	assert_trimmed(catalogue, "\"x\":1,\"a\":1", "\"a\":1", (struct fr_trimmed){1, 0, 0});
	assert_trimmed(catalogue, "\"a\":1,\"x\":1", "\"a\":1", (struct fr_trimmed){1, 0, 0});
	assert_trimmed(catalogue, "\"a\":1,\"x\":[{},{\"y\":\"}\"}],\"b\":\"z\"",
		       "\"a\":1,\"b\":\"z\"", (struct fr_trimmed){1, 0, 0});
	assert_trimmed(catalogue, "\"x\":1,\"y\":2", "", (struct fr_trimmed){2, 0, 1});
	assert_trimmed(catalogue, "\"a\":\"1\",\"b\":2", "", (struct fr_trimmed){0, 2, 1});
	assert_trimmed(catalogue, "\"x\":1,\"a\":1,\"y\":2,\"b\":\"\",\"z\":3",
		       "\"a\":1,\"b\":\"\"", (struct fr_trimmed){3, 0, 0});
	assert_trimmed(catalogue, "", "", (struct fr_trimmed){0, 0, 1});
}

static void members_are_cut_out_of_objects_at_any_depth(void **state)
{
	char *closed = with_schema("{\"properties\":{\"k\":{\"type\":\"integer\"},"
				   "\"o\":{\"properties\":{\"i\":{}}}},\"required\":[\"k\"]}");
	char *open = with_schema("{\"properties\":{\"k\":{\"type\":\"integer\"}},"
				 "\"additionalProperties\":{\"type\":\"boolean\"}}");
	char *list = with_schema("{\"items\":{\"properties\":{\"k\":{\"type\":\"integer\"}}}}");
	char *free_form = with_schema("{\"properties\":{},\"additionalProperties\":true}");

	(void)state;
	assert_trimmed(closed, "\"p\":{\"x\":1,\"k\":2,\"y\":3}", "\"p\":{\"k\":2}",
		       (struct fr_trimmed){2, 0, 0});
	assert_trimmed(closed, "\"p\":{\"x\":1}", "\"p\":{}", (struct fr_trimmed){1, 0, 1});
	assert_trimmed(closed, "\"p\":{\"k\":2,\"o\":{\"a\":1,\"i\":[1],\"b\":2}},\"q\":1",
		       "\"p\":{\"k\":2,\"o\":{\"i\":[1]}}", (struct fr_trimmed){3, 0, 0});
	assert_trimmed(open, "\"p\":{\"x\":true,\"y\":1,\"k\":2}", "\"p\":{\"x\":true,\"k\":2}",
		       (struct fr_trimmed){0, 1, 0});
	assert_trimmed(list, "\"p\":[{\"x\":1,\"k\":2},{\"k\":\"\"},{\"k\":3}]",
		       "\"p\":[{\"k\":2},{},{\"k\":3}]", (struct fr_trimmed){1, 1, 0});
	assert_trimmed(free_form, "\"p\":{\"x\":{\"y\":1}}", "\"p\":{\"x\":{\"y\":1}}",
		       (struct fr_trimmed){0, 0, 0});
	free(closed);
	free(open);
	free(list);
	free(free_form);
}

static void a_member_that_is_wrong_at_its_end_goes_with_what_was_cut_inside_it(void **state)
{
	char *list = with_schema("{\"items\":{\"type\":\"object\",\"properties\":{\"k\":{}}}}");

	(void)state;
	assert_trimmed(list, "\"x\":0,\"p\":[{\"x\":1,\"k\":2},{\"x\":[1]},7],\"p2\":1", "",
		       (struct fr_trimmed){4, 1, 0});
	free(list);
}

static void a_session_is_sampled_as_a_whole_and_about_as_often_as_was_said(void **state)
{
	struct fr_catalogue *catalogue = parse(
		"{\"catalogue\":1,\"events\":{\"all\":{\"sample\":1},\"none\":{\"sample\":0.0},"
		"\"tenth\":{\"sample\":0.1},\"other\":{\"sample\":0.1},\"plain\":{}}}");
	int tenth = 0, both = 0, i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		char session[40];
		bool in_tenth, in_other;

		(void)snprintf(session, sizeof session, "%08x-1c02-4000-8000-%012x",
			       (unsigned)i * 2654435761U, (unsigned)i);
		assert_true(fr_declaration_samples(fr_catalogue_find(catalogue, "all"), session));
		assert_true(fr_declaration_samples(fr_catalogue_find(catalogue, "plain"), session));
		assert_false(fr_declaration_samples(fr_catalogue_find(catalogue, "none"), session));
		in_tenth = fr_declaration_samples(fr_catalogue_find(catalogue, "tenth"), session);
		in_other = fr_declaration_samples(fr_catalogue_find(catalogue, "other"), session);
		assert_int_equal(in_tenth, fr_declaration_samples(
						   fr_catalogue_find(catalogue, "tenth"), session));
		tenth += in_tenth;
		both += in_tenth && in_other;
	}
	assert_in_range(tenth, 1700, 2300);
	assert_in_range(both, 100, 320); /* the events are drawn each for itself */
	fr_catalogue_free(catalogue);
}

static void an_empty_catalogue_declares_nothing(void **state)
{
	struct fr_catalogue *catalogue = fr_catalogue_new_empty();

	(void)state;
	assert_null(fr_catalogue_find(catalogue, "tool_use_error"));
	fr_catalogue_free(catalogue);
	fr_catalogue_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_documentation_is_read_whole),
		cmocka_unit_test(what_is_no_catalogue_is_refused_with_its_line),
		cmocka_unit_test(what_goes_beyond_the_subset_is_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(there_are_no_more_than_ten_thousand_events),
		cmocka_unit_test(a_value_stays_when_it_is_what_it_must_be),
		cmocka_unit_test(a_value_stays_when_it_is_one_of_those_listed),
		cmocka_unit_test(a_value_stays_within_its_bounds),
		cmocka_unit_test(what_nobody_declared_is_cut_out),
		cmocka_unit_test(members_are_cut_out_of_objects_at_any_depth),
		cmocka_unit_test(
			a_member_that_is_wrong_at_its_end_goes_with_what_was_cut_inside_it),
		cmocka_unit_test(a_session_is_sampled_as_a_whole_and_about_as_often_as_was_said),
		cmocka_unit_test(an_empty_catalogue_declares_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
