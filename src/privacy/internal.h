/* The first gate of internal events: they exist only where the process's environment says so.
 *
 * privacy.internal names a variable and its value ({"env": "USER_TYPE", "value": "ant"}). No name,
 * no value, or a variable that is not exactly that value: internal events exist nowhere.
 */
#ifndef FR_PRIVACY_INTERNAL_H
#define FR_PRIVACY_INTERNAL_H

#include <stdbool.h>

#include "base/env.h"

/* Both texts may be NULL or "". */
bool fr_internal_is_allowed(const char *env_name, const char *env_value, const struct fr_env *env);

#endif
