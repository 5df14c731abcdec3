/* Who uses this machine, reduced to a bucket: the id itself never leaves the identity file.
 *
 * Bucket: SHA-256 of the bytes of the id's text, hex, first 8 digits as an unsigned integer, modulo
 * the number of buckets. `user-123` in 30 buckets is 25. The identity file is one UUIDv4 and a
 * newline.
 */
#ifndef FR_PRIVACY_IDENTITY_H
#define FR_PRIVACY_IDENTITY_H

#include "base/env.h"
#include "base/status.h"

enum { FR_BUCKETS_DEFAULT = 30, FR_BUCKETS_MIN = 2, FR_BUCKETS_MAX = 1000 };

/* The bucket of any id text. */
enum fr_status fr_bucket_of(const char *id, unsigned buckets, unsigned *bucket,
			    struct fr_error *err);

/* The bucket of this home's identity, which is made at first use, race-free between processes. A
 * file that is not an identity (empty, truncated, a symlink, somebody else's) is FR_INVALID with
 * its path, and left alone: a second id for the same person would count one user twice. The home
 * exists already. */
enum fr_status fr_identity_bucket(const char *home, const struct fr_env *env, unsigned buckets,
				  unsigned *bucket, struct fr_error *err);

/* Replaces the identity by a new one, whatever was there. */
enum fr_status fr_identity_reset(const char *home, const struct fr_env *env, struct fr_error *err);

/* Deletes it, for an owner who wants nothing recorded; that there is none is fine. */
enum fr_status fr_identity_forget(const char *home, struct fr_error *err);

#endif
