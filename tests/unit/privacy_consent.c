/* Who decides: every source, every cap, and every way in which a file can be odd. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "privacy/consent.h"
#include "privacy/policy.h"
#include "support/folder.h"
#include "support/world.h"

enum { NOT_SAID = -1 };

struct place {
	struct test_folder folder;
	struct test_world world;
	struct fr_consent_rules rules;
	char policy[TEST_PATH_MAX];
	char choice[TEST_PATH_MAX];
};

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	assert_non_null(place);
	test_folder_make(&place->folder);
	test_world_init(&place->world);
	test_folder_path(&place->folder, "policy.json", place->policy);
	test_folder_path(&place->folder, "consent.json", place->choice);
	place->rules = (struct fr_consent_rules){
		.home = place->folder.path, .policy = place->policy, .policy_owner = geteuid()};
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;

	test_folder_remove(&place->folder);
	free(place);
	return 0;
}

static struct fr_consent_decision decide(struct place *place, enum fr_status expected,
					 struct fr_error *err)
{
	struct fr_consent_decision decision;

	*err = (struct fr_error){0};
	assert_int_equal(fr_consent_decide(&place->rules, &place->world.env, &decision, err),
			 expected);
	assert_int_equal(err->status, expected);
	return decision;
}

static void assert_decides(struct place *place, enum fr_consent level,
			   enum fr_consent_source source, const char *why)
{
	struct fr_error err;
	struct fr_consent_decision decision = decide(place, FR_OK, &err);

	assert_int_equal(decision.level, level);
	assert_int_equal(decision.source, source);
	assert_string_equal(decision.why, why);
}

static void without_a_word_from_anybody_it_is_local(void **state)
{
	assert_decides(*state, FR_CONSENT_LOCAL, FR_CONSENT_BUILT_IN,
		       "local: nobody has chosen, the built-in default is local");
}

static void the_hosts_default_goes_before_the_configs(void **state)
{
	struct place *place = *state;

	place->rules.has_config_default = true;
	place->rules.config_default = FR_CONSENT_OFF;
	assert_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_CONFIG,
		       "off: nobody has chosen, privacy.default in the config is off");
	place->rules.has_host_default = true;
	place->rules.host_default = FR_CONSENT_ON;
	assert_decides(place, FR_CONSENT_ON, FR_CONSENT_FROM_HOST,
		       "on: nobody has chosen, the program's default is on");
}

static void the_owners_choice_replaces_the_default_in_both_directions(void **state)
{
	struct place *place = *state;
	struct fr_error err;

	place->rules.has_host_default = true;
	place->rules.host_default = FR_CONSENT_OFF;
	assert_int_equal(
		fr_consent_choose(place->folder.path, FR_CONSENT_ON, &place->world.env, &err),
		FR_OK);
	assert_decides(place, FR_CONSENT_ON, FR_CONSENT_FROM_OWNER,
		       "on: the owner chose on on 2026-11-22");
	place->rules.host_default = FR_CONSENT_ON;
	assert_int_equal(
		fr_consent_choose(place->folder.path, FR_CONSENT_OFF, &place->world.env, &err),
		FR_OK);
	assert_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_OWNER,
		       "off: the owner chose off on 2026-11-22");
}

static void a_choice_is_kept_with_its_date_in_a_private_file(void **state)
{
	struct place *place = *state;
	struct fr_consent_decision decision;
	struct fr_error err;
	struct stat info;
	char *text;

	assert_int_equal(
		fr_consent_choose(place->folder.path, FR_CONSENT_LOCAL, &place->world.env, &err),
		FR_OK);
	text = test_file_read(place->choice, NULL);
	assert_string_equal(text,
			    "{\"consent\":\"local\",\"chosen\":\"2026-11-22T08:35:00.000000Z\"}\n");
	free(text);
	assert_int_equal(stat(place->choice, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	decision = decide(place, FR_OK, &err);
	assert_true(decision.has_choice);
	assert_int_equal(decision.choice, FR_CONSENT_LOCAL);
	assert_int_equal(decision.chosen_us, place->world.wall_us);
}

static void choosing_makes_the_home_where_there_is_none(void **state)
{
	struct place *place = *state;
	char home[TEST_PATH_MAX], file[TEST_PATH_MAX];
	struct fr_error err;
	struct stat info;

	test_folder_path(&place->folder, "new/home", home);
	test_folder_path(&place->folder, "new/home/consent.json", file);
	assert_int_equal(fr_consent_choose(home, FR_CONSENT_OFF, &place->world.env, &err), FR_OK);
	assert_int_equal(stat(home, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_int_equal(access(file, F_OK), 0);
}

static void choosing_in_a_home_behind_a_symlink_is_refused(void **state)
{
	struct place *place = *state;
	char link[TEST_PATH_MAX];
	struct fr_error err;

	test_folder_path(&place->folder, "link", link);
	assert_int_equal(symlink(place->folder.path, link), 0);
	assert_int_equal(fr_consent_choose(link, FR_CONSENT_ON, &place->world.env, &err),
			 FR_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(access(place->choice, F_OK), -1);
}

static void deciding_leaves_an_empty_home_empty(void **state)
{
	struct place *place = *state;

	assert_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_BUILT_IN,
		       "local: nobody has chosen, the built-in default is local");
	assert_int_equal(rmdir(place->folder.path), 0);
}

/* ---- precedence ---- */

