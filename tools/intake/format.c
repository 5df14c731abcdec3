/* What more than one format does. */
#include "intake/format.h"

#include <string.h>
#include <strings.h>

void intake_admit_bearer(struct intake_exchange *exchange, const struct intake_keys *keys)
{
	static const char scheme[] = "Bearer ";
	if (keys->token == NULL)
		return;
	const char *shown = intake_head_find(&exchange->head, "Authorization");
	if (shown == NULL)
		intake_refuse(exchange, 401, "Authorization is missing");
	else if (strncasecmp(shown, scheme, strlen(scheme)) != 0 ||
		 strcmp(shown + strlen(scheme), keys->token) != 0)
		intake_refuse(exchange, 401, "Authorization is not the token that was agreed on");
}

static void add_rejected(struct fr_buffer *out, const struct intake_batch *batch)
{
	const char *comma = "";
	for (size_t i = 0; i < batch->count; i++) {
		if (!batch->events[i].is_rejected)
			continue;
		struct intake_bytes id = intake_batch_text(batch, &batch->events[i].id);
		fr_buffer_add_text(out, comma);
		fr_buffer_add_text(out, "{\"eventId\":");
		fr_json_add_string(out, id.data, id.length);
		fr_buffer_add_text(out, ",\"reason\":\"rejected on request\"}");
		comma = ",";
	}
}

void intake_acknowledge_counts(struct intake_exchange *exchange, const struct intake_batch *batch)
{
	const struct intake_counts *counts = &exchange->counts;
	struct fr_buffer *body = &exchange->answer.body;
	intake_answer_set(&exchange->answer, 200, "application/json", NULL);
	fr_buffer_add_format(body, "{\"accepted\":%lld,\"duplicates\":%lld,\"rejected\":[",
			     (long long)(counts->events - counts->duplicates - counts->rejected),
			     (long long)counts->duplicates);
	add_rejected(body, batch);
	fr_buffer_add_text(body, "]}\n");
}
