/* JSON numbers as they are written, compared exactly: no digit is lost, and no locale is asked.
 *
 * Every text here is one number of JSON's grammar. Threads: pure.
 */
#ifndef FR_EVENT_NUMBER_H
#define FR_EVENT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Less than, equal to or greater than 0, as a is less than, equal to or greater than b:
 * 1e2 = 100.0, -0 = 0, 9007199254740993 > 9007199254740992. */
int fr_number_compare(const char *a, size_t a_length, const char *b, size_t b_length);

/* Is its value whole, however it is written? 3, 3.0 and 30e-1 are; 3.5 is not. */
bool fr_number_is_whole(const char *text, size_t length);

#endif