/* What each source says, NOT_SAID for silence. */
struct voices {
	int host, config_default, owner, policy, do_not_track, variable, cap;
};

/* The files; fsync makes them dear, so the test of all combinations writes them seldom. */
static void speak_in_files(struct place *place, int owner, int policy)
{
	struct fr_error err;
	char text[64];

	(void)unlink(place->choice);
	if (owner != NOT_SAID)
		assert_int_equal(fr_consent_choose(place->folder.path, (enum fr_consent)owner,
						   &place->world.env, &err),
				 FR_OK);
	(void)unlink(place->policy);
	if (policy == NOT_SAID)
		return;
	(void)snprintf(text, sizeof text, "{\"consent\":\"%s\"}",
		       fr_consent_name((enum fr_consent)policy));
	test_folder_write(&place->folder, "policy.json", text);
}

static void speak_otherwise(struct place *place, const struct voices *voices)
{
	struct fr_consent_rules *rules = &place->rules;

	rules->has_host_default = voices->host != NOT_SAID;
	rules->host_default = (enum fr_consent)(voices->host & 3);
	rules->has_config_default = voices->config_default != NOT_SAID;
	rules->config_default = (enum fr_consent)(voices->config_default & 3);
	rules->has_config_cap = voices->cap != NOT_SAID;
	rules->config_cap = (enum fr_consent)(voices->cap & 3);
	test_world_set(&place->world, "DO_NOT_TRACK", voices->do_not_track ? "1" : NULL);
	test_world_set(&place->world, "FLIGHTREC_CONSENT",
		       voices->variable != NOT_SAID
			       ? fr_consent_name((enum fr_consent)voices->variable)
			       : NULL);
}

/* privacy.md again, written down independently of consent.c: a base, and a minimum over the caps. */
static enum fr_consent expected_level(const struct voices *voices)
{
	const int caps[] = {voices->policy, voices->do_not_track ? FR_CONSENT_OFF : NOT_SAID,
			    voices->variable, voices->cap};
	int level = FR_CONSENT_LOCAL;

	if (voices->config_default != NOT_SAID)
		level = voices->config_default;
	if (voices->host != NOT_SAID)
		level = voices->host;
	if (voices->owner != NOT_SAID)
		level = voices->owner;
	for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
		if (caps[i] != NOT_SAID && caps[i] < level)
			level = caps[i];
	}
	return (enum fr_consent)level;
}

/* The first cap that says the level, where some cap was stricter than the base. */
static enum fr_consent_source expected_source(const struct voices *voices)
{
	const struct {
		int level;
		enum fr_consent_source source;
	} caps[] = {
		{voices->policy, FR_CONSENT_FROM_POLICY},
		{voices->do_not_track ? FR_CONSENT_OFF : NOT_SAID, FR_CONSENT_FROM_DO_NOT_TRACK},
		{voices->variable, FR_CONSENT_FROM_VARIABLE},
		{voices->cap, FR_CONSENT_FROM_CAP},
	};
	const struct voices uncapped = {
		voices->host, voices->config_default, voices->owner, NOT_SAID, false, NOT_SAID,
		NOT_SAID};
	enum fr_consent level = expected_level(voices);

	if (level < expected_level(&uncapped)) {
		for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
			if (caps[i].level == (int)level)
				return caps[i].source;
		}
	}
	if (voices->owner != NOT_SAID)
		return FR_CONSENT_FROM_OWNER;
	if (voices->host != NOT_SAID)
		return FR_CONSENT_FROM_HOST;
	return voices->config_default != NOT_SAID ? FR_CONSENT_FROM_CONFIG : FR_CONSENT_BUILT_IN;
}

