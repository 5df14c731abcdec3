#include "privacy/catalogue_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event/name.h"

enum { TEXT_MOST = 64 * 1024 };

void fr_catalogue_reader_init(struct fr_catalogue_reader *reader, const char *file,
			      struct fr_arena *arena, const char *text, size_t length,
			      struct fr_error *err)
{
	*reader = (struct fr_catalogue_reader){.file = file, .arena = arena, .err = err, .line = 1};
	fr_json_init(&reader->json, text, length, FR_JSON_DEPTH_MAX);
	fr_keys_init(&reader->keys, &reader->json);
	fr_buffer_init(&reader->scratch, TEXT_MOST);
}

void fr_catalogue_reader_fini(struct fr_catalogue_reader *reader)
{
	fr_buffer_fini(&reader->scratch);
	fr_keys_fini(&reader->keys);
}

/* ---- faults ---- */

unsigned fr_catalogue_line(struct fr_catalogue_reader *reader)
{
	for (; reader->counted < reader->json.start; reader->counted++)
		if (reader->json.text[reader->counted] == '\n')
			reader->line++;
	return reader->line;
}

enum fr_status fr_catalogue_fault(struct fr_catalogue_reader *reader, const char *format, ...)
{
	char words[256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	return fr_fail(reader->err, FR_INVALID, "%.120s:%u: %s%s%s", reader->file,
		       fr_catalogue_line(reader), reader->path, reader->path_length > 0 ? ": " : "",
		       words);
}

enum fr_status fr_catalogue_no_memory(struct fr_catalogue_reader *reader)
{
	return fr_fail(reader->err, FR_NOMEM, "%.120s: %s", reader->file, fr_status_text(FR_NOMEM));
}

/* A path that does not fit is cut: it is only for people. */
static void path_push(struct fr_catalogue_reader *reader, const char *key)
{
	char quoted[FR_QUOTE_TEXT];
	int written;

	fr_name_quote(quoted, key, strlen(key));
	written = snprintf(reader->path + reader->path_length,
			   sizeof reader->path - reader->path_length, "%s%s",
			   reader->path_length > 0 ? "." : "", quoted);
	reader->path_length += (size_t)written;
	if (reader->path_length >= sizeof reader->path)
		reader->path_length = sizeof reader->path - 1;
}

static void path_pop(struct fr_catalogue_reader *reader, size_t length)
{
	reader->path_length = length;
	reader->path[length] = '\0';
}

/* ---- tokens ---- */

enum fr_status fr_catalogue_next(struct fr_catalogue_reader *reader, enum fr_json_kind *kind)
{
	struct fr_error wrong = {FR_OK, ""};
	enum fr_status status = fr_json_next(&reader->json, kind, &wrong);

	if (status == FR_OK)
		return FR_OK;
	reader->json.start =
		reader->json.at < reader->json.length ? reader->json.at : reader->json.length;
	return fr_catalogue_fault(reader, "%s", wrong.text);
}

enum fr_status fr_catalogue_expect(struct fr_catalogue_reader *reader, enum fr_json_kind kind,
				   const char *what)
{
	enum fr_json_kind found;
	enum fr_status status = fr_catalogue_next(reader, &found);

	if (status == FR_OK && found != kind)
		status = fr_catalogue_fault(reader, "%s belongs here", what);
	return status;
}

/* The last key or string decoded; borrowed until the next one. */
static enum fr_status text_borrow(struct fr_catalogue_reader *reader, const char **out,
				  size_t *length)
{
	fr_buffer_clear(&reader->scratch);
	if (fr_json_decode(&reader->json, &reader->scratch) != FR_OK)
		return reader->scratch.status == FR_NOMEM
			       ? fr_catalogue_no_memory(reader)
			       : fr_catalogue_fault(reader, "longer than %d bytes", TEXT_MOST);
	*out = fr_buffer_text(&reader->scratch);
	*length = reader->scratch.length;
	if (memchr(*out, '\0', *length) != NULL)
		return fr_catalogue_fault(reader, "a NUL has no place here");
	return FR_OK;
}

/* ---- objects ---- */

/* The key is in the arena while its value is read: values use the scratch buffer themselves. */
static enum fr_status member_read(struct fr_catalogue_reader *reader, fr_catalogue_member *member,
				  void *into)
{
	size_t path_length = reader->path_length, length = 0;
	const char *text = "";
	enum fr_status status = fr_keys_add(&reader->keys, &reader->json, reader->err);
	char *key;

	if (status == FR_OK)
		status = text_borrow(reader, &text, &length);
	if (status != FR_OK)
		return status;
	key = fr_arena_text(reader->arena, text, length);
	if (key == NULL)
		return fr_catalogue_no_memory(reader);
	path_push(reader, key);
	status = member(reader, into, key);
	if (status == FR_OK)
		path_pop(reader, path_length);
	return status;
}

enum fr_status fr_catalogue_object(struct fr_catalogue_reader *reader, fr_catalogue_member *member,
				   void *into)
{
	enum fr_json_kind kind;
	struct fr_error twice = {FR_OK, ""};
	enum fr_status status =
		fr_catalogue_expect(reader, FR_JSON_OBJECT_BEGIN, "an object in braces");

	if (status != FR_OK)
		return status;
	fr_keys_open(&reader->keys);
	for (;;) {
		status = fr_catalogue_next(reader, &kind);
		if (status == FR_OK && kind == FR_JSON_OBJECT_END)
			break;
		if (status == FR_OK)
			status = member_read(reader, member, into);
		if (status != FR_OK)
			return status;
	}
	status = fr_keys_close(&reader->keys, &twice);
	return status == FR_INVALID ? fr_catalogue_fault(reader, "%s", twice.text) : status;
}

enum fr_status fr_catalogue_dispatch(struct fr_catalogue_reader *reader,
				     const struct fr_catalogue_field *fields, size_t count,
				     void *into, const char *key)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(fields[i].key, key) == 0)
			return fields[i].read(reader, into);
	return fr_catalogue_fault(reader, "this release does not know what that key means");
}

