/* The happy path: tell the agent, look at the queue, and again after 1, 2, 4, ... 20 ms, until
 * every sink has finished with the last event of ours that may be sent.
 *
 * Failures: without an agent nothing moves, but one may come: so we go on looking and telling to
 * the end of the time, and then say BUSY. A queue that is gone holds nothing back.
 */
#include "client/recorder.h"

#include <errno.h>
#include <time.h>

enum { NAP_FIRST_MS = 1, NAP_MOST_MS = 20, TELL_AGAIN_MS = 1000 };

struct flush {
	flightrec *recorder;
	int64_t id;
	int64_t deadline_us; /* boot clock, as the next one */
	int64_t told_us;
	bool was_told;  /* at least once */
	bool was_heard; /* the last time */
	bool is_finished;
};

static void nap(int ms)
{
	struct timespec time = {.tv_nsec = (long)ms * 1000000};

	(void)nanosleep(&time, NULL); /* cut short by a signal: then we look earlier */
}

static int64_t left_ms(const struct flush *flush)
{
	int64_t left_us = flush->deadline_us - fr_env_boot_us(&flush->recorder->env);

	return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

/* An agent that heard us may have died since, and one that was missing may have come. */
static void agent_tell(struct flush *flush)
{
	int64_t now_us = fr_env_boot_us(&flush->recorder->env);

	if (flush->was_heard && now_us - flush->told_us < (int64_t)TELL_AGAIN_MS * 1000)
		return;
	flush->was_heard = fr_wake_say(&flush->recorder->wake, FR_WAKE_FLUSH);
	flush->told_us = now_us;
}

/* One look, with the turn. An agent that never ran has not entered its sinks into the queue: "no
 * sink lacks it" then means nothing, so somebody must have heard us, too. */
static enum fr_status flush_look(struct flush *flush, struct fr_error *err)
{
	flightrec *recorder = flush->recorder;
	enum fr_status status = FR_NONE;

	flush->id = flush->was_told ? flush->id : recorder->last_sendable;
	flush->was_told = true;
	agent_tell(flush);
	if (flush->id == 0) {
		flush->is_finished = true;
		return FR_OK;
	}
	if (recorder->queue != NULL)
		status = fr_queue_is_finished(recorder->queue, flush->id, &flush->is_finished, err);
	if (status == FR_NONE) {
		flush->is_finished = true;
		return FR_OK;
	}
	flush->is_finished = flush->is_finished && flush->was_heard;
	return status;
}

static enum fr_status flush_step(struct flush *flush, struct fr_error *err)
{
	flightrec *recorder = flush->recorder;
	enum fr_status status = fr_recorder_take_turn(recorder, (unsigned)left_ms(flush), err);

	if (status != FR_OK)
		return status;
	status = flush_look(flush, err);
	fr_turn_give(&recorder->turn);
	return status;
}

static enum fr_status flush_wait(struct flush *flush, struct fr_error *err)
{
	enum fr_status status = flush_step(flush, err);
	int nap_ms = NAP_FIRST_MS;

	while (status == FR_OK || status == FR_BUSY) {
		if (status == FR_OK && flush->is_finished)
			return FR_OK;
		if (left_ms(flush) == 0)
			return fr_fail(err, FR_BUSY, "%s",
				       flush->was_heard ? "not everything was sent in time"
							: "no agent runs");
		nap(nap_ms < left_ms(flush) ? nap_ms : (int)left_ms(flush));
		nap_ms = nap_ms * 2 < NAP_MOST_MS ? nap_ms * 2 : NAP_MOST_MS;
		status = flush_step(flush, err);
	}
	return status;
}

enum flightrec_status flightrec_flush(flightrec *recorder, unsigned timeout_ms)
{
	struct fr_error err = {FR_OK, ""};
	struct flush flush = {.recorder = recorder};
	enum fr_status status = FR_OK;

	if (recorder == NULL)
		return FLIGHTREC_OFF;
	flush.deadline_us = fr_env_boot_us(&recorder->env) + (int64_t)timeout_ms * 1000;
	if (fr_recorder_consent(recorder, NULL) == FR_CONSENT_ON)
		status = flush_wait(&flush, &err);
	return fr_recorder_answer(recorder, "flush", status, &err);
}
