/* The agent: the composition root of everything that delivers.
 *
 *                          STARTING
 *                              |  as consent says, at every look
 *           +------------------+-------------------+
 *           v                  v                   v
 *        SERVING <-------> HOLDING <---------> RESTING        STRANDED: the queue cannot be opened;
 *      on: couriers      local: the queue     off: the        tried again at every look, now
 *      are at work       is kept in order     queue is        and then without one
 *           |                  |               closed             |
 *           +------------------+-------------------+--------------+
 *                              v  SIGTERM, SIGINT, the end of a drain
 *                          STOPPING --> the loop ends
 *
 * Invariants: there is a crew only while SERVING (and while STOPPING from there), a queue only
 * while SERVING, HOLDING or STOPPING. One look at the world (fr_agent_look) decides all moves but
 * the last. Nothing is armed when there is nothing to do.
 * Threads: one. Life: open, run, close.
 */
#ifndef FR_AGENT_AGENT_H
#define FR_AGENT_AGENT_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/crew.h"
#include "agent/instance.h"
#include "agent/options.h"
#include "agent/secrets.h"
#include "base/env.h"
#include "base/home.h"
#include "config/config.h"
#include "privacy/consent.h"
#include "queue/queue.h"

struct event_base;
struct fr_control;
struct fr_mailbox;
struct fr_network;

enum fr_agent_state {
	FR_AGENT_STARTING,
	FR_AGENT_SERVING,
	FR_AGENT_HOLDING,
	FR_AGENT_RESTING,
	FR_AGENT_STRANDED,
	FR_AGENT_STOPPING,
};

enum fr_exit {
	FR_EXIT_DONE = 0,
	FR_EXIT_WRONG = 1,
	FR_EXIT_USAGE = 2,
	FR_EXIT_AGAIN = 75,
};

struct fr_agent {
	const struct fr_agent_options *options;
	struct fr_env env;
	struct fr_home home;
	int64_t started_us;     /* boot clock */
	int64_t drain_until_us; /* boot clock; a drain ends then at the latest */

	enum fr_agent_state state;
	struct fr_instance instance;
	struct fr_config *config;
	struct fr_config *next_config; /* read and found good; waits for the requests under way */
	struct fr_consent_watch consent;
	struct fr_queue *queue;
	struct fr_crew crew;
	char trouble[512]; /* why it is stranded; else "" */

	struct event_base *loop;
	struct fr_mailbox *mailbox; /* NULL in a drain */
	struct fr_control *control; /* NULL in a drain */
	struct fr_network *network;
	struct event terminate, interrupt, hangup;
	struct event progress; /* a courier got somewhere: looked at outside of its callback */
	struct event patience; /* how long a drain lasts, or a stop waits for requests under way */
	struct event reload_due; /* how long a reload waits for them: next_config is there */
	struct event retry;      /* while stranded */
	struct event tidy;       /* tidy.c */
	struct fr_secrets secrets;
	bool has_events;
};

/* Everything up to the loop: locks the home, reads consent, opens the queue and the sockets.
 * FR_OFF when consent is off and there is no home to wait in; FR_BUSY when another agent serves
 * it. On failure nothing is left. */
enum fr_status fr_agent_open(struct fr_agent *agent, const struct fr_agent_options *options,
			     const struct fr_env *env, struct fr_error *err);

/* Serves until it is told to stop, or drains. */
void fr_agent_run(struct fr_agent *agent);
void fr_agent_close(struct fr_agent *agent);

/* Something may have happened: reads consent, sees whether the queue is still the one that is
 * open, moves on accordingly and lets the couriers look for work; with flush, at once and
 * whatever its amount. */
void fr_agent_look(struct fr_agent *agent, bool flush);

/* Reads the config again. When it is wrong, says so and keeps the old one; else the crew is
 * changed as soon as nothing is under way, or after two seconds. */
enum fr_status fr_agent_reload(struct fr_agent *agent, struct fr_error *err);

/* Ends the loop as soon as nothing is under way, or after a second and a half; told twice, at
 * once. */
void fr_agent_stop(struct fr_agent *agent);

/* Everything is delivered that may be; nothing more is to be expected until then (boot clock). */
bool fr_agent_is_done(const struct fr_agent *agent);
bool fr_agent_is_stuck(const struct fr_agent *agent, int64_t until_us);

/* ---- for the files of agent/ ---- */

/* state.c: the only place where the state changes. */
void fr_agent_move(struct fr_agent *agent, enum fr_agent_state to, const char *why);
enum fr_status fr_agent_open_queue(struct fr_agent *agent, struct fr_error *err);

/* The crew, too. */
void fr_agent_close_queue(struct fr_agent *agent);

/* Reads consent where its files changed; follow acts on it, too. */
void fr_agent_look_at_consent(struct fr_agent *agent);
void fr_agent_follow_consent(struct fr_agent *agent);

/* reload.c: takes a config, which is put in force as soon as nothing is under way, or after two
 * seconds. */
void fr_agent_change_config(struct fr_agent *agent, struct fr_config *config);

/* Puts next_config in force, whatever is under way. */
void fr_agent_adopt_config(struct fr_agent *agent);
void fr_agent_begin_consent(struct fr_agent *agent);
void fr_agent_tell_problems(const struct fr_agent *agent);

/* A drain is looked at so soon after its couriers began: it may be done, or stuck, already. */
enum { FR_FIRST_LOOK_MS = 20 };

/* agent.c: in so many milliseconds, once. */
void fr_agent_arm(struct event *timer, int64_t ms);

const char *fr_agent_state_name(enum fr_agent_state state);

#endif
