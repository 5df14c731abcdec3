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

/* A call that is refused anyway waits no longer than this to have it told. */
enum { REPORT_WAIT_MS = 50 };

static const char suppressed_name[] = "flightrec.suppressed";

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

/* One busy timeout is for the whole of a call, however many locks there are on its way. */
static unsigned left_ms(const flightrec *recorder)
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

static enum fr_status queue_open(flightrec *recorder, struct fr_append *appends, unsigned count,
				 struct fr_error *err)
{
	const struct fr_queue_options options = {
		.home = recorder->home.path,
		.env = &recorder->env,
		.durability = recorder->durability,
		.max_bytes = recorder->config->queue.max_bytes,
		.busy_ms = left_ms(recorder),
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
	fr_queue_set_busy(recorder->queue, left_ms(recorder));
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
		status = queue_open(recorder, appends, count, err);
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

/* ---- what was held back ---- */

static enum fr_status report_append(flightrec *recorder, const struct fr_draft *draft,
				    const struct fr_pass *pass, struct fr_error *err)
{
	char uuid[FR_UUID_TEXT];
	struct fr_append append;
	enum fr_status status = fr_recorder_fill(recorder, draft, pass, uuid, &append, err);

	if (status == FR_OK)
		status = queue_append(recorder, &append, 1, err);
	return status;
}

/* With the turn, and without the desk: others go on being refused while this is committed. */
static enum fr_status report_commit(flightrec *recorder, const struct fr_buffer *properties,
				    const struct fr_pass *pass, struct fr_error *err)
{
	struct fr_draft draft;
	enum fr_status status;

	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, suppressed_name);
	fr_draft_set_severity(&draft, FR_WARN);
	fr_draft_add_object(&draft, fr_buffer_text(properties), properties->length);
	status = fr_draft_finish(&draft, NULL, 0, err);
	if (status == FR_OK)
		status = report_append(recorder, &draft, pass, err);
	fr_draft_fini(&draft);
	return status;
}

/* With the desk: the report, and how its event is marked. */
static bool report_draw_up(flightrec *recorder, bool is_last, struct fr_buffer *properties,
			   struct fr_pass *pass)
{
	const struct fr_consent_decision *consent = &recorder->consent.decision;
	int64_t now_us = fr_env_boot_us(&recorder->env);

	if (consent->level == FR_CONSENT_OFF || fr_limits_suppressed(recorder->limits) == 0 ||
	    (!is_last && !fr_limits_report_is_due(recorder->limits, now_us)))
		return false;
	fr_limits_report(recorder->limits, now_us, properties);
	*pass = (struct fr_pass){
		.sendable = consent->level == FR_CONSENT_ON && !recorder->is_before_notice,
		.ci = consent->ci,
		.declared = fr_recorder_declaration(recorder, suppressed_name),
	};
	return true;
}

/* Never opens the queue: what cannot be told now is part of the next report. */
static void limits_report(flightrec *recorder, bool is_last)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_buffer properties;
	struct fr_pass pass;
	enum fr_status status;
	bool is_due;

	fr_buffer_init(&properties, FR_EVENT_BYTES_DEFAULT);
	(void)pthread_mutex_lock(&recorder->desk);
	is_due = report_draw_up(recorder, is_last, &properties, &pass);
	(void)pthread_mutex_unlock(&recorder->desk);
	status = is_due ? report_commit(recorder, &properties, &pass, &err) : FR_NONE;
	fr_buffer_fini(&properties);
	if (status == FR_OK || status == FR_UNCERTAIN) {
		(void)pthread_mutex_lock(&recorder->desk);
		fr_limits_reported(recorder->limits);
		(void)pthread_mutex_unlock(&recorder->desk);
	} else if (is_due) {
		fr_log(&recorder->env.log, FR_LOG_WARN, "suppressed.unreported", "%s", err.text);
	}
}

/* With the turn. What could not be written is counted again. */
static void tally_commit(flightrec *recorder, const struct fr_tally *tally)
{
	struct fr_refused refused[FR_TALLY_ENTRIES];
	struct fr_error err = {FR_OK, ""};

	for (unsigned i = 0; i < tally->count; i++)
		refused[i] = (struct fr_refused){tally->entries[i].reason, tally->entries[i].name,
						 tally->entries[i].events};
	fr_queue_set_busy(recorder->queue, left_ms(recorder));
	if (fr_queue_count_refused(recorder->queue, refused, tally->count, &err) == FR_OK)
		return;
	fr_log(&recorder->env.log, FR_LOG_WARN, "refused.uncounted", "%s", err.text);
	for (unsigned i = 0; i < tally->count; i++)
		fr_recorder_count(recorder, refused[i].reason, refused[i].name, refused[i].events);
}

