/* The scanner as a catalogue is read with it: tokens with their lines, faults with a path, keys
 * with what reads them. Internal to catalogue*.c and schema*.c.
 */
#ifndef FR_PRIVACY_CATALOGUE_READER_H
#define FR_PRIVACY_CATALOGUE_READER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "event/json.h"
#include "event/keys.h"
#include "privacy/schema.h"

enum { FR_CATALOGUE_PATH = 256 };

struct fr_catalogue_reader {
	const char *file;
	struct fr_arena *arena;
	struct fr_error *err;
	struct fr_json json;
	struct fr_keys keys;
	struct fr_buffer scratch; /* the last key or string, decoded */
	unsigned line;            /* how many newlines, and one, there are before `counted` */
	size_t counted;
	char path[FR_CATALOGUE_PATH]; /* events.tool_use_error.properties.duration */
	size_t path_length;
};

/* The text must stay until fini. */
void fr_catalogue_reader_init(struct fr_catalogue_reader *reader, const char *file,
			      struct fr_arena *arena, const char *text, size_t length,
			      struct fr_error *err);
void fr_catalogue_reader_fini(struct fr_catalogue_reader *reader);

/* FR_INVALID, with file, line and path. */
enum fr_status fr_catalogue_fault(struct fr_catalogue_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum fr_status fr_catalogue_no_memory(struct fr_catalogue_reader *reader);

/* The line of the token just read. */
unsigned fr_catalogue_line(struct fr_catalogue_reader *reader);

/* The next token, which must be of this kind; `what` says what belongs there: "a text". */
enum fr_status fr_catalogue_next(struct fr_catalogue_reader *reader, enum fr_json_kind *kind);
enum fr_status fr_catalogue_expect(struct fr_catalogue_reader *reader, enum fr_json_kind kind,
				   const char *what);

/* Reads an object, whose first token is next: calls back behind each key, with the key decoded
 * and borrowed for the call, to read its value. */
typedef enum fr_status fr_catalogue_member(struct fr_catalogue_reader *reader, void *into,
					   const char *key);
enum fr_status fr_catalogue_object(struct fr_catalogue_reader *reader, fr_catalogue_member *member,
				   void *into);

/* One key that a place knows, and what reads its value. */
struct fr_catalogue_field {
	const char *key;
	enum fr_status (*read)(struct fr_catalogue_reader *reader, void *into);
};
enum fr_status fr_catalogue_dispatch(struct fr_catalogue_reader *reader,
				     const struct fr_catalogue_field *fields, size_t count,
				     void *into, const char *key);

/* Values. Texts are kept in the arena; they hold no NUL. */
enum fr_status fr_catalogue_text(struct fr_catalogue_reader *reader, const char **out);
enum fr_status fr_catalogue_bool(struct fr_catalogue_reader *reader, bool *out);
enum fr_status fr_catalogue_size(struct fr_catalogue_reader *reader, size_t *out);

/* The scalar just read, or the next one, in its canonical form. */
enum fr_status fr_catalogue_keep(struct fr_catalogue_reader *reader, enum fr_json_kind kind,
				 struct fr_schema_value *out);
enum fr_status fr_catalogue_number(struct fr_catalogue_reader *reader,
				   const struct fr_schema_value **out);

/* Reads one schema, whose first token is next. */
enum fr_status fr_schema_read(struct fr_catalogue_reader *reader, struct fr_schema *schema,
			      unsigned depth);

/* Inside of one: its members, and which of them are required. */
struct fr_schema_names {
	const char **names;
	size_t count;
};
enum fr_status fr_schema_read_members(struct fr_catalogue_reader *reader, struct fr_schema *schema,
				      unsigned depth);
enum fr_status fr_catalogue_names(struct fr_catalogue_reader *reader, size_t most,
				  struct fr_schema_names *out);
enum fr_status fr_schema_require(struct fr_catalogue_reader *reader, struct fr_schema *schema,
				 const struct fr_schema_names *required);

#endif
