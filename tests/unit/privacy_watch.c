/* A decision that keeps up with the files it was made from. */
#include "support/test.h"

#include <unistd.h>

#include "unit/consent_fixture.h"

static void a_watch_sees_the_owners_new_choice_at_the_next_look(void **state)
{
	struct place *place = *state;
	struct fr_consent_watch watch;
	struct fr_error err;

	assert_int_equal(fr_consent_watch_init(&watch, &place->rules, &place->world.env, &err),
			 FR_OK);
	assert_int_equal(watch.decision.level, FR_CONSENT_LOCAL);
	for (int i = 0; i < 60; i++) {
		enum fr_consent level = (enum fr_consent)(i % 3);

		place_choose(place, level);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_place(a_watch_sees_the_owners_new_choice_at_the_next_look),
		in_a_place(a_watch_sees_a_new_policy_within_a_second),
		in_a_place(a_watch_tells_of_a_broken_choice_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
