/* The happy path: walk the objects of the file, find each key's row, hand the value to the row's
 * type, and keep it with its line. The scanner checks the grammar on the way; it is a pull scanner,
 * so a config is read once, and recursion goes no deeper than the table does.
 *
 * Failures stop the walk and name file, line and key: the grammar's, a key that is unknown or given
 * twice, a value that its row does not take.
 */
#include "config/parse.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/suggest.h"
#include "event/comments.h"

enum { SINKS_MAX = 64, PATH_SHOWN = 128, NAME_SHOWN = 64, KNOWN_SHOWN = 200 };

static enum fr_status object_parse(struct fr_parser *parser, const char *prefix);

/* ---- keys nobody knows ---- */

/* A row whose last word is this one, wherever it stands; NULL when there is none, or several. */
static const char *path_elsewhere(const struct fr_key_table *table, const char *name)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const char *dot = strrchr(table->keys[i].path, '.');

		if (strcmp(dot != NULL ? dot + 1 : table->keys[i].path, name) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = table->keys[i].path;
	}
	return found;
}

/* The nearest key here, and all that are known here. */
static const char *neighbours_find(const struct fr_key_table *table, const char *prefix,
				   const char *name, char known[KNOWN_SHOWN])
{
	struct fr_suggestion suggestion;
	size_t length = 0, i;

	fr_suggestion_init(&suggestion, name);
	known[0] = '\0';
	for (i = 0; i < table->count; i++) {
		const char *leaf = fr_key_leaf(&table->keys[i], prefix);

		if (leaf == NULL)
			continue;
		fr_suggestion_consider(&suggestion, leaf);
		if (length + strlen(leaf) + sizeof ", ..." < KNOWN_SHOWN)
			length += (size_t)snprintf(known + length, KNOWN_SHOWN - length, "%s%s",
						   length > 0 ? ", " : "", leaf);
	}
	return suggestion.best;
}

static enum fr_status unknown_fault(struct fr_parser *parser, const char *prefix, const char *name)
{
	const struct fr_key_table *table = parser->scope->table;
	char path[PATH_SHOWN], known[KNOWN_SHOWN];
	const char *near = neighbours_find(table, prefix, name, known);
	struct fr_place place = fr_parser_place(parser, path);

	if (near == NULL)
		near = path_elsewhere(table, name);
	(void)snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", name);
	if (near != NULL)
		return fr_place_fault(&place, parser->err, "unknown key; did you mean \"%s\"?",
				      near);
	return fr_place_fault(&place, parser->err, "unknown key (there are %s)", known);
}

/* ---- values ---- */

static enum fr_status type_fault(struct fr_parser *parser, const struct fr_key *key,
				 const struct fr_token *token)
{
	struct fr_place place = fr_parser_place(parser, key->path);
	char wrong[FR_WRONG_TEXT];
	int64_t number;
	bool is_valid = fr_value_read(key, token, &number, wrong);

	assert(!is_valid);
	(void)is_valid; /* without asserts nobody asks */
	return fr_place_fault(&place, parser->err, "%s", wrong);
}

static enum fr_status scalar_parse(struct fr_parser *parser, const struct fr_key *key,
				   const struct fr_token *token, struct fr_value *value)
{
	struct fr_place place = fr_parser_place(parser, key->path);
	char wrong[FR_WRONG_TEXT];

	if (!fr_value_read(key, token, &value->number, wrong))
		return fr_place_fault(&place, parser->err, "%s", wrong);
	return fr_parser_keep(parser, token, &value->text);
}

/* One sink, whose first token was just read. */
static enum fr_status sink_parse(struct fr_parser *parser, const struct fr_key *key,
				 enum fr_json_kind kind)
{
	struct fr_document *document = parser->document;
	struct fr_place place = fr_parser_place(parser, key->path);
	enum fr_status status;

	if (kind != FR_JSON_OBJECT_BEGIN)
		return fr_place_fault(&place, parser->err,
				      "every sink is an object: {\"name\": ..., \"type\": ...}");
	if (document->sink_count == SINKS_MAX)
		return fr_place_fault(&place, parser->err, "more than %d sinks", SINKS_MAX);
	status = fr_document_add_sink(document, place.line, parser->err);
	if (status != FR_OK)
		return status;
	parser->scope = &document->sinks[document->sink_count - 1];
	status = object_parse(parser, "");
	parser->scope = &document->top;
	return status;
}

static enum fr_status sinks_parse(struct fr_parser *parser, const struct fr_key *key)
{
	enum fr_json_kind kind;

	for (;;) {
		enum fr_status status = fr_parser_next(parser, &kind);

		if (status != FR_OK || kind == FR_JSON_ARRAY_END)
			return status;
		status = sink_parse(parser, key, kind);
		if (status != FR_OK)
			return status;
	}
}

