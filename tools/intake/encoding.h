/* Content-Encoding of a request's body: identity, gzip, deflate; through libdeflate, whole bodies
 * at once.
 *
 * Invariant: no more than INTAKE_BODY_MAX bytes come out, however small the body that went in.
 */
#ifndef FR_INTAKE_ENCODING_H
#define FR_INTAKE_ENCODING_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/status.h"

struct intake_decoder;

/* Some bytes of somebody else's. */
struct intake_bytes {
	const char *data;
	size_t length;
};

enum fr_status intake_decoder_new(struct intake_decoder **out, struct fr_error *err);
void intake_decoder_free(struct intake_decoder *decoder);

/* encoding is the header's value or NULL. What comes out is valid until the next call, or as long
 * as body is. FR_NONE: an encoding nobody here knows; FR_INVALID: not what it says;
 * FR_TOO_LARGE. */
enum fr_status intake_decode(struct intake_decoder *decoder, const char *encoding,
			     const struct fr_buffer *body, struct intake_bytes *out,
			     struct fr_error *err);

#endif
