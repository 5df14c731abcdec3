/* A home of a test's own in which people choose, with a policy beside it and a world of its own. */
#ifndef FR_UNIT_CONSENT_FIXTURE_H
#define FR_UNIT_CONSENT_FIXTURE_H

#include "privacy/consent.h"
#include "support/folder.h"
#include "support/world.h"

struct place {
	struct test_folder folder; /* the home */
	struct test_world world;
	struct fr_consent_rules rules;
	char policy[TEST_PATH_MAX]; /* a file of this user's in the home */
	char choice[TEST_PATH_MAX];
};

/* Setup and teardown of a cmocka test, whose state is the place. */
int place_make(void **state);
int place_remove(void **state);

#define in_a_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

/* Decides, and insists on the status. */
struct fr_consent_decision place_decide(struct place *place, enum fr_status expected,
					struct fr_error *err);

/* Decides without a fault, and insists on all of it. */
void place_decides(struct place *place, enum fr_consent level, enum fr_consent_source source,
		   const char *why);

/* The owner chooses. */
void place_choose(struct place *place, enum fr_consent level);

#endif
