#include "catalogue_words.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 640 };

/* ---- what a value may be ---- */

static const char *type_words(unsigned type)
{
	switch ((enum fr_schema_type)type) {
	case FR_TYPE_STRING:
		return "text";
	case FR_TYPE_INTEGER:
		return "whole number";
	case FR_TYPE_NUMBER:
		return "number";
	case FR_TYPE_BOOLEAN:
		return "true or false";
	case FR_TYPE_NULL:
		return "null";
	case FR_TYPE_ARRAY:
		return "list";
	case FR_TYPE_OBJECT:
		return "object";
	}
	return "";
}

static void types_add(struct fr_buffer *out, const struct fr_schema *schema)
{
	unsigned types = schema->types;
	const char *separator = "";
	unsigned type;

	if (types == 0)
		fr_buffer_add_text(out, schema->member_count > 0 ? "object" : "anything");
	for (type = FR_TYPE_STRING; type <= FR_TYPE_OBJECT; type <<= 1) {
		if ((types & type) == 0)
			continue;
		fr_buffer_add_format(out, "%s%s", separator, type_words(type));
		separator = " or ";
	}
}

static void values_add(struct fr_buffer *out, const struct fr_schema *schema)
{
	size_t i;

	fr_buffer_add_text(out, schema->value_count > 1 ? "one of " : "always ");
	for (i = 0; i < schema->value_count; i++) {
		const struct fr_schema_value *value = &schema->values[i];

		if (i > 0)
			fr_buffer_add_text(out, ", ");
		fr_buffer_add(out, value->text, value->length);
	}
}

void cli_schema_words(struct fr_buffer *out, const struct fr_schema *schema)
{
	if (schema->value_count > 0)
		values_add(out, schema);
	else
		types_add(out, schema);
	if (schema->has_max_length)
		fr_buffer_add_format(out, " of at most %zu characters", schema->max_length);
	if (schema->pattern_text != NULL)
		fr_buffer_add_format(out, " that matches %s", schema->pattern_text);
	if (schema->has_max_items)
		fr_buffer_add_format(out, " of at most %zu items", schema->max_items);
	if (schema->minimum != NULL)
		fr_buffer_add_format(out, ", at least %s", schema->minimum->text);
	if (schema->maximum != NULL)
		fr_buffer_add_format(out, ", at most %s", schema->maximum->text);
	if (schema->unit[0] != '\0')
		fr_buffer_add_format(out, ", in %s", schema->unit);
}

void cli_route_words(struct fr_buffer *out, const struct fr_declaration *declaration)
{
	const char *at = declaration->route;
	struct fr_json json;
	enum fr_json_kind kind;
	const char *separator = "";

	if (at == NULL) {
		fr_buffer_add_text(out, "what the sinks' own lists say");
		return;
	}
	if (strcmp(at, "[]") == 0) {
		fr_buffer_add_text(out, "nowhere");
		return;
	}
	fr_json_init(&json, at, strlen(at), 1);
	while (fr_json_next(&json, &kind, NULL) == FR_OK && kind != FR_JSON_END) {
		if (kind != FR_JSON_STRING)
			continue;
		fr_buffer_add_text(out, separator);
		(void)fr_json_decode(&json, out);
		separator = ", ";
	}
}

/* ---- every property ---- */

struct walk {
	cli_on_property *on_property;
	void *context;
};

static void schema_walk(const struct walk *walk, const char *path, const struct fr_schema *schema,
			bool is_required);

static void members_walk(const struct walk *walk, const char *path, const struct fr_schema *schema)
{
	size_t i;

	for (i = 0; i < schema->member_count; i++) {
		const struct fr_schema_member *member = &schema->members[i];
		char inner[PATH_BYTES];

		(void)snprintf(inner, sizeof inner, "%s%s%s", path, path[0] != '\0' ? "." : "",
			       member->key);
		schema_walk(walk, inner, &member->schema, member->is_required);
	}
}

/* As deep as schemas are nested. */
static void schema_walk(const struct walk *walk, const char *path, const struct fr_schema *schema,
			bool is_required)
{
	char inner[PATH_BYTES];

	walk->on_property(walk->context, path, schema, is_required);
	members_walk(walk, path, schema);
	if (schema->additional != NULL) {
		(void)snprintf(inner, sizeof inner, "%s.*", path);
		schema_walk(walk, inner, schema->additional, false);
	}
	if (schema->items != NULL) {
		(void)snprintf(inner, sizeof inner, "%s[]", path);
		schema_walk(walk, inner, schema->items, false);
	}
}

void cli_properties_walk(const struct fr_declaration *declaration, cli_on_property *on_property,
			 void *context)
{
	const struct walk walk = {on_property, context};

	members_walk(&walk, "", &declaration->schema);
}
