/* Looking at a home: is there one, what does it hold, who decided what. Only cli_queue_open may
 * change anything.
 */
#ifndef FLIGHTREC_CLI_LOOK_H
#define FLIGHTREC_CLI_LOOK_H

#include <stdbool.h>

#include "base/status.h"
#include "config/config.h"
#include "privacy/consent.h"
#include "queue/inspect.h"
#include "queue/queue.h"

struct cli;

/* A snapshot of the home's queue. FR_NONE when there is no home or no queue in it yet; a home that
 * is a symlink, somebody else's or unreadable is the failure that fr_folder_check words. */
enum fr_status cli_snapshot_open(const struct cli *cli, struct fr_snapshot **out,
				 struct fr_error *err);

/* The same for a command that has nothing else to say: says what is to be said, and returns the
 * exit code. With CLI_DONE *out may be NULL: there is no queue, and people were told so. */
int cli_snapshot_need(const struct cli *cli, struct fr_snapshot **out);

/* "Nothing recorded yet for app default in /home/...", to people. */
void cli_nothing_yet(const struct cli *cli);

/* The queue itself, for the few commands that change it. Never made here: FR_NONE when there is
 * none. */
enum fr_status cli_queue_open(const struct cli *cli, struct fr_queue **out, struct fr_error *err);

/* The consent that holds here and now, by the config as the recording programs read it. A fault (a
 * config that does not parse, a broken consent.json) is for people; a decision is made all the
 * same. */
enum fr_status cli_consent_decide(const struct cli *cli, struct fr_consent_decision *out,
				  struct fr_error *err);

/* Has the decision already said what the fault says? Then once is enough. */
bool cli_consent_says(const struct fr_consent_decision *decision, const struct fr_error *fault);

#endif
