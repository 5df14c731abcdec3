/* Takes people and secrets out of text: what is found is replaced by a word for its kind, so that
 * the shape of a message stays.
 *
 *   /home/alice/src/a.c             ~/src/a.c            the user's home
 *   /mnt/alice, //laptop/share      /mnt/<user>, //<host>/share
 *   alice@example.com               <email>
 *   https://me:pass@example.com     https://<credentials>@example.com
 *   Authorization: Bearer eyJ...    Authorization: Bearer <jwt>
 *   ghp_..., AKIA..., sk-...        <github-token>, <aws-key>, by their issuers' rules
 *   -----BEGIN ... -----END ...     <pem>
 *   password=hunter2, "key":"0f1e"  password=<password>, "key":"<key>"   beside a word that says so
 *   long random text                <token>
 *
 * Git hashes, UUIDs, paths, versions and the base64 of small things stay.
 *
 * Invariants: valid UTF-8 stays valid; what was scrubbed is not changed by scrubbing it again; the
 * result is at most FR_SCRUB_GROWTH times as long as the text, and a little; time is in proportion
 * to the text, whatever it is.
 * Threads: immutable once it is made.
 */
#ifndef FR_PRIVACY_SCRUB_H
#define FR_PRIVACY_SCRUB_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/status.h"

enum {
	FR_SCRUB_GROWTH = 4,
	FR_SCRUB_PATTERN_MAX = 256, /* bytes of a pattern */
	FR_SCRUB_PATTERNS_MAX = 64,
};

struct fr_scrub;

struct fr_scrub_rules {
	const struct fr_env *env;    /* whose home, login and host name: read once, here */
	const char *const *patterns; /* more to take out: privacy.scrub */
	size_t pattern_count;
};

/* FR_INVALID names a pattern that is none; FR_NOMEM. */
enum fr_status fr_scrub_new(struct fr_scrub **out, const struct fr_scrub_rules *rules,
			    struct fr_error *err);
void fr_scrub_free(struct fr_scrub *scrub);

/* Is this a pattern? Text that is found as it stands, where `*` is any run of characters but blanks
 * and quotes, and `?` is one of them. At least three characters must be said. */
enum fr_status fr_scrub_pattern_check(const char *pattern, size_t length, struct fr_error *err);

/* FR_OK: the scrubbed text was appended to out. FR_NONE: there is nothing to scrub, and out is as
 * it was. Otherwise memory was short, or out is full. */
enum fr_status fr_scrub_text(const struct fr_scrub *scrub, const char *text, size_t length,
			     struct fr_buffer *out);

/* Scrubs every string value, at any depth, of canonical JSON: a value, or the members of an object
 * without its braces. Works on decoded text, and takes a key for the word beside its value; keys
 * stay. What has nothing to scrub is not copied. After a failure json is empty. */
enum fr_status fr_scrub_json(const struct fr_scrub *scrub, struct fr_buffer *json,
			     struct fr_error *err);

/* In its place, cut where the result does not fit; empty when memory was short. */
void fr_scrub_line(const struct fr_scrub *scrub, char *line, size_t size);

#endif
