/* One agent of the fleet: what its host records, and when its courier makes a request.
 *
 * Every wait is decided by the functions that ship: fr_verdict_of, fr_retry_fail, fr_retry_succeed,
 * fr_retry_hasten, fr_retry_rebase. What the courier adds to them (when a batch is due, how many
 * events it holds, that a frozen one goes again as it was) is said once more in agent.c; the queue,
 * the network and the bytes are left out.
 */
#ifndef FR_FLEET_AGENT_H
#define FR_FLEET_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "fleet/scenario.h"
#include "ship/retry.h"

#define FLEET_NEVER INT64_MAX

/* The means; agents differ: a few do most of the work. */
struct fleet_habits {
	double bursts_per_hour; /* a command is run, and the host records a few events */
	double events_per_burst;
};

struct fleet_agent {
	struct fr_retry retry;
	uint64_t random;
	double between_bursts_us;
	int64_t next_burst_us;
	int64_t seen_us;  /* since when something waits */
	uint32_t waiting; /* recorded and in no batch */
	uint32_t frozen;  /* in the batch that is sent, or will be sent again; 0: none */
	uint32_t owed;    /* of those there were when the trouble ended, not yet delivered */
	bool is_started;
	bool is_sending;
	bool is_troubled; /* one of those whom the trouble befalls */
	int64_t sent_us;
	int64_t caught_up_us; /* since when nothing is owed; FLEET_NEVER: something is */
};

/* Returns when its first turn comes. */
int64_t fleet_agent_begin(struct fleet_agent *agent, uint64_t seed,
			  const struct fleet_scenario *scenario, const struct fleet_habits *habits,
			  uint32_t number);

/* What it waited for has come. Returns when the next turn is; *arrives: it has just made a request
 * that the server sees. */
int64_t fleet_agent_turn(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			 const struct fleet_habits *habits, int64_t now_us, bool *arrives);

/* The trouble is over: counts what is owed. Returns when the agent tries again if it can tell, as
 * when its network comes back; FLEET_NEVER: as planned. */
int64_t fleet_agent_relieve(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			    const struct fleet_habits *habits, int64_t now_us);

#endif
