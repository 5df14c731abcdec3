/* An event being built, before it is committed: what the caller said, validated and canonical.
 *
 * Invariants: properties is the inside of a JSON object, canonical, without its braces
 * (`"a":1,"b":"x"`); every key at any depth matches [A-Za-z_][A-Za-z0-9_.:-]{0,63}, no key stands
 * twice in one object, at most 128 properties, each nested at most 8 deep. The first error sticks
 * in `error`. A property with another key is removed and counted, and the event goes on.
 * Life: init, set or parse, finish, fini. Threads: one owner.
 */
#ifndef FR_EVENT_DRAFT_H
#define FR_EVENT_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/name.h"
#include "event/severity.h"

enum {
	FR_PROPERTIES_MAX = 128,
	FR_DEPTH_MAX = 8, /* objects and arrays within one property's value */
	FR_EVENT_BYTES_DEFAULT = 48 * 1024,
	FR_TRACEPARENT_TEXT = 56,
};

/* Where a property's key stands in the draft's properties, behind its quote. */
struct fr_draft_key {
	uint32_t offset;
	uint32_t length;
};

struct fr_draft {
	char name[FR_NAME_MAX + 1];
	enum fr_severity severity; /* FR_INFO unless said */
	bool has_severity;
	int64_t time_us; /* 0: the time of the commit */
	char traceparent[FR_TRACEPARENT_TEXT];
	struct fr_buffer properties;
	unsigned removed; /* properties dropped for their keys */
	unsigned count;
	struct fr_draft_key keys[FR_PROPERTIES_MAX];
	struct fr_error error;
};

/* max_bytes bounds the canonical properties; less than 4 GiB. */
void fr_draft_init(struct fr_draft *draft, size_t max_bytes);
void fr_draft_fini(struct fr_draft *draft);

/* The verbs of the typed builder. Text is UTF-8; NULL text is FR_INVALID; so are NaN and infinity.
 * `_json` takes any one JSON value. A reserved key (eventTime, severity, traceparent) is taken as
 * such from text and is FR_INVALID with any other value, as eventName always is. Failures stick in
 * draft->error. */
void fr_draft_set_name(struct fr_draft *draft, const char *name);
void fr_draft_set_string(struct fr_draft *draft, const char *key, const char *text, size_t length);
void fr_draft_set_int64(struct fr_draft *draft, const char *key, int64_t value);
void fr_draft_set_uint64(struct fr_draft *draft, const char *key, uint64_t value);
void fr_draft_set_double(struct fr_draft *draft, const char *key, double value);
void fr_draft_set_bool(struct fr_draft *draft, const char *key, bool value);
void fr_draft_set_json(struct fr_draft *draft, const char *key, const char *json, size_t length);
void fr_draft_set_severity(struct fr_draft *draft, enum fr_severity severity);
void fr_draft_set_time(struct fr_draft *draft, int64_t wall_us);
void fr_draft_set_traceparent(struct fr_draft *draft, const char *traceparent);

/* Adds all members of a JSON object (NULL or "" adds none); reserved members eventTime, severity
 * and traceparent are taken as such, eventName is not expected here and FR_INVALID. */
void fr_draft_add_object(struct fr_draft *draft, const char *json, size_t length);

/* Which members of a foreign record are its name and its time; the others become properties,
 * eventName and eventTime among them. `severity` and `traceparent` are taken where they read as
 * ours and are properties otherwise. */
struct fr_draft_fields {
	const char *name; /* NULL: "eventName" */
	const char *time; /* NULL: "eventTime" */
};

/* Reads one whole event object, as a person or a program writes it. fields NULL: our own names. */
void fr_draft_parse(struct fr_draft *draft, const char *json, size_t length,
		    const struct fr_draft_fields *fields);

/* Last checks (a name is there) and the common properties joined in: `common` is the inside of an
 * object like ours, may be NULL, and yields to the event's own keys. Returns draft->error's status.
 */
enum fr_status fr_draft_finish(struct fr_draft *draft, const char *common, size_t common_length,
			       struct fr_error *err);

/* W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>, ids not all zero. */
bool fr_traceparent_is_valid(const char *text);

#endif
