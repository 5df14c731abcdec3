/* The claim is made as the courier makes it: the sink's settings, bounded by what its destination
 * takes and by what the sink has learned (a size that was refused, the small batches after an
 * outage).
 */
#include "pending.h"

#include <string.h>

struct search {
	const char *name;
	struct cli_pending *out;
};

static void on_sink(void *context, const struct fr_sink_facts *facts)
{
	struct search *search = context;

	if (facts->ended || strcmp(facts->row.name, search->name) != 0)
		return;
	search->out->is_met = true;
	search->out->facts = *facts;
}

static bool sink_wants(void *context, const char *name, const char *route)
{
	const struct fr_sink_settings *settings = context;

	return fr_sink_wants_name(settings, name, route);
}

static size_t less_of(size_t value, size_t bound)
{
	return bound > 0 && bound < value ? bound : value;
}

static struct fr_claim claim_make(struct fr_sink_settings *settings,
				  const struct cli_pending *pending)
{
	const struct fr_sink_format *format = fr_sink_format_find(settings->type);
	const struct fr_retry *retry = &pending->facts.row.retry;
	size_t max_bytes = less_of((size_t)settings->max_bytes, (size_t)retry->limit_bytes);
	struct fr_claim claim = {
		.sink = pending->facts.row.id,
		.max_events = less_of(settings->max_events, retry->ramp),
		.internal = settings->internal,
		.min_severity = settings->min_severity,
		.wants = sink_wants,
		.context = settings,
	};

	if (format != NULL) {
		claim.max_events = less_of(claim.max_events, format->most_events);
		max_bytes = less_of(max_bytes, (size_t)format->most_bytes);
	}
	claim.max_bytes = (int64_t)max_bytes;
	return claim;
}

enum fr_status cli_pending_find(struct fr_snapshot *snapshot,
				const struct fr_sink_settings *settings, struct cli_pending *out,
				struct fr_error *err)
{
	struct search search = {.name = settings->name, .out = out};
	struct fr_sink_settings own = *settings; /* the claim's context is not const */
	struct fr_claim claim;
	enum fr_status status;

	*out = (struct cli_pending){0};
	status = fr_snapshot_sinks(snapshot, on_sink, &search, err);
	if (status != FR_OK)
		return status;
	claim = claim_make(&own, out);
	status = fr_snapshot_next_batch(snapshot, &claim, &out->batch, err);
	out->is_open = status == FR_OK && out->facts.open_batches > 0;
	return status == FR_NONE ? FR_OK : status;
}

void cli_pending_fini(struct cli_pending *pending)
{
	fr_batch_free(pending->batch);
	pending->batch = NULL;
}
