/* The happy path of a batch: readied inside a transaction, handed to the transport once that has
 * committed, answered by the transport's one callback, and gone once its answer is booked.
 *
 * Failures: what was readied in a transaction that failed is given up, and the queue knows nothing
 * of it; a request that cannot even be handed over is answered on the spot.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/crash.h"
#include "ship/courier_parts.h"

#define BIT(state) (1U << (state))

static const unsigned next_states[] = {
	[FR_PARCEL_FREE] = BIT(FR_PARCEL_READY),
	[FR_PARCEL_READY] = BIT(FR_PARCEL_OUT) | BIT(FR_PARCEL_FREE),
	[FR_PARCEL_OUT] = BIT(FR_PARCEL_ANSWERED),
	[FR_PARCEL_ANSWERED] = BIT(FR_PARCEL_FREE),
};

static void parcel_empty(struct fr_parcel *parcel)
{
	fr_batch_free(parcel->batch);
	fr_request_fini(&parcel->request);
	fr_answer_details_fini(&parcel->details);
	*parcel = (struct fr_parcel){.courier = parcel->courier};
}

void fr_parcel_move(struct fr_parcel *parcel, enum fr_parcel_state to)
{
	bool is_allowed = (next_states[parcel->state] & BIT(to)) != 0;

	assert(is_allowed);
	(void)is_allowed;
	parcel->state = to;
	if (to == FR_PARCEL_FREE)
		parcel_empty(parcel);
}

enum fr_status fr_parcels_open(struct fr_courier *courier, struct fr_error *err)
{
	size_t inflight = courier->format->is_file ? 1 : courier->options.settings->inflight;
	size_t i;

	if (inflight == 0)
		inflight = 1;
	courier->inflight = inflight < FR_INFLIGHT_MOST ? inflight : FR_INFLIGHT_MOST;
	courier->parcel_count = 2 * courier->inflight;
	courier->parcels = calloc(courier->parcel_count, sizeof *courier->parcels);
	if (courier->parcels == NULL)
		return fr_fail(err, FR_NOMEM, "courier: %s", fr_status_text(FR_NOMEM));
	for (i = 0; i < courier->parcel_count; i++)
		courier->parcels[i].courier = courier;
	return FR_OK;
}

void fr_parcels_close(struct fr_courier *courier)
{
	size_t i;

	for (i = 0; courier->parcels != NULL && i < courier->parcel_count; i++)
		parcel_empty(&courier->parcels[i]);
	free(courier->parcels);
	courier->parcels = NULL;
}

size_t fr_parcels_in(const struct fr_courier *courier, enum fr_parcel_state state)
{
	size_t i, count = 0;

	for (i = 0; i < courier->parcel_count; i++)
		count += courier->parcels[i].state == state;
	return count;
}

struct fr_parcel *fr_parcel_find(const struct fr_courier *courier, enum fr_parcel_state state)
{
	size_t i;

	for (i = 0; i < courier->parcel_count; i++)
		if (courier->parcels[i].state == state)
			return &courier->parcels[i];
	return NULL;
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct fr_parcel *parcel = context;
	struct fr_courier *courier = parcel->courier;

	if (courier->is_closing)
		return;
	fr_parcel_judge(parcel, result);
	FR_CRASH_POINT("courier.answered");
	fr_parcel_move(parcel, FR_PARCEL_ANSWERED);
	if (courier->state != FR_COURIER_ACKING)
		fr_courier_move(courier, FR_COURIER_ACKING, fr_env_boot_us(courier->options.env));
	fr_courier_nudge(courier);
}

static void parcel_send(struct fr_parcel *parcel)
{
	struct fr_courier *courier = parcel->courier;
	struct fr_sending sending = {&parcel->request, fr_env_wall_us(courier->options.env),
				     on_result, parcel};
	struct fr_exchange *exchange; /* it ends with its callback, or with the transport */
	struct fr_error err = {.text = ""};
	struct fr_exchange_result result = {
		.answer = {.content_type = "", .retry_after = "", .date = "", .body = ""},
		.text = err.text};
	enum fr_status status;

	parcel->troubles = courier->troubles;
	parcel->has_news = false;
	fr_parcel_move(parcel, FR_PARCEL_OUT);
	courier->requests++;
	FR_CRASH_POINT("courier.send.before");
	status = fr_transport_send(courier->transport, &sending, &exchange, &err);
	FR_CRASH_POINT("courier.send.after");
	if (status == FR_OK)
		return;
	result.outcome = status == FR_INVALID ? FR_OUTCOME_LOCAL : FR_OUTCOME_OFFLINE;
	on_result(parcel, &result);
}

void fr_parcels_send(struct fr_courier *courier)
{
	size_t i;

	for (i = 0; i < courier->parcel_count; i++)
		if (courier->parcels[i].state == FR_PARCEL_READY)
			parcel_send(&courier->parcels[i]);
}
