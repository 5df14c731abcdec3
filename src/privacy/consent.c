/* The happy path: the default gives a level, the owner's choice replaces it, the caps only lower
 * it, and the sentence that says so is put together at the end. A fault (a broken file, an unknown
 * word) never stops the way: it counts as `off`, is remembered, and the first one is reported
 * beside the decision.
 */
#include "privacy/consent.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "privacy/policy.h"

/* A decision on its way. */
struct weighing {
	const struct fr_consent_rules *rules;
	struct fr_consent_decision *out;
	enum fr_consent base;   /* before any cap ... */
	const char *base_words; /* ... and whose it is: "the owner chose" */
	char cap_words[144];    /* what lowered it: "DO_NOT_TRACK is set"; "" for nothing */
	bool choice_is_broken;
	struct fr_error fault; /* the first one met */
};

enum fr_status fr_consent_choice_path(char out[FR_PATH_MAX], const char *home, struct fr_error *err)
{
	return fr_path_join(out, home, "consent.json", err);
}

static void fault_note(struct weighing *weighing, const struct fr_error *fault)
{
	if (weighing->fault.status == FR_OK)
		weighing->fault = *fault;
}

static void base_set(struct weighing *weighing, enum fr_consent level,
		     enum fr_consent_source source, const char *words)
{
	weighing->base = level;
	weighing->base_words = words;
	weighing->out->level = level;
	weighing->out->source = source;
}

/* `who` `does`: "DO_NOT_TRACK" "is set". */
static void cap_apply(struct weighing *weighing, enum fr_consent cap, enum fr_consent_source source,
		      const char *who, const char *does)
{
	if (cap >= weighing->out->level)
		return;
	weighing->out->level = cap;
	weighing->out->source = source;
	(void)snprintf(weighing->cap_words, sizeof weighing->cap_words, "%.100s %s", who, does);
}

static void default_weigh(struct weighing *weighing)
{
	const struct fr_consent_rules *rules = weighing->rules;

	if (rules->has_host_default)
		base_set(weighing, rules->host_default, FR_CONSENT_FROM_HOST,
			 "the program's default is");
	else if (rules->has_config_default)
		base_set(weighing, rules->config_default, FR_CONSENT_FROM_CONFIG,
			 "privacy.default in the config is");
	else
		base_set(weighing, FR_CONSENT_LOCAL, FR_CONSENT_BUILT_IN,
			 "the built-in default is");
}

/* FR_NONE: the owner has not chosen. */
static enum fr_status choice_read(const char *home, struct fr_statement *out, struct fr_error *err)
{
	char path[FR_PATH_MAX];
	enum fr_status status = fr_consent_choice_path(path, home, err);

	if (status == FR_OK)
		status = fr_statement_read(path, geteuid(), 0, out, err);
	if (status == FR_OK && !out->has_level)
		status = fr_fail(err, FR_INVALID, "%s: no \"consent\" in it", path);
	return status;
}

static void choice_weigh(struct weighing *weighing)
{
	struct fr_consent_decision *out = weighing->out;
	struct fr_statement statement;
	struct fr_error fault;
	enum fr_status status = choice_read(weighing->rules->home, &statement, &fault);

	if (status == FR_NONE)
		return;
	if (status != FR_OK) {
		fault_note(weighing, &fault);
		weighing->choice_is_broken = true;
		base_set(weighing, FR_CONSENT_OFF, FR_CONSENT_FROM_OWNER, "");
		return;
	}
	out->has_choice = true;
	out->choice = statement.level;
	out->chosen_us = statement.chosen_us;
	base_set(weighing, statement.level, FR_CONSENT_FROM_OWNER, "the owner chose");
}

static void policy_weigh(struct weighing *weighing)
{
	const struct fr_consent_rules *rules = weighing->rules;
	const char *path = rules->policy != NULL ? rules->policy : fr_policy_path();
	const char *does = "allows no more";
	struct fr_policy policy;
	struct fr_error fault;

	if (fr_policy_read(path, rules->policy_owner, &policy, &fault) != FR_OK) {
		fault_note(weighing, &fault);
		does = "cannot be believed";
	}
	if (policy.has_cap)
		cap_apply(weighing, policy.cap, FR_CONSENT_FROM_POLICY, path, does);
}

