/* The claim is the courier's own: the sink's settings, bounded by what its destination takes and by
 * what the sink has learned (a size that was refused, the small batches after an outage).
 */
#include "pending.h"

#include <assert.h>
#include <string.h>

#include "ship/proposal.h"

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

enum fr_status cli_pending_find(struct fr_snapshot *snapshot,
				const struct fr_sink_settings *settings, struct cli_pending *out,
				struct fr_error *err)
{
	struct search search = {.name = settings->name, .out = out};
	struct fr_sink_settings own = *settings; /* the claim's context is not const */
	const struct fr_proposer proposer = {settings, fr_sink_format_find(settings->type),
					     &out->facts.row.retry};
	struct fr_claim claim;
	enum fr_status status;

	*out = (struct cli_pending){0};
	assert(proposer.format != NULL); /* the config knows every type it takes */
	status = fr_snapshot_sinks(snapshot, on_sink, &search, err);
	if (status != FR_OK)
		return status;
	claim = fr_proposal_claim(&proposer, out->facts.row.id);
	claim.wants = sink_wants;
	claim.context = &own;
	status = fr_snapshot_next_batch(snapshot, &claim, &out->batch, err);
	out->is_open = status == FR_OK && out->facts.open_batches > 0;
	return status == FR_NONE ? FR_OK : status;
}

void cli_pending_fini(struct cli_pending *pending)
{
	fr_batch_free(pending->batch);
	pending->batch = NULL;
}
