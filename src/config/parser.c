/* Lines are counted as the walk goes on: tokens come in order, so every byte is looked at once. */
#include "config/parser.h"

#include <string.h>

enum { TOKEN_MAX = FR_CONFIG_BYTES_MAX };

void fr_parser_init(struct fr_parser *parser, struct fr_document *document,
		    enum fr_config_reader reader, const char *text, size_t length)
{
	*parser = (struct fr_parser){
		.document = document,
		.scope = &document->top,
		.reader = reader,
		.line = 1,
	};
	fr_buffer_init(&parser->scratch, TOKEN_MAX);
	fr_json_init(&parser->json, text, length, FR_JSON_DEPTH_MAX);
}

void fr_parser_fini(struct fr_parser *parser)
{
	fr_buffer_fini(&parser->scratch);
}

static unsigned line_of(struct fr_parser *parser, size_t at)
{
	for (; parser->counted < at; parser->counted++)
		parser->line += parser->json.text[parser->counted] == '\n';
	return parser->line;
}

unsigned fr_parser_line(struct fr_parser *parser)
{
	return line_of(parser, parser->json.start);
}

struct fr_place fr_parser_place(struct fr_parser *parser, const char *path)
{
	return (struct fr_place){parser->document, parser->scope, fr_parser_line(parser), path};
}

/* The scanner says "byte 57: expected a value"; people count lines. */
static enum fr_status grammar_fault(struct fr_parser *parser, const struct fr_error *fault)
{
	const char *behind = strstr(fault->text, ": ");
	const char *text = fault->text;

	if (strncmp(text, "byte ", 5) == 0 && behind != NULL)
		text = behind + 2;
	return fr_fail(parser->err, FR_INVALID, "%s:%u: %s", parser->document->file,
		       line_of(parser, parser->json.at), text);
}

enum fr_status fr_parser_next(struct fr_parser *parser, enum fr_json_kind *kind)
{
	struct fr_error fault;

	if (fr_json_next(&parser->json, kind, &fault) == FR_OK)
		return FR_OK;
	return grammar_fault(parser, &fault);
}

enum fr_status fr_parser_skip(struct fr_parser *parser, enum fr_json_kind kind)
{
	struct fr_error fault;

	if (fr_json_skip(&parser->json, kind, &fault) == FR_OK)
		return FR_OK;
	return grammar_fault(parser, &fault);
}

enum fr_status fr_parser_token(struct fr_parser *parser, enum fr_json_kind kind,
			       struct fr_token *out)
{
	const struct fr_json *json = &parser->json;

	fr_buffer_clear(&parser->scratch);
	if (kind == FR_JSON_STRING || kind == FR_JSON_KEY)
		(void)fr_json_decode(json, &parser->scratch); /* a failure sticks in it */
	else
		fr_buffer_add(&parser->scratch, json->text + json->start, json->at - json->start);
	if (parser->scratch.status != FR_OK)
		return fr_document_no_memory(parser->err);
	*out = (struct fr_token){kind, fr_buffer_text(&parser->scratch), parser->scratch.length};
	return FR_OK;
}

enum fr_status fr_parser_keep(struct fr_parser *parser, const struct fr_token *token,
			      const char **out)
{
	*out = fr_arena_text(parser->document->arena, token->text, token->length);
	return *out != NULL ? FR_OK : fr_document_no_memory(parser->err);
}
