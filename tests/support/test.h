/* What every test includes first: cmocka and the headers it forgets, and a folder of one's own.
 *
 * A test is `static void a_sentence_about_behaviour(void **state)`.
 */
#ifndef FR_TESTS_SUPPORT_TEST_H
#define FR_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
