/* What every call asks before anything costs time: may this be recorded, and how is it marked?
 *
 * The happy path is one stat of consent.json, a look into the catalogue, a count for the event's
 * name, and a reference to the common properties. The rules refuse in this order: consent, the name
 * itself, the catalogue, the gate of internal events, the limits.
 */
#include "client/recorder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "event/name.h"
#include "privacy/identity.h"
#include "privacy/internal.h"

/* What a call wants to know. */
struct question {
	const char *name;
	const char *session; /* by which a catalogue samples */
	int64_t now_us;      /* boot clock */
};

/* With the desk. */
static enum fr_consent consent_look(flightrec *recorder)
{
	struct fr_error fault = {FR_OK, ""};

	if (fr_consent_watch_look(&recorder->consent, &fault) != FR_OK)
		fr_log(&recorder->env.log, FR_LOG_WARN, "consent.fault", "%s", fault.text);
	return recorder->consent.decision.level;
}

enum fr_consent fr_recorder_consent(flightrec *recorder, enum fr_consent_source *source)
{
	enum fr_consent level;

	(void)pthread_mutex_lock(&recorder->desk);
	level = consent_look(recorder);
	if (source != NULL)
		*source = recorder->consent.decision.source;
	(void)pthread_mutex_unlock(&recorder->desk);
	return level;
}

/* With the desk. Makes the home and the identity where they are missing. */
static enum fr_status bucket_know(flightrec *recorder, struct fr_error *err)
{
	enum fr_status status;

	if (recorder->has_bucket)
		return FR_OK;
	status = fr_home_make(&recorder->home, err);
	if (status == FR_OK)
		status = fr_identity_bucket(recorder->home.path, &recorder->env,
					    recorder->config->privacy.buckets, &recorder->bucket,
					    err);
	recorder->has_bucket = status == FR_OK;
	return status;
}

enum fr_status fr_recorder_bucket(flightrec *recorder, unsigned *bucket, struct fr_error *err)
{
	enum fr_status status;

	(void)pthread_mutex_lock(&recorder->desk);
	status = bucket_know(recorder, err);
	if (status == FR_OK)
		*bucket = recorder->bucket;
	(void)pthread_mutex_unlock(&recorder->desk);
	return status;
}

static enum fr_status name_check(const char *name, struct fr_error *err)
{
	char quoted[FR_QUOTE_TEXT];

	if (name == NULL)
		return fr_fail(err, FR_INVALID, "an event needs a name");
	if (fr_name_is_valid(name))
		return FR_OK;
	fr_name_quote(quoted, name, strlen(name));
	return fr_fail(
		err, FR_INVALID,
		"event name \"%s\": 1 to %d characters, a letter first, then letters, digits, "
		"_ . : -",
		quoted, (int)FR_NAME_MAX);
}

const struct fr_declaration *fr_recorder_declaration(const flightrec *recorder, const char *name)
{
	return recorder->catalogue != NULL ? fr_catalogue_find(recorder->catalogue, name) : NULL;
}

void fr_recorder_count(flightrec *recorder, const char *reason, const char *name, uint64_t events)
{
	(void)pthread_mutex_lock(&recorder->desk);
	fr_tally_add(&recorder->tally, reason, name, events);
	(void)pthread_mutex_unlock(&recorder->desk);
}

/* With the desk. */
static enum fr_status refuse(flightrec *recorder, const char *name, const char *reason,
			     enum fr_status status, struct fr_error *err)
{
	fr_tally_add(&recorder->tally, reason, name, 1);
	return fr_fail(err, status, "%s: %s", name, fr_status_text(status));
}

/* With the desk. */
static enum fr_status catalogue_ask(flightrec *recorder, const struct question *question,
				    struct fr_pass *pass, struct fr_error *err)
{
	const char *name = question->name;

	if (recorder->catalogue == NULL)
		return FR_OK;
	pass->declared = fr_catalogue_find(recorder->catalogue, name);
	if (pass->declared == NULL)
		return refuse(recorder, name, "undeclared", FR_UNDECLARED, err);
	if (fr_env_wall_us(&recorder->env) >= pass->declared->expires_us)
		return refuse(recorder, name, "expired", FR_EXPIRED, err);
	pass->internal = pass->internal || pass->declared->is_internal;
	return FR_OK;
}

/* With the desk, under a consent that lets events be recorded. */
static enum fr_status rules_ask(flightrec *recorder, const struct question *question,
				struct fr_pass *pass, struct fr_error *err)
{
	const struct fr_config *config = recorder->config;
	const char *name = question->name;
	enum fr_status status = name_check(name, err);

	if (status == FR_OK)
		status = catalogue_ask(recorder, question, pass, err);
	if (status != FR_OK)
		return status;
	if (pass->internal &&
	    !fr_internal_is_allowed(config->privacy.internal_env, config->privacy.internal_value,
				    &recorder->env))
		return fr_fail(err, FR_NOT_INTERNAL, "not an insider's environment");
	if (pass->declared != NULL && !fr_declaration_samples(pass->declared, question->session))
		return refuse(recorder, name, "sampled", FR_LIMITED, err);
	if (!fr_limits_take(recorder->limits, name, question->now_us)) {
		if (pass->internal)
			fr_limits_conceal(recorder->limits, name);
		return refuse(recorder, name, "limited", FR_LIMITED, err);
	}
	return FR_OK;
}

