/* The keys of the objects that are open while a text is scanned: finds out whether one stands
 * twice.
 *
 * Keys are compared decoded, so "a" and "\u0061" are twins. An object of n keys costs n log n
 * however they are chosen: a few are compared with each other, many are sorted; nothing is hashed,
 * so nothing can be made to collide.
 * Life: init, then per object open, add..., close; fini. Threads: one owner.
 */
#ifndef FR_EVENT_KEYS_H
#define FR_EVENT_KEYS_H

#include <stddef.h>

#include "base/buffer.h"
#include "event/json.h"

enum { FR_KEYS_FEW = 32 };

struct fr_key {
	size_t offset; /* in the scanned text, or in `decoded` */
	size_t length;
	bool is_decoded;
};

struct fr_keys {
	const char *text; /* what is being scanned: borrowed */
	struct fr_buffer decoded;
	struct fr_key *list; /* `few`, or memory of its own */
	size_t count;
	size_t capacity;
	size_t marks[FR_JSON_DEPTH_MAX]; /* where each open object's keys begin */
	unsigned depth;
	struct fr_key few[FR_KEYS_FEW];
};

void fr_keys_init(struct fr_keys *keys, const struct fr_json *json);
void fr_keys_fini(struct fr_keys *keys);

void fr_keys_open(struct fr_keys *keys);

/* Adds the KEY token just scanned. FR_OK or FR_NOMEM. */
enum fr_status fr_keys_add(struct fr_keys *keys, const struct fr_json *json, struct fr_error *err);

/* Ends the innermost object: FR_INVALID names a key that stands twice in it. */
enum fr_status fr_keys_close(struct fr_keys *keys, struct fr_error *err);

#endif