static void assert_voices(struct place *place, const struct voices *voices)
{
	struct fr_consent_decision decision;
	struct fr_error err;
	const char *name;

	speak_otherwise(place, voices);
	decision = decide(place, FR_OK, &err);
	name = fr_consent_name(decision.level);
	if (decision.level != expected_level(voices) || decision.source != expected_source(voices))
		fail_msg("host %d config %d owner %d policy %d dnt %d variable %d cap %d: %s (from "
			 "%d)",
			 voices->host, voices->config_default, voices->owner, voices->policy,
			 voices->do_not_track, voices->variable, voices->cap, decision.why,
			 (int)decision.source);
	assert_memory_equal(decision.why, name, strlen(name));
	assert_int_equal(decision.has_choice, voices->owner != NOT_SAID);
}

static void every_combination_of_voices_gives_the_strictest_cap_over_the_base(void **state)
{
	struct voices voices;

	for (int files = 0; files < 4 * 4; files++) {
		voices.owner = files % 4 - 1;
		voices.policy = files / 4 - 1;
		speak_in_files(*state, voices.owner, voices.policy);
		for (int n = 0; n < 4 * 4 * 4 * 4 * 2; n++) {
			voices.host = n % 4 - 1;
			voices.config_default = n / 4 % 4 - 1;
			voices.variable = n / 16 % 4 - 1;
			voices.cap = n / 64 % 4 - 1;
			voices.do_not_track = n / 256;
			assert_voices(*state, &voices);
		}
	}
}

static void the_sentence_names_what_decided_and_what_it_overrode(void **state)
{
	struct place *place = *state;
	char why[TEST_PATH_MAX + 64];

	speak_in_files(place, FR_CONSENT_ON, FR_CONSENT_LOCAL);
	speak_otherwise(place, &(struct voices){.host = NOT_SAID,
						.config_default = NOT_SAID,
						.owner = FR_CONSENT_ON,
						.policy = FR_CONSENT_LOCAL,
						.do_not_track = true,
						.variable = FR_CONSENT_LOCAL,
						.cap = FR_CONSENT_LOCAL});
	assert_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_DO_NOT_TRACK,
		       "off: DO_NOT_TRACK is set (the owner chose on on 2026-11-22)");
	test_world_set(&place->world, "DO_NOT_TRACK", NULL);
	(void)snprintf(why, sizeof why,
		       "local: %s allows no more (the owner chose on on 2026-11-22)",
		       place->policy);
	assert_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_POLICY, why);
	assert_int_equal(unlink(place->policy), 0);
	assert_decides(
		place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_VARIABLE,
		"local: FLIGHTREC_CONSENT allows no more (the owner chose on on 2026-11-22)");
	test_world_set(&place->world, "FLIGHTREC_CONSENT", "on");
	assert_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_CAP,
		       "local: privacy.consent in the config allows no more (the owner chose on on "
		       "2026-11-22)");
	place->rules.config_cap_key = "privacy.catalogue";
	assert_decides(
		place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_CAP,
		"local: privacy.catalogue in the config allows no more (the owner chose on on "
		"2026-11-22)");
}

/* ---- variables ---- */

static void do_not_track_is_off_for_anything_but_nothing_zero_and_false(void **state)
{
	static const char *const off[] = {"1", "true", "yes", "00", "FALSE", " ", "no"};
	static const char *const nothing[] = {NULL, "", "0", "false"};
	struct place *place = *state;
	struct fr_error err;

	for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
		test_world_set(&place->world, "DO_NOT_TRACK", off[i]);
		assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_OFF);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		test_world_set(&place->world, "DO_NOT_TRACK", nothing[i]);
		assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
	}
}

static void an_unknown_word_in_the_variable_is_off_and_said(void **state)
{
	static const char *const words[] = {"ON", "yes", "0", "1", "local ", "of"};
	struct place *place = *state;
	struct fr_consent_decision decision;
	struct fr_error err;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		test_world_set(&place->world, "FLIGHTREC_CONSENT", words[i]);
		decision = decide(place, FR_INVALID, &err);
		assert_int_equal(decision.level, FR_CONSENT_OFF);
		assert_int_equal(decision.source, FR_CONSENT_FROM_VARIABLE);
		assert_string_equal(err.text, "FLIGHTREC_CONSENT must be on, local or off");
		assert_string_equal(decision.why, "off: FLIGHTREC_CONSENT is not on, local or off "
						  "(the built-in default is local)");
	}
}

