#include "config/document.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum fr_status fr_document_no_memory(struct fr_error *err)
{
	return fr_fail(err, FR_NOMEM, "config: %s", fr_status_text(FR_NOMEM));
}

static enum fr_status scope_init(struct fr_scope *scope, struct fr_arena *arena,
				 const struct fr_key_table *table, struct fr_error *err)
{
	size_t i;

	*scope = (struct fr_scope){.table = table};
	scope->values = fr_arena_take(arena, table->count, sizeof *scope->values);
	if (scope->values == NULL)
		return fr_document_no_memory(err);
	for (i = 0; i < table->count; i++) {
		const struct fr_key *key = &table->keys[i];

		scope->values[i].text = key->fallback != NULL ? key->fallback : "";
		if (key->fallback != NULL)
			scope->values[i].number = fr_value_of(key, key->fallback);
	}
	return FR_OK;
}

enum fr_status fr_document_init(struct fr_document *document, struct fr_arena *arena,
				const char *file, struct fr_error *err)
{
	*document = (struct fr_document){.arena = arena, .file = file};
	return scope_init(&document->top, arena, &fr_key_table, err);
}

enum fr_status fr_document_add_sink(struct fr_document *document, unsigned line,
				    struct fr_error *err)
{
	struct fr_scope *sinks = fr_arena_room(document->arena, document->sinks,
					       document->sink_count, sizeof *sinks);
	struct fr_scope *sink;
	enum fr_status status;

	if (sinks == NULL)
		return fr_document_no_memory(err);
	document->sinks = sinks;
	sink = &document->sinks[document->sink_count];
	status = scope_init(sink, document->arena, &fr_sink_key_table, err);
	if (status != FR_OK)
		return status;
	sink->line = line;
	(void)snprintf(sink->label, sizeof sink->label, "sinks[%zu].", document->sink_count);
	document->sink_count++;
	return FR_OK;
}

const struct fr_value *fr_scope_value(const struct fr_scope *scope, size_t id)
{
	assert(id < scope->table->count);
	return &scope->values[id];
}

struct fr_place fr_place_of(const struct fr_document *document, const struct fr_scope *scope,
			    size_t id)
{
	const struct fr_value *value = fr_scope_value(scope, id);

	return (struct fr_place){document, scope, value->line != 0 ? value->line : scope->line,
				 value->variable != NULL ? value->place
							 : scope->table->keys[id].path};
}

enum fr_status fr_place_fault(const struct fr_place *place, struct fr_error *err,
			      const char *format, ...)
{
	int label = (int)strlen(place->scope->label);
	struct fr_error wrong;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(wrong.text, sizeof wrong.text, format, arguments);
	va_end(arguments);
	if (place->path[0] == '\0' && label > 0)
		label--; /* the sink itself: no dot behind it */
	return fr_fail(err, FR_INVALID, "%s:%u: %.*s%s%s%s", place->document->file, place->line,
		       label, place->scope->label, place->path,
		       label > 0 || place->path[0] != '\0' ? ": " : "", wrong.text);
}
