/* The happy path: a sorted list of the batch's ids; every {"eventId":...,"reason":...} of the
 * answer is looked up in it and its reason kept; when the text has parsed to its end, the reasons
 * are put in the batch's order. Whatever fails on the way makes the answer say nothing: a 2xx then
 * stands for the whole batch.
 */
#include "sink/rejected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/uuid.h"
#include "sink/members.h"

enum { REASON_TEXT = sizeof((struct fr_answer_refusal *)0)->reason };

struct fr_rejected_member {
	const char *uuid;
	size_t index;
	char *reason; /* NULL: not rejected */
};

static int member_compare(const void *a, const void *b)
{
	const struct fr_rejected_member *left = a, *right = b;

	return strcmp(left->uuid, right->uuid);
}

static int refusal_compare(const void *a, const void *b)
{
	const struct fr_answer_refusal *left = a, *right = b;

	return (left->index > right->index) - (left->index < right->index);
}

static enum fr_status members_sort(struct fr_rejected *rejected, const struct fr_sink_batch *batch)
{
	size_t i;

	rejected->members = calloc(batch->count + 1, sizeof *rejected->members);
	if (rejected->members == NULL)
		return FR_NOMEM;
	rejected->count = batch->count;
	for (i = 0; i < batch->count; i++)
		rejected->members[i] = (struct fr_rejected_member){batch->events[i].uuid, i, NULL};
	qsort(rejected->members, rejected->count, sizeof *rejected->members, member_compare);
	return FR_OK;
}

static enum fr_status member_reject(struct fr_rejected *rejected, const char *uuid,
				    const char *reason)
{
	struct fr_rejected_member wanted = {uuid, 0, NULL};
	struct fr_rejected_member *member;

	member =
		bsearch(&wanted, rejected->members, rejected->count, sizeof wanted, member_compare);
	if (member == NULL || member->reason != NULL)
		return FR_OK;
	member->reason = strdup(reason);
	if (member->reason == NULL)
		return FR_NOMEM;
	rejected->refused++;
	return FR_OK;
}

/* One {"eventId":...,"reason":...}, after its '{'. */
static enum fr_status read_rejection(struct fr_rejected *rejected, struct fr_members *members)
{
	char key[FR_MEMBER_KEY], uuid[FR_UUID_TEXT + 1] = "", reason[REASON_TEXT] = "rejected";
	enum fr_status status;
	enum fr_json_kind kind;

	while ((status = fr_members_next(members, key, &kind)) == FR_OK) {
		if (kind == FR_JSON_STRING && strcmp(key, "eventId") == 0)
			status = fr_members_line(members, uuid, sizeof uuid);
		else if (kind == FR_JSON_STRING && strcmp(key, "reason") == 0)
			status = fr_members_line(members, reason, sizeof reason);
		else
			status = fr_members_skip(members, kind);
		if (status != FR_OK)
			return status;
	}
	return status == FR_NONE ? member_reject(rejected, uuid, reason) : status;
}

static enum fr_status read_rejections(struct fr_rejected *rejected, struct fr_members *members)
{
	enum fr_status status;
	enum fr_json_kind kind;

	while ((status = fr_json_next(&members->json, &kind, NULL)) == FR_OK) {
		if (kind == FR_JSON_ARRAY_END)
			return FR_OK;
		status = kind == FR_JSON_OBJECT_BEGIN ? read_rejection(rejected, members)
						      : fr_members_skip(members, kind);
		if (status != FR_OK)
			return status;
	}
	return status;
}

static enum fr_status read_answer(struct fr_rejected *rejected, struct fr_members *members)
{
	enum fr_status status = fr_members_begin(members);
	enum fr_json_kind kind;
	char key[FR_MEMBER_KEY];

	if (status != FR_OK)
		return status;
	while ((status = fr_members_next(members, key, &kind)) == FR_OK) {
		if (kind == FR_JSON_ARRAY_BEGIN && strcmp(key, "rejected") == 0)
			status = read_rejections(rejected, members);
		else if (kind == FR_JSON_NUMBER && strcmp(key, "duplicates") == 0)
			rejected->duplicates = fr_members_count(members);
		else
			status = fr_members_skip(members, kind);
		if (status != FR_OK)
			return status;
	}
	return status == FR_NONE ? fr_members_end(members) : status;
}

static enum fr_status refusals_collect(struct fr_rejected *rejected)
{
	size_t i, filled = 0;

	if (rejected->refused == 0)
		return FR_OK;
	rejected->refusals = calloc(rejected->refused, sizeof *rejected->refusals);
	if (rejected->refusals == NULL)
		return FR_NOMEM;
	for (i = 0; i < rejected->count; i++) {
		const struct fr_rejected_member *member = &rejected->members[i];
		struct fr_answer_refusal *refusal;

		if (member->reason == NULL)
			continue;
		refusal = &rejected->refusals[filled++];
		refusal->index = member->index;
		(void)snprintf(refusal->reason, sizeof refusal->reason, "%s", member->reason);
	}
	qsort(rejected->refusals, filled, sizeof *rejected->refusals, refusal_compare);
	return FR_OK;
}

enum fr_status fr_rejected_read(struct fr_rejected *rejected, const struct fr_sink_batch *batch,
				const char *text, size_t length)
{
	struct fr_members members;
	enum fr_status status;

	*rejected = (struct fr_rejected){0};
	fr_members_init(&members, text, length);
	status = members_sort(rejected, batch);
	if (status == FR_OK)
		status = read_answer(rejected, &members);
	if (status == FR_OK)
		status = refusals_collect(rejected);
	fr_members_fini(&members);
	return status;
}

void fr_rejected_take(struct fr_rejected *rejected, struct fr_answer_details *details)
{
	details->refusals = rejected->refusals;
	details->refused = rejected->refused;
	rejected->refusals = NULL;
	rejected->refused = 0;
}

void fr_rejected_fini(struct fr_rejected *rejected)
{
	size_t i;

	for (i = 0; i < rejected->count; i++)
		free(rejected->members[i].reason);
	free(rejected->members);
	free(rejected->refusals);
	*rejected = (struct fr_rejected){0};
}