static void under_ci_the_level_stays_and_the_decision_says_ci(void **state)
{
	struct place *place = *state;
	struct fr_error err;

	assert_false(decide(place, FR_OK, &err).ci);
	test_world_set(&place->world, "CI", "true");
	assert_true(decide(place, FR_OK, &err).ci);
	assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
	test_world_set(&place->world, "CI", "false");
	assert_false(decide(place, FR_OK, &err).ci);
}

/* ---- odd files ---- */

struct odd {
	const char *text;
	const char *says; /* behind "<path>: " */
};

static const struct odd odd_texts[] = {
	{"", "empty"},
	{"{\"consent\":\"o", NULL},
	{"{\"consent\":\"on\"", NULL},
	{"{\"consent\":\"on\"} {}", NULL},
	{"on\n", NULL},
	{"\"on\"", "not a JSON object"},
	{"[\"on\"]", "not a JSON object"},
	{"{\"consent\":\"ON\"}", "\"consent\" must be \"on\", \"local\" or \"off\""},
	{"{\"consent\":true}", "\"consent\" must be \"on\", \"local\" or \"off\""},
	{"{\"consent\":\"on\\u0000\"}", "\"consent\" must be \"on\", \"local\" or \"off\""},
	{"{\"consent\":\"on\",\"consent\":\"off\"}", "\"consent\" is there twice"},
	{"{\"consent\":\"on\",\"chosen\":\"yesterday\"}",
	 "\"chosen\" is not a date like 2026-11-22T08:35:00Z"},
	{"{\"consent\":\"on\",\"chosen\":17}",
	 "\"chosen\" is not a date like 2026-11-22T08:35:00Z"},
	{"{\"consent\":\"on\",\"chosen\":\"2026-11-22T08:35:00Z\",\"chosen\":"
	 "\"2026-11-22T08:35:00Z\"}",
	 "\"chosen\" is there twice"},
	{"{\"consent\":\"on\",\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", NULL},
};

static void assert_off_because_of(struct place *place, const char *path, const char *says,
				  enum fr_status status)
{
	struct fr_error err;
	struct fr_consent_decision decision = decide(place, status, &err);

