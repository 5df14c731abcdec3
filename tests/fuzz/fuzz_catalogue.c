/* Catalogues, and what they leave of an event. The input is a catalogue, a NUL, and the properties
 * of an event as a JSON object, which are held against each declaration.
 *
 * Whatever the bytes: a catalogue is refused with one message that names the file, or it is read;
 * what a trim leaves is canonical JSON that a second trim finds nothing wrong with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/draft.h"
#include "fuzz/fuzz.h"
#include "privacy/catalogue.h"

static void must_hold(int holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

/* The inside of the object, canonical; false: it is no event. */
static bool properties_read(struct fr_draft *draft, const char *json, size_t length)
{
	fr_draft_init(draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(draft, "e");
	fr_draft_add_object(draft, json, length);
	return fr_draft_finish(draft, NULL, 0, NULL) == FR_OK;
}

static bool is_canonical(const struct fr_buffer *properties)
{
	struct fr_buffer object;
	struct fr_draft again;
	bool is_same;

	fr_buffer_init(&object, FR_EVENT_BYTES_DEFAULT + 2);
	fr_buffer_add_char(&object, '{');
	fr_buffer_add(&object, fr_buffer_text(properties), properties->length);
	fr_buffer_add_char(&object, '}');
	is_same = properties_read(&again, fr_buffer_text(&object), object.length) &&
		  again.properties.length == properties->length &&
		  memcmp(fr_buffer_text(&again.properties), fr_buffer_text(properties),
			 properties->length) == 0;
	fr_draft_fini(&again);
	fr_buffer_fini(&object);
	return is_same;
}

static void declaration_judge(const struct fr_declaration *declaration, const char *json,
			      size_t length)
{
	struct fr_trimmed first, second;
	struct fr_draft draft;
	size_t left;

	if (properties_read(&draft, json, length)) {
		must_hold(fr_catalogue_trim(declaration, &draft.properties, &first, NULL) == FR_OK,
			  "an event is trimmed");
		must_hold(is_canonical(&draft.properties), "what is left is canonical");
		left = draft.properties.length;
		must_hold(fr_catalogue_trim(declaration, &draft.properties, &second, NULL) == FR_OK,
			  "and once more");
		must_hold(draft.properties.length == left && second.undeclared == 0,
			  "a second trim finds nothing");
	}
	fr_draft_fini(&draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
	size_t length = nul != NULL ? (size_t)(nul - text) : size, count, i;
	struct fr_catalogue *catalogue;
	struct fr_error err = {FR_OK, ""};
	const struct fr_declaration *events;

	if (size > 64 * 1024)
		return 0;
	if (fr_catalogue_parse(&catalogue, "c.json", text, length, &err) != FR_OK) {
		must_hold(catalogue == NULL, "a refusal leaves nothing");
		must_hold(strncmp(err.text, "c.json:", 7) == 0, "a refusal names the file");
		must_hold(fr_utf8_is_valid(err.text, strlen(err.text)), "the words are printable");
		return 0;
	}
	events = fr_catalogue_events(catalogue, &count);
	for (i = 0; i < count; i++) {
		must_hold(fr_catalogue_find(catalogue, events[i].name) == &events[i],
			  "what is declared is found");
		if (nul != NULL)
			declaration_judge(&events[i], nul + 1, size - length - 1);
	}
	fr_catalogue_free(catalogue);
	return 0;
}
