/* Event JSON: whatever the bytes, they are refused with words or become an event that keeps every
 * promise of event/draft.h, and whose canonical form is its own canonical form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/draft.h"
#include "fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

static void must_hold(int holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

/* The event again, from its name and its canonical properties: {"<name
 * field>":"<name>",<properties>}. */
static void event_must_read_back(const struct fr_draft *draft, const struct fr_draft_fields *fields)
{
	const char *field = fields != NULL ? fields->name : "eventName";
	struct fr_draft again;
	struct fr_buffer text;

	fr_buffer_init(&text, 2 * MAX_BYTES);
	fr_buffer_add_format(&text, "{\"%s\":\"%s\"%s", field, draft->name,
			     draft->properties.length > 0 ? "," : "");
	fr_buffer_add(&text, fr_buffer_text(&draft->properties), draft->properties.length);
	fr_buffer_add_char(&text, '}');
	fr_draft_init(&again, MAX_BYTES);
	fr_draft_parse(&again, fr_buffer_text(&text), text.length, fields);
	must_hold(again.error.status == FR_OK, "what was canonical is valid");
	must_hold(again.removed == 0, "what was canonical loses nothing");
	must_hold(again.count == draft->count, "as many properties");
	must_hold(strcmp(again.name, draft->name) == 0, "the same name");
	must_hold(again.properties.length == draft->properties.length &&
			  memcmp(fr_buffer_text(&again.properties),
				 fr_buffer_text(&draft->properties), again.properties.length) == 0,
		  "the canonical form of the canonical form is itself");
	fr_draft_fini(&again);
	fr_buffer_fini(&text);
}

static void event_judge(const char *text, size_t length, const struct fr_draft_fields *fields)
{
	struct fr_draft draft;

	fr_draft_init(&draft, MAX_BYTES);
	fr_draft_parse(&draft, text, length, fields);
	if (fr_draft_finish(&draft, NULL, 0, NULL) == FR_OK) {
		must_hold(fr_name_is_valid(draft.name), "the name is valid");
		must_hold(draft.count <= FR_PROPERTIES_MAX, "at most 128 properties");
		must_hold(draft.properties.length <= MAX_BYTES, "at most the limit");
		must_hold(fr_utf8_is_valid(fr_buffer_text(&draft.properties),
					   draft.properties.length),
			  "valid UTF-8");
		event_must_read_back(&draft, fields);
	} else {
		must_hold(draft.error.text[0] != '\0', "a refusal has words");
		must_hold(fr_utf8_is_valid(draft.error.text, strlen(draft.error.text)),
			  "the words are printable");
	}
	fr_draft_fini(&draft);
}

/* As one property's value, and as text: what the builder takes must read back as well. */
static void builder_judge(const char *text, size_t length)
{
	struct fr_draft draft;

	fr_draft_init(&draft, MAX_BYTES);
	fr_draft_set_name(&draft, "x");
	fr_draft_set_string(&draft, "text", text, length);
	if (draft.error.status == FR_OK)
		fr_draft_set_json(&draft, "json", text, length);
	if (fr_draft_finish(&draft, "\"text\":1,\"more\":[]", 18, NULL) == FR_OK)
		event_must_read_back(&draft, NULL);
	fr_draft_fini(&draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fr_draft_fields trace2 = {"event", "time"};
	const char *text = (const char *)data;

	event_judge(text, size, NULL);
	event_judge(text, size, &trace2);
	builder_judge(text, size);
	return 0;
}