	assert_int_equal(decision.level, FR_CONSENT_OFF);
	assert_false(decision.has_choice);
	assert_non_null(strstr(err.text, path));
	if (says != NULL && strstr(err.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void an_odd_choice_is_off_and_names_the_file(void **state)
{
	static const char broken[] = "off: the owner's choice cannot be read, choose again: ";
	struct place *place = *state;
	struct fr_error err;

	place->rules.has_host_default = true;
	place->rules.host_default = FR_CONSENT_ON;
	for (size_t i = 0; i < sizeof odd_texts / sizeof *odd_texts; i++) {
		struct fr_consent_decision decision;

		test_folder_write(&place->folder, "consent.json", odd_texts[i].text);
		assert_int_not_equal(
			fr_consent_decide(&place->rules, &place->world.env, &decision, &err),
			FR_OK);
		assert_off_because_of(place, place->choice, odd_texts[i].says, err.status);
		assert_int_equal(decision.source, FR_CONSENT_FROM_OWNER);
		assert_memory_equal(decision.why, broken, strlen(broken));
	}
	test_folder_write(&place->folder, "consent.json", "{}");
	assert_off_because_of(place, place->choice, "no \"consent\" in it", FR_INVALID);
}

static void a_choice_with_members_of_a_newer_release_counts(void **state)
{
	struct place *place = *state;
	struct fr_error err;

	test_folder_write(&place->folder, "consent.json",
			  " {\"noticed\":{\"by\":[1,2]},\n\"consent\":\"on\"}\n");
	assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_ON);
	assert_int_equal(decide(place, FR_OK, &err).chosen_us, 0);
	assert_string_equal(decide(place, FR_OK, &err).why, "on: the owner chose on");
}

static void a_choice_behind_a_symlink_is_off(void **state)
{
	struct place *place = *state;
	char elsewhere[TEST_PATH_MAX];

	test_folder_write(&place->folder, "elsewhere", "{\"consent\":\"on\"}");
	assert_int_equal(
		symlink(test_folder_path(&place->folder, "elsewhere", elsewhere), place->choice),
		0);
	assert_off_because_of(place, place->choice, "symbolic link", FR_INVALID);
}

static void a_choice_that_is_a_folder_or_a_pipe_is_off(void **state)
{
	struct place *place = *state;

	assert_int_equal(mkdir(place->choice, 0700), 0);
	assert_off_because_of(place, place->choice, "not a regular file", FR_INVALID);
	assert_int_equal(rmdir(place->choice), 0);
	assert_int_equal(mkfifo(place->choice, 0600), 0);
	assert_off_because_of(place, place->choice, "not a regular file", FR_INVALID);
}

static void a_choice_that_is_too_long_to_be_one_is_off(void **state)
{
	struct place *place = *state;
	char text[8192];

	memset(text, ' ', sizeof text);
	memcpy(text + sizeof text - 18, "{\"consent\":\"on\"}\n", 18);
	test_folder_write(&place->folder, "consent.json", text);
	assert_off_because_of(place, place->choice, "larger than", FR_TOO_LARGE);
}

static void a_choice_that_cannot_be_read_is_off(void **state)
{
	struct place *place = *state;
	bool is_root = geteuid() == 0;

	test_folder_write(&place->folder, "consent.json", "{\"consent\":\"on\"}");
	assert_int_equal(chmod(place->choice, 0), 0);
	place->rules.policy = "/nonexistent/policy.json";
	if (is_root) /* who may read everything */
		assert_int_equal(seteuid(12345), 0);
	assert_off_because_of(place, place->choice, "Permission denied", FR_IO);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

static void a_choice_of_somebody_else_is_off(void **state)
{
	struct place *place = *state;

	if (geteuid() != 0)
		skip(); /* only root can give files away */
	test_folder_write(&place->folder, "consent.json", "{\"consent\":\"on\"}");
	assert_int_equal(chown(place->choice, 12345, 12345), 0);
	assert_off_because_of(place, place->choice, "belongs to user 12345, not to user 0",
			      FR_INVALID);
}

static void choosing_again_mends_a_broken_choice(void **state)
{
	struct place *place = *state;
	char elsewhere[TEST_PATH_MAX];
	struct fr_error err;
	char *text;

	test_folder_write(&place->folder, "elsewhere", "untouched");
	assert_int_equal(
		symlink(test_folder_path(&place->folder, "elsewhere", elsewhere), place->choice),
		0);
	assert_int_equal(
		fr_consent_choose(place->folder.path, FR_CONSENT_ON, &place->world.env, &err),
		FR_OK);
	assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_ON);
	text = test_file_read(elsewhere, NULL);
	assert_string_equal(text, "untouched");
	free(text);
}

/* ---- the policy ---- */

static void an_odd_policy_allows_nothing_and_names_the_file(void **state)
{
	struct place *place = *state;
	struct fr_consent_decision decision;
	struct fr_error err;

	for (size_t i = 0; i < sizeof odd_texts / sizeof *odd_texts; i++) {
		test_folder_write(&place->folder, "policy.json", odd_texts[i].text);
		assert_int_not_equal(
			fr_consent_decide(&place->rules, &place->world.env, &decision, &err),
			FR_OK);
		assert_off_because_of(place, place->policy, odd_texts[i].says, err.status);
		assert_int_equal(decision.source, FR_CONSENT_FROM_POLICY);
		assert_non_null(strstr(decision.why, "cannot be believed"));
	}
}

static void a_policy_that_others_may_write_allows_nothing(void **state)
{
	struct place *place = *state;

	test_folder_write(&place->folder, "policy.json", "{\"consent\":\"on\"}");
	assert_int_equal(chmod(place->policy, 0664), 0);
	assert_off_because_of(place, place->policy, "mode 0664: others may change it", FR_INVALID);
	assert_int_equal(chmod(place->policy, 0646), 0);
	assert_off_because_of(place, place->policy, "mode 0646: others may change it", FR_INVALID);
}

static void a_policy_that_is_not_its_owners_allows_nothing(void **state)
{
	struct place *place = *state;

	test_folder_write(&place->folder, "policy.json", "{\"consent\":\"on\"}");
	place->rules.policy_owner = geteuid() + 1;
	assert_off_because_of(place, place->policy, "belongs to user", FR_INVALID);
}

static void a_policy_without_a_level_changes_nothing(void **state)
{
	struct place *place = *state;
	struct fr_error err;

	test_folder_write(&place->folder, "policy.json", "{\"later\":[{}]}");
	assert_int_equal(chmod(place->policy, 0644), 0);
	assert_int_equal(decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
}

static void the_built_in_policy_is_where_the_build_put_it_and_roots(void **state)
{
	struct place *place = *state;

	assert_string_equal(fr_policy_path(), "/etc/flightrec/policy.json");
	assert_int_equal(((struct fr_consent_rules){.home = place->folder.path}).policy_owner, 0);
}

/* ---- the watch ---- */

static void a_watch_sees_the_owners_new_choice_at_the_next_look(void **state)
{
	struct place *place = *state;
	const char *home = place->folder.path;
	struct fr_consent_watch watch;
	struct fr_error err;

	assert_int_equal(fr_consent_watch_init(&watch, &place->rules, &place->world.env, &err),
			 FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_LOCAL);
	for (int i = 0; i < 300; i++) {
		enum fr_consent level = (enum fr_consent)(i % 3);

		assert_int_equal(fr_consent_choose(home, level, &place->world.env, &err), FR_OK);
		assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
		assert_int_equal(watch.decision.level, level);
		assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
		assert_int_equal(watch.decision.level, level);
	}
	assert_int_equal(unlink(place->choice), 0);
	assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_LOCAL);
}

static void a_watch_sees_a_new_policy_within_a_second(void **state)
{
	struct place *place = *state;
	struct fr_consent_watch watch;
	struct fr_error err;

	assert_int_equal(fr_consent_watch_init(&watch, &place->rules, &place->world.env, &err),
			 FR_OK);
	test_folder_write(&place->folder, "policy.json", "{\"consent\":\"off\"}");
	test_world_pass(&place->world, 999999);
	assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_LOCAL);
	test_world_pass(&place->world, 1);
	assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_OFF);
}

