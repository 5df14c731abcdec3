/* All couriers of the agent: one for each sink of the config, in its order.
 *
 * A sink whose secret is missing has a place in the crew but no courier: it is entered into the
 * queue as paused, with the secret's name as the reason, so that its events wait and nobody waits
 * for it.
 * Threads: the loop's. Life: open, any verbs, close.
 */
#ifndef FR_AGENT_CREW_H
#define FR_AGENT_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "ship/courier.h"

struct event_base;

struct fr_crew_member {
	const struct fr_sink_settings *settings;
	const char *missing;        /* what secret is; NULL: all are there */
	int64_t since_us;           /* wall clock: since when the secret is missing */
	struct fr_courier *courier; /* NULL: missing */
};

struct fr_crew {
	struct fr_crew_member *members;
	size_t count;
	struct fr_scrub *scrub; /* for what servers say */
};

struct fr_crew_options {
	struct event_base *loop;
	struct fr_queue *queue;
	const struct fr_env *env;
	const struct fr_config *config; /* borrowed until close */
	void (*on_progress)(void *context);
	void *context;
};

/* Enters exactly the config's sinks into the queue; ids is filled in their order, and may be
 * NULL. */
enum fr_status fr_crew_enlist(struct fr_queue *queue, const struct fr_config *config, int64_t *ids,
			      struct fr_error *err);

/* Enlists them and sets them to work. */
enum fr_status fr_crew_open(struct fr_crew *crew, const struct fr_crew_options *options,
			    struct fr_error *err);

/* Stops at once; what was under way stays frozen in the queue. Accepts an empty crew. */
void fr_crew_close(struct fr_crew *crew);

void fr_crew_wake(struct fr_crew *crew);
void fr_crew_flush(struct fr_crew *crew);
void fr_crew_stop(struct fr_crew *crew);

/* A request is under way, or an answer not yet booked. */
bool fr_crew_is_busy(const struct fr_crew *crew);

/* Another network, or the machine woke up: who waited for that tries again soon. */
void fr_crew_network_changed(struct fr_crew *crew);

/* Some courier waits, or is paused, and another network might help it. */
bool fr_crew_is_in_trouble(const struct fr_crew *crew);

/* Somebody waits for other credentials, or for any. */
bool fr_crew_wants_credentials(const struct fr_crew *crew);

/* Nobody has anything left to deliver. */
bool fr_crew_is_done(const struct fr_crew *crew);

/* Nobody who has anything left is at work, or will try again within that time. */
bool fr_crew_is_stuck(const struct fr_crew *crew, int64_t within_ms);

/* Has any sink of the config anything before it that may be sent? Without a crew, too. */
enum fr_status fr_crew_look_for_rest(struct fr_queue *queue, const struct fr_config *config,
				     bool *has_rest, struct fr_error *err);

void fr_crew_facts(const struct fr_crew_member *member, struct fr_courier_facts *out);

#endif
