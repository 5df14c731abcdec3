/* The happy path: every member is looked up and walked, nothing is cut, and no byte has moved.
 *
 * Otherwise what stays is moved up over what was cut: [0, written) is done, [kept, ...) stays and
 * is not moved yet. A member that turns out wrong at its end is cut back to its beginning, whatever
 * was cut inside it. Writing never passes reading.
 *
 * Commas: a member that is cut takes the comma behind it along; the last one takes the one before.
 */
#include "privacy/catalogue.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "event/draft.h"
#include "event/number.h"

struct trim {
	struct fr_buffer *properties;
	struct fr_trimmed *found;
	struct fr_json json; /* of one top-level member's value ... */
	size_t base;         /* ... which begins here */
	size_t written, kept;
	struct fr_buffer scratch; /* strings with escapes */
	bool is_out_of_memory;
};

/* ---- cutting ---- */

/* Where a member begins, and what was written before it. */
struct mark {
	size_t start, written;
};

static struct mark mark_set(struct trim *trim, size_t start)
{
	char *data = trim->properties->data;

	if (trim->written != trim->kept)
		memmove(data + trim->written, data + trim->kept, start - trim->kept);
	trim->written += start - trim->kept;
	trim->kept = start;
	return (struct mark){start, trim->written};
}

/* Cuts the member from its mark to `end`. */
static void mark_cut(struct trim *trim, struct mark mark, size_t end)
{
	const char *data = trim->properties->data;

	trim->written = mark.written;
	if (end < trim->properties->length && data[end] == ',')
		end++;
	else if (trim->written > 0 && data[trim->written - 1] == ',')
		trim->written--;
	trim->kept = end;
}

/* ---- values ---- */

static bool value_holds(struct trim *trim, const struct fr_schema *schema, enum fr_json_kind kind);

static bool is_container(enum fr_json_kind kind)
{
	return kind == FR_JSON_OBJECT_BEGIN || kind == FR_JSON_ARRAY_BEGIN;
}

/* The properties are canonical: no token of theirs can fail. */
static enum fr_json_kind token_next(struct trim *trim)
{
	enum fr_json_kind kind = FR_JSON_END;
	enum fr_status status = fr_json_next(&trim->json, &kind, NULL);

	assert(status == FR_OK);
	(void)status;
	return kind;
}

/* Walks to the end of a value that was given up somewhere inside. */
static void value_leave(struct trim *trim, unsigned depth)
{
	while (trim->json.depth > depth)
		(void)token_next(trim);
}

static const char *raw_text(const struct trim *trim, size_t *length)
{
	*length = trim->json.at - trim->json.start;
	return trim->json.text + trim->json.start;
}

static bool type_holds(const struct trim *trim, unsigned types, enum fr_json_kind kind)
{
	size_t length;
	const char *text = raw_text(trim, &length);

	switch (kind) {
	case FR_JSON_STRING:
		return (types & FR_TYPE_STRING) != 0;
	case FR_JSON_NUMBER:
		return (types & FR_TYPE_NUMBER) != 0 ||
		       ((types & FR_TYPE_INTEGER) != 0 && fr_number_is_whole(text, length));
	case FR_JSON_TRUE:
	case FR_JSON_FALSE:
		return (types & FR_TYPE_BOOLEAN) != 0;
	case FR_JSON_NULL:
		return (types & FR_TYPE_NULL) != 0;
	case FR_JSON_ARRAY_BEGIN:
		return (types & FR_TYPE_ARRAY) != 0;
	case FR_JSON_OBJECT_BEGIN:
		return (types & FR_TYPE_OBJECT) != 0;
	case FR_JSON_KEY:
	case FR_JSON_OBJECT_END:
	case FR_JSON_ARRAY_END:
	case FR_JSON_END:
		break;
	}
	return false;
}

/* Is it one of those listed? Canonical texts are equal when their bytes are; numbers when their
 * values are. */
static bool is_listed(const struct trim *trim, const struct fr_schema *schema,
		      enum fr_json_kind kind)
{
	size_t length, i;
	const char *text = raw_text(trim, &length);

	for (i = 0; i < schema->value_count; i++) {
		const struct fr_schema_value *value = &schema->values[i];

		if (value->kind != kind)
			continue;
		if (kind == FR_JSON_NUMBER) {
			if (fr_number_compare(value->text, value->length, text, length) == 0)
				return true;
		} else if (value->length == length && memcmp(value->text, text, length) == 0) {
			return true;
		}
	}
	return false;
}

static bool number_holds(const struct trim *trim, const struct fr_schema *schema)
{
	const struct fr_schema_value *least = schema->minimum, *most = schema->maximum;
	size_t length;
	const char *text = raw_text(trim, &length);

	return (least == NULL ||
		fr_number_compare(text, length, least->text, least->length) >= 0) &&
	       (most == NULL || fr_number_compare(text, length, most->text, most->length) <= 0);
}

static bool string_holds(struct trim *trim, const struct fr_schema *schema)
{
	size_t length;
	const char *text;

	if (!schema->has_max_length && schema->pattern == NULL)
		return true;
	text = fr_json_borrow(&trim->json, &trim->scratch, &length);
	if (text == NULL) {
		trim->is_out_of_memory = true;
		return false;
	}
	if (schema->has_max_length && fr_utf8_count(text, length) > schema->max_length)
		return false;
	return schema->pattern == NULL || fr_pattern_matches(schema->pattern, text, length);
}

