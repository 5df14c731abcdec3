/* Random events from fixed seeds: what is valid is taken and is its own canonical form, what was
 * damaged breaks no promise. The promises are those of the fuzz target, which judges every text
 * here.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/draft.h"
#include "fuzz/fuzz.h"

enum { EVENTS = 20000, MUTANTS = 200000, TEXT_BYTES = 1 << 16 };

struct source {
	uint64_t seed;
	struct fr_buffer text;
};

/* xorshift64* */
static unsigned source_below(struct source *source, unsigned bound)
{
	source->seed ^= source->seed >> 12;
	source->seed ^= source->seed << 25;
	source->seed ^= source->seed >> 27;
	return (unsigned)((source->seed * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static const char *source_pick(struct source *source, const char *const *choices, unsigned count)
{
	return choices[source_below(source, count)];
}

static void add_space(struct source *source)
{
	static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t", "\r\n  "};

	fr_buffer_add_text(&source->text, source_pick(source, spaces, 8));
}

static void add_number(struct source *source)
{
	static const char *const numbers[] = {
		"0",
		"-0",
		"1",
		"-17",
		"9007199254740993",
		"18446744073709551615",
		"0.5",
		"-1.25e-7",
		"1E+05",
		"123456789012345678901234567890",
		"1e999",
	};

	fr_buffer_add_text(&source->text, source_pick(source, numbers, 11));
}

static void add_string(struct source *source)
{
	static const char *const pieces[] = {
		"a",
		"plain text of some length, more than eight bytes",
		"\\n",
		"\\\"",
		"\\\\",
		"\\/",
		"\\u0000",
		"\\u001F",
		"\\u0041",
		"\\u00e9",
		"\\ud83d\\ude00",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"{",
		"]",
		",",
		":",
		"\x7f",
	};
	unsigned count = source_below(source, 6);

	fr_buffer_add_char(&source->text, '"');
	while (count-- > 0)
		fr_buffer_add_text(&source->text, source_pick(source, pieces, 19));
	fr_buffer_add_char(&source->text, '"');
}

/* Keys of one object differ by their number; some are not allowed, some are written with escapes.
 */
static void add_key(struct source *source, unsigned number)
{
	switch (source_below(source, 5)) {
	case 0:
		fr_buffer_add_format(&source->text, "\"k%u\"", number);
		break;
	case 1:
		fr_buffer_add_format(&source->text, "\"_a.b:c-%u\"", number);
		break;
	case 2:
		fr_buffer_add_format(&source->text, "\"\\u006bey%u\"", number);
		break;
	case 3:
		fr_buffer_add_format(&source->text, "\"not allowed %u\"", number);
		break;
	default:
		fr_buffer_add_format(&source->text, "\"%u\"", number);
		break;
	}
}

static void add_value(struct source *source, unsigned depth);

static void add_members(struct source *source, unsigned depth, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (i > 0)
			fr_buffer_add_char(&source->text, ',');
		add_space(source);
		add_key(source, i);
		add_space(source);
		fr_buffer_add_char(&source->text, ':');
		add_space(source);
		add_value(source, depth);
		add_space(source);
	}
}

static void add_array(struct source *source, unsigned depth)
{
	unsigned count = source_below(source, 4);
	unsigned i;

	fr_buffer_add_char(&source->text, '[');
	add_space(source);
	for (i = 0; i < count; i++) {
		if (i > 0)
			fr_buffer_add_char(&source->text, ',');
		add_value(source, depth);
		add_space(source);
	}
	fr_buffer_add_char(&source->text, ']');
}

static void add_value(struct source *source, unsigned depth)
{
	static const char *const literals[] = {"true", "false", "null"};

	switch (source_below(source, depth < FR_DEPTH_MAX ? 5 : 3)) {
	case 0:
		fr_buffer_add_text(&source->text, source_pick(source, literals, 3));
		break;
	case 1:
		add_number(source);
		break;
	case 2:
		add_string(source);
		break;
	case 3:
		add_array(source, depth + 1);
		break;
	default:
		fr_buffer_add_char(&source->text, '{');
		add_space(source);
		add_members(source, depth + 1, source_below(source, 4));
		fr_buffer_add_char(&source->text, '}');
		break;
	}
}

static void make_event(struct source *source)
{
	fr_buffer_clear(&source->text);
	fr_buffer_add_text(&source->text, "{\"eventName\":\"x\",");
	add_members(source, 0, 1 + source_below(source, 12));
	fr_buffer_add_char(&source->text, '}');
	assert_int_equal(source->text.status, FR_OK);
}

static void judge(const struct fr_buffer *text)
{
	assert_int_equal(
		LLVMFuzzerTestOneInput((const uint8_t *)fr_buffer_text(text), text->length), 0);
}

static void a_valid_event_is_taken_and_is_its_own_canonical_form(void **state)
{
	struct source source = {.seed = 20261122};
	int i;

	(void)state;
	fr_buffer_init(&source.text, TEXT_BYTES);
	for (i = 0; i < EVENTS; i++) {
		struct fr_draft draft;

		make_event(&source);
		fr_draft_init(&draft, TEXT_BYTES);
		fr_draft_parse(&draft, source.text.data, source.text.length, NULL);
		if (draft.error.status != FR_OK)
			fail_msg("%s: %s", source.text.data, draft.error.text);
		fr_draft_fini(&draft);
		judge(&source.text);
	}
	fr_buffer_fini(&source.text);
}

static void mutate(struct source *source)
{
	static const char *const pieces[] = {"\"", "\\", "{",   "}",       "[",    "]",
					     ",",  ":",  "\\u", "\\ud83d", "\xff", "\xc3",
					     "e",  "-",  ".",   "0",       "\n",   "\x01"};
	struct fr_buffer *text = &source->text;
	size_t at = source_below(source, (unsigned)text->length);
	const char *piece = source_pick(source, pieces, 18);

	switch (source_below(source, 4)) {
	case 0:
		text->data[at] = (char)source_below(source, 256);
		break;
	case 1:
		text->data[at] = piece[0];
		break;
	case 2:
		memmove(text->data + at, text->data + at + 1, text->length - at);
		text->length--;
		break;
	default:
		fr_buffer_cut(text, at);
		fr_buffer_add_text(text, piece);
		break;
	}
}

static void a_damaged_event_breaks_no_promise(void **state)
{
	struct source source = {.seed = 35};
	int i;

	(void)state;
	fr_buffer_init(&source.text, TEXT_BYTES);
	for (i = 0; i < MUTANTS; i++) {
		if (i % 4 == 0 || source.text.length < 2)
			make_event(&source);
		mutate(&source);
		judge(&source.text);
	}
	fr_buffer_fini(&source.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_event_is_taken_and_is_its_own_canonical_form),
		cmocka_unit_test(a_damaged_event_breaks_no_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
