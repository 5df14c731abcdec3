#include "sink/members.h"

#include "sink/answer.h"

void fr_members_init(struct fr_members *members, const char *text, size_t length)
{
	fr_buffer_init(&members->scratch, length);
	fr_json_init(&members->json, text, length, FR_JSON_DEPTH_MAX);
}

void fr_members_fini(struct fr_members *members)
{
	fr_buffer_fini(&members->scratch);
}

enum fr_status fr_members_begin(struct fr_members *members)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(&members->json, &kind, NULL);

	return status == FR_OK && kind == FR_JSON_OBJECT_BEGIN ? FR_OK : FR_INVALID;
}

enum fr_status fr_members_end(struct fr_members *members)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(&members->json, &kind, NULL);

	return status == FR_OK && kind == FR_JSON_END ? FR_OK : FR_INVALID;
}

enum fr_status fr_members_next(struct fr_members *members, char key[FR_MEMBER_KEY],
			       enum fr_json_kind *kind)
{
	enum fr_status status = fr_json_next(&members->json, kind, NULL);

	if (status != FR_OK)
		return status;
	if (*kind == FR_JSON_OBJECT_END)
		return FR_NONE;
	status = fr_members_line(members, key, FR_MEMBER_KEY);
	return status == FR_OK ? fr_json_next(&members->json, kind, NULL) : status;
}

enum fr_status fr_members_skip(struct fr_members *members, enum fr_json_kind kind)
{
	return fr_json_skip(&members->json, kind, NULL);
}

enum fr_status fr_members_line(struct fr_members *members, char *out, size_t size)
{
	size_t length;
	const char *text = fr_json_borrow(&members->json, &members->scratch, &length);

	if (text == NULL)
		return FR_NOMEM;
	fr_answer_line(out, size, text, length);
	return FR_OK;
}

uint64_t fr_members_count(const struct fr_members *members)
{
	const struct fr_json *json = &members->json;
	size_t quotes = json->text[json->start] == '"' ? 1 : 0;
	size_t i, end = json->at - quotes;
	uint64_t count = 0;

	if (end - json->start > 18 + quotes)
		return 0;
	for (i = json->start + quotes; i < end; i++) {
		if (json->text[i] < '0' || json->text[i] > '9')
			return 0;
		count = count * 10 + (uint64_t)(json->text[i] - '0');
	}
	return count;
}
