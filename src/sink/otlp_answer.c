/* The happy path: a 2xx whose body is {} or nothing. One that is
 *     {"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"..."}}
 * has taken the batch but for three records, it does not say which, and they must not be sent
 * again; with a count of 0 the message is a warning. What does not parse to its end says nothing.
 *
 * Of what is not a 2xx, the specification has only 429, 502, 503 and 504 tried again. We stand by
 * it where an answer is about the batch. An answer about something else (who we are, where this is,
 * how large a request may be, a login that the network wants) says nothing about the batch; there,
 * as everywhere, its status decides.
 */
#include "sink/otlp_answer.h"

#include <string.h>

#include "base/text.h"
#include "sink/members.h"

/* Statuses whose general reading would send the same batch again. */
static bool is_for_good(int status)
{
	static const int about_something_else[] = {501, 505, 511}; /* as 404 and 407 */
	static const int tried_again[] = {429, 502, 503, 504};
	size_t i;

	for (i = 0; i < sizeof about_something_else / sizeof *about_something_else; i++)
		if (status == about_something_else[i])
			return false;
	for (i = 0; i < sizeof tried_again / sizeof *tried_again; i++)
		if (status == tried_again[i])
			return false;
	return status / 100 == 5 || status == 408 || status == 425;
}

static enum fr_status partial_read(struct fr_members *members, struct fr_answer_details *details)
{
	char key[FR_MEMBER_KEY];
	enum fr_json_kind kind;
	enum fr_status status;

	while ((status = fr_members_next(members, key, &kind)) == FR_OK) {
		bool is_count = kind == FR_JSON_NUMBER || kind == FR_JSON_STRING;

		if (is_count && strcmp(key, "rejectedLogRecords") == 0)
			details->lost = (size_t)fr_members_count(members);
		else if (kind == FR_JSON_STRING && strcmp(key, "errorMessage") == 0)
			status = fr_members_line(members, details->words, sizeof details->words);
		else
			status = fr_members_skip(members, kind);
		if (status != FR_OK)
			return status;
	}
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status success_read(struct fr_members *members, struct fr_answer_details *details)
{
	enum fr_status status = fr_members_begin(members);
	char key[FR_MEMBER_KEY];
	enum fr_json_kind kind;

	if (status != FR_OK)
		return status;
	while ((status = fr_members_next(members, key, &kind)) == FR_OK) {
		if (kind == FR_JSON_OBJECT_BEGIN && strcmp(key, "partialSuccess") == 0)
			status = partial_read(members, details);
		else
			status = fr_members_skip(members, kind);
		if (status != FR_OK)
			return status;
	}
	return status == FR_NONE ? fr_members_end(members) : status;
}

static enum fr_status taken_read(const struct fr_sink_batch *batch, const struct fr_answer *answer,
				 struct fr_answer_details *details)
{
	struct fr_answer_details said = {0};
	struct fr_members members;
	enum fr_status status;

	if (answer->body_incomplete || answer->body_length == 0)
		return FR_OK;
	fr_members_init(&members, answer->body, answer->body_length);
	status = success_read(&members, &said);
	fr_members_fini(&members);
	if (status != FR_OK)
		return status == FR_NOMEM ? FR_NOMEM : FR_OK;
	/* More than it was sent can only mean all of it. */
	details->lost = said.lost < batch->count ? said.lost : batch->count;
	memcpy(details->words, said.words, sizeof details->words);
	return FR_OK;
}

enum fr_status fr_otlp_read_answer(const struct fr_sink_batch *batch,
				   const struct fr_answer *answer,
				   struct fr_answer_details *details)
{
	if (answer->status / 100 == 2)
		return taken_read(batch, answer, details);
	if (is_for_good(answer->status)) {
		details->meaning = FR_ANSWER_FOR_GOOD;
		(void)fr_text_copy(details->words, sizeof details->words,
				   "OTLP forbids sending it again");
	}
	return FR_OK;
}
