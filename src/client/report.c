/* What rules held back or took out, told without costing the host anything.
 *
 * Two kinds of telling: events that the limits held back become one flightrec.suppressed event;
 * what was refused or removed is counted in the queue (tally.h). Either at most once a minute, and
 * at the close whatever there is.
 *
 * Failures: what cannot be told now is told the next time.
 */
#include "client/recorder.h"

/* A call that is refused anyway waits no longer than this to have it told. */
enum { REPORT_WAIT_MS = 50 };

static const char suppressed_name[] = "flightrec.suppressed";

static enum fr_status report_append(flightrec *recorder, const struct fr_draft *draft,
				    const struct fr_pass *pass, struct fr_error *err)
{
	char uuid[FR_UUID_TEXT];
	struct fr_append append;
	enum fr_status status = fr_recorder_fill(recorder, draft, pass, uuid, &append, err);

	if (status == FR_OK)
		status = fr_recorder_append(recorder, &append, 1, err);
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
	pass->internal = pass->declared != NULL && pass->declared->is_internal;
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
	fr_queue_set_busy(recorder->queue, fr_recorder_left_ms(recorder));
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

	if (fr_recorder_consent(recorder, NULL) == FR_CONSENT_OFF) /* as it is now */
		return;
	if (recorder->queue == NULL && tally_wants_queue(recorder, is_last) &&
	    fr_recorder_open_queue(recorder, NULL, 0, &err) != FR_OK) {
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
