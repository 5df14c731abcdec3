/* The life of a recorder, its desk and its turn; record.c is what happens in between.
 *
 * The happy path of an open reads the config and consent and touches nothing else: no file, no
 * socket, no thread.
 * Failures are wrong options, a wrong config and want of memory; they leave nothing behind.
 */
#include "client/recorder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/notice.h"
#include "event/uuid.h"
#include "privacy/identity.h"

enum {
	CLOSE_WAIT_MS = 20, /* for others; the public header promises 50 in all */
};

/* ---- options ---- */

static enum fr_status label_check(const char *label, const char *what, struct fr_error *err)
{
	size_t length = label != NULL ? strlen(label) : 0;

	if (length > FR_LABEL_MAX)
		return fr_fail(err, FR_INVALID, "%s is %zu bytes long, at most %d are allowed",
			       what, length, (int)FR_LABEL_MAX);
	if (length > 0 && !fr_utf8_is_valid(label, length))
		return fr_fail(err, FR_INVALID, "%s is not UTF-8", what);
	return FR_OK;
}

static enum fr_status options_check(const flightrec_options *options, struct fr_error *err)
{
	enum fr_status status = label_check(options->service, "the service", err);

	if (status == FR_OK)
		status = label_check(options->version, "the version", err);
	if (status != FR_OK)
		return status;
	if (options->is_out_of_memory)
		return fr_fail(err, FR_NOMEM, "memory was short when the options were set");
	if (options->busy_ms > FR_BUSY_MS_MAX)
		return fr_fail(err, FR_INVALID, "a busy timeout of %u ms is more than %d",
			       options->busy_ms, (int)FR_BUSY_MS_MAX);
	if (options->has_durability && options->durability != FLIGHTREC_POWER &&
	    options->durability != FLIGHTREC_PROCESS)
		return fr_fail(err, FR_INVALID, "%d is no durability", (int)options->durability);
	if (options->has_consent && options->consent != FLIGHTREC_CONSENT_OFF &&
	    options->consent != FLIGHTREC_CONSENT_LOCAL && options->consent != FLIGHTREC_CONSENT_ON)
		return fr_fail(err, FR_INVALID, "%d is no consent", (int)options->consent);
	return FR_OK;
}

/* ---- opening ---- */

static enum fr_status text_take(char **out, const char *text, struct fr_error *err)
{
	if (text == NULL)
		return FR_OK;
	*out = strdup(text);
	return *out != NULL ? FR_OK : fr_fail(err, FR_NOMEM, "out of memory");
}

static enum fr_status settings_load(flightrec *recorder, const flightrec_options *options,
				    struct fr_error *err)
{
	enum fr_status status = fr_home_resolve(&recorder->home, &recorder->env, options->app,
						options->home, options->config, err);

	if (status == FR_OK)
		status = fr_config_load(&recorder->config, &recorder->home, FR_CONFIG_LIBRARY,
					&recorder->env, err);
	if (status == FR_OK)
		status = text_take(&recorder->service, options->service, err);
	if (status == FR_OK)
		status = text_take(&recorder->version, options->version, err);
	if (status == FR_OK)
		status = text_take(&recorder->name_space, options->name_space, err);
	if (status == FR_OK)
		status = text_take(&recorder->pod, options->pod, err);
	if (status == FR_OK)
		status = text_take(&recorder->cluster, options->cluster, err);
	if (status != FR_OK)
		return status;
	recorder->durability = recorder->config->queue.durability;
	if (options->has_durability)
		recorder->durability =
			options->durability == FLIGHTREC_POWER ? FR_POWER : FR_PROCESS;
	recorder->busy_ms = options->busy_ms;
	return FR_OK;
}

/* The one that was compiled in is the host's word. One in a file that is missing or wrong declares
 * nothing: the host goes on, and none of its events is recorded. */
static enum fr_status catalogue_prepare(flightrec *recorder, const flightrec_options *options,
					struct fr_error *err)
{
	const char *json = options->catalogue_json, *file = recorder->config->privacy.catalogue;
	struct fr_error fault = {FR_OK, ""};
	enum fr_status status;

	if (json != NULL)
		return fr_catalogue_parse(&recorder->catalogue, "the compiled-in catalogue", json,
					  strlen(json), err);
	if (file[0] == '\0')
		return FR_OK;
	status = fr_catalogue_load(&recorder->catalogue, file, &fault);
	if (status == FR_OK)
		return FR_OK;
	if (status == FR_NONE)
		(void)fr_fail(&fault, status, "%s: there is no such file", file);
	fr_log(&recorder->env.log, FR_LOG_ERROR, "catalogue.fault", "no event is recorded: %s",
	       fault.text);
	recorder->catalogue = fr_catalogue_new_empty();
	return recorder->catalogue != NULL ? FR_OK : fr_fail(err, FR_NOMEM, "out of memory");
}

