/* The open library handle, as the files of client/ see it.
 *
 * Three kinds of state:
 *   fixed      written by flightrec_open, read by everybody;
 *   the desk   what every call looks at (consent, limits, common properties): under `desk`, for
 *              instants;
 *   the queue  the connection, the session and the socket to the agent: for who has the turn.
 * Invariants: the turn is taken before the desk, the desk before the log, never the other way
 * round. The queue is opened at the first event and not before; under consent `off` nothing is
 * open. `owner` is the process that the session and the connection belong to: in a fork child it
 * differs from getpid(), and whoever takes the turn first puts that right (fr_recorder_take_turn).
 */
#ifndef FR_CLIENT_RECORDER_H
#define FR_CLIENT_RECORDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/env.h"
#include "base/home.h"
#include "client/options.h"
#include "client/tally.h"
#include "client/turn.h"
#include "client/wake.h"
#include "config/config.h"
#include "event/draft.h"
#include "flightrec.h"
#include "privacy/catalogue.h"
#include "privacy/consent.h"
#include "privacy/context.h"
#include "privacy/limits.h"
#include "privacy/scrub.h"
#include "queue/queue.h"

enum { FR_LABEL_MAX = 256 }; /* service and version */

/* Properties of all later events; shared by the calls that began while they were in force. */
struct fr_common {
	unsigned uses; /* under the desk */
	size_t length;
	char text[]; /* the inside of a canonical object */
};

struct flightrec {
	/* fixed */
	struct fr_env env; /* its log leads to host_log */
	struct fr_home home;
	struct fr_config *config;
	char *service; /* NULL: the config's */
	char *version;
	char label[2][FR_LABEL_MAX + 1]; /* both, scrubbed: what the session says */
	enum fr_durability durability;
	unsigned busy_ms;
	bool is_before_notice;          /* the notice rule: nothing of this run is sent */
	struct fr_catalogue *catalogue; /* NULL: none, every event may be recorded */
	struct fr_scrub *scrub;
	char *name_space, *pod, *cluster; /* as the host says them; NULL: it does not */

	struct fr_logger host_log;
	pthread_mutex_t log; /* one line at a time, whoever writes it */

	pthread_mutex_t desk;
	struct fr_consent_watch consent;
	struct fr_limits *limits;
	struct fr_tally tally;    /* what was refused or removed and is not written yet */
	struct fr_common *common; /* NULL: none */
	bool has_context;         /* gathered at the first internal event, and once */
	struct fr_context context;
	bool has_bucket; /* the identity file is made at the first event, and read once */
	unsigned bucket;

	struct fr_turn turn;
	struct fr_queue *queue; /* NULL: not open */
	struct fr_session session;
	struct fr_wake wake;
	int64_t deadline_us;   /* boot clock: until when the call that has the turn may wait for
				  others */
	int64_t last_sendable; /* id of the last event of this process that may be sent; 0: none */
	unsigned char
		random[256]; /* what the next event ids are made of: one system call for many */
	size_t random_left;
	_Atomic pid_t owner;
	atomic_bool
		is_open; /* the queue or the socket is: lets go without the turn when it is not */

	/* all recorders of this process: fork.c */
	struct flightrec *next;
	struct flightrec *previous;
};

/* What the desk decided about one event. */
struct fr_pass {
	bool is_report_due;                    /* something was held back that is not told yet */
	const struct fr_declaration *declared; /* by the catalogue; NULL: there is none */
	bool internal;
	bool sendable;
	bool ci;
	struct fr_common *common; /* given back with fr_pass_return; NULL: none */
};

/* May an event of this name be recorded now, and by whose rules? Asks consent, the catalogue, the
 * gate of internal events and the limits, in this order; under `off` lets go of what is open. */
enum fr_status fr_recorder_ask(flightrec *recorder, const char *name, bool internal,
			       struct fr_pass *pass, struct fr_error *err);
void fr_pass_return(flightrec *recorder, struct fr_pass *pass);

/* flightrec_open with its reason in err; does not take the options. */
enum fr_status fr_recorder_open(flightrec **out, const flightrec_options *options,
				struct fr_error *err);

/* Makes of a draft what will be recorded: the common properties joined in, and what the catalogue
 * does not declare taken out, and people and secrets. */
enum fr_status fr_recorder_finish(flightrec *recorder, struct fr_draft *draft, struct fr_pass *pass,
				  struct fr_error *err);

/* Finishes the draft and commits it. FR_UNCERTAIN: committed, too. */
enum fr_status fr_recorder_commit(flightrec *recorder, struct fr_draft *draft, struct fr_pass *pass,
				  struct fr_error *err);

/* With the turn. The two halves of a commit: an event gets its id and its time; the events are
 * committed, all or none of them, in a queue that is opened first where it is not, and once more
 * where it was moved away. */
enum fr_status fr_recorder_fill(flightrec *recorder, const struct fr_draft *draft,
				const struct fr_pass *pass, char uuid[FR_UUID_TEXT],
				struct fr_append *append, struct fr_error *err);
enum fr_status fr_recorder_append(flightrec *recorder, struct fr_append *appends, unsigned count,
				  struct fr_error *err);

/* With the turn. Opens the queue for these events, of which consent, read again, may take the right
 * to be sent; FR_OFF when it says so now. */
enum fr_status fr_recorder_open_queue(flightrec *recorder, struct fr_append *appends,
				      unsigned count, struct fr_error *err);

/* With the turn. What is left of the time a call may wait for others: one busy timeout is for the
 * whole of it, however many locks there are on its way. */
unsigned fr_recorder_left_ms(const flightrec *recorder);

/* Counts what a rule refused or removed. Takes the desk. */
void fr_recorder_count(flightrec *recorder, const char *reason, const char *name, uint64_t events);

/* What the catalogue says of this event; NULL: nothing, or there is none. */
const struct fr_declaration *fr_recorder_declaration(const flightrec *recorder, const char *name);

/* With the turn: writes down what was refused, removed or held back, at most once a minute; the
 * last time whatever there is to tell. */
void fr_recorder_report(flightrec *recorder, bool is_last);

/* The same for a name that is only ever held back: its report has no commit to ride on. */
void fr_recorder_report_alone(flightrec *recorder);

/* The turn, and a session and a connection that are this process's own. What is left of wait_ms is
 * what the queue may be waited for with the turn. */
enum fr_status fr_recorder_take_turn(flightrec *recorder, unsigned wait_ms, struct fr_error *err);

/* The user's bucket; makes the home and the identity where they are missing. Takes the desk. */
enum fr_status fr_recorder_bucket(flightrec *recorder, unsigned *bucket, struct fr_error *err);

/* With the turn: closes the connection and the socket. */
void fr_recorder_let_go(flightrec *recorder);

/* What consent says now, and who said so (source may be NULL); a fault on the way is logged. */
enum fr_consent fr_recorder_consent(flightrec *recorder, enum fr_consent_source *source);

/* The end of every public call: turns a failure into a status and a line for the host's logger. */
enum flightrec_status fr_recorder_answer(flightrec *recorder, const char *call,
					 enum fr_status status, const struct fr_error *err);

/* fork.c: joins and leaves the list of recorders that a fork waits for. */
enum fr_status fr_recorder_join(flightrec *recorder, struct fr_error *err);
void fr_recorder_leave(flightrec *recorder);

#endif
