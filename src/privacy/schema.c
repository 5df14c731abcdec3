#include "privacy/schema.h"

#include <string.h>

const char *fr_schema_type_name(unsigned type)
{
	switch ((enum fr_schema_type)type) {
	case FR_TYPE_STRING:
		return "string";
	case FR_TYPE_INTEGER:
		return "integer";
	case FR_TYPE_NUMBER:
		return "number";
	case FR_TYPE_BOOLEAN:
		return "boolean";
	case FR_TYPE_NULL:
		return "null";
	case FR_TYPE_ARRAY:
		return "array";
	case FR_TYPE_OBJECT:
		return "object";
	}
	return "";
}

const struct fr_schema_member *fr_schema_find(const struct fr_schema *schema, const char *key,
					      size_t length)
{
	size_t i;

	for (i = 0; i < schema->member_count; i++) {
		const struct fr_schema_member *member = &schema->members[i];

		if (member->key_length == length && memcmp(member->key, key, length) == 0)
			return member;
	}
	return NULL;
}
