/* A bucket is one number, the time at which it would be full again (the "generic cell rate
 * algorithm"): an event moves it on by one interval, and is refused when that would take it further
 * ahead of the clock than the burst allows. Nothing has to be refilled, and a bucket nobody uses
 * costs nothing.
 *
 * Names are found by hash in a table of pointers that grows up to its limit and never shrinks.
 */
#include "privacy/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "event/json.h"

enum { SLOTS_FIRST = 64, SLOTS_MAX = 2 * FR_LIMITS_NAMES_MAX, REPORT_EVERY_US = 60 * 1000000 };

struct bucket {
	int64_t full_at_ns; /* boot clock */
	uint64_t suppressed;
	uint64_t told; /* of them, by the report that is being committed */
	uint64_t hash;
	bool is_concealed;
	char name[]; /* empty for the bucket of the many */
};

struct fr_limits {
	bool has_limit;
	int64_t interval_ns; /* between two events of one name, once the burst is spent */
	int64_t burst_ns;    /* how far ahead of the clock a bucket may be */
	struct bucket **slots;
	size_t slot_count; /* a power of 2, or 0; at most half are used */
	size_t name_count;
	uint64_t suppressed;
	uint64_t told;
	bool has_reported;
	int64_t reported_us; /* the last attempt, whatever came of it */
	struct bucket *others;
};

/* FNV-1a. */
static uint64_t name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	return hash;
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct bucket **slot_find(struct bucket **slots, size_t count, const char *name,
				 uint64_t hash)
{
	size_t at = (size_t)hash & (count - 1);

	while (slots[at] != NULL && (slots[at]->hash != hash || strcmp(slots[at]->name, name) != 0))
		at = (at + 1) & (count - 1);
	return &slots[at];
}

/* Makes room for one name more; false at the limit or without memory. */
static bool slots_grow(struct fr_limits *limits)
{
	size_t count = limits->slot_count > 0 ? 2 * limits->slot_count : SLOTS_FIRST;
	struct bucket **slots;
	size_t i;

	if (limits->name_count >= FR_LIMITS_NAMES_MAX)
		return false;
	if (2 * (limits->name_count + 1) <= limits->slot_count)
		return true;
	assert(count <= SLOTS_MAX);
	slots = calloc(count, sizeof(struct bucket *));
	if (slots == NULL)
		return false;
	for (i = 0; i < limits->slot_count; i++) {
		struct bucket *bucket = limits->slots[i];

		if (bucket != NULL)
			*slot_find(slots, count, bucket->name, bucket->hash) = bucket;
	}
	free(limits->slots);
	limits->slots = slots;
	limits->slot_count = count;
	return true;
}

static struct bucket *bucket_new(const char *name, uint64_t hash)
{
	size_t size = strlen(name) + 1;
	struct bucket *bucket = calloc(1, sizeof *bucket + size);

	if (bucket == NULL)
		return NULL;
	bucket->hash = hash;
	memcpy(bucket->name, name, size);
	return bucket;
}

struct fr_limits *fr_limits_new(unsigned burst, unsigned per_second)
{
	struct fr_limits *limits = calloc(1, sizeof *limits);

	assert(burst <= FR_LIMITS_BURST_MAX && per_second <= FR_LIMITS_PER_SECOND_MAX);
	if (limits == NULL)
		return NULL;
	limits->others = bucket_new("", 0);
	if (limits->others == NULL) {
		fr_limits_free(limits);
		return NULL;
	}
	limits->has_limit = burst > 0 && per_second > 0;
	if (limits->has_limit) {
		limits->interval_ns = 1000000000 / (int64_t)per_second;
		limits->burst_ns = limits->interval_ns * (int64_t)burst;
	}
	return limits;
}

void fr_limits_free(struct fr_limits *limits)
{
	size_t i;

	if (limits == NULL)
		return;
	for (i = 0; i < limits->slot_count; i++)
		free(limits->slots[i]);
	free(limits->slots);
	free(limits->others);
	free(limits);
}

static struct bucket *bucket_of(struct fr_limits *limits, const char *name)
{
	uint64_t hash = name_hash(name);
	struct bucket **slot;

