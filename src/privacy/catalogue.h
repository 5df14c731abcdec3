/* The catalogue: which events there are, what each may carry, why, and for whom.
 *
 * The happy path: loaded once, with everything compiled; at each call the event is found by its
 * name, and its properties are trimmed to what it declares (fr_catalogue_trim). What is no
 * catalogue is refused as a whole, with file, line and path; nothing is half understood.
 *
 * Invariants: immutable once loaded; a look-up and a trim allocate nothing but for strings with
 * escapes. Life: load or parse, use as const, free. Threads: any number may use it.
 */
#ifndef FR_PRIVACY_CATALOGUE_H
#define FR_PRIVACY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/severity.h"
#include "privacy/schema.h"

enum {
	FR_CATALOGUE_BYTES_MAX = 4 * 1024 * 1024,
	FR_CATALOGUE_EVENTS_MAX = 10000,
	FR_CATALOGUE_SINKS_MAX = 64, /* of one event */
};

struct fr_declaration {
	const char *name;
	unsigned line;
	const char *description; /* "" where not given, as owner, purpose and expires */
	const char *owner;
	const char *purpose;
	const char *expires; /* as written: 2027-12-31 */
	int64_t expires_us;  /* wall clock, the end of that day in UTC; INT64_MAX: never */
	bool is_internal;    /* audience */
	bool has_severity;
	enum fr_severity severity;
	const char *route;       /* its sinks as a canonical JSON array; NULL: not said */
	const char *sample;      /* as written: 0.1; NULL: every session */
	uint64_t sample_below;   /* a session is in when its number is below this, of 2^32 */
	struct fr_schema schema; /* of its properties: closed */
};

struct fr_catalogue;

/* Reads a file, which may have comments. FR_INVALID names file, line and path; FR_NONE when there
 * is no such file. */
enum fr_status fr_catalogue_load(struct fr_catalogue **out, const char *path, struct fr_error *err);

/* The same from memory; file is its name in messages. */
enum fr_status fr_catalogue_parse(struct fr_catalogue **out, const char *file, const char *text,
				  size_t length, struct fr_error *err);

/* One that declares nothing: what is left of one that cannot be read. NULL when memory is short. */
struct fr_catalogue *fr_catalogue_new_empty(void);

/* Accepts NULL. */
void fr_catalogue_free(struct fr_catalogue *catalogue);

/* All declarations, in order of their names. */
const struct fr_declaration *fr_catalogue_events(const struct fr_catalogue *catalogue,
						 size_t *count);

/* NULL: undeclared. */
const struct fr_declaration *fr_catalogue_find(const struct fr_catalogue *catalogue,
					       const char *name);

/* Does this session record this event? Decided by a hash of the two: for all of the session. */
bool fr_declaration_samples(const struct fr_declaration *declaration, const char *session);

/* What a trim took out, or found missing. */
struct fr_trimmed {
	unsigned undeclared; /* members nobody declared */
	unsigned ill_typed;  /* members that are not what they must be */
	unsigned missing;    /* required ones that are not there, or not any more */
};

/* Cuts out of the properties (the inside of a canonical object) what the event does not declare:
 * in place, in one pass. A value that breaks its schema goes with the innermost member that holds
 * it. FR_NOMEM: what is left is not to be used. */
enum fr_status fr_catalogue_trim(const struct fr_declaration *declaration,
				 struct fr_buffer *properties, struct fr_trimmed *trimmed,
				 struct fr_error *err);

#endif