static bool array_holds(struct trim *trim, const struct fr_schema *schema)
{
	size_t items = 0;
	enum fr_json_kind kind;

	while ((kind = token_next(trim)) != FR_JSON_ARRAY_END) {
		if (schema->has_max_items && ++items > schema->max_items)
			return false;
		if (!value_holds(trim, schema->items, kind))
			return false;
	}
	return true;
}

/* ---- members ---- */

/* The required ones of an object, while it is walked: by their place in the schema. */
struct seen {
	uint64_t bits[(FR_PROPERTIES_MAX + 63) / 64];
};

static void required_count(struct trim *trim, const struct fr_schema *schema,
			   const struct seen *seen)
{
	size_t i;

	for (i = 0; i < schema->member_count; i++)
		if (schema->members[i].is_required && (seen->bits[i / 64] >> (i % 64) & 1) == 0)
			trim->found->missing++;
}

/* Walks the value behind a key; false: the member must go. */
static bool member_holds(struct trim *trim, const struct fr_schema *object, const char *key,
			 size_t key_length, struct seen *seen)
{
	const struct fr_schema_member *member = fr_schema_find(object, key, key_length);
	const struct fr_schema *schema = member != NULL ? &member->schema : object->additional;
	unsigned depth = trim->json.depth;
	enum fr_json_kind kind = token_next(trim);
	size_t place;

	if (member == NULL && object->is_closed) {
		trim->found->undeclared++;
	} else if (!value_holds(trim, schema, kind)) {
		trim->found->ill_typed++;
	} else {
		place = (size_t)(member != NULL ? member - object->members : 0);
		if (member != NULL)
			seen->bits[place / 64] |= UINT64_C(1) << (place % 64);
		return true;
	}
	value_leave(trim, depth);
	return false;
}

static bool object_holds(struct trim *trim, const struct fr_schema *schema)
{
	struct seen seen = {{0}};

	while (token_next(trim) == FR_JSON_KEY) {
		size_t length;
		const char *key = raw_text(trim, &length); /* in quotes; it has no escapes */
		struct mark mark = mark_set(trim, trim->base + trim->json.start);

		if (!member_holds(trim, schema, key + 1, length - 2, &seen))
			mark_cut(trim, mark, trim->base + trim->json.at);
	}
	required_count(trim, schema, &seen);
	return true;
}

/* Walks a value to its end; false, somewhere inside it, when it breaks the schema (NULL: none). */
static bool value_holds(struct trim *trim, const struct fr_schema *schema, enum fr_json_kind kind)
{
	unsigned outside = trim->json.depth - (is_container(kind) ? 1 : 0);

	if (schema == NULL) {
		value_leave(trim, outside);
		return true;
	}
	if (schema->types != 0 && !type_holds(trim, schema->types, kind))
		return false;
	if (schema->value_count > 0 && !is_listed(trim, schema, kind))
		return false;
	if (kind == FR_JSON_NUMBER)
		return number_holds(trim, schema);
	if (kind == FR_JSON_STRING)
		return string_holds(trim, schema);
	if (kind == FR_JSON_ARRAY_BEGIN)
		return array_holds(trim, schema);
	return kind != FR_JSON_OBJECT_BEGIN || object_holds(trim, schema);
}

/* ---- the whole ---- */

/* One member of the properties; returns where it ends. */
static size_t property_trim(struct trim *trim, const struct fr_schema *schema, size_t start,
			    struct seen *seen)
{
	const struct fr_buffer *properties = trim->properties;
	const char *key = properties->data + start + 1;
	const char *quote = memchr(key, '"', properties->length - start - 1);
	struct mark mark = mark_set(trim, start);
	size_t end;

	assert(quote != NULL && quote[1] == ':');
	trim->base = (size_t)(quote - properties->data) + 2;
	fr_json_init(&trim->json, properties->data + trim->base, properties->length - trim->base,
		     FR_DEPTH_MAX);
	if (member_holds(trim, schema, key, (size_t)(quote - key), seen))
		return trim->base + trim->json.at;
	end = trim->base + trim->json.at;
	mark_cut(trim, mark, end);
	return end;
}

enum fr_status fr_catalogue_trim(const struct fr_declaration *declaration,
				 struct fr_buffer *properties, struct fr_trimmed *trimmed,
				 struct fr_error *err)
{
	struct trim trim = {.properties = properties, .found = trimmed};
	struct seen seen = {{0}};
	size_t at = 0;

	*trimmed = (struct fr_trimmed){0, 0, 0};
	fr_buffer_init(&trim.scratch, properties->ceiling);
	while (at < properties->length) {
		at = property_trim(&trim, &declaration->schema, at, &seen);
		if (at < properties->length) /* the comma */
			at++;
	}
	required_count(&trim, &declaration->schema, &seen);
	(void)mark_set(&trim, properties->length);
	fr_buffer_cut(properties, trim.written);
	fr_buffer_fini(&trim.scratch);
	return trim.is_out_of_memory
		       ? fr_fail(err, FR_NOMEM, "out of memory while reading an event")
		       : FR_OK;
}
