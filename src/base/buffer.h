/* A byte string that grows, up to a ceiling, and remembers the first thing that went wrong.
 *
 * Invariants: data[length] is NUL where there is any memory; length never passes the ceiling. After
 * an error further additions do nothing, so a caller checks once, at the end.
 * Life: init, add..., fini. A zeroed buffer is an empty one with a ceiling of 0.
 */
#ifndef FR_BASE_BUFFER_H
#define FR_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

struct fr_buffer {
	char *data;
	size_t length;
	size_t capacity;
	size_t ceiling;
	enum fr_status status; /* FR_OK, FR_NOMEM or FR_TOO_LARGE; sticks until clear */
};

void fr_buffer_init(struct fr_buffer *buffer, size_t ceiling);
void fr_buffer_fini(struct fr_buffer *buffer);

/* Empties it and forgets an error; keeps the memory. */
void fr_buffer_clear(struct fr_buffer *buffer);

/* The slow way of fr_buffer_reserve, once the bytes and the NUL behind them no longer fit. */
bool fr_buffer_grow(struct fr_buffer *buffer, size_t more);

/* Makes room for `more` bytes, so that adding them needs no memory. False when it could not. The
 * capacity never passes the ceiling by more than the NUL. */
static inline bool fr_buffer_reserve(struct fr_buffer *buffer, size_t more)
{
	if (buffer->status == FR_OK && more < buffer->capacity - buffer->length)
		return true;
	return fr_buffer_grow(buffer, more);
}

/* Here, so that adding a literal is a copy of so many bytes: encoders do little else. */
static inline void fr_buffer_add(struct fr_buffer *buffer, const void *data, size_t length)
{
	if (!fr_buffer_reserve(buffer, length))
		return;
	if (length > 0)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

static inline void fr_buffer_add_text(struct fr_buffer *buffer, const char *text)
{
	fr_buffer_add(buffer, text, strlen(text));
}

static inline void fr_buffer_add_char(struct fr_buffer *buffer, char c)
{
	fr_buffer_add(buffer, &c, 1);
}

void fr_buffer_add_int(struct fr_buffer *buffer, int64_t value);
void fr_buffer_add_format(struct fr_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Cuts the buffer back to an earlier length. */
void fr_buffer_cut(struct fr_buffer *buffer, size_t length);

/* The bytes as a NUL-terminated string, "" when empty; valid until the next addition. */
const char *fr_buffer_text(const struct fr_buffer *buffer);

/* Moves the bytes out (the caller frees them) and leaves the buffer empty; NULL on error. */
char *fr_buffer_take(struct fr_buffer *buffer, size_t *length);

#endif
