/* libdeflate wants to know how much room there is: start with four times the body, and with twice
 * as much whenever that was too little, up to the limit. The room is kept for the next body. */
#include "intake/encoding.h"

#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include <libdeflate.h>

#include "intake/http.h"

struct intake_decoder {
	struct libdeflate_decompressor *inflater;
	char *room;
	size_t size;
};

enum fr_status intake_decoder_new(struct intake_decoder **out, struct fr_error *err)
{
	struct intake_decoder *decoder = calloc(1, sizeof(*decoder));
	if (decoder != NULL)
		decoder->inflater = libdeflate_alloc_decompressor();
	if (decoder == NULL || decoder->inflater == NULL) {
		free(decoder);
		return fr_fail(err, FR_NOMEM, "out of memory");
	}
	*out = decoder;
	return FR_OK;
}

void intake_decoder_free(struct intake_decoder *decoder)
{
	if (decoder == NULL)
		return;
	libdeflate_free_decompressor(decoder->inflater);
	free(decoder->room);
	free(decoder);
}

/* Makes the room larger: to `wanted` at first, later twice as large. Its limit is one more than a
 * body's, so that a body of exactly the limit is told from a longer one. */
static enum fr_status grow_room(struct intake_decoder *decoder, size_t wanted, struct fr_error *err)
{
	const size_t most = (size_t)INTAKE_BODY_MAX + 1;
	if (decoder->size == most)
		return fr_fail(err, FR_TOO_LARGE, "a body of more than 16 MiB");
	if (wanted < decoder->size * 2)
		wanted = decoder->size * 2;
	if (wanted > most)
		wanted = most;
	char *room = realloc(decoder->room, wanted);
	if (room == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	decoder->room = room;
	decoder->size = wanted;
	return FR_OK;
}

/* One gzip member or zlib stream, from the front of `in` to behind the `made` bytes in the room. */
static enum fr_status inflate_one(struct intake_decoder *decoder, bool is_gzip,
				  struct intake_bytes *in, size_t *made, struct fr_error *err)
{
	enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
	while (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
		size_t taken = 0;
		size_t more = 0;
		char *room = decoder->room + *made;
		size_t left = decoder->size - *made;
		result = is_gzip ? libdeflate_gzip_decompress_ex(decoder->inflater, in->data,
								 in->length, room, left, &taken,
								 &more)
				 : libdeflate_zlib_decompress_ex(decoder->inflater, in->data,
								 in->length, room, left, &taken,
								 &more);
		if (result == LIBDEFLATE_SUCCESS) {
			*in = (struct intake_bytes){in->data + taken, in->length - taken};
			*made += more;
		} else if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
			enum fr_status status = grow_room(decoder, in->length * 4, err);
			if (status != FR_OK)
				return status;
		} else {
			return fr_fail(err, FR_INVALID, "the compressed body is damaged");
		}
	}
	return FR_OK;
}

/* A gzip file may be several, one after the other; a zlib stream is one. */
static enum fr_status inflate_all(struct intake_decoder *decoder, bool is_gzip,
				  const struct fr_buffer *body, struct intake_bytes *out,
				  struct fr_error *err)
{
	struct intake_bytes in = {body->data, body->length};
	size_t made = 0;
	do {
		enum fr_status status = inflate_one(decoder, is_gzip, &in, &made, err);
		if (status != FR_OK)
			return status;
	} while (is_gzip && in.length > 0);
	if (in.length > 0)
		return fr_fail(err, FR_INVALID, "something follows the compressed body");
	if (made > INTAKE_BODY_MAX)
		return fr_fail(err, FR_TOO_LARGE, "a body of more than 16 MiB");
	*out = (struct intake_bytes){decoder->room, made};
	return FR_OK;
}

enum fr_status intake_decode(struct intake_decoder *decoder, const char *encoding,
			     const struct fr_buffer *body, struct intake_bytes *out,
			     struct fr_error *err)
{
	if (encoding == NULL || strcasecmp(encoding, "identity") == 0) {
		*out = (struct intake_bytes){fr_buffer_text(body), body->length};
		return FR_OK;
	}
	bool is_gzip = strcasecmp(encoding, "gzip") == 0 || strcasecmp(encoding, "x-gzip") == 0;
	if (!is_gzip && strcasecmp(encoding, "deflate") != 0)
		return fr_fail(err, FR_NONE, "Content-Encoding is neither gzip nor deflate");
	if (decoder->size == 0) {
		enum fr_status status = grow_room(decoder, body->length * 4 + 4096, err);
		if (status != FR_OK)
			return status;
	}
	return inflate_all(decoder, is_gzip, body, out, err);
}
