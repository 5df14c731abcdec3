/* UUIDs as text, RFC 9562: version 7 for events and batches (they sort by time), 4 for identities.
 */
#ifndef FR_EVENT_UUID_H
#define FR_EVENT_UUID_H

#include <stdbool.h>

#include "base/env.h"

enum { FR_UUID_TEXT = 37 };

/* Milliseconds from wall_us, 74 random bits. FR_IO when the system has no randomness. */
enum fr_status fr_uuid7(char out[FR_UUID_TEXT], const struct fr_env *env, int64_t wall_us,
			struct fr_error *err);
enum fr_status fr_uuid4(char out[FR_UUID_TEXT], const struct fr_env *env, struct fr_error *err);

/* Exactly 36 characters, lower-case hex, dashes in place. */
bool fr_uuid_is_valid(const char *text);

#endif
