/* The machine's policy: a file that only root can have written, and that only ever makes things
 * stricter.
 *
 * Its path is fixed when Flightrec is built (FLIGHTREC_POLICY_FILE), never taken from the
 * environment. A policy that is there but is not root's, may be written by others, or does not
 * parse allows nothing.
 */
#ifndef FR_PRIVACY_POLICY_H
#define FR_PRIVACY_POLICY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/status.h"
#include "privacy/level.h"

struct fr_policy {
	bool has_cap;
	enum fr_consent cap;
};

/* /etc/flightrec/policy.json, unless the build said otherwise. */
const char *fr_policy_path(void);

/* Reads the policy at path (NULL: the built-in one), which must be `owner`'s: 0, but in tests.
 * Always fills *out; a fault is only to be told, for then *out already is the strictest cap. No
 * file, no cap. */
enum fr_status fr_policy_read(const char *path, uid_t owner, struct fr_policy *out,
			      struct fr_error *err);

#endif
