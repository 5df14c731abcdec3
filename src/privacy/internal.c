/* One comparison; everything that is not an exact yes is a no. */
#include "privacy/internal.h"

#include <stddef.h>
#include <string.h>

bool fr_internal_is_allowed(const char *env_name, const char *env_value, const struct fr_env *env)
{
	const char *value;

	if (env_name == NULL || env_name[0] == '\0' || env_value == NULL || env_value[0] == '\0')
		return false;
	value = fr_env_variable(env, env_name);
	return value != NULL && strcmp(value, env_value) == 0;
}