static enum fr_status privacy_prepare(flightrec *recorder, const flightrec_options *options,
				      struct fr_error *err)
{
	const struct fr_config *config = recorder->config;
	struct fr_consent_rules rules = {
		.home = recorder->home.path,
		.has_host_default = options->has_consent,
		.host_default = (enum fr_consent)options->consent,
	};
	struct fr_error fault = {FR_OK, ""};

	const struct fr_scrub_rules scrub = {
		.env = &recorder->env,
		.patterns = config->privacy.scrub,
		.pattern_count = config->privacy.scrub_count,
	};
	enum fr_status status = fr_scrub_new(&recorder->scrub, &scrub, err);

	if (status != FR_OK)
		return status;
	fr_config_consent_rules(config, &rules);
	if (fr_consent_watch_init(&recorder->consent, &rules, &recorder->env, &fault) != FR_OK)
		fr_log(&recorder->env.log, FR_LOG_WARN, "consent.fault", "%s", fault.text);
	recorder->limits = fr_limits_new(config->limits.burst, config->limits.per_second);
	if (recorder->limits == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	if (options->user_id == NULL)
		return FR_OK;
	recorder->has_bucket = true;
	return fr_bucket_of(options->user_id, config->privacy.buckets, &recorder->bucket, err);
}

static void notice_apply(flightrec *recorder, const flightrec_options *options)
{
	struct fr_error fault = {FR_OK, ""};

	if (options->show_notice == NULL || recorder->consent.decision.level == FR_CONSENT_OFF)
		return;
	if (fr_notice_show(&recorder->home, &recorder->env, options->show_notice,
			   options->notice_context, &recorder->is_before_notice, &fault) != FR_OK)
		fr_log(&recorder->env.log, FR_LOG_WARN, "notice.fault", "%s", fault.text);
}

/* A run of this process: a uuid of its own, seq from 0. */
static enum fr_status session_begin(flightrec *recorder, struct fr_error *err)
{
	const struct fr_config *config = recorder->config;
	const char *service = recorder->service != NULL ? recorder->service : config->service;
	const char *version = recorder->version != NULL ? recorder->version : config->version;

	(void)fr_text_copy(recorder->label[0], sizeof recorder->label[0], service);
	(void)fr_text_copy(recorder->label[1], sizeof recorder->label[1], version);
	fr_scrub_line(recorder->scrub, recorder->label[0], sizeof recorder->label[0]);
	fr_scrub_line(recorder->scrub, recorder->label[1], sizeof recorder->label[1]);
	recorder->session =
		(struct fr_session){.service = recorder->label[0], .version = recorder->label[1]};
	recorder->random_left = 0;
	recorder->last_sendable = 0;
	return fr_uuid4(recorder->session.uuid, &recorder->env, err);
}

/* Threads that fail at the same time write one after the other: a host's logger need not know
 * threads. */
static void host_log_write(void *context, int level, const char *text)
{
	flightrec *recorder = context;

	(void)pthread_mutex_lock(&recorder->log);
	recorder->host_log.write(recorder->host_log.context, level, text);
	(void)pthread_mutex_unlock(&recorder->log);
}

static void recorder_free(flightrec *recorder)
{
	fr_wake_fini(&recorder->wake);
	fr_limits_free(recorder->limits);
	fr_catalogue_free(recorder->catalogue);
	fr_scrub_free(recorder->scrub);
	fr_config_free(recorder->config);
	free(recorder->service);
	free(recorder->version);
	free(recorder->name_space);
	free(recorder->pod);
	free(recorder->cluster);
	free(recorder->common);
	fr_turn_fini(&recorder->turn);
	(void)pthread_mutex_destroy(&recorder->desk);
	(void)pthread_mutex_destroy(&recorder->log);
	free(recorder);
}

static enum fr_status locks_init(flightrec *recorder, struct fr_error *err)
{
	enum fr_status status = fr_turn_init(&recorder->turn, err);

	if (status != FR_OK)
		return status;
	if (pthread_mutex_init(&recorder->desk, NULL) == 0) {
		if (pthread_mutex_init(&recorder->log, NULL) == 0)
			return FR_OK;
		(void)pthread_mutex_destroy(&recorder->desk);
	}
	fr_turn_fini(&recorder->turn);
	return fr_fail(err, FR_NOMEM, "cannot make a mutex");
}

/* Memory and locks, so that whatever fails later can be undone by recorder_free. */
static enum fr_status recorder_new(flightrec **out, const struct fr_logger *log,
				   struct fr_error *err)
{
	flightrec *recorder = calloc(1, sizeof *recorder);
	enum fr_status status;

