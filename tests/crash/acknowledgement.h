/* What a writer tells the test after a call returned: one event of one session is committed.
 * Written to a pipe as a whole, so that a SIGKILL leaves either all of it or nothing.
 */
#ifndef FR_TESTS_CRASH_ACKNOWLEDGEMENT_H
#define FR_TESTS_CRASH_ACKNOWLEDGEMENT_H

#include <stdatomic.h>
#include <stdint.h>

struct acknowledgement {
	char session[40];
	uint32_t seq;
	uint32_t flushed; /* 0: FLIGHTREC_UNCERTAIN */
};

/* Where a writer is, in memory that it shares with the test: what stands here when it died is where
 * it died. */
enum writer_place {
	WRITER_STARTS = 0,
	WRITER_IN_CALL = 1,
	WRITER_BETWEEN = 2,
};

struct writer_slot {
	_Atomic uint32_t place;
	_Atomic uint32_t calls;
};

#endif
