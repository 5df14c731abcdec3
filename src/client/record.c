/* One event on its way to the queue.
 *
 * The happy path: the desk lets it pass, the draft is checked and made canonical outside every
 * lock, then with the turn: tell the agent, commit, give the turn back. OK means that
 * fr_queue_append committed.
 *
 * Failures: what a rule or the draft refuses never comes near the queue. A queue that was moved
 * or deleted under us is closed and opened once more, after consent was read again; under `off`
 * nothing is left open and, where it was the owner who said so, nothing is left lying there.
 * Everything else is the caller's to know.
 */
#include "client/recorder.h"

#include <string.h>

#include "base/crash.h"
#include "event/uuid.h"

/* ---- the queue, with the turn ---- */

/* One system call for a handful of events. Taken bytes are never used again; a fork child starts
 * with none. */
static enum fr_status random_draw(void *context, void *out, size_t length)
{
	flightrec *recorder = context;

	if (length > sizeof recorder->random)
		return fr_env_random(&recorder->env, out, length);
	if (length > recorder->random_left) {
		if (fr_env_random(&recorder->env, recorder->random, sizeof recorder->random) !=
		    FR_OK)
			return FR_IO;
		recorder->random_left = sizeof recorder->random;
	}
	recorder->random_left -= length;
	memcpy(out, recorder->random + recorder->random_left, length);
	return FR_OK;
}

unsigned fr_recorder_left_ms(const flightrec *recorder)
{
	int64_t left_us = recorder->deadline_us - fr_env_boot_us(&recorder->env);

	return left_us > 0 ? (unsigned)((left_us + 999) / 1000) : 0;
}

/* A choice of `off` that came between the look at the desk and the opening must not leave a queue
 * behind that the opening made. */
static enum fr_status consent_confirm(flightrec *recorder, struct fr_append *appends,
				      unsigned count, struct fr_error *err)
{
	enum fr_consent_source source;
	enum fr_consent level = fr_recorder_consent(recorder, &source);
	unsigned files;

	for (unsigned i = 0; i < count; i++)
		appends[i].sendable = appends[i].sendable && level == FR_CONSENT_ON;
	if (level != FR_CONSENT_OFF)
		return FR_OK;
	fr_recorder_let_go(recorder);
	if (source == FR_CONSENT_FROM_OWNER)
		(void)fr_queue_unlink(recorder->home.path, &recorder->env, recorder->busy_ms,
				      &files, NULL); /* the tool that chose `off` reports on it */
	return fr_fail(err, FR_OFF, "recording is off");
}

enum fr_status fr_recorder_open_queue(flightrec *recorder, struct fr_append *appends,
				      unsigned count, struct fr_error *err)
{
	const struct fr_queue_options options = {
		.home = recorder->home.path,
		.env = &recorder->env,
		.durability = recorder->durability,
		.max_bytes = recorder->config->queue.max_bytes,
		.busy_ms = fr_recorder_left_ms(recorder),
		.may_create = true,
	};
	enum fr_status status = fr_home_make(&recorder->home, err);

	if (status == FR_OK)
		status = fr_recorder_bucket(recorder, &recorder->session.user_bucket, err);
	if (status == FR_OK)
		status = fr_queue_open(&recorder->queue, &options, err);
	if (status == FR_INVALID) /* home, identity or file: the event is none the worse */
		status = FR_IO;
	if (status != FR_OK)
		return status;
	atomic_store(&recorder->is_open, true);
	if (fr_queue_incident(recorder->queue)[0] != '\0')
		fr_log(&recorder->env.log, FR_LOG_WARN, "queue.incident", "%s",
		       fr_queue_incident(recorder->queue));
	return consent_confirm(recorder, appends, count, err);
}

static enum fr_status queue_append(flightrec *recorder, const struct fr_append *appends,
				   unsigned count, struct fr_error *err)
{
	enum fr_status status;
	int64_t id = 0;

	fr_wake_before_commit(&recorder->wake);
	fr_queue_set_busy(recorder->queue, fr_recorder_left_ms(recorder));
	FR_CRASH_POINT("client.record.before_append");
	if (count == 1)
		status = fr_queue_append(recorder->queue, &recorder->session, appends, &id, err);
	else
		status = fr_queue_append_all(recorder->queue, &recorder->session, appends, count,
					     err);
	FR_CRASH_POINT("client.record.after_append");
	fr_wake_after_commit(&recorder->wake);
	if (count == 1 && appends->sendable && (status == FR_OK || status == FR_UNCERTAIN))
		recorder->last_sendable = id;
	return status;
}

