/* The keys whose values are open-ended: a sink's event names and its headers, and what is scrubbed.
 */
#include "config/parse.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "privacy/scrub.h"

enum {
	GLOBS_MAX = 10000,
	HEADER_NAME_MAX = 100,
	PATH_SHOWN = 96,
	VALUE_SHOWN = 80,
	NAME_SHOWN = 64,
};

static enum fr_status glob_keep(struct fr_parser *parser, const struct fr_token *token)
{
	struct fr_scope *scope = parser->scope;
	const char **globs = fr_arena_room(parser->document->arena, scope->globs, scope->glob_count,
					   sizeof *globs);

	if (globs == NULL)
		return fr_document_no_memory(parser->err);
	scope->globs = globs;
	return fr_parser_keep(parser, token, &globs[scope->glob_count++]);
}

/* FR_OK: the token may stand in the list of this key. */
static enum fr_status glob_judge(const struct fr_parser *parser, const struct fr_place *place,
				 const struct fr_key *key, const struct fr_token *token)
{
	struct fr_error why = {FR_OK, ""};
	char shown[VALUE_SHOWN];

	fr_token_show(token, NULL, shown, sizeof shown);
	if (key->type == FR_TYPE_PATTERNS) {
		if (token->kind != FR_JSON_STRING)
			return fr_place_fault(place, parser->err, "%s is no text", shown);
		if (fr_scrub_pattern_check(token->text, token->length, &why) == FR_OK)
			return FR_OK;
		return fr_place_fault(place, parser->err, "%s: %s", shown, why.text);
	}
	if (token->kind == FR_JSON_STRING && strlen(token->text) == token->length &&
	    fr_glob_is_valid(token->text))
		return FR_OK;
	return fr_place_fault(place, parser->err,
			      "%s is neither the name of an event nor a glob (a letter first, then "
			      "letters, digits, _ . : - and for globs * ?)",
			      shown);
}

static enum fr_status glob_parse(struct fr_parser *parser, const struct fr_key *key,
				 enum fr_json_kind kind)
{
	size_t most = key->type == FR_TYPE_PATTERNS ? FR_SCRUB_PATTERNS_MAX : GLOBS_MAX;
	char path[PATH_SHOWN];
	struct fr_place place = fr_parser_place(parser, path);
	struct fr_token token;
	enum fr_status status = fr_parser_token(parser, kind, &token);

	if (status != FR_OK)
		return status;
	(void)snprintf(path, sizeof path, "%s[%zu]", key->path, parser->scope->glob_count);
	if (parser->scope->glob_count == most)
		return fr_place_fault(&place, parser->err, "more than %zu of them", most);
	status = glob_judge(parser, &place, key, &token);
	return status == FR_OK ? glob_keep(parser, &token) : status;
}

enum fr_status fr_parse_globs(struct fr_parser *parser, const struct fr_key *key)
{
	enum fr_json_kind kind;

	for (;;) {
		enum fr_status status = fr_parser_next(parser, &kind);

		if (status != FR_OK || kind == FR_JSON_ARRAY_END)
			return status;
		status = glob_parse(parser, key, kind);
		if (status != FR_OK)
			return status;
	}
}

/* ---- headers ---- */

/* RFC 9110: a token. */
static bool is_header_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789!#$%&'*+-.^_`|~";

	return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

/* What a request says about itself, and what the delivery depends on. */
static bool is_reserved_header(const char *name)
{
	static const char *const reserved[] = {"Connection",
					       "Content-Encoding",
					       "Content-Length",
					       "Content-Type",
					       "Expect",
					       "Host",
					       "Idempotency-Key",
					       "TE",
					       "Trailer",
					       "Transfer-Encoding",
					       "Upgrade",
					       "DD-API-KEY",
					       "X-Flightrec-Sent-At",
					       NULL};
	size_t i;

	for (i = 0; reserved[i] != NULL; i++) {
		if (strcasecmp(reserved[i], name) == 0)
			return true;
	}
	return false;
}

