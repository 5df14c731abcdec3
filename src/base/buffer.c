/* The happy path is fr_buffer_add: it fits, copy, move the NUL. Otherwise the memory doubles up to
 * the ceiling. Failures are two, FR_TOO_LARGE and FR_NOMEM; both leave the bytes as they were and
 * stick.
 */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 128 };

void fr_buffer_init(struct fr_buffer *buffer, size_t ceiling)
{
	/* one byte stays free for the NUL */
	*buffer = (struct fr_buffer){.ceiling = ceiling < SIZE_MAX ? ceiling : SIZE_MAX - 1};
}

void fr_buffer_fini(struct fr_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct fr_buffer){.ceiling = buffer->ceiling};
}

void fr_buffer_clear(struct fr_buffer *buffer)
{
	buffer->status = FR_OK;
	fr_buffer_cut(buffer, 0);
}

bool fr_buffer_grow(struct fr_buffer *buffer, size_t more)
{
	size_t needed, capacity;
	char *data;

	if (buffer->status != FR_OK)
		return false;
	if (more > buffer->ceiling - buffer->length) {
		buffer->status = FR_TOO_LARGE;
		return false;
	}
	needed = buffer->length + more + 1;
	capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
	while (capacity < needed)
		capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : needed;
	if (capacity - 1 > buffer->ceiling)
		capacity = buffer->ceiling + 1;
	data = realloc(buffer->data, capacity);
	if (data == NULL) {
		buffer->status = FR_NOMEM;
		return false;
	}
	buffer->data = data;
	buffer->data[buffer->length] = '\0';
	buffer->capacity = capacity;
	return true;
}

void fr_buffer_add_int(struct fr_buffer *buffer, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--at] = '-';
	fr_buffer_add(buffer, digits + at, sizeof digits - at);
}

void fr_buffer_add_format(struct fr_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->status = buffer->status == FR_OK ? FR_NOMEM : buffer->status;
		return;
	}
	if (!fr_buffer_reserve(buffer, (size_t)length))
		return;
	va_start(arguments, format);
	(void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->length += (size_t)length;
}

void fr_buffer_cut(struct fr_buffer *buffer, size_t length)
{
	assert(length <= buffer->length);
	buffer->length = length;
	if (buffer->data != NULL)
		buffer->data[length] = '\0';
}

const char *fr_buffer_text(const struct fr_buffer *buffer)
{
	return buffer->data != NULL ? buffer->data : "";
}

char *fr_buffer_take(struct fr_buffer *buffer, size_t *length)
{
	char *data;

	if (!fr_buffer_reserve(buffer, 0))
		return NULL;
	data = buffer->data;
	if (length != NULL)
		*length = buffer->length;
	*buffer = (struct fr_buffer){.ceiling = buffer->ceiling};
	return data;
}