static enum fr_status append_once(flightrec *recorder, struct fr_append *appends, unsigned count,
				  struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (recorder->queue == NULL)
		status = fr_recorder_open_queue(recorder, appends, count, err);
	if (status == FR_OK)
		status = queue_append(recorder, appends, count, err);
	if (status == FR_NONE)
		fr_recorder_let_go(recorder);
	return status;
}

enum fr_status fr_recorder_append(flightrec *recorder, struct fr_append *appends, unsigned count,
				  struct fr_error *err)
{
	enum fr_status status = append_once(recorder, appends, count, err);

	if (status == FR_NONE)
		status = append_once(recorder, appends, count, err);
	if (status == FR_NONE)
		status = fr_fail(err, FR_IO, "%s: the queue is moved or deleted all the time",
				 recorder->home.path);
	return status;
}

enum fr_status fr_recorder_fill(flightrec *recorder, const struct fr_draft *draft,
				const struct fr_pass *pass, char uuid[FR_UUID_TEXT],
				struct fr_append *append, struct fr_error *err)
{
	struct fr_env source = recorder->env;
	int64_t now_us = fr_env_wall_us(&recorder->env);

	*append = (struct fr_append){
		.uuid = uuid,
		.draft = draft,
		.time_us = draft->time_us != 0 ? draft->time_us : now_us,
		.sendable = pass->sendable,
		.internal = pass->internal,
		.route = pass->declared != NULL ? pass->declared->route : NULL,
	};
	recorder->session.ci = pass->ci;
	source.random_bytes = random_draw;
	source.context = recorder;
	return fr_uuid7(uuid, &source, now_us, err);
}

/* ---- the calls ---- */

/* With the turn. */
static enum fr_status draft_append(flightrec *recorder, const struct fr_draft *draft,
				   const struct fr_pass *pass, struct fr_error *err)
{
	char uuid[FR_UUID_TEXT];
	struct fr_append append;
	enum fr_status status = fr_recorder_fill(recorder, draft, pass, uuid, &append, err);

	return status == FR_OK ? fr_recorder_append(recorder, &append, 1, err) : status;
}

enum fr_status fr_recorder_commit(flightrec *recorder, struct fr_draft *draft, struct fr_pass *pass,
				  struct fr_error *err)
{
	enum fr_status status = fr_recorder_finish(recorder, draft, pass, err);

	if (status == FR_OK)
		status = fr_recorder_take_turn(recorder, recorder->busy_ms, err);
	if (status != FR_OK)
		return status;
	status = draft_append(recorder, draft, pass, err);
	if (pass->is_report_due)
		fr_recorder_report(recorder, false);
	fr_turn_give(&recorder->turn);
	return status;
}

static enum fr_status json_record(flightrec *recorder, const char *name, const char *json,
				  bool internal, struct fr_error *err)
{
	const size_t most = (size_t)recorder->config->queue.max_event_bytes;
	struct fr_draft draft;
	struct fr_pass pass;
	enum fr_status status = fr_recorder_ask(recorder, name, internal, &pass, err);

	if (status != FR_OK)
		return status;
	fr_draft_init(&draft, most);
	fr_draft_set_name(&draft, name);
	fr_draft_add_object(&draft, json, json != NULL ? strlen(json) : 0);
	status = fr_recorder_commit(recorder, &draft, &pass, err);
	fr_draft_fini(&draft);
	fr_pass_return(recorder, &pass);
	return status;
}

static enum flightrec_status record(flightrec *recorder, const char *name, const char *json,
				    bool internal)
{
	struct fr_error err = {FR_OK, ""};
	enum fr_status status;

	if (recorder == NULL)
		return FLIGHTREC_OFF;
	status = json_record(recorder, name, json, internal, &err);
	return fr_recorder_answer(recorder, "record", status, &err);
}

enum flightrec_status flightrec_record(flightrec *recorder, const char *name,
				       const char *properties_json)
{
	return record(recorder, name, properties_json, false);
}

enum flightrec_status flightrec_record_internal(flightrec *recorder, const char *name,
						const char *properties_json)
{
	return record(recorder, name, properties_json, true);
}
