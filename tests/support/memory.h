/* How much memory another process takes, as Linux tells it. */
#ifndef FR_TESTS_SUPPORT_MEMORY_H
#define FR_TESTS_SUPPORT_MEMORY_H

#include <sys/types.h>

/* Anonymous memory in KiB, what is in files not counted; -1 where nobody says. */
long test_memory_anonymous(pid_t pid);

/* From now on its peak is counted anew; -1 where that cannot be, else what it has now, in KiB, with
 * files. The peak since then, likewise. */
long test_memory_mark(pid_t pid);
long test_memory_peak(pid_t pid);

#endif
