/* Who decides: every source, every cap, and the sentence that names them. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/consent_fixture.h"

enum { NOT_SAID = -1 };

static void without_a_word_from_anybody_it_is_local(void **state)
{
	place_decides(*state, FR_CONSENT_LOCAL, FR_CONSENT_BUILT_IN,
		      "local: nobody has chosen, the built-in default is local");
}

static void the_hosts_default_goes_before_the_configs(void **state)
{
	struct place *place = *state;

	place->rules.has_config_default = true;
	place->rules.config_default = FR_CONSENT_OFF;
	place_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_CONFIG,
		      "off: nobody has chosen, privacy.default in the config is off");
	place->rules.has_host_default = true;
	place->rules.host_default = FR_CONSENT_ON;
	place_decides(place, FR_CONSENT_ON, FR_CONSENT_FROM_HOST,
		      "on: nobody has chosen, the program's default is on");
}

static void the_owners_choice_replaces_the_default_in_both_directions(void **state)
{
	struct place *place = *state;

	place->rules.has_host_default = true;
	place->rules.host_default = FR_CONSENT_OFF;
	place_choose(place, FR_CONSENT_ON);
	place_decides(place, FR_CONSENT_ON, FR_CONSENT_FROM_OWNER,
		      "on: the owner chose on, 2026-11-22");
	place->rules.host_default = FR_CONSENT_ON;
	place_choose(place, FR_CONSENT_OFF);
	place_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_OWNER,
		      "off: the owner chose off, 2026-11-22");
}

static void a_choice_is_kept_with_its_date_in_a_private_file(void **state)
{
	struct place *place = *state;
	struct fr_consent_decision decision;
	struct fr_error err;
	struct stat info;
	char *text;

	place_choose(place, FR_CONSENT_LOCAL);
	text = test_file_read(place->choice, NULL);
	assert_string_equal(text,
			    "{\"consent\":\"local\",\"chosen\":\"2026-11-22T08:35:00.000000Z\"}\n");
	free(text);
	assert_int_equal(stat(place->choice, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	decision = place_decide(place, FR_OK, &err);
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

	place_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_BUILT_IN,
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
	char text[64];

	(void)unlink(place->choice);
	if (owner != NOT_SAID)
		place_choose(place, (enum fr_consent)owner);
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

/* The rule once more, independently of consent.c: a base, and a minimum over the caps. */
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
	decision = place_decide(place, FR_OK, &err);
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
	place_decides(place, FR_CONSENT_OFF, FR_CONSENT_FROM_DO_NOT_TRACK,
		      "off: DO_NOT_TRACK is set (the owner chose on, 2026-11-22)");
	test_world_set(&place->world, "DO_NOT_TRACK", NULL);
	(void)snprintf(why, sizeof why, "local: %s allows no more (the owner chose on, 2026-11-22)",
		       place->policy);
	place_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_POLICY, why);
	assert_int_equal(unlink(place->policy), 0);
	place_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_VARIABLE,
		      "local: FLIGHTREC_CONSENT allows no more (the owner chose on, 2026-11-22)");
	test_world_set(&place->world, "FLIGHTREC_CONSENT", "on");
	place_decides(place, FR_CONSENT_LOCAL, FR_CONSENT_FROM_CAP,
		      "local: privacy.consent in the config allows no more (the owner chose on, "
		      "2026-11-22)");
}

static void do_not_track_is_off_for_anything_but_nothing_zero_and_false(void **state)
{
	static const char *const off[] = {"1", "true", "yes", "00", "FALSE", " ", "no"};
	static const char *const nothing[] = {NULL, "", "0", "false"};
	struct place *place = *state;
	struct fr_error err;

	for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
		test_world_set(&place->world, "DO_NOT_TRACK", off[i]);
		assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_OFF);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		test_world_set(&place->world, "DO_NOT_TRACK", nothing[i]);
		assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
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
		decision = place_decide(place, FR_INVALID, &err);
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

	assert_false(place_decide(place, FR_OK, &err).ci);
	test_world_set(&place->world, "CI", "true");
	assert_true(place_decide(place, FR_OK, &err).ci);
	assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
	test_world_set(&place->world, "CI", "false");
	assert_false(place_decide(place, FR_OK, &err).ci);
}

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