static enum fr_status container_parse(struct fr_parser *parser, const struct fr_key *key,
				      enum fr_json_kind kind)
{
	if (kind == FR_JSON_OBJECT_BEGIN && key->type == FR_TYPE_SECTION)
		return object_parse(parser, key->path);
	if (kind == FR_JSON_OBJECT_BEGIN && key->type == FR_TYPE_HEADERS)
		return fr_parse_headers(parser, key);
	if (kind == FR_JSON_ARRAY_BEGIN &&
	    (key->type == FR_TYPE_GLOBS || key->type == FR_TYPE_PATTERNS))
		return fr_parse_globs(parser, key);
	assert(kind == FR_JSON_ARRAY_BEGIN && key->type == FR_TYPE_SINKS);
	return sinks_parse(parser, key);
}

static enum fr_json_kind container_of(enum fr_key_type type)
{
	if (type == FR_TYPE_SECTION || type == FR_TYPE_HEADERS)
		return FR_JSON_OBJECT_BEGIN;
	return type == FR_TYPE_GLOBS || type == FR_TYPE_PATTERNS || type == FR_TYPE_SINKS
		       ? FR_JSON_ARRAY_BEGIN
		       : FR_JSON_END;
}

/* The value behind a key whose row is known. */
static enum fr_status value_parse(struct fr_parser *parser, const struct fr_key *key)
{
	struct fr_value *value = &parser->scope->values[key - parser->scope->table->keys];
	struct fr_place place = fr_parser_place(parser, key->path);
	enum fr_json_kind container = container_of(key->type), kind;
	struct fr_token token = {0};
	enum fr_status status;

	if (value->line != 0)
		return fr_place_fault(&place, parser->err, "given twice, first in line %u",
				      value->line);
	value->line = place.line;
	status = fr_parser_next(parser, &kind);
	if (status != FR_OK)
		return status;
	if (container == kind)
		return container_parse(parser, key, kind);
	status = fr_parser_token(parser, kind, &token);
	if (status != FR_OK)
		return status;
	if (container != FR_JSON_END)
		return type_fault(parser, key, &token);
	return scalar_parse(parser, key, &token, value);
}

static enum fr_status value_skip(struct fr_parser *parser)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_parser_next(parser, &kind);

	return status == FR_OK ? fr_parser_skip(parser, kind) : status;
}

/* The member whose key was just read. */
static enum fr_status member_parse(struct fr_parser *parser, const char *prefix)
{
	const struct fr_key *key;
	char name[NAME_SHOWN];
	struct fr_token token;
	enum fr_status status = fr_parser_token(parser, FR_JSON_KEY, &token);

	if (status != FR_OK)
		return status;
	fr_text_show(token.text, token.length, name, sizeof name);
	key = fr_key_find(parser->scope->table, prefix, name);
	if (parser->reader == FR_CONFIG_LIBRARY && (key == NULL || key->type == FR_TYPE_SINKS))
		return value_skip(parser);
	if (key == NULL)
		return unknown_fault(parser, prefix, name);
	return value_parse(parser, key);
}

/* The members of the object that was just opened. */
static enum fr_status object_parse(struct fr_parser *parser, const char *prefix)
{
	enum fr_json_kind kind;

	for (;;) {
		enum fr_status status = fr_parser_next(parser, &kind);

		if (status != FR_OK || kind == FR_JSON_OBJECT_END)
			return status;
		status = member_parse(parser, prefix);
		if (status != FR_OK)
			return status;
	}
}

static enum fr_status file_parse(struct fr_parser *parser)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_parser_next(parser, &kind);

	if (status != FR_OK)
		return status;
	if (kind != FR_JSON_OBJECT_BEGIN)
		return fr_fail(parser->err, FR_INVALID,
			       "%s:%u: a config is one object: {\"service\": ...}",
			       parser->document->file, fr_parser_line(parser));
	status = object_parse(parser, "");
	return status == FR_OK ? fr_parser_next(parser, &kind) : status; /* nothing may follow */
}

static unsigned lines_before(const char *text, size_t at)
{
	unsigned lines = 0;

	while (at-- > 0)
		lines += text[at] == '\n';
	return lines;
}

enum fr_status fr_document_parse(struct fr_document *document, char *text, size_t length,
				 enum fr_config_reader reader, struct fr_error *err)
{
	struct fr_parser parser;
	enum fr_status status;
	size_t at;

	if (!fr_comments_blank(text, length, &at))
		return fr_fail(err, FR_INVALID, "%s:%u: this comment does not end", document->file,
			       lines_before(text, at) + 1);
	fr_parser_init(&parser, document, reader, text, length);
	parser.err = err;
	status = file_parse(&parser);
	fr_parser_fini(&parser);
	return status;
}
