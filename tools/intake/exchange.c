#include "intake/exchange.h"

#include "base/text.h"

void intake_exchange_init(struct intake_exchange *exchange)
{
	*exchange = (struct intake_exchange){0};
	fr_buffer_init(&exchange->body, INTAKE_BODY_MAX);
	intake_answer_init(&exchange->answer);
}

void intake_exchange_fini(struct intake_exchange *exchange)
{
	fr_buffer_fini(&exchange->body);
	intake_answer_fini(&exchange->answer);
}

void intake_exchange_clear(struct intake_exchange *exchange)
{
	fr_buffer_clear(&exchange->body);
	intake_answer_set(&exchange->answer, 0, "text/plain", NULL);
	exchange->format = NULL;
	exchange->content = (struct intake_bytes){"", 0};
	exchange->refusal = 0;
	exchange->reason[0] = '\0';
	exchange->fault.kind = INTAKE_FAULT_NONE;
	exchange->is_accepted = false;
	exchange->counts = (struct intake_counts){0};
	exchange->awaits_commit = false;
}

void intake_refuse(struct intake_exchange *exchange, int status, const char *reason)
{
	if (exchange->refusal != 0)
		return;
	exchange->refusal = status;
	(void)fr_text_copy(exchange->reason, sizeof(exchange->reason), reason);
}

void intake_refuse_for(struct intake_exchange *exchange, enum fr_status status,
		       const struct fr_error *err)
{
	int answer = status == FR_INVALID                          ? 400
		     : status == FR_TOO_LARGE || status == FR_FULL ? 413
		     : status == FR_NONE                           ? 415
								   : 503;
	intake_refuse(exchange, answer, err->text);
}
