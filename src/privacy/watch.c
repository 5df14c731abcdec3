/* The happy path is one lstat that finds what it found the last time. A stamp is always taken
 * before the file is read: a change in between makes the stamp too old, and the next look decides
 * anew. Two changes within one tick of the file system's clock still differ, since each level makes
 * a file of another size.
 */
#include "privacy/consent.h"

#include <assert.h>

#include "privacy/policy.h"

enum { POLICY_EVERY_US = 1000000 };

static const char *policy_path(const struct fr_consent_watch *watch)
{
	return watch->rules.policy != NULL ? watch->rules.policy : fr_policy_path();
}

enum fr_status fr_consent_watch_init(struct fr_consent_watch *watch,
				     const struct fr_consent_rules *rules, const struct fr_env *env,
				     struct fr_error *err)
{
	*watch = (struct fr_consent_watch){.rules = *rules, .env = env};
	if (fr_consent_choice_path(watch->choice_path, rules->home, NULL) != FR_OK)
		watch->choice_path[0] = '\0'; /* deciding says so, and never changes its mind */
	fr_stamp_take(&watch->choice, watch->choice_path);
	fr_stamp_take(&watch->policy, policy_path(watch));
	watch->policy_looked_us = fr_env_boot_us(env);
	return fr_consent_decide(&watch->rules, env, &watch->decision, err);
}

static bool policy_has_changed(struct fr_consent_watch *watch)
{
	int64_t now_us = fr_env_boot_us(watch->env);

	if (now_us - watch->policy_looked_us < POLICY_EVERY_US)
		return false;
	watch->policy_looked_us = now_us;
	return fr_stamp_renew(&watch->policy, policy_path(watch));
}

enum fr_status fr_consent_watch_look(struct fr_consent_watch *watch, struct fr_error *err)
{
	bool has_changed = fr_stamp_renew(&watch->choice, watch->choice_path);

	assert(watch->env != NULL);
	if (policy_has_changed(watch))
		has_changed = true;
	if (!has_changed)
		return FR_OK;
	return fr_consent_decide(&watch->rules, watch->env, &watch->decision, err);
}
