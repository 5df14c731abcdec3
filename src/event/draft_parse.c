/* Whole objects. The way of a member: its key, is it a reserved one and reads as such, else a
 * property whose value goes in canonical form straight from the scanner into the draft. The
 * object's own keys are judged by the draft (the properties), by a set of bits (the reserved ones)
 * and by a list of keys (those of removed members).
 *
 * Failures: a text that is not one JSON object, with the byte where it goes wrong; a reserved
 * member of the wrong kind; a limit.
 */
#include "event/draft.h"

#include <string.h>

#include "event/canonical.h"
#include "event/draft_parts.h"
#include "event/json.h"
#include "event/keys.h"

struct parse {
	struct fr_draft *draft;
	const struct fr_draft_fields *fields;
	bool is_whole;   /* an event with its name, not just more properties */
	bool is_foreign; /* severity and traceparent may mean something else there */
	unsigned seen;   /* enum fr_reserved, as bits */
	struct fr_json json;
	struct fr_keys keys;
	struct fr_buffer key; /* the member's key where it had to be decoded */
	struct fr_buffer text;
};

static void parse_init(struct parse *parse, struct fr_draft *draft, const char *json, size_t length)
{
	parse->draft = draft;
	parse->fields = &fr_draft_own_fields;
	parse->is_whole = false;
	parse->is_foreign = false;
	parse->seen = 0;
	fr_json_init(&parse->json, json, length, FR_DEPTH_MAX + 1);
	fr_keys_init(&parse->keys, &parse->json);
	fr_buffer_init(&parse->key, length);
	fr_buffer_init(&parse->text, length);
	if (length < draft->properties.ceiling - draft->properties.length)
		(void)fr_buffer_reserve(&draft->properties, length); /* a failure sticks there */
}

static void parse_fini(struct parse *parse)
{
	fr_keys_fini(&parse->keys);
	fr_buffer_fini(&parse->key);
	fr_buffer_fini(&parse->text);
}

static enum fr_status parse_no_memory(struct parse *parse)
{
	return fr_fail(&parse->draft->error, FR_NOMEM, "out of memory while reading an event");
}

static const char *field_name(const struct parse *parse, enum fr_reserved member)
{
	switch (member) {
	case FR_RESERVED_NAME:
		return parse->fields->name;
	case FR_RESERVED_TIME:
		return parse->fields->time;
	case FR_RESERVED_SEVERITY:
		return "severity";
	case FR_RESERVED_TRACEPARENT:
		return "traceparent";
	case FR_NOT_RESERVED:
		break;
	}
	return "";
}

/* Tries a member as a reserved one: true when it was taken, or failed for good. */
static bool parse_reserved(struct parse *parse, enum fr_reserved member, enum fr_json_kind kind)
{
	const char *field = field_name(parse, member);
	const char *text = NULL;
	size_t length = 0;

	if ((parse->seen & member) != 0) {
		(void)fr_fail(&parse->draft->error, FR_INVALID,
			      "key \"%s\" stands twice in one object", field);
		return true;
	}
	parse->seen |= member;
	if (member == FR_RESERVED_NAME && !parse->is_whole) {
		(void)fr_fail(&parse->draft->error, FR_INVALID,
			      "%s is reserved: not the name of a property", field);
		return true;
	}
	if (kind == FR_JSON_STRING) {
		text = fr_json_borrow(&parse->json, &parse->text, &length);
		if (text == NULL) {
			(void)parse_no_memory(parse);
			return true;
		}
	}
	if (parse->is_foreign &&
	    (member == FR_RESERVED_SEVERITY || member == FR_RESERVED_TRACEPARENT))
		field = NULL;
	return fr_draft_take(parse->draft, member, field, text, length) || field != NULL;
}

/* A property: written where its key is allowed, else only judged, and its key remembered. */
static enum fr_status parse_property(struct parse *parse, const char *key, size_t length,
				     enum fr_json_kind kind)
{
	struct fr_draft *draft = parse->draft;
	struct fr_canonical value = {
		.json = &parse->json,
		.keys = &parse->keys,
		.out = key != NULL ? &draft->properties : NULL,
	};
	enum fr_status status;