static void a_watch_tells_of_a_broken_choice_once(void **state)
{
	struct place *place = *state;
	struct fr_consent_watch watch;
	struct fr_error err;

	assert_int_equal(fr_consent_watch_init(&watch, &place->rules, &place->world.env, &err),
			 FR_OK);
	test_folder_write(&place->folder, "consent.json", "{");
	assert_int_equal(fr_consent_watch_look(&watch, &err), FR_INVALID);
	assert_int_equal(watch.decision.level, FR_CONSENT_OFF);
	assert_int_equal(fr_consent_watch_look(&watch, &err), FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_OFF);
}

#define in_a_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_place(without_a_word_from_anybody_it_is_local),
		in_a_place(the_hosts_default_goes_before_the_configs),
		in_a_place(the_owners_choice_replaces_the_default_in_both_directions),
		in_a_place(a_choice_is_kept_with_its_date_in_a_private_file),
		in_a_place(choosing_makes_the_home_where_there_is_none),
		in_a_place(choosing_in_a_home_behind_a_symlink_is_refused),
		in_a_place(deciding_leaves_an_empty_home_empty),
		in_a_place(every_combination_of_voices_gives_the_strictest_cap_over_the_base),
		in_a_place(the_sentence_names_what_decided_and_what_it_overrode),
		in_a_place(do_not_track_is_off_for_anything_but_nothing_zero_and_false),
		in_a_place(an_unknown_word_in_the_variable_is_off_and_said),
		in_a_place(under_ci_the_level_stays_and_the_decision_says_ci),
		in_a_place(an_odd_choice_is_off_and_names_the_file),
		in_a_place(a_choice_with_members_of_a_newer_release_counts),
		in_a_place(a_choice_behind_a_symlink_is_off),
		in_a_place(a_choice_that_is_a_folder_or_a_pipe_is_off),
		in_a_place(a_choice_that_is_too_long_to_be_one_is_off),
		in_a_place(a_choice_that_cannot_be_read_is_off),
		in_a_place(a_choice_of_somebody_else_is_off),
		in_a_place(choosing_again_mends_a_broken_choice),
		in_a_place(an_odd_policy_allows_nothing_and_names_the_file),
		in_a_place(a_policy_that_others_may_write_allows_nothing),
		in_a_place(a_policy_that_is_not_its_owners_allows_nothing),
		in_a_place(a_policy_without_a_level_changes_nothing),
		in_a_place(the_built_in_policy_is_where_the_build_put_it_and_roots),
		in_a_place(a_watch_sees_the_owners_new_choice_at_the_next_look),
		in_a_place(a_watch_sees_a_new_policy_within_a_second),
		in_a_place(a_watch_tells_of_a_broken_choice_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
