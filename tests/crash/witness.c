#include "crash/witness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/inspect.h"
#include "queue/queue.h"
#include "support/folder.h"
#include "support/test.h"

struct session {
	char uuid[40];
	unsigned char *states; /* of its seqs */
	unsigned char *seen;   /* how often each is there, while looking */
	size_t capacity;
};

struct witness {
	struct session *sessions;
	size_t count, capacity;
	size_t last; /* found last: the next one is usually the same */
	size_t acknowledged;
	bool may_evict, may_salvage;
};

static void *must(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "the witness is out of memory\n");
		abort();
	}
	return memory;
}

struct witness *witness_new(void)
{
	return must(calloc(1, sizeof(struct witness)));
}

void witness_free(struct witness *witness)
{
	if (witness == NULL)
		return;
	for (size_t i = 0; i < witness->count; i++) {
		free(witness->sessions[i].states);
		free(witness->sessions[i].seen);
	}
	free(witness->sessions);
	free(witness);
}

static struct session *session_of(struct witness *witness, const char *uuid)
{
	struct session *session;

	if (witness->last < witness->count &&
	    strcmp(witness->sessions[witness->last].uuid, uuid) == 0)
		return &witness->sessions[witness->last];
	for (size_t i = 0; i < witness->count; i++)
		if (strcmp(witness->sessions[i].uuid, uuid) == 0) {
			witness->last = i;
			return &witness->sessions[i];
		}
	if (witness->count == witness->capacity) {
		witness->capacity = 2 * witness->capacity + 16;
		witness->sessions = must(
			realloc(witness->sessions, witness->capacity * sizeof *witness->sessions));
	}
	witness->last = witness->count;
	session = &witness->sessions[witness->count++];
	*session = (struct session){.states = NULL};
	(void)snprintf(session->uuid, sizeof session->uuid, "%s", uuid);
	return session;
}

static void session_reach(struct session *session, size_t seq)
{
	size_t capacity = session->capacity > 0 ? session->capacity : 64;

	if (seq < session->capacity)
		return;
	while (capacity <= seq)
		capacity *= 2;
	session->states = must(realloc(session->states, capacity));
	session->seen = must(realloc(session->seen, capacity));
	memset(session->states + session->capacity, 0, capacity - session->capacity);
	memset(session->seen + session->capacity, 0, capacity - session->capacity);
	session->capacity = capacity;
}

void witness_note(struct witness *witness, const char *session, int64_t seq,
		  enum witness_state state)
{
	struct session *known = session_of(witness, session);

	assert_true(seq >= 0);
	session_reach(known, (size_t)seq);
	witness->acknowledged += known->states[seq] == WITNESS_UNKNOWN;
	known->states[seq] = (unsigned char)state;
}

void witness_allow_evictions(struct witness *witness)
{
	witness->may_evict = true;
}

void witness_allow_salvage(struct witness *witness)
{
	witness->may_salvage = true;
}

size_t witness_count(const struct witness *witness)
{
	return witness->acknowledged;
}

/* ---- looking ---- */

static void see(struct witness *witness, const char *session, int64_t seq)
{
	struct session *known = session_of(witness, session);

	assert_true(seq >= 0);
	session_reach(known, (size_t)seq);
	known->seen[seq]++;
}

static sqlite3 *open_file(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(db));
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return db;
}

/* Rows of (session, seq). */
static void see_rows(struct witness *witness, const char *path, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = open_file(path);
	int code;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(db));
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		see(witness, (const char *)sqlite3_column_text(statement, 0),
		    sqlite3_column_int64(statement, 1));
	if (code != SQLITE_DONE)
		fail_msg("%s: %s", path, sqlite3_errmsg(db));
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
}

static void on_finding(void *context, const char *sentence)
{
	print_error("%s: %s\n", (const char *)context, sentence);
}

static void verify(const char *home, const struct fr_env *env, const char *when)
{
	struct fr_snapshot *snapshot = NULL;
	struct fr_error err = {0};
	unsigned findings = 0;
	char words[256];

	if (fr_snapshot_open(&snapshot, home, env, &err) != FR_OK)
		fail_msg("%s: look: %s", when, err.text);
	(void)snprintf(words, sizeof words, "%s", when);
	if (fr_snapshot_verify(snapshot, on_finding, words, &findings, &err) != FR_OK)
		fail_msg("%s: verify: %s", when, err.text);
	fr_snapshot_close(snapshot);
	if (findings != 0)
		fail_msg("%s: %u findings", when, findings);
}