	if (key != NULL && !fr_draft_begin_property(draft, key, length))
		return draft->error.status;
	status = fr_canonical_value(&value, kind, &draft->error);
	if (status != FR_OK)
		return status;
	draft->removed += key != NULL ? value.removed : 1;
	fr_draft_end_property(draft);
	return draft->error.status;
}

static enum fr_status parse_member(struct parse *parse)
{
	struct fr_error *err = &parse->draft->error;
	enum fr_reserved member;
	enum fr_json_kind kind;
	enum fr_status status;
	const char *key;
	size_t length;

	key = fr_json_borrow(&parse->json, &parse->key, &length);
	if (key == NULL)
		return parse_no_memory(parse);
	member = fr_draft_reserved(parse->fields, key, length);
	if (member == FR_NOT_RESERVED && !fr_key_is_valid(key, length)) {
		key = NULL;
		status = fr_keys_add(&parse->keys, &parse->json, err);
		if (status != FR_OK)
			return status;
	}
	status = fr_json_next(&parse->json, &kind, err);
	if (status != FR_OK)
		return status;
	if (member != FR_NOT_RESERVED && parse_reserved(parse, member, kind))
		return err->status;
	return parse_property(parse, key, length, kind);
}

static enum fr_status parse_object(struct parse *parse)
{
	struct fr_error *err = &parse->draft->error;
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(&parse->json, &kind, err);

	if (status == FR_OK && kind != FR_JSON_OBJECT_BEGIN)
		return fr_fail(err, FR_INVALID, "byte %zu: expected a JSON object",
			       parse->json.start + 1);
	fr_keys_open(&parse->keys);
	while (status == FR_OK) {
		status = fr_json_next(&parse->json, &kind, err);
		if (status != FR_OK || kind == FR_JSON_OBJECT_END)
			break;
		status = parse_member(parse);
	}
	if (status == FR_OK)
		status = fr_keys_close(&parse->keys, err);
	if (status == FR_OK)
		status = fr_json_next(&parse->json, &kind, err);
	return status;
}

void fr_draft_set_json(struct fr_draft *draft, const char *key, const char *json, size_t length)
{
	struct fr_error *err = &draft->error;
	enum fr_json_kind kind;
	struct parse parse;

	if (!fr_draft_may_set(draft, key))
		return;
	if (json == NULL) {
		(void)fr_fail(err, FR_INVALID, "property \"%s\" has no JSON", key);
		return;
	}
	parse_init(&parse, draft, json, length);
	parse.json.max_depth = FR_DEPTH_MAX;
	if (fr_json_next(&parse.json, &kind, err) == FR_OK &&
	    parse_property(&parse, key, strlen(key), kind) == FR_OK)
		(void)fr_json_next(&parse.json, &kind, err);
	if (err->status != FR_OK)
		(void)fr_fail_within(err, err->status, "property \"%s\": ", key);
	parse_fini(&parse);
}

void fr_draft_add_object(struct fr_draft *draft, const char *json, size_t length)
{
	struct parse parse;

	if (draft->error.status != FR_OK || json == NULL || length == 0)
		return;
	parse_init(&parse, draft, json, length);
	(void)parse_object(&parse); /* the draft keeps the error */
	parse_fini(&parse);
}

void fr_draft_parse(struct fr_draft *draft, const char *json, size_t length,
		    const struct fr_draft_fields *fields)
{
	struct fr_draft_fields named = fr_draft_own_fields;
	struct parse parse;

	if (draft->error.status != FR_OK)
		return;
	if (fields != NULL && fields->name != NULL)
		named.name = fields->name;
	if (fields != NULL && fields->time != NULL)
		named.time = fields->time;
	parse_init(&parse, draft, json, length);
	parse.fields = &named;
	parse.is_whole = true;
	parse.is_foreign = fields != NULL;
	if (parse_object(&parse) == FR_OK && (parse.seen & FR_RESERVED_NAME) == 0)
		(void)fr_fail(&draft->error, FR_INVALID, "%s is missing", named.name);
	parse_fini(&parse);
}
