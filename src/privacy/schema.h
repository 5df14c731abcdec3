/* What a value may be: the part of JSON Schema 2020-12 that a catalogue may use.
 *
 *   type enum const minimum maximum maxLength pattern items maxItems properties required
 *   additionalProperties, and the annotations description and unit
 *
 * One rule is stricter than JSON Schema's: an object that names `properties` is closed, unless
 * additionalProperties says what else may stand in it: what nobody declared must not be recorded.
 * Life: lives in the catalogue's arena. Threads: immutable.
 */
#ifndef FR_PRIVACY_SCHEMA_H
#define FR_PRIVACY_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "event/json.h"
#include "privacy/pattern.h"

enum {
	FR_SCHEMA_DEPTH_MAX = 8,
	FR_SCHEMA_VALUES_MAX = 1000, /* of an enum */
};

enum fr_schema_type {
	FR_TYPE_STRING = 1 << 0,
	FR_TYPE_INTEGER = 1 << 1, /* a number whose value is whole */
	FR_TYPE_NUMBER = 1 << 2,
	FR_TYPE_BOOLEAN = 1 << 3,
	FR_TYPE_NULL = 1 << 4,
	FR_TYPE_ARRAY = 1 << 5,
	FR_TYPE_OBJECT = 1 << 6,
};

/* One scalar in its canonical form: "\"edit_file\"", "3", "true", "null". */
struct fr_schema_value {
	enum fr_json_kind kind;
	const char *text;
	size_t length;
};

struct fr_schema {
	unsigned line;           /* where it begins in the catalogue */
	const char *description; /* "" where not given, as unit */
	const char *unit;
	unsigned types;                 /* of enum fr_schema_type; 0: any */
	struct fr_schema_value *values; /* enum, or const as the only one; NULL: any */
	size_t value_count;
	const struct fr_schema_value *minimum, *maximum; /* NULL: none */
	bool has_max_length, has_max_items;
	size_t max_length; /* in code points */
	size_t max_items;
	const char *pattern_text; /* NULL: none */
	const struct fr_pattern *pattern;
	const struct fr_schema *items; /* NULL: anything */
	struct fr_schema_member *members;
	size_t member_count;
	bool is_closed;                     /* what is no member may not stand there */
	const struct fr_schema *additional; /* else what it must be; NULL: anything */
};

struct fr_schema_member {
	const char *key;
	size_t key_length;
	bool is_required;
	struct fr_schema schema;
};

/* "string", ...; types has one bit. */
const char *fr_schema_type_name(unsigned type);

/* NULL: nobody declared that key. */
const struct fr_schema_member *fr_schema_find(const struct fr_schema *schema, const char *key,
					      size_t length);

#endif
