/* What rules refused or removed, by reason and event name, until it is written into the queue.
 *
 * A refusal costs a host no disk: counts are kept here and written at most once a minute, and at
 * the close. A crash loses what was counted since; events it never loses.
 * Invariants: bounded; names past the bound are counted together as "(others)".
 * Threads: under the desk, but for a copy that was taken.
 */
#ifndef FR_CLIENT_TALLY_H
#define FR_CLIENT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "event/name.h"

enum { FR_TALLY_ENTRIES = 32 };

struct fr_tally_entry {
	const char *reason; /* a constant */
	char name[FR_NAME_MAX + 1];
	uint64_t events;
};

struct fr_tally {
	struct fr_tally_entry entries[FR_TALLY_ENTRIES];
	unsigned count;
	int64_t due_boot_us; /* not written before */
};

void fr_tally_add(struct fr_tally *tally, const char *reason, const char *name, uint64_t events);

/* Is there anything to write, and is it time to? */
bool fr_tally_is_due(const struct fr_tally *tally, int64_t now_boot_us);

/* It could not be written: the next time is in a minute. */
void fr_tally_defer(struct fr_tally *tally, int64_t now_boot_us);

/* Moves what there is into out; the next time is in a minute. */
void fr_tally_take(struct fr_tally *tally, struct fr_tally *out, int64_t now_boot_us);

#endif
