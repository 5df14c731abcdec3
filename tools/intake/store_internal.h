/* What the two halves of the store share: store.c opens, commits and shows, store_add.c counts and
 * keeps. Nobody else includes this. */
#ifndef FR_INTAKE_STORE_INTERNAL_H
#define FR_INTAKE_STORE_INTERNAL_H

#include <stdbool.h>

#include <sqlite3.h>

#include "intake/store.h"

enum intake_statement {
	INTAKE_BEGIN,
	INTAKE_COMMIT,
	INTAKE_ROLLBACK,
	INTAKE_SELECT_BATCH,
	INTAKE_COUNT_BATCH,
	INTAKE_INSERT_EVENT,
	INTAKE_REPEAT_EVENT,
	INTAKE_INSERT_REQUEST,
	INTAKE_FIRST_VIEW, /* and one for each enum intake_view */
	INTAKE_STATEMENTS = INTAKE_FIRST_VIEW + INTAKE_VIEWS,
};

struct intake_store {
	sqlite3 *db;
	sqlite3_stmt *statements[INTAKE_STATEMENTS];
	int64_t next_request;
	bool in_turn;    /* a transaction is open */
	bool is_spoiled; /* ... and something in it failed */
};

/* Reports what SQLite says, and spoils the turn. */
enum fr_status intake_store_fail(struct intake_store *store, const char *doing,
				 struct fr_error *err);

/* Begins the turn's transaction, unless there is one. */
enum fr_status intake_store_begin(struct intake_store *store, struct fr_error *err);

/* Runs a statement that yields at most one row of interest, whose first column goes to *answer
 * (may be NULL). A binding that failed for lack of memory shows as a step that fails. */
enum fr_status intake_store_run(struct intake_store *store, enum intake_statement which,
				int64_t *answer, struct fr_error *err);

#endif