/* Set to anything but nothing, "0" and "false". */
static bool is_switched_on(const struct fr_env *env, const char *name)
{
	const char *value = fr_env_variable(env, name);

	return value != NULL && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static void variable_weigh(struct weighing *weighing, const struct fr_env *env)
{
	const char *word = fr_env_variable(env, "FLIGHTREC_CONSENT");
	const char *does = "allows no more";
	enum fr_consent cap = FR_CONSENT_OFF;
	struct fr_error fault;

	if (word == NULL)
		return;
	if (!fr_consent_parse(word, &cap)) {
		does = "is not on, local or off";
		(void)fr_fail(&fault, FR_INVALID, "FLIGHTREC_CONSENT must be on, local or off");
		fault_note(weighing, &fault);
	}
	cap_apply(weighing, cap, FR_CONSENT_FROM_VARIABLE, "FLIGHTREC_CONSENT", does);
}

static void config_weigh(struct weighing *weighing)
{
	const struct fr_consent_rules *rules = weighing->rules;

	if (rules->has_config_cap)
		cap_apply(weighing, rules->config_cap, FR_CONSENT_FROM_CAP, "privacy.consent",
			  "in the config allows no more");
}

/* "the owner chose on, 2026-11-22" */
static void say_base(const struct weighing *weighing, char *out, size_t size)
{
	char date[FR_TIME_TEXT] = "";

	if (weighing->out->chosen_us != 0)
		fr_time_format(date, weighing->out->chosen_us);
	(void)snprintf(out, size, "%s %s%s%.10s", weighing->base_words,
		       fr_consent_name(weighing->base), date[0] != '\0' ? ", " : "", date);
}

/* "off: DO_NOT_TRACK is set (the owner chose on, 2026-11-22)" */
static void say_why(const struct weighing *weighing)
{
	struct fr_consent_decision *out = weighing->out;
	const char *level = fr_consent_name(out->level);
	char base[96];

	say_base(weighing, base, sizeof base);
	if (weighing->choice_is_broken)
		(void)snprintf(out->why, sizeof out->why,
			       "%s: the owner's choice cannot be read, choose again: %.150s", level,
			       weighing->fault.text);
	else if (weighing->cap_words[0] != '\0')
		(void)snprintf(out->why, sizeof out->why, "%s: %s (%s)", level, weighing->cap_words,
			       base);
	else
		(void)snprintf(out->why, sizeof out->why, "%s: %s%s", level,
			       out->has_choice ? "" : "nobody has chosen, ", base);
}

enum fr_status fr_consent_decide(const struct fr_consent_rules *rules, const struct fr_env *env,
				 struct fr_consent_decision *out, struct fr_error *err)
{
	struct weighing weighing = {.rules = rules, .out = out};

	*out = (struct fr_consent_decision){.ci = is_switched_on(env, "CI")};
	default_weigh(&weighing);
	choice_weigh(&weighing);
	policy_weigh(&weighing);
	if (is_switched_on(env, "DO_NOT_TRACK"))
		cap_apply(&weighing, FR_CONSENT_OFF, FR_CONSENT_FROM_DO_NOT_TRACK, "DO_NOT_TRACK",
			  "is set");
	variable_weigh(&weighing, env);
	config_weigh(&weighing);
	say_why(&weighing);
	if (weighing.fault.status == FR_OK)
		return FR_OK;
	return fr_fail(err, weighing.fault.status, "%s", weighing.fault.text);
}

enum fr_status fr_consent_choose(const char *home, enum fr_consent level, const struct fr_env *env,
				 struct fr_error *err)
{
	char path[FR_PATH_MAX], date[FR_TIME_TEXT], text[96];
	enum fr_status status = fr_consent_choice_path(path, home, err);
	int length;

	if (status == FR_OK)
		status = fr_folder_check(home, err);
	if (status == FR_NONE)
		status = fr_folder_make(home, err);
	if (status != FR_OK)
		return status;
	fr_time_format(date, fr_env_wall_us(env));
	length = snprintf(text, sizeof text, "{\"consent\":\"%s\",\"chosen\":\"%s\"}\n",
			  fr_consent_name(level), date);
	return fr_file_replace(path, text, (size_t)length, err);
}
