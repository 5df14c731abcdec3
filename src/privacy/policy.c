/* A policy is a statement of a level that must be root's. */
#include "privacy/policy.h"

#include <stddef.h>
#include <sys/stat.h>

const char *fr_policy_path(void)
{
	return FR_POLICY_FILE;
}

enum fr_status fr_policy_read(const char *path, uid_t owner, struct fr_policy *out,
			      struct fr_error *err)
{
	struct fr_statement statement;
	enum fr_status status = fr_statement_read(path != NULL ? path : fr_policy_path(), owner,
						  S_IWGRP | S_IWOTH, &statement, err);

	*out = (struct fr_policy){0};
	if (status == FR_NONE)
		return FR_OK;
	if (status != FR_OK) {
		*out = (struct fr_policy){.has_cap = true, .cap = FR_CONSENT_OFF};
		return status;
	}
	out->has_cap = statement.has_level;
	out->cap = statement.level;
	return FR_OK;
}
