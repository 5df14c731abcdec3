/* What the laptop's owner allows: `on` (record and send), `local` (record, never send), `off` (nothing).
 *
 * The owner's choice in consent.json replaces the host's default (options, then config, then local). Then
 * caps apply and the strictest wins: policy, DO_NOT_TRACK, FLIGHTREC_CONSENT, the config's
 * privacy.consent. What cannot be read counts as the stricter reading: a broken consent.json is `off`
 * if it might say so. The decision never writes anything.
 */
#ifndef FR_PRIVACY_CONSENT_H
#define FR_PRIVACY_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/status.h"

enum fr_consent {
	FR_CONSENT_OFF = 0,
	FR_CONSENT_LOCAL = 1,
	FR_CONSENT_ON = 2,
};

enum fr_consent_source {
	FR_CONSENT_BUILT_IN,    /* nobody said anything: local */
	FR_CONSENT_FROM_CONFIG, /* privacy.default */
	FR_CONSENT_FROM_HOST,   /* flightrec_options_set_consent */
	FR_CONSENT_FROM_OWNER,  /* consent.json */
	FR_CONSENT_FROM_POLICY, /* /etc/flightrec/policy.json */
	FR_CONSENT_FROM_DO_NOT_TRACK,
	FR_CONSENT_FROM_VARIABLE, /* FLIGHTREC_CONSENT */
	FR_CONSENT_FROM_CAP,      /* privacy.consent in the config */
};

struct fr_consent_rules {
	const char *home;   /* where consent.json is */
	const char *policy; /* path of the policy file; NULL: the built-in one */
	bool has_host_default;
	enum fr_consent host_default;
	bool has_config_default;
	enum fr_consent config_default;
	bool has_config_cap;
	enum fr_consent config_cap;
};

struct fr_consent_decision {
	enum fr_consent level;
	enum fr_consent_source source;
	bool ci;         /* the environment says CI */
	bool has_choice; /* the owner chose */
	enum fr_consent choice;
	int64_t chosen_us; /* when; 0 where unknown */
	char why[256];     /* a sentence for people: what decided, and what it overrode */
};

/* Decides; always fills the decision. Returns a fault only to be told to people (a broken file, say): the
 * decision then already is the strict one. */
enum fr_status fr_consent_decide(const struct fr_consent_rules *rules, const struct fr_env *env,
				 struct fr_consent_decision *out, struct fr_error *err);

/* Writes the owner's choice with its date into the home, durably. */
enum fr_status fr_consent_choose(const char *home, enum fr_consent level, const struct fr_env *env,
				 struct fr_error *err);

const char *fr_consent_name(enum fr_consent level);
bool fr_consent_parse(const char *name, enum fr_consent *out);

#endif
