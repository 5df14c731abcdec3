/* Reading one: a table of keys for the file and one for an event; properties are schema_read.c's.
 * The declarations are sorted by name when all are read; a look-up is a binary search.
 */
#include "privacy/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "event/comments.h"
#include "event/name.h"
#include "event/number.h"
#include "privacy/catalogue_reader.h"

#define COUNT(list)  (sizeof(list) / sizeof(list)[0])
#define DAY_US       (INT64_C(86400) * 1000000)
#define ALL_SESSIONS (UINT64_C(1) << 32)

struct fr_catalogue {
	struct fr_arena arena;
	struct fr_declaration *events;
	size_t count;
	bool has_version;
};

/* ---- an event ---- */

/* One declaration under way. */
struct entry {
	struct fr_declaration *declaration;
	struct fr_schema_names required;
};

static struct fr_declaration *declaration_of(void *into)
{
	return ((struct entry *)into)->declaration;
}

static enum fr_status description_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_text(reader, &declaration_of(into)->description);
}

static enum fr_status owner_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_text(reader, &declaration_of(into)->owner);
}

static enum fr_status purpose_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_text(reader, &declaration_of(into)->purpose);
}

static enum fr_status audience_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_declaration *declaration = declaration_of(into);
	const char *text;
	enum fr_status status = fr_catalogue_text(reader, &text);

	if (status != FR_OK)
		return status;
	declaration->is_internal = strcmp(text, "internal") == 0;
	if (!declaration->is_internal && strcmp(text, "public") != 0)
		return fr_catalogue_fault(reader, "\"public\" or \"internal\" belongs here");
	return FR_OK;
}

static enum fr_status severity_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_declaration *declaration = declaration_of(into);
	const char *text;
	enum fr_status status = fr_catalogue_text(reader, &text);

	declaration->has_severity = true;
	if (status == FR_OK && !fr_severity_parse(text, &declaration->severity))
		status =
			fr_catalogue_fault(reader, "a severity is one of trace, debug, info, warn, "
						   "error and fatal");
	return status;
}

/* A day; the event may be recorded to its end, UTC. */
static enum fr_status expires_read(struct fr_catalogue_reader *reader, void *into)
{
	static const char midnight[] = "T00:00:00Z";
	struct fr_declaration *declaration = declaration_of(into);
	enum fr_status status = fr_catalogue_text(reader, &declaration->expires);
	char time[sizeof "2027-12-31T00:00:00Z"];

	if (status != FR_OK)
		return status;
	if (strlen(declaration->expires) == 10) {
		memcpy(time, declaration->expires, 10);
		memcpy(time + 10, midnight, sizeof midnight);
		if (fr_time_parse(time, sizeof time - 1, &declaration->expires_us)) {
			declaration->expires_us += DAY_US;
			return FR_OK;
		}
	}
	return fr_catalogue_fault(reader, "a day belongs here, like \"2027-12-31\"");
}

static enum fr_status sinks_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_schema_names names = {NULL, 0};
	enum fr_status status = fr_catalogue_names(reader, FR_CATALOGUE_SINKS_MAX, &names);
	struct fr_buffer route;
	size_t i;

	if (status != FR_OK)
		return status;
	fr_buffer_init(&route, FR_CATALOGUE_BYTES_MAX);
	fr_buffer_add_char(&route, '[');
	for (i = 0; i < names.count; i++) {
		if (i > 0)
			fr_buffer_add_char(&route, ',');
		fr_json_add_string(&route, names.names[i], strlen(names.names[i]));
	}
	fr_buffer_add_char(&route, ']');
	if (route.status == FR_OK)
		declaration_of(into)->route =
			fr_arena_text(reader->arena, fr_buffer_text(&route), route.length);
	fr_buffer_fini(&route);
	return declaration_of(into)->route != NULL ? FR_OK : fr_catalogue_no_memory(reader);
}

/* A number from 0 to 1 in parts of 2^32. Ten digits behind the point are more than that needs. */
static uint64_t sample_scale(const char *text)
{
	uint64_t value = 0, one = 1;
	const char *point = strchr(text, '.');
	int digits;

	if (fr_number_compare(text, strlen(text), "1", 1) == 0)
		return ALL_SESSIONS;
	for (digits = 0; digits < 9; digits++) {
		one *= 10;
		value *= 10;
		if (point != NULL && point[1] >= '0' && point[1] <= '9')
			value += (uint64_t)(*++point - '0');
		else
			point = NULL;
	}
	return value * ALL_SESSIONS / one;
}