/* With the desk. */
static enum fr_status desk_ask(flightrec *recorder, const struct question *question,
			       struct fr_pass *pass, struct fr_error *err)
{
	enum fr_status status = rules_ask(recorder, question, pass, err);

	pass->is_report_due = fr_limits_report_is_due(recorder->limits, question->now_us) ||
			      fr_tally_is_due(&recorder->tally, question->now_us);
	if (status != FR_OK)
		return status;
	pass->common = recorder->common;
	if (pass->common != NULL)
		pass->common->uses++;
	return FR_OK;
}

/* Consent was withdrawn while the queue was open. Whoever has the turn will find out by himself. */
static void queue_let_go(flightrec *recorder)
{
	if (!atomic_load(&recorder->is_open) ||
	    fr_recorder_take_turn(recorder, recorder->busy_ms, NULL) != FR_OK)
		return;
	fr_recorder_let_go(recorder);
	fr_turn_give(&recorder->turn);
}

enum fr_status fr_recorder_ask(flightrec *recorder, const char *name, bool internal,
			       struct fr_pass *pass, struct fr_error *err)
{
	const struct question question = {
		.name = name,
		.session = recorder->catalogue != NULL ? flightrec_session_id(recorder) : "",
		.now_us = fr_env_boot_us(&recorder->env),
	};
	enum fr_status status = FR_OFF;
	enum fr_consent level;

	*pass = (struct fr_pass){.internal = internal};
	(void)pthread_mutex_lock(&recorder->desk);
	level = consent_look(recorder);
	if (level != FR_CONSENT_OFF) {
		pass->sendable = level == FR_CONSENT_ON && !recorder->is_before_notice;
		pass->ci = recorder->consent.decision.ci;
		status = desk_ask(recorder, &question, pass, err);
	}
	(void)pthread_mutex_unlock(&recorder->desk);
	if (level == FR_CONSENT_OFF) {
		queue_let_go(recorder);
		return fr_fail(err, FR_OFF, "recording is off");
	}
	if (status != FR_OK && pass->is_report_due)
		fr_recorder_report_alone(recorder);
	return status;
}

/* ---- common properties ---- */

/* With the desk. */
static void common_drop(struct fr_common *common)
{
	if (common == NULL)
		return;
	assert(common->uses > 0);
	if (--common->uses == 0)
		free(common);
}

void fr_pass_return(flightrec *recorder, struct fr_pass *pass)
{
	if (pass->common == NULL)
		return;
	(void)pthread_mutex_lock(&recorder->desk);
	common_drop(pass->common);
	(void)pthread_mutex_unlock(&recorder->desk);
	pass->common = NULL;
}

/* The inside of the canonical object, ready to be shared; NULL in *out when there is nothing in
 * it. */
static enum fr_status common_make(const struct fr_draft *draft, struct fr_common **out,
				  struct fr_error *err)
{
	size_t length = draft->properties.length;
	struct fr_common *common;

	*out = NULL;
	if (draft->error.status != FR_OK)
		return fr_fail(err, draft->error.status, "common properties: %s",
			       draft->error.text);
	if (draft->has_severity || draft->time_us != 0 || draft->traceparent[0] != '\0')
		return fr_fail(err, FR_INVALID,
			       "common properties: eventTime, severity and traceparent belong to "
			       "one event");
	if (length == 0)
		return FR_OK;
	common = malloc(sizeof *common + length);
	if (common == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	common->uses = 1;
	common->length = length;
	memcpy(common->text, draft->properties.data, length);
	*out = common;
	return FR_OK;
}

enum flightrec_status flightrec_set_common(flightrec *recorder, const char *properties_json)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_common *common = NULL;
	struct fr_common *former;
	struct fr_draft draft;
	enum fr_status status;

	if (recorder == NULL)
		return FLIGHTREC_OFF;
	fr_draft_init(&draft, (size_t)recorder->config->queue.max_event_bytes);
	if (properties_json != NULL)
		fr_draft_add_object(&draft, properties_json, strlen(properties_json));
	status = common_make(&draft, &common, &err);
	if (status == FR_OK && draft.removed > 0)
		fr_recorder_count(recorder, "property_key", "(common)", 1);
	fr_draft_fini(&draft);
	if (status == FR_OK) {
		(void)pthread_mutex_lock(&recorder->desk);
		former = recorder->common;
		recorder->common = common;
		common_drop(former);
		(void)pthread_mutex_unlock(&recorder->desk);
	}
	return fr_recorder_answer(recorder, "set_common", status, &err);
}

unsigned flightrec_user_bucket(flightrec *recorder)
{
	struct fr_error err = {FR_OK, ""};
	enum fr_status status;
	unsigned bucket = 0;

	if (recorder == NULL || fr_recorder_consent(recorder, NULL) == FR_CONSENT_OFF)
		return 0;
	status = fr_recorder_bucket(recorder, &bucket, &err);
	(void)fr_recorder_answer(recorder, "user_bucket", status, &err);
	return bucket;
}