	if (limits->slot_count > 0) {
		slot = slot_find(limits->slots, limits->slot_count, name, hash);
		if (*slot != NULL)
			return *slot;
	}
	if (!slots_grow(limits))
		return limits->others;
	slot = slot_find(limits->slots, limits->slot_count, name, hash);
	*slot = bucket_new(name, hash);
	if (*slot == NULL)
		return limits->others;
	limits->name_count++;
	return *slot;
}

bool fr_limits_take(struct fr_limits *limits, const char *name, int64_t now_us)
{
	int64_t now_ns = now_us * 1000;
	struct bucket *bucket;
	int64_t full_at_ns;

	if (!limits->has_limit)
		return true;
	bucket = bucket_of(limits, name);
	full_at_ns = bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns;
	if (full_at_ns - now_ns > limits->burst_ns - limits->interval_ns) {
		bucket->suppressed++;
		limits->suppressed++;
		return false;
	}
	bucket->full_at_ns = full_at_ns + limits->interval_ns;
	return true;
}

void fr_limits_conceal(struct fr_limits *limits, const char *name)
{
	bucket_of(limits, name)->is_concealed = true;
}

uint64_t fr_limits_suppressed(const struct fr_limits *limits)
{
	return limits->suppressed;
}

bool fr_limits_report_is_due(const struct fr_limits *limits, int64_t now_us)
{
	if (limits->suppressed == 0)
		return false;
	return !limits->has_reported || now_us - limits->reported_us >= REPORT_EVERY_US;
}

/* Keeps most[] in falling order of what was suppressed. */
static size_t most_insert(const struct bucket *most[FR_LIMITS_REPORT_NAMES], size_t count,
			  const struct bucket *bucket)
{
	size_t at = count < FR_LIMITS_REPORT_NAMES ? count : FR_LIMITS_REPORT_NAMES - 1;

	if (count == FR_LIMITS_REPORT_NAMES && most[at]->suppressed >= bucket->suppressed)
		return count;
	for (; at > 0 && most[at - 1]->suppressed < bucket->suppressed; at--)
		most[at] = most[at - 1];
	most[at] = bucket;
	return count < FR_LIMITS_REPORT_NAMES ? count + 1 : count;
}

void fr_limits_report(struct fr_limits *limits, int64_t now_us, struct fr_buffer *out)
{
	const struct bucket *most[FR_LIMITS_REPORT_NAMES];
	size_t count = 0, names = 0, i;

	for (i = 0; i <= limits->slot_count; i++) {
		struct bucket *bucket = i < limits->slot_count ? limits->slots[i] : limits->others;

		if (bucket == NULL || bucket->suppressed == 0)
			continue;
		bucket->told = bucket->suppressed;
		names++;
		count = most_insert(most, count, bucket);
	}
	fr_buffer_add_format(out, "{\"count\":%llu,\"names\":%zu,\"most\":[",
			     (unsigned long long)limits->suppressed, names);
	for (i = 0; i < count; i++) {
		const char *name = most[i]->is_concealed       ? "(internal)"
				   : most[i] == limits->others ? "*"
							       : most[i]->name;

		fr_buffer_add_text(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		fr_json_add_string(out, name, strlen(name));
		fr_buffer_add_format(out, ",\"count\":%llu}",
				     (unsigned long long)most[i]->suppressed);
	}
	fr_buffer_add_text(out, "]}");
	limits->told = limits->suppressed;
	limits->has_reported = true;
	limits->reported_us = now_us;
}

static void bucket_settle(struct bucket *bucket)
{
	assert(bucket->told <= bucket->suppressed);
	bucket->suppressed -= bucket->told;
	bucket->told = 0;
}

void fr_limits_reported(struct fr_limits *limits)
{
	size_t i;

	for (i = 0; i < limits->slot_count; i++) {
		if (limits->slots[i] != NULL)
			bucket_settle(limits->slots[i]);
	}
	bucket_settle(limits->others);
	limits->suppressed -= limits->told;
	limits->told = 0;
}

void fr_limits_forget(struct fr_limits *limits)
{
	size_t i;

	for (i = 0; i < limits->slot_count; i++) {
		if (limits->slots[i] != NULL)
			limits->slots[i]->suppressed = limits->slots[i]->told = 0;
	}
	limits->others->suppressed = limits->others->told = 0;
	limits->suppressed = limits->told = 0;
}
