/* The entry point of a fuzz target, as libFuzzer knows it. A target aborts when a promise is
 * broken. */
#ifndef FR_TESTS_FUZZ_FUZZ_H
#define FR_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
