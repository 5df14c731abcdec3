/* A config as it was written: every value with its line, before anything is made of it.
 *
 * Invariants: each scope has one value for each row of its table, in the same order; what was not
 * given holds the row's default and line 0.
 * Life: lives in an arena, and ends with it. Threads: one owner while it is filled, then const.
 */
#ifndef FR_CONFIG_DOCUMENT_H
#define FR_CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"
#include "config/keys.h"
#include "config/value.h"

enum { FR_SCOPE_LABEL = 32 };

struct fr_header_entry {
	const char *name;
	const char *value; /* as written: env:NAME, file:PATH or the value itself */
	unsigned line;
	const char
		*variable; /* the environment variable that the value itself comes from, or NULL */
};

/* The top of the file, or one sink. */
struct fr_scope {
	const struct fr_key_table *table;
	struct fr_value *values;
	char label[FR_SCOPE_LABEL]; /* in front of its keys in messages: "" or "sinks[1]." */
	unsigned line;              /* where it begins */
	const char **globs;         /* events; at the top: privacy.scrub */
	size_t glob_count;
	struct fr_header_entry *headers;
	size_t header_count;
};

struct fr_document {
	struct fr_arena *arena;
	const char *file; /* as messages name it */
	struct fr_scope top;
	struct fr_scope *sinks;
	size_t sink_count;
};

/* An empty document: every value is its default. */
enum fr_status fr_document_init(struct fr_document *document, struct fr_arena *arena,
				const char *file, struct fr_error *err);

/* One more sink, all defaults, at the end. Pointers to scopes do not stay valid. */
enum fr_status fr_document_add_sink(struct fr_document *document, unsigned line,
				    struct fr_error *err);

/* The value of a key of this scope. */
const struct fr_value *fr_scope_value(const struct fr_scope *scope, size_t id);

/* Was it given, in the config or by the environment? */
static inline bool fr_scope_has(const struct fr_scope *scope, size_t id)
{
	const struct fr_value *value = fr_scope_value(scope, id);

	return value->line != 0 || value->variable != NULL;
}

/* Where something is: file:line: label path. path is "" for the scope itself. */
struct fr_place {
	const struct fr_document *document;
	const struct fr_scope *scope;
	unsigned line;
	const char *path;
};

/* Fails with FR_INVALID and "config.json:7: sinks[1].batch.max_wait: " in front. */
enum fr_status fr_place_fault(const struct fr_place *place, struct fr_error *err,
			      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The place of a key of this scope: its line when it was given, else the scope's. */
struct fr_place fr_place_of(const struct fr_document *document, const struct fr_scope *scope,
			    size_t id);

enum fr_status fr_document_no_memory(struct fr_error *err);

#endif
