#include "ship/proposal.h"

#include "ship/gzip.h"

enum { BODY_MOST = 64 * 1024 * 1024 };

static int64_t lesser(int64_t value, int64_t bound)
{
	return bound > 0 && bound < value ? bound : value;
}

size_t fr_proposal_most_events(const struct fr_proposer *proposer)
{
	int64_t most = (int64_t)proposer->settings->max_events;

	most = lesser(most, (int64_t)proposer->format->most_events);
	most = lesser(most, (int64_t)proposer->retry->ramp);
	return most > 0 ? (size_t)most : 1;
}

int64_t fr_proposal_ceiling(const struct fr_proposer *proposer)
{
	return lesser(proposer->settings->max_bytes, proposer->format->most_bytes);
}

struct fr_claim fr_proposal_claim(const struct fr_proposer *proposer, int64_t sink)
{
	return (struct fr_claim){
		.sink = sink,
		.max_events = fr_proposal_most_events(proposer),
		.max_bytes = lesser(fr_proposal_ceiling(proposer), proposer->retry->limit_bytes),
		.internal = proposer->settings->internal,
		.min_severity = proposer->settings->min_severity,
	};
}

size_t fr_proposal_most_bytes(const struct fr_proposer *proposer, const struct fr_batch *batch)
{
	int64_t most = proposer->format->most_bytes > 0 ? proposer->format->most_bytes : BODY_MOST;

	if (batch->count > 1 && !batch->maybe_taken)
		most = lesser(most, proposer->retry->limit_bytes);
	return (size_t)most;
}

bool fr_proposal_is_packed(const struct fr_proposer *proposer, size_t length)
{
	return proposer->settings->gzip && proposer->format->has_gzip &&
	       length >= FR_GZIP_LEAST_BYTES;
}