bool fr_header_may_be_given(const char *name)
{
	return is_header_name(name) && strlen(name) <= HEADER_NAME_MAX && !is_reserved_header(name);
}

static const struct fr_header_entry *header_find(const struct fr_scope *scope, const char *name)
{
	size_t i;

	for (i = 0; i < scope->header_count; i++) {
		if (strcasecmp(scope->headers[i].name, name) == 0)
			return &scope->headers[i];
	}
	return NULL;
}

static enum fr_status header_name_check(struct fr_parser *parser, const struct fr_place *place,
					const struct fr_token *name)
{
	const struct fr_header_entry *first = header_find(parser->scope, name->text);

	if (strlen(name->text) != name->length || !is_header_name(name->text))
		return fr_place_fault(place, parser->err, "this cannot be the name of a header");
	if (name->length > HEADER_NAME_MAX)
		return fr_place_fault(place, parser->err, "is longer than %d bytes",
				      HEADER_NAME_MAX);
	if (is_reserved_header(name->text))
		return fr_place_fault(place, parser->err, "this header is Flightrec's own to set");
	if (first != NULL)
		return fr_place_fault(place, parser->err, "given twice, first in line %u",
				      first->line);
	if (parser->scope->header_count == FR_SINK_HEADERS)
		return fr_place_fault(place, parser->err, "more than %d headers", FR_SINK_HEADERS);
	return FR_OK;
}

/* A header's value is what a secret may be. */
static const struct fr_key header_value = {"headers", FR_TYPE_SECRET, .least = "1", .most = "8000",
					   .help = ""};

static enum fr_status header_value_parse(struct fr_parser *parser, const struct fr_place *place,
					 struct fr_header_entry *entry)
{
	char wrong[FR_WRONG_TEXT];
	struct fr_token token = {0};
	enum fr_json_kind kind;
	int64_t unused;
	enum fr_status status = fr_parser_next(parser, &kind);

	if (status == FR_OK)
		status = fr_parser_token(parser, kind, &token);
	if (status != FR_OK)
		return status;
	if (!fr_value_read(&header_value, &token, &unused, wrong))
		return fr_place_fault(place, parser->err, "%s", wrong);
	return fr_parser_keep(parser, &token, &entry->value);
}

/* The member whose key was just read. */
static enum fr_status header_parse(struct fr_parser *parser, const struct fr_key *key)
{
	char path[PATH_SHOWN], shown[NAME_SHOWN];
	struct fr_place place = fr_parser_place(parser, path);
	struct fr_scope *scope = parser->scope;
	struct fr_header_entry entry = {.line = place.line};
	struct fr_header_entry *headers;
	struct fr_token name;
	enum fr_status status = fr_parser_token(parser, FR_JSON_KEY, &name);

	if (status != FR_OK)
		return status;
	fr_text_show(name.text, name.length, shown, sizeof shown);
	(void)snprintf(path, sizeof path, "%s.%s", key->path, shown);
	status = header_name_check(parser, &place, &name);
	if (status == FR_OK)
		status = fr_parser_keep(parser, &name, &entry.name);
	if (status == FR_OK)
		status = header_value_parse(parser, &place, &entry);
	if (status != FR_OK)
		return status;
	headers = fr_arena_room(parser->document->arena, scope->headers, scope->header_count,
				sizeof *headers);
	if (headers == NULL)
		return fr_document_no_memory(parser->err);
	headers[scope->header_count++] = entry;
	scope->headers = headers;
	return FR_OK;
}

enum fr_status fr_parse_headers(struct fr_parser *parser, const struct fr_key *key)
{
	enum fr_json_kind kind;

	for (;;) {
		enum fr_status status = fr_parser_next(parser, &kind);

		if (status != FR_OK || kind == FR_JSON_OBJECT_END)
			return status;
		status = header_parse(parser, key);
		if (status != FR_OK)
			return status;
	}
}
