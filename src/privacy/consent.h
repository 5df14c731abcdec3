/* What the laptop's owner allows: `on` (record and send), `local` (record, never send), `off`
 * (nothing).
 *
 * The owner's choice in consent.json replaces the host's default (options, then config, then
 * local). Then caps apply and the strictest wins: policy, DO_NOT_TRACK, FLIGHTREC_CONSENT, the
 * config. A cap only ever takes away. What cannot be read counts as the strictest thing it might
 * have said: a consent.json that is empty, cut off, no JSON, a symlink or somebody else's is `off`.
 * Deciding never writes anything.
 *
 * Threads: pure but for the files and variables it reads; a watch belongs to one owner.
 */
#ifndef FR_PRIVACY_CONSENT_H
#define FR_PRIVACY_CONSENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/env.h"
#include "base/file.h"
#include "base/stamp.h"
#include "base/status.h"
#include "privacy/level.h"

enum fr_consent_source {
	FR_CONSENT_BUILT_IN,    /* nobody said anything: local */
	FR_CONSENT_FROM_CONFIG, /* privacy.default */
	FR_CONSENT_FROM_HOST,   /* flightrec_options_set_consent */
	FR_CONSENT_FROM_OWNER,  /* consent.json */
	FR_CONSENT_FROM_POLICY, /* /etc/flightrec/policy.json */
	FR_CONSENT_FROM_DO_NOT_TRACK,
	FR_CONSENT_FROM_VARIABLE, /* FLIGHTREC_CONSENT */
	FR_CONSENT_FROM_CAP,      /* the config's cap */
};

/* What the caller knows; fr_config_consent_rules fills in the config's part. */
struct fr_consent_rules {
	const char *home;   /* where consent.json is */
	const char *policy; /* path of the policy file; NULL: the built-in one */
	uid_t policy_owner; /* whose it must be: root's (0), but in tests */
	bool has_host_default;
	enum fr_consent host_default;
	bool has_config_default;
	enum fr_consent config_default;
	bool has_config_cap;
	enum fr_consent config_cap;
};

enum { FR_CONSENT_WHY = 256 };

struct fr_consent_decision {
	enum fr_consent level;
	enum fr_consent_source source;
	bool ci;         /* the environment says CI */
	bool has_choice; /* the owner chose */
	enum fr_consent choice;
	int64_t chosen_us;        /* when; 0 where unknown */
	char why[FR_CONSENT_WHY]; /* a sentence for people: what decided, and what it overrode */
};

/* Decides; always fills the decision. Returns a fault (the first one met) only to be told to
 * people: the decision then already is the strict one. */
enum fr_status fr_consent_decide(const struct fr_consent_rules *rules, const struct fr_env *env,
				 struct fr_consent_decision *out, struct fr_error *err);

/* Where the owner's choice is kept: consent.json in the home. */
enum fr_status fr_consent_choice_path(char out[FR_PATH_MAX], const char *home,
				      struct fr_error *err);

/* Writes the owner's choice with its date into the home, durably; makes the home where it is
 * missing. */
enum fr_status fr_consent_choose(const char *home, enum fr_consent level, const struct fr_env *env,
				 struct fr_error *err);

/* ---- asking before every record
 * ------------------------------------------------------------------ */

/* A decision that is kept up to date for the price of one stat: consent.json is looked at every
 * time, so that an owner's `off` counts from the next event on; the policy once a second. The
 * environment is read with the files: at init, and again when one of them has changed.
 * Life: no memory of its own; the rules' strings and env are borrowed for its life. */
struct fr_consent_watch {
	struct fr_consent_rules rules;
	const struct fr_env *env;
	struct fr_consent_decision decision; /* what holds now */
	struct fr_stamp choice, policy;
	int64_t policy_looked_us; /* boot clock */
	char choice_path[FR_PATH_MAX];
};

/* Decides for the first time. As fr_consent_decide, a fault is only to be told: the watch works. */
enum fr_status fr_consent_watch_init(struct fr_consent_watch *watch,
				     const struct fr_consent_rules *rules, const struct fr_env *env,
				     struct fr_error *err);

/* Brings watch->decision up to date. A fault is reported once, when the decision that meets it
 * is made. */
enum fr_status fr_consent_watch_look(struct fr_consent_watch *watch, struct fr_error *err);

#endif
