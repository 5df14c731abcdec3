/* A network of a test's own: a namespace with nothing in it but a loopback device.
 */
#ifndef FR_TESTS_SUPPORT_NETWORK_H
#define FR_TESTS_SUPPORT_NETWORK_H

#include <stdbool.h>

/* From now on this process and those it starts live in it, the device up. False where that is not
 * allowed: the test skips. Call it before anything else, and with no second thread. */
bool test_network_make(void);

/* The cable in and out. Aborts when it cannot be done. */
void test_network_set_up(bool is_up);

/* A network that swallows everything: connecting neither works nor fails. Up again ends it. */
void test_network_go_silent(void);

/* A route to 192.0.2.0/24 by the loopback device, there and gone. */
void test_network_set_route(bool is_there);

#endif
