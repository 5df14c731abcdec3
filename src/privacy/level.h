/* The three levels of consent, and the small files in which somebody states one:
 * {"consent":"local"}.
 *
 * Such a file is one JSON object: "consent" is the level, "chosen" its date (RFC 3339); members
 * that a newer release may add are passed over. Anything else in it is a fault, never a guess.
 */
#ifndef FR_PRIVACY_LEVEL_H
#define FR_PRIVACY_LEVEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

enum fr_consent {
	FR_CONSENT_OFF = 0, /* in order: the smaller, the stricter */
	FR_CONSENT_LOCAL = 1,
	FR_CONSENT_ON = 2,
};

/* "off", "local" or "on". */
const char *fr_consent_name(enum fr_consent level);
bool fr_consent_parse(const char *name, enum fr_consent *out);

struct fr_statement {
	bool has_level;
	enum fr_consent level;
	int64_t chosen_us; /* 0 where it does not say */
};

/* Reads such a file if it is `owner`'s and has none of the forbidden mode bits. FR_NONE when
 * there is none; any other status is a fault, whose text names the path. */
enum fr_status fr_statement_read(const char *path, uid_t owner, mode_t forbidden,
				 struct fr_statement *out, struct fr_error *err);

/* Reads one from memory; the fault's text does not know the path. */
enum fr_status fr_statement_parse(const char *text, size_t length, struct fr_statement *out,
				  struct fr_error *err);

#endif