static enum fr_status sample_read(struct fr_catalogue_reader *reader, void *into)
{
	struct fr_declaration *declaration = declaration_of(into);
	const struct fr_schema_value *value;
	enum fr_status status = fr_catalogue_number(reader, &value);

	if (status != FR_OK)
		return status;
	if (fr_number_compare(value->text, value->length, "0", 1) < 0 ||
	    fr_number_compare(value->text, value->length, "1", 1) > 0 ||
	    strpbrk(value->text, "eE") != NULL)
		return fr_catalogue_fault(reader, "a share of the sessions belongs here, from 0 to "
						  "1: 0.1 is a tenth");
	declaration->sample = value->text;
	declaration->sample_below = sample_scale(value->text);
	return FR_OK;
}

static enum fr_status properties_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_schema_read_members(reader, &declaration_of(into)->schema, 1);
}

static enum fr_status required_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_names(reader, 128, &((struct entry *)into)->required);
}

static enum fr_status event_field_read(struct fr_catalogue_reader *reader, void *into,
				       const char *key)
{
	static const struct fr_catalogue_field fields[] = {
		{"description", description_read},
		{"owner", owner_read},
		{"purpose", purpose_read},
		{"audience", audience_read},
		{"severity", severity_read},
		{"expires", expires_read},
		{"sinks", sinks_read},
		{"sample", sample_read},
		{"properties", properties_read},
		{"required", required_read},
	};

	return fr_catalogue_dispatch(reader, fields, COUNT(fields), into, key);
}

static enum fr_status event_read(struct fr_catalogue_reader *reader, void *into, const char *key)
{
	struct fr_catalogue *catalogue = into;
	struct entry entry = {NULL, {NULL, 0}};
	enum fr_status status;

	if (!fr_name_is_valid(key))
		return fr_catalogue_fault(reader,
					  "no event can have this name: a letter first, then "
					  "letters, digits, _ . : -, at most 128");
	if (catalogue->count == FR_CATALOGUE_EVENTS_MAX)
		return fr_catalogue_fault(reader, "more than %d events", FR_CATALOGUE_EVENTS_MAX);
	catalogue->events = fr_arena_room(reader->arena, catalogue->events, catalogue->count,
					  sizeof *catalogue->events);
	if (catalogue->events == NULL)
		return fr_catalogue_no_memory(reader);
	entry.declaration = &catalogue->events[catalogue->count++];
	*entry.declaration = (struct fr_declaration){
		.name = key,
		.line = fr_catalogue_line(reader),
		.description = "",
		.owner = "",
		.purpose = "",
		.expires = "",
		.expires_us = INT64_MAX,
		.severity = FR_INFO,
		.sample_below = ALL_SESSIONS,
		.schema = {.description = "", .unit = "", .is_closed = true},
	};
	status = fr_catalogue_object(reader, event_field_read, &entry);
	if (status == FR_OK)
		status = fr_schema_require(reader, &entry.declaration->schema, &entry.required);
	return status;
}

/* ---- the file ---- */

static enum fr_status version_read(struct fr_catalogue_reader *reader, void *into)
{
	size_t version = 0;
	enum fr_status status = fr_catalogue_size(reader, &version);

	((struct fr_catalogue *)into)->has_version = true;
	if (status == FR_OK && version != 1)
		status = fr_catalogue_fault(reader, "this release reads version 1");
	return status;
}

static enum fr_status events_read(struct fr_catalogue_reader *reader, void *into)
{
	return fr_catalogue_object(reader, event_read, into);
}

static enum fr_status top_field_read(struct fr_catalogue_reader *reader, void *into,
				     const char *key)
{
	static const struct fr_catalogue_field fields[] = {
		{"catalogue", version_read},
		{"events", events_read},
	};

	return fr_catalogue_dispatch(reader, fields, COUNT(fields), into, key);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct fr_declaration *)a)->name,
		      ((const struct fr_declaration *)b)->name);
}

