/* HTTP/2 spoken by hand, for a rogue server: just enough to break it in the right place. */
#ifndef FR_TESTS_SUPPORT_ROGUE_HTTP2_H
#define FR_TESTS_SUPPORT_ROGUE_HTTP2_H

#include <stdint.h>

#include "support/rogue.h"

enum { TEST_HTTP2_NO_ERROR = 0, TEST_HTTP2_INTERNAL_ERROR = 2, TEST_HTTP2_REFUSED_STREAM = 7 };

/* The client's preface is read, our settings are sent; false when it sends something else. */
bool test_http2_begin(struct test_visit *visit);

/* Waits for the next request to arrive whole; its stream, 0 when none comes any more. */
uint32_t test_http2_take(struct test_visit *visit);

/* Ends a stream with an empty 200; breaks it off; says goodbye to all above the last one. */
void test_http2_answer(struct test_visit *visit, uint32_t stream);
void test_http2_reset(struct test_visit *visit, uint32_t stream, uint32_t why);
void test_http2_goodbye(struct test_visit *visit, uint32_t last, uint32_t why);

#endif
