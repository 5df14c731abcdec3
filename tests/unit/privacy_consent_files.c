/* The choice and the policy when their files are odd, in every way there is: that is off. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privacy/policy.h"
#include "unit/consent_fixture.h"

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
	struct fr_consent_decision decision = place_decide(place, status, &err);

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
	assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_ON);
	assert_int_equal(place_decide(place, FR_OK, &err).chosen_us, 0);
	assert_string_equal(place_decide(place, FR_OK, &err).why, "on: the owner chose on");
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
	place_choose(place, FR_CONSENT_ON);
	assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_ON);
	text = test_file_read(elsewhere, NULL);
	assert_string_equal(text, "untouched");
	free(text);
}

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
	assert_int_equal(place_decide(place, FR_OK, &err).level, FR_CONSENT_LOCAL);
}

static void the_built_in_policy_is_where_the_build_put_it_and_roots(void **state)
{
	struct place *place = *state;

	assert_string_equal(fr_policy_path(), "/etc/flightrec/policy.json");
	assert_int_equal(((struct fr_consent_rules){.home = place->folder.path}).policy_owner, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
