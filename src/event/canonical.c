/* A walk over the tokens with the scanner's own depth as its only stack. Whether a comma is due
 * shows in the last byte written: behind '{', '[' and ':' there is none, and no complete value ends
 * in one of those.
 *
 * A member with a key that is not allowed is walked with the output switched off until its value is
 * complete: it is still judged, since a text that is invalid there is invalid.
 */
#include "event/canonical.h"

#include "event/name.h"

struct walk {
	struct fr_buffer *out; /* NULL while nothing is to be written */
	unsigned removing;     /* depth of the object whose member is being left out; 0: none */
};

void fr_canonical_separate(struct fr_buffer *out)
{
	char last = out->length > 0 ? out->data[out->length - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		fr_buffer_add_char(out, ',');
}

static bool is_container_end(enum fr_json_kind kind)
{
	return kind == FR_JSON_OBJECT_END || kind == FR_JSON_ARRAY_END;
}

static bool is_container_begin(enum fr_json_kind kind)
{
	return kind == FR_JSON_OBJECT_BEGIN || kind == FR_JSON_ARRAY_BEGIN;
}

static bool key_is_allowed(const struct fr_json *json, struct fr_key key,
			   const struct fr_keys *keys)
{
	if (key.is_decoded)
		return fr_key_is_valid(fr_buffer_text(&keys->decoded) + key.offset, key.length);
	return fr_key_is_valid(json->text + key.offset, key.length);
}

static enum fr_status walk_key(struct walk *walk, struct fr_canonical *canonical,
			       struct fr_error *err)
{
	struct fr_keys *keys = canonical->keys;
	enum fr_status status = fr_keys_add(keys, canonical->json, err);

	if (status != FR_OK || walk->removing > 0)
		return status;
	if (!key_is_allowed(canonical->json, keys->list[keys->count - 1], keys)) {
		canonical->removed++;
		walk->removing = canonical->json->depth;
		walk->out = NULL;
	}
	return FR_OK;
}

static void walk_write(struct walk *walk, const struct fr_json *json, enum fr_json_kind kind)
{
	if (walk->out == NULL)
		return;
	if (!is_container_end(kind))
		fr_canonical_separate(walk->out);
	fr_json_add_token(json, walk->out);
	if (kind == FR_JSON_KEY)
		fr_buffer_add_char(walk->out, ':');
}

enum fr_status fr_canonical_value(struct fr_canonical *canonical, enum fr_json_kind kind,
				  struct fr_error *err)
{
	struct fr_json *json = canonical->json;
	unsigned outside = is_container_begin(kind) ? json->depth - 1 : json->depth;
	struct walk walk = {.out = canonical->out};
	enum fr_status status = FR_OK;

	if (kind != FR_JSON_KEY && !is_container_begin(kind)) {
		walk_write(&walk, json, kind);
		return FR_OK;
	}
	for (;;) {
		if (kind == FR_JSON_KEY)
			status = walk_key(&walk, canonical, err);
		else if (kind == FR_JSON_OBJECT_BEGIN)
			fr_keys_open(canonical->keys);
		else if (kind == FR_JSON_OBJECT_END)
			status = fr_keys_close(canonical->keys, err);
		if (status != FR_OK)
			return status;
		walk_write(&walk, json, kind);
		if (canonical->out != NULL && canonical->out->status != FR_OK)
			return FR_OK;
		if (kind != FR_JSON_KEY && !is_container_begin(kind)) {
			if (json->depth == outside)
				return FR_OK;
			if (json->depth == walk.removing) {
				walk.removing = 0;
				walk.out = canonical->out;
			}
		}
		status = fr_json_next(json, &kind, err);
		if (status != FR_OK)
			return status;
	}
}