	if (recorder == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	status = locks_init(recorder, err);
	if (status != FR_OK) {
		free(recorder);
		return status;
	}
	fr_env_real(&recorder->env);
	recorder->host_log = *log;
	if (log->write != NULL)
		recorder->env.log = (struct fr_logger){
			.write = host_log_write, .context = recorder, .most = log->most};
	fr_wake_init(&recorder->wake, recorder->home.path, &recorder->env);
	*out = recorder;
	return FR_OK;
}

enum fr_status fr_recorder_open(flightrec **out, const flightrec_options *options,
				struct fr_error *err)
{
	flightrec *recorder = NULL;
	enum fr_status status = options_check(options, err);

	if (status == FR_OK)
		status = recorder_new(&recorder, &options->log, err);
	if (status != FR_OK)
		return status;
	status = settings_load(recorder, options, err);
	if (status == FR_OK)
		status = privacy_prepare(recorder, options, err);
	if (status == FR_OK)
		status = catalogue_prepare(recorder, options, err);
	if (status == FR_OK)
		status = session_begin(recorder, err);
	if (status == FR_OK)
		status = fr_recorder_join(recorder, err);
	if (status != FR_OK) {
		recorder_free(recorder);
		return status;
	}
	atomic_store(&recorder->owner, getpid());
	notice_apply(recorder, options);
	*out = recorder;
	return FR_OK;
}

enum flightrec_status flightrec_open(flightrec **out, flightrec_options *options)
{
	static const flightrec_options defaults = {.busy_ms = FR_BUSY_MS_DEFAULT};
	const flightrec_options *asked = options != NULL ? options : &defaults;
	struct fr_error err = {FR_OK, ""};
	enum fr_status status = FR_INVALID;

	if (out != NULL) {
		*out = NULL;
		status = fr_recorder_open(out, asked, &err);
		if (status != FR_OK)
			fr_log(&asked->log, FR_LOG_ERROR, "open.failed", "%s", err.text);
	}
	flightrec_options_free(options);
	return (enum flightrec_status)status;
}

/* ---- closing ---- */

void fr_recorder_let_go(flightrec *recorder)
{
	fr_queue_close(recorder->queue);
	recorder->queue = NULL;
	recorder->session.row = 0;
	fr_wake_fini(&recorder->wake);
	atomic_store(&recorder->is_open, false);
}

void flightrec_close(flightrec *recorder)
{
	if (recorder == NULL)
		return;
	fr_recorder_leave(recorder);
	if (fr_recorder_take_turn(recorder, CLOSE_WAIT_MS, NULL) == FR_OK) {
		fr_recorder_report(recorder, true);
		fr_recorder_let_go(recorder);
		fr_turn_give(&recorder->turn);
	}
	recorder_free(recorder);
}

/* ---- the turn ---- */

/* In a fork child, at its first turn: what belongs to the parent is left alone for good. */
static enum fr_status recorder_inherit(flightrec *recorder, struct fr_error *err)
{
	fr_queue_abandon(recorder->queue);
	recorder->queue = NULL;
	fr_recorder_let_go(recorder);
	(void)pthread_mutex_lock(&recorder->desk);
	fr_limits_forget(recorder->limits);
	recorder->tally.count = 0; /* the parent's to write */
	(void)pthread_mutex_unlock(&recorder->desk);
	return session_begin(recorder, err);
}

enum fr_status fr_recorder_take_turn(flightrec *recorder, unsigned wait_ms, struct fr_error *err)
{
	int64_t deadline_us = fr_env_boot_us(&recorder->env) + (int64_t)wait_ms * 1000;
	enum fr_status status = fr_turn_take(&recorder->turn, wait_ms, err);

	if (status != FR_OK)
		return status;
	recorder->deadline_us = deadline_us;
	if (atomic_load(&recorder->owner) == getpid())
		return FR_OK;
	status = recorder_inherit(recorder, err);
	if (status == FR_OK)
		atomic_store(&recorder->owner, getpid());
	else
		fr_turn_give(&recorder->turn);
	return status;
}

/* ---- answers ---- */

enum flightrec_status fr_recorder_answer(flightrec *recorder, const char *call,
					 enum fr_status status, const struct fr_error *err)
{
	struct fr_error told = *err; /* it may quote what the caller gave */

	assert(status != FR_NONE);
	if (status >= FR_INVALID) {
		if (status < FR_FULL) /* the caller's side */
			fr_scrub_line(recorder->scrub, told.text, sizeof told.text);
		fr_log(&recorder->env.log, FR_LOG_WARN, "call.failed", "call=%s status=%d %s", call,
		       (int)status, told.text);
	}
	return (enum flightrec_status)status;
}

const char *flightrec_session_id(flightrec *recorder)
{
	if (recorder == NULL)
		return "";
	if (atomic_load(&recorder->owner) != getpid() &&
	    fr_recorder_take_turn(recorder, recorder->busy_ms, NULL) == FR_OK)
		fr_turn_give(&recorder->turn);
	return recorder->session.uuid;
}
