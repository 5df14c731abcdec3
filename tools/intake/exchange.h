/* One request and what becomes of it, as it passes from the connection through the service and
 * back. */
#ifndef FR_INTAKE_EXCHANGE_H
#define FR_INTAKE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "intake/answer.h"
#include "intake/batch.h"
#include "intake/encoding.h"
#include "intake/fault.h"
#include "intake/http.h"

/* What counting a batch came to. */
struct intake_counts {
	int64_t events;
	int64_t duplicates; /* of events accepted before, or twice in this batch */
	int64_t rejected;
	bool is_replay;    /* the same batch was here before */
	bool was_accepted; /* ... and was accepted then */
	bool is_different; /* ... and had another body, which a client promises never to send */
};

struct intake_exchange {
	struct intake_head head;
	struct fr_buffer body;              /* as it came */
	const struct intake_format *format; /* NULL: not a delivery */
	struct intake_bytes content;        /* decoded; empty when it could not be */
	int refusal; /* the status with which it is turned away; 0: it is not */
	char reason[512];
	struct intake_fault fault; /* kind INTAKE_FAULT_NONE: all goes well */
	bool is_accepted;
	struct intake_counts counts;
	struct intake_answer answer;
	bool awaits_commit; /* the answer may be given only after the store's commit */
};

void intake_exchange_init(struct intake_exchange *exchange);
void intake_exchange_fini(struct intake_exchange *exchange);

/* Forgets one request so that the next can use the memory. */
void intake_exchange_clear(struct intake_exchange *exchange);

/* Turns the request away, unless it was already. */
void intake_refuse(struct intake_exchange *exchange, int status, const char *reason);

/* The same for a failure in here: 400, 413 or 415 where the request is at fault, else 503. */
void intake_refuse_for(struct intake_exchange *exchange, enum fr_status status,
		       const struct fr_error *err);

#endif
