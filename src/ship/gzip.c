#include "ship/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>

enum fr_status fr_gzip(char **out, size_t *out_length, const void *data, size_t length,
		       struct fr_error *err)
{
	struct libdeflate_compressor *compressor = NULL;
	enum fr_status status = FR_NONE;
	char *packed = NULL;
	size_t packed_length;

	*out = NULL;
	*out_length = 0;
	if (length < FR_GZIP_LEAST_BYTES)
		return FR_NONE;
	compressor = libdeflate_alloc_compressor(FR_GZIP_LEVEL);
	packed = malloc(length);
	if (compressor == NULL || packed == NULL) {
		status = fr_fail(err, FR_NOMEM, "gzip: %s", fr_status_text(FR_NOMEM));
		goto out;
	}
	/* 0: it does not fit into fewer bytes than it has. */
	packed_length = libdeflate_gzip_compress(compressor, data, length, packed, length - 1);
	if (packed_length > 0) {
		*out = realloc(packed, packed_length);
		if (*out == NULL)
			*out = packed;
		*out_length = packed_length;
		packed = NULL;
		status = FR_OK;
	}
out:
	free(packed);
	libdeflate_free_compressor(compressor);
	return status;
}