/* ---- values ---- */

enum fr_status fr_catalogue_text(struct fr_catalogue_reader *reader, const char **out)
{
	enum fr_status status = fr_catalogue_expect(reader, FR_JSON_STRING, "a text in quotes");
	size_t length = 0;

	if (status == FR_OK)
		status = text_borrow(reader, out, &length);
	if (status != FR_OK)
		return status;
	*out = fr_arena_text(reader->arena, *out, length);
	return *out != NULL ? FR_OK : fr_catalogue_no_memory(reader);
}

enum fr_status fr_catalogue_bool(struct fr_catalogue_reader *reader, bool *out)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_catalogue_next(reader, &kind);

	if (status == FR_OK && kind != FR_JSON_TRUE && kind != FR_JSON_FALSE)
		status = fr_catalogue_fault(reader, "true or false belongs here");
	*out = status == FR_OK && kind == FR_JSON_TRUE;
	return status;
}

enum fr_status fr_catalogue_size(struct fr_catalogue_reader *reader, size_t *out)
{
	static const char what[] = "a whole number from 0 to 1000000000";
	enum fr_status status = fr_catalogue_expect(reader, FR_JSON_NUMBER, what);
	const struct fr_json *json = &reader->json;
	size_t at;

	*out = 0;
	for (at = json->start; status == FR_OK && at < json->at; at++) {
		if (json->text[at] < '0' || json->text[at] > '9' || *out > 100000000)
			return fr_catalogue_fault(reader, "%s belongs here", what);
		*out = *out * 10 + (size_t)(json->text[at] - '0');
	}
	return status;
}

enum fr_status fr_catalogue_keep(struct fr_catalogue_reader *reader, enum fr_json_kind kind,
				 struct fr_schema_value *out)
{
	struct fr_buffer canonical;
	const char *text = NULL;

	fr_buffer_init(&canonical, TEXT_MOST);
	fr_json_add_token(&reader->json, &canonical);
	if (canonical.status == FR_OK)
		text = fr_arena_text(reader->arena, fr_buffer_text(&canonical), canonical.length);
	*out = (struct fr_schema_value){kind, text, canonical.length};
	fr_buffer_fini(&canonical);
	return text != NULL ? FR_OK : fr_catalogue_no_memory(reader);
}

enum fr_status fr_catalogue_number(struct fr_catalogue_reader *reader,
				   const struct fr_schema_value **out)
{
	struct fr_schema_value *value = fr_arena_take(reader->arena, 1, sizeof *value);
	enum fr_status status;

	if (value == NULL)
		return fr_catalogue_no_memory(reader);
	status = fr_catalogue_expect(reader, FR_JSON_NUMBER, "a number");
	if (status == FR_OK)
		status = fr_catalogue_keep(reader, FR_JSON_NUMBER, value);
	*out = value;
	return status;
}

enum fr_status fr_catalogue_names(struct fr_catalogue_reader *reader, size_t most,
				  struct fr_schema_names *out)
{
	enum fr_status status =
		fr_catalogue_expect(reader, FR_JSON_ARRAY_BEGIN, "a list in brackets");
	enum fr_json_kind kind;

	while (status == FR_OK) {
		const char *text = "";
		size_t length = 0;

		status = fr_catalogue_next(reader, &kind);
		if (status != FR_OK || kind == FR_JSON_ARRAY_END)
			break;
		if (kind != FR_JSON_STRING)
			return fr_catalogue_fault(reader, "a list of texts belongs here");
		if (out->count == most)
			return fr_catalogue_fault(reader, "more than %zu entries", most);
		out->names =
			fr_arena_room(reader->arena, out->names, out->count, sizeof *out->names);
		if (out->names == NULL)
			return fr_catalogue_no_memory(reader);
		status = text_borrow(reader, &text, &length);
		if (status != FR_OK)
			break;
		out->names[out->count] = fr_arena_text(reader->arena, text, length);
		if (out->names[out->count++] == NULL)
			return fr_catalogue_no_memory(reader);
	}
	return status;
}
