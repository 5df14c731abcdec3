#include "support/test.h"

#include "unit/consent_fixture.h"

#include <stdlib.h>
#include <unistd.h>

int place_make(void **state)
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

int place_remove(void **state)
{
	struct place *place = *state;

	test_folder_remove(&place->folder);
	free(place);
	return 0;
}

struct fr_consent_decision place_decide(struct place *place, enum fr_status expected,
					struct fr_error *err)
{
	struct fr_consent_decision decision;

	*err = (struct fr_error){0};
	assert_int_equal(fr_consent_decide(&place->rules, &place->world.env, &decision, err),
			 expected);
	assert_int_equal(err->status, expected);
	return decision;
}

void place_decides(struct place *place, enum fr_consent level, enum fr_consent_source source,
		   const char *why)
{
	struct fr_error err;
	struct fr_consent_decision decision = place_decide(place, FR_OK, &err);

	assert_int_equal(decision.level, level);
	assert_int_equal(decision.source, source);
	assert_string_equal(decision.why, why);
}

void place_choose(struct place *place, enum fr_consent level)
{
	struct fr_error err;

	assert_int_equal(fr_consent_choose(place->folder.path, level, &place->world.env, &err),
			 FR_OK);
}