/* Opens it as a program would, which finishes what the crash left, and looks at all of it. False
 * when there is no queue yet. */
static bool check_file(const struct witness *witness, const char *home, const char *when)
{
	struct fr_error err = {0};
	struct fr_queue_options options = {
		.home = home,
		.max_bytes = FR_QUEUE_BYTES_DEFAULT,
		.busy_ms = 10000,
	};
	struct fr_queue *queue = NULL;
	enum fr_status status;
	struct fr_env env;

	fr_env_real(&env);
	options.env = &env;
	status = fr_queue_open(&queue, &options, &err);
	if (status == FR_NONE)
		return false;
	if (status != FR_OK)
		fail_msg("%s: open: %s", when, err.text);
	if (!witness->may_salvage && fr_queue_incident(queue)[0] != '\0')
		fail_msg("%s: %s", when, fr_queue_incident(queue));
	fr_queue_close(queue);
	verify(home, &env, when);
	return true;
}

static const char *state_name(unsigned char state)
{
	static const char *const names[] = {"never acknowledged", "acknowledged", "leaving",
					    "finished"};

	return names[state];
}

static void judge_session(struct session *session, bool may_evict, const char *when)
{
	size_t end = session->capacity;

	while (end > 0 && session->seen[end - 1] == 0 && session->states[end - 1] == 0)
		end--;
	for (size_t seq = 0; seq < end; seq++) {
		unsigned char state = session->states[seq];
		int seen = session->seen[seq];
		bool is_missing = seen == 0 && state == WITNESS_ACKNOWLEDGED && !may_evict;

		if (seen > 1 || is_missing || (seen > 0 && state == WITNESS_GONE))
			fail_msg("%s: event %zu of session %s, %s, is there %d times", when, seq,
				 session->uuid, state_name(state), seen);
		if (state == WITNESS_UNKNOWN && seq + 1 < end)
			fail_msg("%s: event %zu of session %s was never acknowledged, but a later "
				 "one is there",
				 when, seq, session->uuid);
	}
}

static void judge(struct witness *witness, const char *when)
{
	for (size_t i = 0; i < witness->count; i++) {
		judge_session(&witness->sessions[i], witness->may_evict, when);
		memset(witness->sessions[i].seen, 0, witness->sessions[i].capacity);
	}
}

/* What has left for good may stand there until its page is swept. */
static const char rows[] = "SELECT s.uuid, e.seq FROM event e JOIN session s ON s.id = e.session "
			   "WHERE e.name <> '' AND json_extract(e.properties, '$.n') = e.seq "
			   "AND (e.id > (SELECT id FROM finished) OR e.consent <> 'on')";

void witness_check(struct witness *witness, const char *home, const char *when)
{
	char path[TEST_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/queue.db", home);
	if (check_file(witness, home, when))
		see_rows(witness, path, rows);
	judge(witness, when);
}

/* What was received may still stand in the queue, in a batch whose answer was lost. */
static const char rows_not_received[] =
	"SELECT s.uuid, e.seq FROM event e JOIN session s ON s.id = e.session "
	"WHERE e.name <> '' AND json_extract(e.properties, '$.n') = e.seq "
	"AND e.uuid NOT IN (SELECT event_id FROM received.event WHERE accepted > 0)";

static void see_what_is_left(struct witness *witness, const char *home, const char *received)
{
	sqlite3_stmt *statement = NULL;
	char path[TEST_PATH_MAX];
	sqlite3 *db;

	(void)snprintf(path, sizeof path, "%s/queue.db", home);
	db = open_file(path);
	assert_int_equal(sqlite3_prepare_v2(db, "ATTACH ?1 AS received", -1, &statement, NULL),
			 SQLITE_OK);
	(void)sqlite3_bind_text(statement, 1, received, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_prepare_v2(db, rows_not_received, -1, &statement, NULL),
			 SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW)
		see(witness, (const char *)sqlite3_column_text(statement, 0),
		    sqlite3_column_int64(statement, 1));
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
}

void witness_check_received(struct witness *witness, const char *home, const char *received,
			    const char *when)
{
	assert_true(check_file(witness, home, when));
	see_what_is_left(witness, home, received);
	see_rows(witness, received, "SELECT session, seq FROM event WHERE accepted > 0");
	judge(witness, when);
}
