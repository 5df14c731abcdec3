/* Walking through the JSON objects of an answer, member by member. Internal to sink/.
 *
 * The text comes from outside; every token is validated before it is seen.
 * Life: init, next..., fini. It borrows the text.
 */
#ifndef FR_SINK_MEMBERS_H
#define FR_SINK_MEMBERS_H

#include <stdint.h>

#include "event/json.h"

enum { FR_MEMBER_KEY = 24 }; /* a longer key is cut: it is none that anybody asks for */

struct fr_members {
	struct fr_json json;
	struct fr_buffer scratch;
};

void fr_members_init(struct fr_members *members, const char *text, size_t length);
void fr_members_fini(struct fr_members *members);

/* The text must begin as an object, and end with it: FR_INVALID when it does not. */
enum fr_status fr_members_begin(struct fr_members *members);
enum fr_status fr_members_end(struct fr_members *members);

/* The next member's key and the first token of its value. FR_NONE at the end of the object. */
enum fr_status fr_members_next(struct fr_members *members, char key[FR_MEMBER_KEY],
			       enum fr_json_kind *kind);

/* Passes over the value whose first token this was. */
enum fr_status fr_members_skip(struct fr_members *members, enum fr_json_kind kind);

/* The last string as a line for people; cut where it does not fit. FR_OK or FR_NOMEM. */
enum fr_status fr_members_line(struct fr_members *members, char *out, size_t size);

/* The last token, a number or a string with a number in it, as a count; 0 when it is no plain whole
 * number of at most 18 digits. */
uint64_t fr_members_count(const struct fr_members *members);

#endif
