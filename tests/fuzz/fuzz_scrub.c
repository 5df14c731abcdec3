/* The scrubber: whatever the text, it ends, what comes out is bounded and valid UTF-8 where the
 * text was, and scrubbing it again changes nothing. The same for the text as a JSON value, which
 * must be one afterwards too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/json.h"
#include "fuzz/fuzz.h"
#include "privacy/scrub.h"

enum { MAX_BYTES = 8192, SLACK = 2048 };

static void must_hold(int holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

static const char *variable(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "HOME") == 0)
		return "/home/al";
	return strcmp(name, "USER") == 0 ? "al" : NULL;
}

static const struct fr_scrub *the_scrub(void)
{
	static const char *const patterns[] = {"ACME-*-END", "abc?e"};
	static struct fr_scrub *scrub;
	const struct fr_env env = {.variable = variable};
	const struct fr_scrub_rules rules = {&env, patterns, 2};

	if (scrub == NULL)
		must_hold(fr_scrub_new(&scrub, &rules, NULL) == FR_OK, "the rules are good");
	return scrub;
}

static void text_judge(const char *text, size_t length)
{
	struct fr_buffer once, twice;
	enum fr_status status;

	fr_buffer_init(&once, FR_SCRUB_GROWTH * length + SLACK);
	fr_buffer_init(&twice, FR_SCRUB_GROWTH * FR_SCRUB_GROWTH * length + 2 * SLACK);
	status = fr_scrub_text(the_scrub(), text, length, &once);
	must_hold(status == FR_OK || status == FR_NONE, "it ends, within its bound");
	must_hold(status == FR_OK || once.length == 0, "nothing found, nothing written");
	if (status == FR_OK) {
		must_hold(!fr_utf8_is_valid(text, length) ||
				  fr_utf8_is_valid(fr_buffer_text(&once), once.length),
			  "valid UTF-8 stays valid");
		must_hold(fr_scrub_text(the_scrub(), fr_buffer_text(&once), once.length, &twice) ==
				  FR_NONE,
			  "what was scrubbed has nothing to scrub");
	}
	fr_buffer_fini(&once);
	fr_buffer_fini(&twice);
}

static void json_judge(const char *text, size_t length)
{
	struct fr_buffer json;
	struct fr_json scanner;
	enum fr_json_kind kind;

	fr_buffer_init(&json, 16 * MAX_BYTES);
	fr_buffer_add_text(&json, "{\"api_key\":");
	fr_json_add_string(&json, text, length);
	fr_buffer_add_text(&json, ",\"other\":[null,");
	fr_json_add_string(&json, text, length);
	fr_buffer_add_text(&json, "]}");
	must_hold(fr_scrub_json(the_scrub(), &json, NULL) == FR_OK, "JSON can be scrubbed");
	fr_json_init(&scanner, fr_buffer_text(&json), json.length, 8);
	while (fr_json_next(&scanner, &kind, NULL) == FR_OK && kind != FR_JSON_END)
		;
	must_hold(kind == FR_JSON_END, "and is JSON afterwards");
	fr_buffer_fini(&json);
}

static void line_judge(const char *text, size_t length)
{
	char line[256];
	size_t copied = length < sizeof line - 1 ? length : sizeof line - 1;

	memcpy(line, text, copied);
	line[copied] = '\0';
	if (!fr_utf8_is_valid(line, strlen(line)))
		return;
	fr_scrub_line(the_scrub(), line, sizeof line);
	must_hold(fr_utf8_is_valid(line, strlen(line)), "a line is cut between characters");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	if (size > MAX_BYTES)
		return 0;
	text_judge(text, size);
	json_judge(text, size);
	line_judge(text, size);
	return 0;
}
