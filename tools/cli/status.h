/* Everything `flightrec status` knows, gathered once and then shown to people or to programs.
 *
 * Whatever cannot be learned is left empty with the reason beside it: a broken config, a damaged
 * queue or a silent agent must not keep the rest from being seen.
 * Life: gather, print, fini.
 */
#ifndef FLIGHTREC_CLI_STATUS_H
#define FLIGHTREC_CLI_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent_client.h"
#include "config/config.h"
#include "output.h"
#include "privacy/consent.h"
#include "queue/inspect.h"

struct cli;

/* One sink: by its books, by its config, and by the agent that serves it. */
struct cli_sink_status {
	struct fr_sink_facts facts; /* all zero when the queue does not know it yet */
	bool is_in_queue;
	bool is_configured;
	char name[FR_SINK_NAME_MAX + 1];
	char type[32];
	/* With an agent what it says, else "idle", "waiting" or "paused" from what the queue
	 * remembers; "new" before the agent has met it, "removed" after. */
	char state[16];
	char kind[32];
	char reason[FR_REASON_TEXT];
	int64_t next_attempt_ms; /* from now; -1: none planned */
};

/* How many events a sink lost for one reason. */
struct cli_drop {
	char sink[FR_SINK_NAME_MAX + 1];
	char reason[64];
	int64_t events;
};

/* What a rule refused, or took out of events that were recorded all the same. */
struct cli_refusal {
	char reason[64];
	char name[FR_NAME_MAX + 1];
	int64_t events;
	int64_t last_us;
};

enum { CLI_SINKS_MAX = 64, CLI_DROPS_MAX = 64, CLI_REFUSALS_MAX = 64 };

enum cli_agent_state {
	CLI_AGENT_DOWN,
	CLI_AGENT_UP,
	CLI_AGENT_SILENT, /* something holds the socket and does not answer */
};

struct cli_status {
	const struct cli *cli;

	struct fr_consent_decision consent;
	struct fr_error consent_fault;

	struct fr_config *config; /* NULL: config_fault says why */
	struct fr_error config_fault;

	enum cli_agent_state agent;
	struct fr_error agent_fault;
	struct cli_answer agent_answer;
	int64_t agent_pid;
	int64_t agent_uptime_s;
	char agent_version[32];
	char agent_state[16];    /* "serving", ... */
	char agent_trouble[256]; /* why it cannot do its work; "" when it can */

	struct fr_error queue_fault; /* FR_NONE: nothing recorded yet */
	struct fr_queue_facts queue;
	struct fr_queue_pace pace; /* of the last day */
	struct cli_sink_status sinks[CLI_SINKS_MAX];
	size_t sink_count;
	struct cli_drop drops[CLI_DROPS_MAX];
	size_t drop_count;
	struct cli_refusal refusals[CLI_REFUSALS_MAX]; /* the largest first */
	size_t refusal_count;
	int64_t refusals_left_out; /* lines beyond these */
};

/* Always fills it. */
void cli_status_gather(struct cli_status *status, const struct cli *cli);
void cli_status_fini(struct cli_status *status);

/* Is anything wrong that somebody should look into: CLI_WRONG, else CLI_DONE. */
int cli_status_judge(const struct cli_status *status);

void cli_status_print(const struct cli_status *status, bool with_why);

/* status_print.c: "label     text", the text made visible and in this colour. */
void cli_status_line(const struct cli *cli, const char *label, enum cli_color color,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

enum fr_status cli_status_print_json(const struct cli_status *status, struct fr_error *err);

/* Only the agent's part, for commands that need no more. */
void cli_status_ask_agent(struct cli_status *status);

/* What the queue can still hold; false when that cannot be said. */
struct cli_outage;
bool cli_status_outage(const struct cli_status *status, struct cli_outage *out);

/* When a sink is tried again, by the wall clock; 0: not planned. */
int64_t cli_sink_next_us(const struct cli_status *status, const struct cli_sink_status *sink);

/* status_json.c: the members of the decision. */
struct cli_json;
void cli_consent_add_json(struct cli_json *json, const struct cli_status *status);

/* status_refused.c: what rules refused, for people and as the member "refused". */
void cli_refused_print(const struct cli_status *status);
void cli_refused_add_json(struct cli_json *json, const struct cli_status *status);

/* status_why.c: every voice that was heard about consent, and what it said. */
typedef void cli_on_voice(void *context, const char *who, const char *said);
void cli_consent_voices(const struct cli_status *status, cli_on_voice *on_voice, void *context);

#endif
