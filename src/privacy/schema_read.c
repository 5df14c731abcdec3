/* One handler a keyword. What depends on several keywords (which members are required, whether the
 * object is closed) is settled when the schema is complete.
 *
 * Recursion goes as deep as schemas are nested: FR_SCHEMA_DEPTH_MAX.
 */
#include <string.h>

#include "event/draft.h"
#include "event/name.h"
#include "privacy/catalogue_reader.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* A schema under way. */
struct draft {
	struct fr_schema *schema;
	unsigned depth;
	bool has_additional;
	bool is_open; /* additionalProperties: true, or a schema */
	struct fr_schema_names required;
};

/* ---- annotations, type, enum, const ---- */

static enum fr_status description_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_text(reader, &((struct draft *)into)->schema->description);
}

static enum fr_status unit_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_text(reader, &((struct draft *)into)->schema->unit);
}

static enum fr_status type_add(struct fr_catalogue_reader *reader, struct fr_schema *schema,
			       const char *name)
{
	unsigned type;

	for (type = FR_TYPE_STRING; type <= FR_TYPE_OBJECT; type <<= 1) {
		if (strcmp(fr_schema_type_name(type), name) == 0) {
			schema->types |= type;
			return FR_OK;
		}
	}
	return fr_catalogue_fault(reader,
				  "a type is one of string, integer, number, boolean, null, "
				  "array and object");
}

/* One name or a list of them. */
static enum fr_status type_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;
	struct fr_json ahead = reader->json;
	struct fr_schema_names names = {NULL, 0};
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	const char *name;
	size_t i;

	if (fr_json_next(&ahead, &kind, NULL) != FR_OK || kind != FR_JSON_ARRAY_BEGIN) {
		status = fr_catalogue_text(reader, &name);
		return status == FR_OK ? type_add(reader, schema, name) : status;
	}
	status = fr_catalogue_names(reader, 7, &names);
	for (i = 0; i < names.count && status == FR_OK; i++)
		status = type_add(reader, schema, names.names[i]);
	if (status == FR_OK && names.count == 0)
		status = fr_catalogue_fault(reader, "an empty list allows nothing");
	return status;
}

static enum fr_status value_add(struct fr_catalogue_reader *reader, struct fr_schema *schema,
				enum fr_json_kind kind)
{
	struct fr_schema_value *values;

	if (kind == FR_JSON_OBJECT_BEGIN || kind == FR_JSON_ARRAY_BEGIN)
		return fr_catalogue_fault(reader,
					  "only texts, numbers, true, false and null can be "
					  "listed");
	if (schema->value_count == FR_SCHEMA_VALUES_MAX)
		return fr_catalogue_fault(reader, "more than %d values", FR_SCHEMA_VALUES_MAX);
	values = fr_arena_room(reader->arena, schema->values, schema->value_count, sizeof *values);
	if (values == NULL)
		return fr_catalogue_no_memory(reader);
	schema->values = values;
	return fr_catalogue_keep(reader, kind, &values[schema->value_count++]);
}

static enum fr_status const_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;
	enum fr_json_kind kind;
	enum fr_status status = fr_catalogue_next(reader, &kind);

	if (status == FR_OK && schema->value_count > 0)
		return fr_catalogue_fault(reader, "either enum or const, not both");
	return status == FR_OK ? value_add(reader, schema, kind) : status;
}

static enum fr_status enum_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;
	enum fr_status status =
		fr_catalogue_expect(reader, FR_JSON_ARRAY_BEGIN, "a list in brackets");
	enum fr_json_kind kind;

	if (status == FR_OK && schema->value_count > 0)
		return fr_catalogue_fault(reader, "either enum or const, not both");
	while (status == FR_OK) {
		status = fr_catalogue_next(reader, &kind);
		if (status != FR_OK || kind == FR_JSON_ARRAY_END)
			break;
		status = value_add(reader, schema, kind);
	}
	if (status == FR_OK && schema->value_count == 0)
		status = fr_catalogue_fault(reader, "an empty list allows nothing");
	return status;
}

/* ---- numbers, texts, lists ---- */

static enum fr_status minimum_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_number(reader, &((struct draft *)into)->schema->minimum);
}

static enum fr_status maximum_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_number(reader, &((struct draft *)into)->schema->maximum);
}

static enum fr_status max_length_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;

	schema->has_max_length = true;
	return fr_catalogue_size(reader, &schema->max_length);
}

static enum fr_status max_items_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;

	schema->has_max_items = true;
	return fr_catalogue_size(reader, &schema->max_items);
}

static enum fr_status pattern_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema *schema = ((struct draft *)into)->schema;
	struct fr_error wrong = {FR_OK, ""};
	struct fr_pattern *pattern;
	enum fr_status status = fr_catalogue_text(reader, &schema->pattern_text);

	if (status != FR_OK)
		return status;
	status = fr_pattern_compile(&pattern, reader->arena, schema->pattern_text,
				    strlen(schema->pattern_text), &wrong);
	schema->pattern = pattern;
	if (status == FR_NOMEM)
		return fr_catalogue_no_memory(reader);
	return status == FR_OK ? FR_OK : fr_catalogue_fault(reader, "%s", wrong.text);
}

