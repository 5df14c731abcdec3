/* The voices about consent in the order in which they are heard: a default, the owner, then the
 * caps. */
#include <stdio.h>

#include "base/text.h"
#include "cli.h"
#include "privacy/policy.h"
#include "status.h"

static const char *variable_said(const struct cli *cli, const char *name)
{
	const char *value = fr_env_variable(&cli->env, name);

	return value != NULL ? value : "not set";
}

static const char *policy_said(struct fr_error *err)
{
	struct fr_policy policy;

	if (fr_policy_read(NULL, 0, &policy, err) != FR_OK)
		return err->text;
	return policy.has_cap ? fr_consent_name(policy.cap) : "says nothing";
}

static const char *choice_said(const struct fr_consent_decision *consent, char *out, size_t size)
{
	char date[FR_TIME_TEXT] = "";

	if (!consent->has_choice)
		return "has not chosen";
	if (consent->chosen_us != 0)
		fr_time_format(date, consent->chosen_us);
	(void)snprintf(out, size, "%s%s%s", fr_consent_name(consent->choice),
		       date[0] != '\0' ? ", chosen " : "", date);
	return out;
}

void cli_consent_voices(const struct cli_status *status, cli_on_voice *on_voice, void *context)
{
	const struct fr_config *config = status->config;
	struct fr_error err = {0};
	char text[64];

	on_voice(context, "built-in default", "local");
	on_voice(context, "config, privacy.default",
		 config == NULL                ? "the config cannot be read"
		 : config->privacy.has_default ? fr_consent_name(config->privacy.default_level)
					       : "says nothing");
	on_voice(context, "owner, consent.json", choice_said(&status->consent, text, sizeof text));
	on_voice(context, fr_policy_path(), policy_said(&err));
	on_voice(context, "DO_NOT_TRACK", variable_said(status->cli, "DO_NOT_TRACK"));
	on_voice(context, "FLIGHTREC_CONSENT", variable_said(status->cli, "FLIGHTREC_CONSENT"));
	on_voice(context, "config, privacy.consent",
		 config == NULL            ? "the config cannot be read"
		 : config->privacy.has_cap ? fr_consent_name(config->privacy.cap)
					   : "says nothing");
}
