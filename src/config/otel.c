#include "config/otel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/parse.h"
#include "config/value.h"

enum { HEADER_TEXT = 8192, PLACE_TEXT = 96 };

/* One sink being filled in. */
struct filling {
	struct fr_config *config;
	const struct fr_env *env;
	struct fr_scope *sink;
	struct fr_error *err;
};

static const char *variable_read(const struct filling *filling, const char *name)
{
	return filling->env != NULL ? fr_env_variable(filling->env, name) : NULL;
}

static struct fr_place place_of(const struct filling *filling, size_t id)
{
	return fr_place_of(&filling->config->memory->document, filling->sink, id);
}

static enum fr_status pass_over(const struct filling *filling, size_t id, const char *variable,
				const char *wrong)
{
	struct fr_place place = place_of(filling, id);

	return fr_config_note(filling->config, &place, filling->err,
			      "the environment variable %s is passed over: %s", variable, wrong);
}

/* ---- values ---- */

/* The value with where it comes from, which messages about it name too. */
static enum fr_status value_put(const struct filling *filling, size_t id, const char *text,
				int64_t number, const char *variable)
{
	struct fr_arena *arena = &filling->config->memory->arena;
	const struct fr_key *key = &filling->sink->table->keys[id];
	struct fr_value *value = &filling->sink->values[id];
	char place[PLACE_TEXT];
	int length = snprintf(place, sizeof place, "%s (%s)", key->path, variable);

	value->text = fr_arena_text(arena, text, strlen(text));
	value->place = fr_arena_text(arena, place, (size_t)length);
	if (value->text == NULL || value->place == NULL)
		return fr_document_no_memory(filling->err);
	value->number = number;
	value->variable = variable;
	return FR_OK;
}

/* Puts a variable's value, written as the key has it, where the config leaves the key open. */
static enum fr_status value_take(const struct filling *filling, size_t id, const char *variable,
				 const char *text)
{
	struct fr_token token = {FR_JSON_STRING, text, strlen(text)};
	char wrong[FR_WRONG_TEXT];
	int64_t number;

	if (!fr_value_read(&filling->sink->table->keys[id], &token, &number, wrong))
		return pass_over(filling, id, variable, wrong);
	return value_put(filling, id, text, number, variable);
}

static enum fr_status endpoint_take(const struct filling *filling)
{
	static const char whole_name[] = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
	static const char base_name[] = "OTEL_EXPORTER_OTLP_ENDPOINT";
	const char *whole = variable_read(filling, whole_name);
	const char *base = variable_read(filling, base_name);
	enum fr_status status;

	if (fr_scope_has(filling->sink, FR_SINK_KEY_URL))
		return FR_OK;
	if (whole == NULL && base != NULL)
		return value_take(filling, FR_SINK_KEY_URL, base_name, base);
	if (whole == NULL) {
		filling->sink->values[FR_SINK_KEY_URL].text = "http://localhost:4318";
		return FR_OK;
	}
	status = value_take(filling, FR_SINK_KEY_URL, whole_name, whole);
	if (status != FR_OK || fr_scope_has(filling->sink, FR_SINK_KEY_ENDPOINT_PATH))
		return status;
	return value_take(filling, FR_SINK_KEY_ENDPOINT_PATH, whole_name, "");
}

static enum fr_status timeout_take(const struct filling *filling, const char *variable,
				   const char *text)
{
	char duration[24];

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 18)
		return pass_over(filling, FR_SINK_KEY_TIMEOUT, variable,
				 "it is no number of milliseconds");
	(void)snprintf(duration, sizeof duration, "%sms", text);
	return value_take(filling, FR_SINK_KEY_TIMEOUT, variable, duration);
}

/* The first of two variables that is there, for a key that is open. */
static enum fr_status first_take(const struct filling *filling, size_t id,
				 const char *const variables[2],
				 enum fr_status (*take)(const struct filling *, const char *,
							const char *))
{
	size_t i;

	for (i = 0; i < 2 && !fr_scope_has(filling->sink, id); i++) {
		const char *text = variable_read(filling, variables[i]);

		if (text != NULL)
			return take(filling, variables[i], text);
	}
	return FR_OK;
}

static enum fr_status compression_take(const struct filling *filling, const char *variable,
				       const char *text)
{
	return value_take(filling, FR_SINK_KEY_COMPRESSION, variable, text);
}

/* ---- headers ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX; false when the result cannot stand in a header. */
static bool value_decode(char *out, size_t size, const char *text, size_t length)
{
	size_t i, filled = 0;

	for (i = 0; i < length; i++) {
		char c = text[i];

		if (c == '%' && length - i > 2 && hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
			i += 2;
		}
		if (filled + 1 >= size || (unsigned char)c < 0x20 || c == 0x7f)
			return false;
		out[filled++] = c;
	}
	out[filled] = '\0';
	return filled > 0;
}

