/* What a damaged queue must live through: it opens, records and delivers, each within two seconds,
 * and what is lost is told and booked.
 *
 * The original is one queue of some hundred events, two thirds of them in the database file and a
 * third in the WAL.
 */
#ifndef FR_TESTS_UNIT_DAMAGE_LIFE_H
#define FR_TESTS_UNIT_DAMAGE_LIFE_H

#include "support/queue_fixture.h"

enum {
	IN_FILE = 240,
	IN_WAL = 120,
	RECORDED = IN_FILE + IN_WAL,
	DELIVERED = 60, /* to the first sink, before the damage */
	FROZEN = 20,    /* in an open batch of the first sink */
	SECTOR = 512,
	STEP_MS_MOST = 2000,
	ROWS_PER_PAGE = 16, /* at most: no row is smaller than 256 bytes */
};

struct image {
	char *bytes;
	size_t length;
};

/* The queue as it was before the damage. */
struct original {
	struct image db;
	struct image wal;
};

struct damage {
	bool in_wal;
	bool cut; /* else one bit is flipped */
	size_t at;
	unsigned bit;
};

struct outcome {
	bool salvaged;
	int64_t new_id;
	int lost; /* events that the second sink never got */
};

extern struct original damage_original;

/* cmocka's group set-up and tear-down. */
int damage_make_original(void **state);
int damage_drop_original(void **state);

/* Puts bytes into a file of the home. */
void damage_write_image(const struct queue_fixture *fixture, const char *name,
			const struct image *image, const struct damage *damage);

/* How many files of the home begin so; remove: deletes them, too. */
unsigned damage_count_files(const struct queue_fixture *fixture, const char *beginning,
			    bool remove);

/* From the opening on, whatever lies in the home. */
struct outcome damage_go_on(struct queue_fixture *fixture, const struct damage *damage);

/* The original with this damage. Ids go on behind the newest one. */
struct outcome damage_live_through(struct queue_fixture *fixture, const struct damage *damage);

#endif
