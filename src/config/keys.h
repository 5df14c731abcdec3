/* The key table: every key a config may hold, its type, default, range and help, in one place.
 *
 * Parsing, messages, `config show` and the README's reference are all driven by these rows. To add
 * a key: one name in an enum, one row in keys.c, and one line in freeze.c that puts its value where
 * it is used.
 *
 * Invariants: rows stand in the order of their enum; a section stands before its members; every
 * default, least and most is itself a valid value of its row's type.
 */
#ifndef FR_CONFIG_KEYS_H
#define FR_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "sink/sink.h"

enum fr_key_type {
	FR_TYPE_SECTION,  /* an object whose members have rows of their own */
	FR_TYPE_SINKS,    /* the list of sinks, each an object of the sinks' table */
	FR_TYPE_GLOBS,    /* a list of event names and globs */
	FR_TYPE_PATTERNS, /* a list of what else is scrubbed */
	FR_TYPE_HEADERS,  /* an object of header names and values; values may be secrets */
	FR_TYPE_TEXT,     /* least and most count its bytes, as for all kinds of text below */
	FR_TYPE_NAME,     /* letters, digits, _ . - */
	FR_TYPE_VARIABLE, /* the name of an environment variable */
	FR_TYPE_TABLE,    /* a table, with or without its database */
	FR_TYPE_PATH, /* relative ones are meant from the config's folder, unless the row says so */
	FR_TYPE_URL,
	FR_TYPE_SECRET, /* env:NAME, file:PATH, or the thing itself */
	FR_TYPE_PROXY,  /* a URL, or with a password in it env:NAME or file:PATH */
	FR_TYPE_WORD,   /* one of words */
	FR_TYPE_SWITCH,
	FR_TYPE_COUNT,
	FR_TYPE_SIZE,
	FR_TYPE_DURATION,
};

struct fr_key {
	const char *path; /* "queue.max_bytes"; for a sink's key, from its object on */
	enum fr_key_type type;
	const char *fallback;     /* as one would write it; NULL: nothing */
	const char *least, *most; /* as one would write them; NULL: no bound */
	const char *const *words; /* FR_TYPE_WORD; ends with NULL */
	const char *only; /* sink types that take it, with spaces between; "http": all that post */
	const char *needed; /* sink types that cannot do without it; "*": all */
	const char *help;
};

enum fr_key_id {
	FR_KEY_SERVICE,
	FR_KEY_VERSION,
	FR_KEY_QUEUE,
	FR_KEY_QUEUE_DURABILITY,
	FR_KEY_QUEUE_MAX_BYTES,
	FR_KEY_QUEUE_MAX_AGE,
	FR_KEY_QUEUE_MAX_EVENT_BYTES,
	FR_KEY_PRIVACY,
	FR_KEY_PRIVACY_DEFAULT,
	FR_KEY_PRIVACY_CONSENT,
	FR_KEY_PRIVACY_CATALOGUE,
	FR_KEY_PRIVACY_SCRUB,
	FR_KEY_PRIVACY_BUCKETS,
	FR_KEY_PRIVACY_INTERNAL,
	FR_KEY_PRIVACY_INTERNAL_ENV,
	FR_KEY_PRIVACY_INTERNAL_VALUE,
	FR_KEY_PRIVACY_KEEP_SENT,
	FR_KEY_LIMITS,
	FR_KEY_LIMITS_BURST,
	FR_KEY_LIMITS_PER_SECOND,
	FR_KEY_SINKS,
	FR_KEYS,
};

enum fr_sink_key_id {
	FR_SINK_KEY_NAME,
	FR_SINK_KEY_TYPE,
	FR_SINK_KEY_EVENTS,
	FR_SINK_KEY_AUDIENCE,
	FR_SINK_KEY_MIN_SEVERITY,
	FR_SINK_KEY_URL,
	FR_SINK_KEY_HEADERS,
	FR_SINK_KEY_SITE,
	FR_SINK_KEY_API_KEY,
	FR_SINK_KEY_TAGS,
	FR_SINK_KEY_ENDPOINT_PATH,
	FR_SINK_KEY_TABLE,
	FR_SINK_KEY_USER,
	FR_SINK_KEY_PASSWORD,
	FR_SINK_KEY_PATH,
	FR_SINK_KEY_FILE_MAX_BYTES,
	FR_SINK_KEY_BATCH,
	FR_SINK_KEY_BATCH_MAX_EVENTS,
	FR_SINK_KEY_BATCH_MAX_BYTES,
	FR_SINK_KEY_BATCH_MAX_WAIT,
	FR_SINK_KEY_RETRY,
	FR_SINK_KEY_RETRY_INITIAL,
	FR_SINK_KEY_RETRY_MAX,
	FR_SINK_KEY_INFLIGHT,
	FR_SINK_KEY_COMPRESSION,
	FR_SINK_KEY_TIMEOUT,
	FR_SINK_KEY_TLS,
	FR_SINK_KEY_TLS_CA_FILE,
	FR_SINK_KEY_TLS_CERT_FILE,
	FR_SINK_KEY_TLS_KEY_FILE,
	FR_SINK_KEY_TLS_MIN_VERSION,
	FR_SINK_KEY_PROXY,
	FR_SINK_KEY_ALLOW_PLAIN_HTTP,
	FR_SINK_KEYS,
};

struct fr_key_table {
	const struct fr_key *keys;
	size_t count;
};

extern const struct fr_key_table fr_key_table;
extern const struct fr_key_table fr_sink_key_table;

/* The row of "prefix.name" ("name" when prefix is ""), NULL when there is none. */
const struct fr_key *fr_key_find(const struct fr_key_table *table, const char *prefix,
				 const char *name);

/* What stands behind the prefix, when the row is its direct member; else NULL. */
const char *fr_key_leaf(const struct fr_key *key, const char *prefix);

/* Is a type on such a list as `only` and `needed` have? NULL lists nothing. */
bool fr_key_lists(const char *list, const struct fr_sink_format *format);

/* Has a sink of this type any use for the key? */
bool fr_key_suits(const struct fr_key *key, const struct fr_sink_format *format);

#endif
