#include "agent/crew.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "privacy/scrub.h"
#include "queue/sinks.h"

enum fr_status fr_crew_enlist(struct fr_queue *queue, const struct fr_config *config, int64_t *ids,
			      struct fr_error *err)
{
	size_t count = config->sink_count;
	struct fr_sink_want *wants = calloc(count + 1, sizeof *wants);
	enum fr_status status;

	if (wants == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		wants[i].name = config->sinks[i].name;
		wants[i].type = config->sinks[i].type;
	}
	status = fr_sinks_set(queue, wants, count, err);
	for (size_t i = 0; ids != NULL && i < count; i++)
		ids[i] = wants[i].id;
	free(wants);
	return status;
}

/* Writes down that a sink cannot work, and since when, so that a flush does not wait for it. */
static enum fr_status absence_note(const struct fr_crew_options *options,
				   struct fr_crew_member *member, int64_t sink,
				   struct fr_error *err)
{
	struct fr_sink_row row;
	enum fr_status status = fr_sink_load(options->queue, sink, &row, err);

	if (status != FR_OK)
		return status;
	row.retry.paused = true;
	(void)fr_text_copy(row.retry.kind, sizeof row.retry.kind, "credentials");
	(void)fr_text_copy(row.retry.reason, sizeof row.retry.reason, member->missing);
	if (row.retry.since_us == 0)
		row.retry.since_us = fr_env_wall_us(options->env);
	member->since_us = row.retry.since_us;
	status = fr_queue_begin(options->queue, err);
	if (status == FR_OK)
		status = fr_sink_save_retry(options->queue, sink, &row.retry, err);
	if (status == FR_OK)
		status = fr_queue_commit(options->queue, err);
	fr_queue_rollback(options->queue);
	return status;
}

static enum fr_status member_begin(const struct fr_crew *crew,
				   const struct fr_crew_options *options,
				   struct fr_crew_member *member, int64_t sink,
				   struct fr_error *err)
{
	const struct fr_courier_options courier = {
		.loop = options->loop,
		.queue = options->queue,
		.env = options->env,
		.scrub = fr_scrub_line,
		.scrub_rules = crew->scrub,
		.settings = member->settings,
		.sink = sink,
		.on_progress = options->on_progress,
		.context = options->context,
	};

	if (member->missing != NULL) {
		fr_log(&options->env->log, FR_LOG_WARN, "sink.paused", "sink=%s reason=\"%s\"",
		       member->settings->name, member->missing);
		return absence_note(options, member, sink, err);
	}
	return fr_courier_new(&member->courier, &courier, err);
}

enum fr_status fr_crew_open(struct fr_crew *crew, const struct fr_crew_options *options,
			    struct fr_error *err)
{
	const struct fr_config *config = options->config;
	int64_t *ids = calloc(config->sink_count + 1, sizeof *ids);
	const struct fr_scrub_rules rules = {
		.env = options->env,
		.patterns = config->privacy.scrub,
		.pattern_count = config->privacy.scrub_count,
	};
	enum fr_status status;

	*crew = (struct fr_crew){.count = config->sink_count};
	crew->members = calloc(crew->count + 1, sizeof *crew->members);
	if (ids == NULL || crew->members == NULL)
		status = fr_fail(err, FR_NOMEM, "out of memory");
	else
		status = fr_scrub_new(&crew->scrub, &rules, err);
	if (status == FR_OK)
		status = fr_crew_enlist(options->queue, config, ids, err);
	for (size_t i = 0; status == FR_OK && i < crew->count; i++) {
		crew->members[i].settings = &config->sinks[i];
		crew->members[i].missing = fr_config_missing_secret(config, i);
		status = member_begin(crew, options, &crew->members[i], ids[i], err);
	}
	free(ids);
	if (status != FR_OK)
		fr_crew_close(crew);
	return status;
}

void fr_crew_close(struct fr_crew *crew)
{
	for (size_t i = 0; crew->members != NULL && i < crew->count; i++)
		fr_courier_free(crew->members[i].courier);
	free(crew->members);
	fr_scrub_free(crew->scrub);
	*crew = (struct fr_crew){.count = 0};
}

void fr_crew_wake(struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL)
			fr_courier_wake(crew->members[i].courier);
}

void fr_crew_flush(struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL)
			fr_courier_flush(crew->members[i].courier);
}

void fr_crew_stop(struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL)
			fr_courier_stop(crew->members[i].courier);
}

bool fr_crew_is_busy(const struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL &&
		    fr_courier_is_busy(crew->members[i].courier))
			return true;
	return false;
}

void fr_crew_network_changed(struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL)
			fr_courier_network_changed(crew->members[i].courier);
}

bool fr_crew_is_in_trouble(const struct fr_crew *crew)
{
	struct fr_courier_facts facts;

	for (size_t i = 0; i < crew->count; i++) {
		if (crew->members[i].courier == NULL)
			continue;
		fr_courier_facts(crew->members[i].courier, &facts);
		if (facts.since_us != 0)
			return true;
	}
	return false;
}

bool fr_crew_wants_credentials(const struct fr_crew *crew)
{
	struct fr_courier_facts facts;

	for (size_t i = 0; i < crew->count; i++) {
		fr_crew_facts(&crew->members[i], &facts);
		if (strcmp(facts.kind, "credentials") == 0)
			return true;
	}
	return false;
}

bool fr_crew_is_done(const struct fr_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].courier != NULL &&
		    !fr_courier_is_done(crew->members[i].courier))
			return false;
	return true;
}

static bool is_resting(const struct fr_courier *courier, int64_t within_ms)
{
	struct fr_courier_facts facts;

	fr_courier_facts(courier, &facts);
	if (fr_courier_is_busy(courier) ||
	    (facts.state != FR_COURIER_WAITING && facts.state != FR_COURIER_PAUSED))
		return false;
	return facts.next_attempt_in_ms < 0 || facts.next_attempt_in_ms > within_ms;
}

bool fr_crew_is_stuck(const struct fr_crew *crew, int64_t within_ms)
{
	for (size_t i = 0; i < crew->count; i++) {
		const struct fr_courier *courier = crew->members[i].courier;

		if (courier != NULL && !fr_courier_is_done(courier) &&
		    !is_resting(courier, within_ms))
			return false;
	}
	return true;
}

enum fr_status fr_crew_look_for_rest(struct fr_queue *queue, const struct fr_config *config,
				     bool *has_rest, struct fr_error *err)
{
	int64_t *ids = calloc(config->sink_count + 1, sizeof *ids);
	struct fr_backlog backlog;
	enum fr_status status;

	*has_rest = false;
	if (ids == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	status = fr_crew_enlist(queue, config, ids, err);
	for (size_t i = 0; status == FR_OK && i < config->sink_count; i++) {
		status = fr_sink_backlog(queue, ids[i], 1, &backlog, err);
		if (status == FR_OK &&
		    (backlog.waiting > 0 || backlog.more || backlog.open_batches > 0))
			*has_rest = true;
	}
	free(ids);
	return status;
}

void fr_crew_facts(const struct fr_crew_member *member, struct fr_courier_facts *out)
{
	if (member->courier != NULL) {
		fr_courier_facts(member->courier, out);
		return;
	}
	*out = (struct fr_courier_facts){
		.state = FR_COURIER_PAUSED,
		.state_name = fr_courier_state_name(FR_COURIER_PAUSED),
		.kind = "credentials",
		.next_attempt_in_ms = -1,
		.since_us = member->since_us,
	};
	(void)fr_text_copy(out->reason, sizeof out->reason, member->missing);
}
