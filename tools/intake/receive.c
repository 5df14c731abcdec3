/* A delivery, from headers to stored counts and an answer.
 *
 * The happy path: admit, decode, parse, check; no fault is in force; count the batch in the
 * store; acknowledge as the format does; store the request.
 * Failures: a refusal (401, 400, 413, 415) turns it away, a fault replaces whatever the honest
 * answer is, an unwritable store is a 503. In all of them the request is kept, and events that
 * could be read count as seen, so that a later one shows as a replay. */
#include "intake/service.h"

#include <string.h>

static void decode(struct intake_service *service, struct intake_exchange *exchange)
{
	struct fr_error err;
	const char *encoding = intake_head_find(&exchange->head, "Content-Encoding");
	enum fr_status status = intake_decode(service->decoder, encoding, &exchange->body,
					      &exchange->content, &err);
	if (status != FR_OK)
		intake_refuse_for(exchange, status, &err);
}

static void parse(struct intake_service *service, struct intake_exchange *exchange)
{
	const struct intake_format *format = exchange->format;
	struct intake_batch *batch = &service->batch;
	struct fr_error err;
	intake_batch_start(batch, exchange->content);
	enum fr_status status = format->parse(exchange->content, batch, &err);
	if (status == FR_TOO_LARGE)
		status = FR_INVALID; /* nested too deeply: smaller batches would not help */
	if (status != FR_OK)
		intake_batch_start(batch, exchange->content); /* none rather than some */
	else if (format->check != NULL)
		status = format->check(exchange, batch, &err);
	if (status != FR_OK)
		intake_refuse_for(exchange, status, &err);
}

/* Reads as much of the request as it deserves. */
static void examine(struct intake_service *service, struct intake_exchange *exchange)
{
	exchange->content =
		(struct intake_bytes){fr_buffer_text(&exchange->body), exchange->body.length};
	intake_batch_start(&service->batch, exchange->content);
	if (exchange->format == NULL)
		return;
	exchange->format->admit(exchange, &service->keys);
	if (exchange->refusal == 0)
		decode(service, exchange);
	if (exchange->refusal == 0)
		parse(service, exchange);
}

static bool batch_has_name(const void *batch, const char *glob)
{
	return intake_batch_has_name(batch, glob);
}

/* Some destinations can name the events they do not want; the others turn the whole batch away. */
static void reject(struct intake_exchange *exchange, struct intake_batch *batch)
{
	if (exchange->format == NULL || !exchange->format->can_reject) {
		intake_refuse(exchange, 400, "an event is rejected on request");
		return;
	}
	for (size_t i = 0; i < batch->count; i++)
		batch->events[i].is_rejected = intake_batch_text_matches(
			batch, &batch->events[i].name, exchange->fault.name);
}

static void meet_fault(struct intake_service *service, struct intake_exchange *exchange)
{
	struct intake_facts facts = {
		.path = exchange->head.path,
		.bytes = (int64_t)exchange->content.length,
		.events = (int64_t)service->batch.count,
		.has_name = batch_has_name,
		.context = &service->batch,
	};
	if (!intake_faults_take(&service->faults, &facts, &exchange->fault))
		return;
	if (exchange->fault.kind == INTAKE_FAULT_REJECT)
		reject(exchange, &service->batch);
}

/* The answer if nothing was made to go wrong. */
static void answer_honestly(struct intake_service *service, struct intake_exchange *exchange)
{
	if (exchange->refusal != 0) {
		intake_answer_set_error(&exchange->answer, exchange->refusal, exchange->reason);
		if (exchange->refusal == 401)
			intake_answer_add_header(&exchange->answer, "WWW-Authenticate", "Bearer");
	} else {
		exchange->format->acknowledge(exchange, &service->batch);
	}
}

/* What a kind of fault answers of its own accord. */
static void answer_wrongly(struct intake_exchange *exchange)
{
	static const char portal[] =
		"<!DOCTYPE html><title>Welcome</title><p>Please log in to use this network.\n";
	const struct intake_fault *fault = &exchange->fault;
	struct intake_answer *answer = &exchange->answer;
	int status = intake_fault_status(fault, answer->status);
	if (fault->kind == INTAKE_FAULT_HTML)
		intake_answer_set(answer, status, "text/html; charset=utf-8", portal);
	else if (fault->kind == INTAKE_FAULT_REDIRECT)
		intake_answer_set(answer, status, "text/plain", "elsewhere\n");
	else if (fault->kind == INTAKE_FAULT_STATUS && status / 100 != 2)
		intake_answer_set_error(answer, status, "failing on request");
	answer->status = status;
}

/* Turns the honest answer into the one the fault asks for. */
static void dress_answer(struct intake_exchange *exchange)
{
	const struct intake_fault *fault = &exchange->fault;
	struct intake_answer *answer = &exchange->answer;
	answer_wrongly(exchange);
	if (fault->body[0] != '\0') {
		fr_buffer_clear(&answer->body);
		fr_buffer_add_text(&answer->body, fault->body);
	}
	if (fault->type[0] != '\0')
		answer->type = fault->type;
	if (fault->date[0] != '\0')
		answer->date = fault->date;
	if (fault->retry_after[0] != '\0')
		intake_answer_add_header(answer, "Retry-After", fault->retry_after);
	if (fault->location[0] != '\0' || fault->kind == INTAKE_FAULT_REDIRECT)
		intake_answer_add_header(answer, "Location",
					 fault->location[0] != '\0' ? fault->location
								    : "/redirected");
}

static enum fr_status keep(struct intake_service *service, struct intake_exchange *exchange,
			   struct fr_error *err)
{
	enum fr_status status =
		intake_store_add_batch(service->store, exchange, &service->batch, err);
	if (status != FR_OK)
		return status;
	answer_honestly(service, exchange);
	if (exchange->fault.kind != INTAKE_FAULT_NONE)
		dress_answer(exchange);
	return intake_store_add_request(service->store, exchange, &service->batch,
					fr_env_wall_us(service->env), err);
}

void intake_service_receive(struct intake_service *service, struct intake_exchange *exchange)
{
	struct fr_error err;
	examine(service, exchange);
	meet_fault(service, exchange);
	exchange->is_accepted =
		exchange->refusal == 0 && (exchange->fault.kind == INTAKE_FAULT_NONE ||
					   intake_fault_accepts(&exchange->fault));
	if (keep(service, exchange, &err) != FR_OK) {
		exchange->fault.kind = INTAKE_FAULT_NONE;
		exchange->is_accepted = false;
		intake_answer_set_error(&exchange->answer, 503, err.text);
	}
	exchange->awaits_commit = true;
}
