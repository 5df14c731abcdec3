/* One list for all open objects, each one's keys behind its parent's. Nothing is judged before an
 * object closes; then its keys are compared pairwise when they are few, or sorted in place, after
 * which twins are neighbours. The sort is a heap sort: no memory, no bad case.
 */
#include "event/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "event/name.h"

enum { PAIRWISE_MAX = 16 };

void fr_keys_init(struct fr_keys *keys, const struct fr_json *json)
{
	keys->text = json->text;
	fr_buffer_init(&keys->decoded, json->length);
	keys->list = keys->few;
	keys->count = 0;
	keys->capacity = FR_KEYS_FEW;
	keys->depth = 0;
}

void fr_keys_fini(struct fr_keys *keys)
{
	fr_buffer_fini(&keys->decoded);
	if (keys->list != keys->few)
		free(keys->list);
	keys->list = NULL;
}

void fr_keys_open(struct fr_keys *keys)
{
	assert(keys->depth < FR_JSON_DEPTH_MAX);
	keys->marks[keys->depth++] = keys->count;
}

static bool keys_grow(struct fr_keys *keys)
{
	size_t capacity = keys->capacity * 2;
	struct fr_key *list = malloc(capacity * sizeof *list);

	if (list == NULL)
		return false;
	memcpy(list, keys->list, keys->count * sizeof *list);
	if (keys->list != keys->few)
		free(keys->list);
	keys->list = list;
	keys->capacity = capacity;
	return true;
}

enum fr_status fr_keys_add(struct fr_keys *keys, const struct fr_json *json, struct fr_error *err)
{
	struct fr_key key = {.offset = json->start + 1, .length = json->at - json->start - 2};

	assert(keys->depth > 0 && json->text == keys->text);
	if (json->escaped) {
		key.is_decoded = true;
		key.offset = keys->decoded.length;
		if (fr_json_decode(json, &keys->decoded) != FR_OK)
			return fr_fail(err, FR_NOMEM, "out of memory while reading a key");
		key.length = keys->decoded.length - key.offset;
	}
	if (keys->count == keys->capacity && !keys_grow(keys))
		return fr_fail(err, FR_NOMEM, "out of memory while reading a key");
	keys->list[keys->count++] = key;
	return FR_OK;
}

static const char *key_text(const struct fr_keys *keys, const struct fr_key *key)
{
	return (key->is_decoded ? fr_buffer_text(&keys->decoded) : keys->text) + key->offset;
}

/* Any total order will do: shorter ones first is the cheapest. */
static int key_compare(const struct fr_keys *keys, const struct fr_key *a, const struct fr_key *b)
{
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(key_text(keys, a), key_text(keys, b), a->length);
}

static void heap_sink(const struct fr_keys *keys, struct fr_key *list, size_t root, size_t count)
{
	for (;;) {
		size_t child = 2 * root + 1;
		struct fr_key moved = list[root];

		if (child >= count)
			return;
		if (child + 1 < count && key_compare(keys, &list[child], &list[child + 1]) < 0)
			child++;
		if (key_compare(keys, &moved, &list[child]) >= 0)
			return;
		list[root] = list[child];
		list[child] = moved;
		root = child;
	}
}

static void keys_sort(const struct fr_keys *keys, struct fr_key *list, size_t count)
{
	size_t i;

	for (i = count / 2; i-- > 0;)
		heap_sink(keys, list, i, count);
	for (i = count; i-- > 1;) {
		struct fr_key largest = list[0];

		list[0] = list[i];
		list[i] = largest;
		heap_sink(keys, list, 0, i);
	}
}

static const struct fr_key *twin_among_few(const struct fr_keys *keys, const struct fr_key *list,
					   size_t count)
{
	size_t i, j;

	for (i = 1; i < count; i++)
		for (j = 0; j < i; j++)
			if (key_compare(keys, &list[i], &list[j]) == 0)
				return &list[i];
	return NULL;
}

static const struct fr_key *twin_among_many(const struct fr_keys *keys, struct fr_key *list,
					    size_t count)
{
	size_t i;

	keys_sort(keys, list, count);
	for (i = 1; i < count; i++)
		if (key_compare(keys, &list[i - 1], &list[i]) == 0)
			return &list[i];
	return NULL;
}

enum fr_status fr_keys_close(struct fr_keys *keys, struct fr_error *err)
{
	const struct fr_key *twin;
	struct fr_key *list;
	size_t count;

	assert(keys->depth > 0);
	list = keys->list + keys->marks[--keys->depth];
	count = keys->count - keys->marks[keys->depth];
	keys->count = keys->marks[keys->depth];
	if (count <= PAIRWISE_MAX)
		twin = twin_among_few(keys, list, count);
	else
		twin = twin_among_many(keys, list, count);
	if (twin != NULL) {
		char quote[FR_QUOTE_TEXT];

		fr_name_quote(quote, key_text(keys, twin), twin->length);
		return fr_fail(err, FR_INVALID, "key \"%s\" stands twice in one object", quote);
	}
	return FR_OK;
}
