/* A scrubber that knows /home/alice and alice, and what tests of it ask. All secrets in these tests
 * are made up, and put together from pieces, so that no scanner of repositories takes them for real
 * ones.
 */
#ifndef FR_UNIT_SCRUB_FIXTURE_H
#define FR_UNIT_SCRUB_FIXTURE_H

#include "privacy/scrub.h"

#define HEX32              \
	"0f1e2d3c4b5a6978" \
	"8796a5b4c3d2e1f0"
#define ALNUM36            \
	"a8Kd03Lm9Qz7Xc5V" \
	"b2Nw4Er6Ty1Ui8Op0AsD"

enum { SCRUB_TEXT_MOST = 1 << 20 };

struct fr_scrub *scrub_with(const char *const *patterns, size_t count);

/* cmocka's set-up and tear-down: *state is a scrubber without patterns of its own. */
int scrub_set_up(void **state);
int scrub_tear_down(void **state);

/* The text as it is after scrubbing; scrubbing that again must change nothing. */
void scrub_expect(const struct fr_scrub *scrub, const char *text, const char *expected);
void scrub_expect_kept(const struct fr_scrub *scrub, const char *text);

#endif