static void tally_write(flightrec *recorder, bool is_last)
{
	int64_t now_us = fr_env_boot_us(&recorder->env);
	struct fr_tally tally;

	tally.count = 0;
	(void)pthread_mutex_lock(&recorder->desk);
	if (recorder->consent.decision.level != FR_CONSENT_OFF &&
	    (is_last || fr_tally_is_due(&recorder->tally, now_us)))
		fr_tally_take(&recorder->tally, &tally, now_us);
	(void)pthread_mutex_unlock(&recorder->desk);
	if (tally.count > 0)
		tally_commit(recorder, &tally);
}

/* A host of which everything is refused has no queue open, and its counts wait for one. */
static bool tally_wants_queue(flightrec *recorder, bool is_last)
{
	bool wants;

	(void)pthread_mutex_lock(&recorder->desk);
	wants = recorder->tally.count > 0 && recorder->consent.decision.level != FR_CONSENT_OFF &&
		(is_last || fr_tally_is_due(&recorder->tally, fr_env_boot_us(&recorder->env)));
	(void)pthread_mutex_unlock(&recorder->desk);
	return wants;
}

void fr_recorder_report(flightrec *recorder, bool is_last)
{
	struct fr_error err = {FR_OK, ""};

	if (recorder->queue == NULL && tally_wants_queue(recorder, is_last) &&
	    queue_open(recorder, NULL, 0, &err) != FR_OK) {
		fr_log(&recorder->env.log, FR_LOG_WARN, "refused.uncounted", "%s", err.text);
		fr_recorder_let_go(recorder);
		(void)pthread_mutex_lock(&recorder->desk);
		fr_tally_defer(&recorder->tally, fr_env_boot_us(&recorder->env));
		(void)pthread_mutex_unlock(&recorder->desk);
	}
	if (recorder->queue == NULL)
		return;
	limits_report(recorder, is_last);
	tally_write(recorder, is_last);
}

void fr_recorder_report_alone(flightrec *recorder)
{
	unsigned wait_ms = recorder->busy_ms < REPORT_WAIT_MS ? recorder->busy_ms : REPORT_WAIT_MS;

	if (fr_recorder_take_turn(recorder, wait_ms, NULL) != FR_OK)
		return;
	fr_recorder_report(recorder, false);
	fr_turn_give(&recorder->turn);
}

/* ---- the calls ---- */

static void removal_count(flightrec *recorder, const struct fr_draft *draft, struct fr_pass *pass,
			  const char *reason)
{
	fr_recorder_count(recorder, reason, draft->name, 1);
	pass->is_report_due = true;
}

/* What nobody declared is taken out, and what the catalogue says of the event is added. */
static enum fr_status declaration_apply(flightrec *recorder, struct fr_draft *draft,
					struct fr_pass *pass, struct fr_error *err)
{
	const struct fr_declaration *declared = pass->declared;
	struct fr_trimmed trimmed;
	enum fr_status status = fr_catalogue_trim(declared, &draft->properties, &trimmed, err);

	if (status != FR_OK)
		return status;
	if (trimmed.undeclared > 0)
		removal_count(recorder, draft, pass, "property_undeclared");
	if (trimmed.ill_typed > 0)
		removal_count(recorder, draft, pass, "property_invalid");
	if (trimmed.missing > 0)
		removal_count(recorder, draft, pass, "property_missing");
	if (declared->has_severity && !draft->has_severity)
		draft->severity = declared->severity;
	return FR_OK;
}

/* Nothing is gathered before the first internal event that is let pass. */
static enum fr_status context_add(flightrec *recorder, struct fr_draft *draft, struct fr_error *err)
{
	static const struct fr_context_sources usual = {NULL, NULL, NULL};
	const struct fr_context_given given = {recorder->name_space, recorder->pod,
					       recorder->cluster};

	(void)pthread_mutex_lock(&recorder->desk);
	if (!recorder->has_context)
		fr_context_read(&recorder->context, &usual, &given, &recorder->env);
	recorder->has_context = true;
	(void)pthread_mutex_unlock(&recorder->desk);
	fr_context_join(&recorder->context, &draft->properties);
	return draft->properties.status == FR_OK
		       ? FR_OK
		       : fr_fail(err, draft->properties.status, "the context does not fit: %s",
				 fr_status_text(draft->properties.status));
}

enum fr_status fr_recorder_finish(flightrec *recorder, struct fr_draft *draft, struct fr_pass *pass,
				  struct fr_error *err)
{
	const char *common = pass->common != NULL ? pass->common->text : NULL;
	size_t common_length = pass->common != NULL ? pass->common->length : 0;
	enum fr_status status = fr_draft_finish(draft, common, common_length, err);

	if (status == FR_OK && draft->removed > 0)
		removal_count(recorder, draft, pass, "property_key");
	if (status == FR_OK && pass->declared != NULL)
		status = declaration_apply(recorder, draft, pass, err);
	if (status == FR_OK)
		status = fr_scrub_json(recorder->scrub, &draft->properties, err);
	if (status == FR_OK && pass->internal)
		status = context_add(recorder, draft, err);
	return status;
}

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
