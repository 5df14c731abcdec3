/* What the intake does with a request, apart from the network: who may, what it holds, what to
 * answer.
 *
 * Threads: one owner.
 * Life: init, then for each request look_early once its head is there and handle once its body
 * is, commit at the end of a turn, fini.
 */
#ifndef FR_INTAKE_SERVICE_H
#define FR_INTAKE_SERVICE_H

#include <stdbool.h>

#include "base/env.h"
#include "intake/exchange.h"
#include "intake/fault.h"
#include "intake/format.h"
#include "intake/store.h"

struct intake_service {
	const struct fr_env *env;
	struct intake_keys keys;
	struct intake_faults faults;
	struct intake_store *store; /* borrowed */
	struct intake_decoder *decoder;
	struct intake_batch batch; /* of the request being handled */
};

enum fr_status intake_service_init(struct intake_service *service, const struct fr_env *env,
				   struct intake_store *store, struct fr_error *err);
void intake_service_fini(struct intake_service *service);

/* A fault that acts before the body is read goes into exchange->fault: true. The request is
 * kept. */
bool intake_service_look_early(struct intake_service *service, struct intake_exchange *exchange);

/* Fills exchange->answer. awaits_commit says whether it may be given only after the commit. */
void intake_service_handle(struct intake_service *service, struct intake_exchange *exchange);

/* Takes a delivery in: the part of handle that is about batches. Defined in receive.c. */
void intake_service_receive(struct intake_service *service, struct intake_exchange *exchange);

#endif
