/* What a server can do to a client that only wants an answer: one function each, and what it must
 * come to.
 */
#ifndef FR_TESTS_INTEGRATION_HOSTILE_MANNERS_H
#define FR_TESTS_INTEGRATION_HOSTILE_MANNERS_H

#include "support/rogue.h"

struct hostile_manner {
	const char *name;
	test_manner *manner;
	const char *kind; /* of the failure, as status calls it; NULL: the batch counts as taken */
};

/* All of them; the last has no name. */
extern const struct hostile_manner hostile_manners[];

/* Where the redirect leads, if anybody followed it; set before the server is started. */
extern int hostile_elsewhere;

/* Those that a memory test wants one by one. */
void hostile_gigabyte(struct test_visit *visit);
void hostile_flood(struct test_visit *visit);
void hostile_bomb(struct test_visit *visit);
void hostile_headers(struct test_visit *visit);
void hostile_interims(struct test_visit *visit);

/* A good one: 200 to everything. */
void hostile_not(struct test_visit *visit);

#endif
