/* One pass over the tokens. A newline goes before every key and element and before the end of
 * what is not empty. */
#include "pretty.h"

#include "event/json.h"
#include "output.h"

enum { STEP = 2, TOKEN_BYTES_MAX = 64 * 1024 * 1024 };

struct layout {
	struct fr_buffer *out;
	struct fr_buffer token;
	unsigned indent;
	bool is_empty; /* of the container just opened: nothing in it yet */
	bool is_behind_key;
};

static void line_begin(struct layout *layout, unsigned depth)
{
	fr_buffer_add_char(layout->out, '\n');
	for (unsigned i = 0; i < layout->indent + depth * STEP; i++)
		fr_buffer_add_char(layout->out, ' ');
}

/* What stands before a key, an element or a value. */
static void token_lead(struct layout *layout, unsigned depth)
{
	if (layout->is_behind_key || depth == 0)
		return;
	if (!layout->is_empty)
		fr_buffer_add_char(layout->out, ',');
	line_begin(layout, depth);
}

static void token_print(struct layout *layout, const struct fr_json *json)
{
	fr_buffer_clear(&layout->token);
	fr_json_add_token(json, &layout->token);
	cli_add_visible(layout->out, fr_buffer_text(&layout->token), layout->token.length, false);
}

static void token_lay_out(struct layout *layout, const struct fr_json *json, enum fr_json_kind kind)
{
	switch (kind) {
	case FR_JSON_OBJECT_BEGIN:
	case FR_JSON_ARRAY_BEGIN:
		token_lead(layout, json->depth - 1); /* json is inside already */
		fr_buffer_add_char(layout->out, kind == FR_JSON_OBJECT_BEGIN ? '{' : '[');
		layout->is_empty = true;
		layout->is_behind_key = false;
		return;
	case FR_JSON_OBJECT_END:
	case FR_JSON_ARRAY_END:
		if (!layout->is_empty)
			line_begin(layout, json->depth);
		fr_buffer_add_char(layout->out, kind == FR_JSON_OBJECT_END ? '}' : ']');
		break;
	case FR_JSON_KEY:
		token_lead(layout, json->depth);
		token_print(layout, json);
		fr_buffer_add_text(layout->out, ": ");
		layout->is_behind_key = true;
		return;
	case FR_JSON_STRING:
	case FR_JSON_NUMBER:
	case FR_JSON_TRUE:
	case FR_JSON_FALSE:
	case FR_JSON_NULL:
		token_lead(layout, json->depth);
		token_print(layout, json);
		break;
	case FR_JSON_END:
		break;
	}
	layout->is_empty = false;
	layout->is_behind_key = false;
}

void cli_add_pretty(struct fr_buffer *out, const char *json, size_t length, unsigned indent)
{
	struct layout layout = {.out = out, .indent = indent, .is_empty = true};
	size_t start = out->length;
	struct fr_json scanner;
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;

	fr_buffer_init(&layout.token, TOKEN_BYTES_MAX);
	fr_json_init(&scanner, json, length, FR_JSON_DEPTH_MAX);
	while ((status = fr_json_next(&scanner, &kind, NULL)) == FR_OK && kind != FR_JSON_END)
		token_lay_out(&layout, &scanner, kind);
	fr_buffer_fini(&layout.token);
	if (status != FR_OK) {
		fr_buffer_cut(out, start);
		cli_add_visible(out, json, length, false);
	}
}