static size_t trimmed(const char **text, size_t length)
{
	while (length > 0 && strchr(" \t", (*text)[0]) != NULL) {
		(*text)++;
		length--;
	}
	while (length > 0 && strchr(" \t", (*text)[length - 1]) != NULL)
		length--;
	return length;
}

static bool has_header(const struct fr_scope *sink, const char *name)
{
	size_t i;

	for (i = 0; i < sink->header_count; i++)
		if (strcasecmp(sink->headers[i].name, name) == 0)
			return true;
	return false;
}

static enum fr_status header_put(const struct filling *filling, const char *variable,
				 const char *name, const char *value)
{
	struct fr_arena *arena = &filling->config->memory->arena;
	struct fr_scope *sink = filling->sink;
	struct fr_header_entry entry = {.line = sink->line, .variable = variable};
	struct fr_header_entry *headers;

	headers = fr_arena_room(arena, sink->headers, sink->header_count, sizeof *headers);
	entry.name = fr_arena_text(arena, name, strlen(name));
	entry.value = fr_arena_text(arena, value, strlen(value));
	if (headers == NULL || entry.name == NULL || entry.value == NULL)
		return fr_document_no_memory(filling->err);
	headers[sink->header_count++] = entry;
	sink->headers = headers;
	return FR_OK;
}

/* One name=value. What is wrong with it is told without it: any of it may be a secret. */
static enum fr_status header_take(const struct filling *filling, const char *variable,
				  const char *pair, size_t length)
{
	const char *equals = memchr(pair, '=', length), *value;
	char name[HEADER_TEXT], decoded[HEADER_TEXT];
	size_t name_length, value_length;

	if (equals == NULL)
		return pass_over(filling, FR_SINK_KEY_HEADERS, variable,
				 "a header in it has no \"=\"");
	value = equals + 1;
	name_length = trimmed(&pair, (size_t)(equals - pair));
	value_length = trimmed(&value, length - (size_t)(value - pair));
	if (!value_decode(name, sizeof name, pair, name_length) || !fr_header_may_be_given(name))
		return pass_over(filling, FR_SINK_KEY_HEADERS, variable,
				 "the name of a header in it cannot be one, or is Flightrec's own");
	if (!value_decode(decoded, sizeof decoded, value, value_length))
		return pass_over(filling, FR_SINK_KEY_HEADERS, variable,
				 "a header in it is empty, too long, or has control characters");
	if (has_header(filling->sink, name))
		return FR_OK;
	if (filling->sink->header_count == FR_SINK_HEADERS)
		return pass_over(filling, FR_SINK_KEY_HEADERS, variable, "too many headers");
	return header_put(filling, variable, name, decoded);
}

static enum fr_status headers_take(const struct filling *filling, const char *variable)
{
	const char *text = variable_read(filling, variable);
	enum fr_status status = FR_OK;

	while (text != NULL && *text != '\0' && status == FR_OK) {
		size_t whole = strcspn(text, ",");
		const char *pair = text;
		size_t length = trimmed(&pair, whole);

		if (length > 0)
			status = header_take(filling, variable, pair, length);
		text += whole;
		text += *text == ',' ? 1 : 0;
	}
	return status;
}

/* ---- sinks ---- */

static enum fr_status sink_fill(const struct filling *filling)
{
	static const char *const timeouts[] = {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
					       "OTEL_EXPORTER_OTLP_TIMEOUT"};
	static const char *const compressions[] = {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
						   "OTEL_EXPORTER_OTLP_COMPRESSION"};
	enum fr_status status = endpoint_take(filling);

	if (status == FR_OK)
		status = first_take(filling, FR_SINK_KEY_TIMEOUT, timeouts, timeout_take);
	if (status == FR_OK)
		status = first_take(filling, FR_SINK_KEY_COMPRESSION, compressions,
				    compression_take);
	if (status == FR_OK)
		status = headers_take(filling, "OTEL_EXPORTER_OTLP_LOGS_HEADERS");
	if (status == FR_OK)
		status = headers_take(filling, "OTEL_EXPORTER_OTLP_HEADERS");
	return status;
}

enum fr_status fr_config_take_otel(struct fr_config *config, const struct fr_env *env,
				   struct fr_error *err)
{
	struct fr_document *document = &config->memory->document;
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < document->sink_count && status == FR_OK; i++) {
		struct filling filling = {config, env, &document->sinks[i], err};

		if (strcmp(fr_scope_value(filling.sink, FR_SINK_KEY_TYPE)->text, "otlp") == 0)
			status = sink_fill(&filling);
	}
	return status;
}
