/* A destination's way of being spoken to: who may, what a batch looks like, how it is
 * acknowledged.
 *
 * One file per format; routes in service.c name them. A format does no I/O and keeps no state.
 */
#ifndef FR_INTAKE_FORMAT_H
#define FR_INTAKE_FORMAT_H

#include "base/status.h"
#include "intake/exchange.h"

/* What clients must show; NULL: nothing. */
struct intake_keys {
	const char *api_key; /* datadog: DD-API-KEY */
	const char *token;   /* the others: Authorization: Bearer */
};

struct intake_format {
	const char *name;
	/* Looks at headers only; refuses those who may not. */
	void (*admit)(struct intake_exchange *exchange, const struct intake_keys *keys);
	/* Finds the events in a decoded body. FR_INVALID becomes a 400, and FR_FULL, more than
	 * this destination takes at once, a 413. */
	enum fr_status (*parse)(struct intake_bytes content, struct intake_batch *batch,
				struct fr_error *err);
	/* Looks at both once the events are known; NULL: nothing to look at. */
	enum fr_status (*check)(const struct intake_exchange *exchange,
				const struct intake_batch *batch, struct fr_error *err);
	/* Fills the answer to an accepted batch. */
	void (*acknowledge)(struct intake_exchange *exchange, const struct intake_batch *batch);
	bool can_reject; /* can it say which events it will not have? */
};

extern const struct intake_format intake_first_party;
extern const struct intake_format intake_datadog;
extern const struct intake_format intake_ndjson;
extern const struct intake_format intake_otlp;

/* Refuses with 401 who does not show the token. */
void intake_admit_bearer(struct intake_exchange *exchange, const struct intake_keys *keys);

/* {"accepted":n,"duplicates":d,"rejected":[...]} */
void intake_acknowledge_counts(struct intake_exchange *exchange, const struct intake_batch *batch);

#endif