static enum fr_status inner_read(struct fr_catalogue_reader *reader, const struct fr_schema **out,
				 unsigned depth)
{
	struct fr_schema *inner = fr_arena_take(reader->arena, 1, sizeof *inner);

	*out = inner;
	return inner != NULL ? fr_schema_read(reader, inner, depth)
			     : fr_catalogue_no_memory(reader);
}

static enum fr_status items_read(struct fr_catalogue_reader *reader, void *into)
{
	struct draft *draft = into;

	return inner_read(reader, &draft->schema->items, draft->depth + 1);
}

/* ---- objects ---- */

/* What fr_schema_read_members is doing. */
struct listing {
	struct fr_schema *schema;
	struct fr_schema_member *members;
	unsigned depth;
};

static enum fr_status member_read(struct fr_catalogue_reader *reader, void *into, const char *key)
{
	struct listing *listing = into;
	struct fr_schema *schema = listing->schema;
	struct fr_schema_member *member;

	if (!fr_key_is_valid(key, strlen(key)))
		return fr_catalogue_fault(reader,
					  "no property can have this name: a letter or _ "
					  "first, then letters, digits, _ . : -, at most 64");
	if (schema->member_count == FR_PROPERTIES_MAX)
		return fr_catalogue_fault(reader, "more than %d properties", FR_PROPERTIES_MAX);
	listing->members = fr_arena_room(reader->arena, listing->members, schema->member_count,
					 sizeof *member);
	if (listing->members == NULL)
		return fr_catalogue_no_memory(reader);
	schema->members = listing->members;
	member = &listing->members[schema->member_count++];
	*member = (struct fr_schema_member){.key = key, .key_length = strlen(key)};
	return fr_schema_read(reader, &member->schema, listing->depth);
}

enum fr_status fr_schema_read_members(struct fr_catalogue_reader *reader, struct fr_schema *schema,
				      unsigned depth)
{
	struct listing listing = {schema, NULL, depth};

	schema->is_closed = true;
	return fr_catalogue_object(reader, member_read, &listing);
}

static enum fr_status properties_read(struct fr_catalogue_reader *reader, void *into)
{
	struct draft *draft = into;

	return fr_schema_read_members(reader, draft->schema, draft->depth + 1);
}

static enum fr_status required_read(struct fr_catalogue_reader *reader, void *into)
{
	struct draft *draft = into;

	return fr_catalogue_names(reader, FR_PROPERTIES_MAX, &draft->required);
}

/* false, true, or a schema. */
static enum fr_status additional_read(struct fr_catalogue_reader *reader, void *into)
{
	struct draft *draft = into;
	struct fr_json ahead = reader->json;
	enum fr_json_kind kind = FR_JSON_NULL;

	draft->has_additional = true;
	draft->is_open = true;
	if (fr_json_next(&ahead, &kind, NULL) == FR_OK && kind == FR_JSON_OBJECT_BEGIN)
		return inner_read(reader, &draft->schema->additional, draft->depth + 1);
	return fr_catalogue_bool(reader, &draft->is_open);
}

enum fr_status fr_schema_require(struct fr_catalogue_reader *reader, struct fr_schema *schema,
				 const struct fr_schema_names *required)
{
	size_t i;

	for (i = 0; i < required->count; i++) {
		const char *name = required->names[i];
		const struct fr_schema_member *member = fr_schema_find(schema, name, strlen(name));

		if (member == NULL)
			return fr_catalogue_fault(
				reader, "required names \"%.64s\", which is not declared", name);
		schema->members[member - schema->members].is_required = true;
	}
	return FR_OK;
}

/* ---- the whole ---- */

static enum fr_status keyword_read(struct fr_catalogue_reader *reader, void *into, const char *key)
{
	static const struct fr_catalogue_field keywords[] = {
		{"type", type_read},          {"description", description_read},
		{"unit", unit_read},          {"enum", enum_read},
		{"const", const_read},        {"minimum", minimum_read},
		{"maximum", maximum_read},    {"maxLength", max_length_read},
		{"pattern", pattern_read},    {"items", items_read},
		{"maxItems", max_items_read}, {"properties", properties_read},
		{"required", required_read},  {"additionalProperties", additional_read},
	};

	return fr_catalogue_dispatch(reader, keywords, COUNT(keywords), into, key);
}

enum fr_status fr_schema_read(struct fr_catalogue_reader *reader, struct fr_schema *schema,
			      unsigned depth)
{
	struct draft draft = {.schema = schema, .depth = depth};
	enum fr_status status;

	*schema = (struct fr_schema){.description = "", .unit = ""};
	if (depth > FR_SCHEMA_DEPTH_MAX)
		return fr_catalogue_fault(reader, "nested deeper than %d", FR_SCHEMA_DEPTH_MAX);
	schema->line = fr_catalogue_line(reader);
	status = fr_catalogue_object(reader, keyword_read, &draft);
	if (status == FR_OK)
		status = fr_schema_require(reader, schema, &draft.required);
	if (draft.has_additional)
		schema->is_closed = !draft.is_open;
	return status;
}
