/* Many events at once, for the tool: a file of them, or what another program writes, in few
 * transactions.
 *
 * The rules are those of flightrec_record, but for the limits: they guard a host against its own
 * loops, and an import is asked for. flightrec_flush does not wait for what was imported.
 */
#ifndef FR_CLIENT_IMPORT_H
#define FR_CLIENT_IMPORT_H

#include "client/recorder.h"

/* One event on its way: fr_recorder_ask let it pass, and fr_recorder_finish made its draft what
 * will be recorded. */
struct fr_import {
	struct fr_draft *draft;
	struct fr_pass pass;
	char uuid[FR_UUID_TEXT]; /* out: its eventId */
};

/* From now on no name is ever recorded too often. */
enum fr_status fr_recorder_lift_limits(flightrec *recorder, struct fr_error *err);

/* Commits all of them in one transaction or none. FR_UNCERTAIN: all of them, but the flush of the
 * disk failed. Drafts and passes stay the caller's. */
enum fr_status fr_recorder_import(flightrec *recorder, struct fr_import *events, unsigned count,
				  struct fr_error *err);

#endif