static enum fr_status catalogue_fill(struct fr_catalogue *catalogue,
				     struct fr_catalogue_reader *reader)
{
	enum fr_status status = fr_catalogue_object(reader, top_field_read, catalogue);

	if (status == FR_OK)
		status = fr_catalogue_expect(reader, FR_JSON_END, "nothing more");
	if (status == FR_OK && !catalogue->has_version)
		status = fr_catalogue_fault(reader, "\"catalogue\": 1 is missing");
	if (status == FR_OK && catalogue->count > 0)
		qsort(catalogue->events, catalogue->count, sizeof *catalogue->events,
		      compare_names);
	return status;
}

struct fr_catalogue *fr_catalogue_new_empty(void)
{
	struct fr_catalogue *catalogue = calloc(1, sizeof *catalogue);

	if (catalogue != NULL)
		fr_arena_init(&catalogue->arena);
	return catalogue;
}

/* The text's comments are blanked in place. */
static enum fr_status catalogue_read(struct fr_catalogue **out, const char *file, char *text,
				     size_t length, struct fr_error *err)
{
	struct fr_catalogue *catalogue = fr_catalogue_new_empty();
	struct fr_catalogue_reader reader;
	enum fr_status status;
	size_t at = 0;

	*out = NULL;
	if (catalogue == NULL)
		return fr_fail(err, FR_NOMEM, "%.120s: %s", file, fr_status_text(FR_NOMEM));
	fr_catalogue_reader_init(&reader, file, &catalogue->arena, text, length, err);
	if (fr_comments_blank(text, length, &at)) {
		status = catalogue_fill(catalogue, &reader);
	} else {
		reader.json.start = at;
		status = fr_catalogue_fault(&reader, "the comment that begins here does not end");
	}
	fr_catalogue_reader_fini(&reader);
	if (status == FR_OK) {
		*out = catalogue;
		catalogue = NULL;
	}
	fr_catalogue_free(catalogue);
	return status;
}

enum fr_status fr_catalogue_parse(struct fr_catalogue **out, const char *file, const char *text,
				  size_t length, struct fr_error *err)
{
	enum fr_status status;
	char *copy;

	*out = NULL;
	if (length > FR_CATALOGUE_BYTES_MAX)
		return fr_fail(err, FR_INVALID, "%.120s: larger than 4 MiB", file);
	copy = malloc(length + 1);
	if (copy == NULL)
		return fr_fail(err, FR_NOMEM, "%.120s: %s", file, fr_status_text(FR_NOMEM));
	memcpy(copy, text, length);
	copy[length] = '\0';
	status = catalogue_read(out, file, copy, length, err);
	free(copy);
	return status;
}

enum fr_status fr_catalogue_load(struct fr_catalogue **out, const char *path, struct fr_error *err)
{
	struct fr_buffer text;
	enum fr_status status;

	*out = NULL;
	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	status = fr_file_read_linked(path, &text, err);
	if (status == FR_OK && text.length == 0)
		status = fr_fail(err, FR_INVALID, "%.120s: the file is empty", path);
	else if (status == FR_OK)
		status = catalogue_read(out, path, text.data, text.length, err);
	fr_buffer_fini(&text);
	return status;
}

void fr_catalogue_free(struct fr_catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	fr_arena_fini(&catalogue->arena);
	free(catalogue);
}

/* ---- questions ---- */

const struct fr_declaration *fr_catalogue_events(const struct fr_catalogue *catalogue,
						 size_t *count)
{
	*count = catalogue->count;
	return catalogue->events;
}

const struct fr_declaration *fr_catalogue_find(const struct fr_catalogue *catalogue,
					       const char *name)
{
	struct fr_declaration wanted = {.name = name};

	if (catalogue->count == 0)
		return NULL;
	return bsearch(&wanted, catalogue->events, catalogue->count, sizeof wanted, compare_names);
}

/* FNV-1a; a session's id is random, so it need not withstand anybody. */
static uint64_t hash_add(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

bool fr_declaration_samples(const struct fr_declaration *declaration, const char *session)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (declaration->sample_below == ALL_SESSIONS)
		return true;
	hash = hash_add(hash_add(hash, session), declaration->name);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15); /* its high bits are the best */
	return hash >> 32 < declaration->sample_below;
}
