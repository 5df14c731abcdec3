/* A heap that runs out when it is told to: ours, through the linker's --wrap, and SQLite's own.
 *
 * A test that uses it links with FAULT_HEAP_LINK_OPTIONS (tests/fault/CMakeLists.txt). What the
 * test itself allocates while the heap is armed counts too, so it arms around the one call it is
 * about. Threads: one. Life: install before SQLite's first use; arm and disarm as often as needed.
 */
#ifndef FR_TESTS_SUPPORT_FAULT_HEAP_H
#define FR_TESTS_SUPPORT_FAULT_HEAP_H

#include <stdbool.h>

void fault_heap_install(void);

/* The countdown-th allocation from now fails (1: the next), and with for_ever all after it. */
void fault_heap_arm(unsigned countdown, bool for_ever);

/* There is memory again; true when an allocation had failed. */
bool fault_heap_disarm(void);

#endif
