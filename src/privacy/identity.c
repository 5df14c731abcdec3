/* The happy path: the file is there, its UUID is hashed, the bucket comes out. Without a file one
 * is made by fr_file_create, which links it into place: of many processes one wins, and all read
 * what it wrote.
 */
#include "privacy/identity.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "event/uuid.h"

enum { IDENTITY_BYTES_MAX = 256, CREATE_TRIES = 3, BUCKET_DIGITS = 8 };

enum fr_status fr_bucket_of(const char *id, unsigned buckets, unsigned *bucket,
			    struct fr_error *err)
{
	char hex[FR_DIGEST_HEX];
	enum fr_status status = fr_digest_hex(hex, id, strlen(id), err);

	assert(buckets >= FR_BUCKETS_MIN && buckets <= FR_BUCKETS_MAX);
	if (status != FR_OK)
		return status;
	hex[BUCKET_DIGITS] = '\0';
	*bucket = (unsigned)(strtoul(hex, NULL, 16) % buckets);
	return FR_OK;
}

static enum fr_status identity_path(char out[FR_PATH_MAX], const char *home, struct fr_error *err)
{
	return fr_path_join(out, home, "identity", err);
}

/* A UUID, with or without the newline of whoever looked at it in an editor. */
static bool identity_parse(char out[FR_UUID_TEXT], const struct fr_buffer *text)
{
	size_t length = text->length;

	if (length > 0 && text->data[length - 1] == '\n')
		length--;
	if (length != FR_UUID_TEXT - 1)
		return false;
	memcpy(out, text->data, length);
	out[length] = '\0';
	return fr_uuid_is_valid(out);
}

static enum fr_status identity_read(const char *path, char out[FR_UUID_TEXT], struct fr_error *err)
{
	struct fr_buffer text;
	enum fr_status status;

	fr_buffer_init(&text, IDENTITY_BYTES_MAX);
	status = fr_file_read_owned(path, geteuid(), 0, &text, err);
	if (status == FR_TOO_LARGE || (status == FR_OK && !identity_parse(out, &text)))
		status = fr_fail(err, FR_INVALID,
				 "%s does not hold an identity; `flightrec whoami --reset` makes "
				 "a new one",
				 path);
	fr_buffer_fini(&text);
	return status;
}

/* A new UUID as the line the file holds. */
static enum fr_status identity_line(char out[FR_UUID_TEXT + 1], const struct fr_env *env,
				    struct fr_error *err)
{
	enum fr_status status = fr_uuid4(out, env, err);

	if (status == FR_OK)
		memcpy(out + FR_UUID_TEXT - 1, "\n", sizeof "\n");
	return status;
}

static enum fr_status identity_create(const char *path, const struct fr_env *env,
				      struct fr_error *err)
{
	char line[FR_UUID_TEXT + 1];
	enum fr_status status = identity_line(line, env, err);

	if (status == FR_OK)
		status = fr_file_create(path, line, strlen(line), err);
	return status == FR_NONE ? FR_OK : status; /* another process was first: its id is ours */
}

enum fr_status fr_identity_bucket(const char *home, const struct fr_env *env, unsigned buckets,
				  unsigned *bucket, struct fr_error *err)
{
	char path[FR_PATH_MAX], id[FR_UUID_TEXT];
	enum fr_status status = identity_path(path, home, err);
	int tries;

	if (status != FR_OK)
		return status;
	status = identity_read(path, id, err);
	for (tries = 0; status == FR_NONE && tries < CREATE_TRIES; tries++) {
		status = identity_create(path, env, err);
		if (status == FR_OK)
			status = identity_read(path, id, err);
	}
	if (status == FR_NONE) /* somebody deletes it as fast as we make it */
		return fr_fail(err, FR_IO, "%s does not stay where it was made", path);
	if (status != FR_OK)
		return status;
	return fr_bucket_of(id, buckets, bucket, err);
}

enum fr_status fr_identity_reset(const char *home, const struct fr_env *env, struct fr_error *err)
{
	char path[FR_PATH_MAX], line[FR_UUID_TEXT + 1];
	enum fr_status status = identity_path(path, home, err);

	if (status == FR_OK)
		status = identity_line(line, env, err);
	if (status == FR_OK)
		status = fr_file_replace(path, line, strlen(line), err);
	return status;
}

enum fr_status fr_identity_forget(const char *home, struct fr_error *err)
{
	char path[FR_PATH_MAX];
	enum fr_status status = identity_path(path, home, err);

	if (status == FR_OK && unlink(path) != 0 && errno != ENOENT)
		status = fr_fail_system(err, FR_IO, errno, "cannot delete %s", path);
	return status;
}
