/* The happy path: 2xx. The events of the request are booked as delivered, those that the answer
 * rejects, or that could not be encoded, as dead letters with the reason; the sink's record is
 * wiped clean.
 *
 * Otherwise the verdict says what to do with the batch:
 *   - retry: it stays as it is; a definite refusal is noted, so that nobody later takes it for
 * ambiguous;
 *   - pause: likewise, and it is cut down until its first part is a single event, to probe with;
 *   - split, bisect: halves, which go at once; a lone event is buried with what the server said,
 * unless the sink has accepted nothing for a day, or refused many in a row: then the setup is
 * suspected, and after two such events, from different batches where possible, the sink is paused
 * and nothing is buried. A batch that may have been taken in an earlier try is never cut for a
 * pause. It is for a refusal of its content: the same bytes were not welcome then either.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ship/courier_parts.h"
#include "ship/proposal.h"

enum { SUSPECTS_MOST = 2, FULL_ACKS_MOST = 16, HALVINGS_MOST = 20, QUOTED_MOST = 4096 };

#define PROBE_MS (INT64_C(15) * 60 * 1000)

/* ---- the verdict ---- */

struct fr_sink_batch fr_courier_view(const struct fr_batch *batch)
{
	return (struct fr_sink_batch){batch->uuid, batch->claimed_us, batch->events, batch->count};
}

static void line_scrub(const struct fr_parcel *parcel, char *line, size_t size)
{
	const struct fr_courier_options *options = &parcel->courier->options;

	if (options->scrub != NULL)
		options->scrub(options->scrub_rules, line, size);
}

/* What a server wrote passes through here before it is stored, shown or logged: it may repeat what
 * it was sent. More than is kept is looked at, so that nothing is cut until it cannot be told. */
static void parcel_quote(struct fr_parcel *parcel, const struct fr_answer *answer)
{
	struct fr_answer_details *details = &parcel->details;
	char line[QUOTED_MOST];

	fr_answer_line(line, sizeof line, answer->body, answer->body_length);
	line_scrub(parcel, line, sizeof line);
	fr_answer_line(parcel->excerpt, sizeof parcel->excerpt, line, strlen(line));
	line_scrub(parcel, details->words, sizeof details->words);
	for (size_t i = 0; i < details->refused; i++)
		line_scrub(parcel, details->refusals[i].reason, sizeof details->refusals[i].reason);
}

void fr_parcel_judge(struct fr_parcel *parcel, const struct fr_exchange_result *result)
{
	struct fr_courier *courier = parcel->courier;
	const struct fr_answer *answer = &result->answer;
	struct fr_sink_batch view = fr_courier_view(parcel->batch);
	struct fr_verdict_input input = {
		.outcome = result->outcome,
		.transport_text = result->text,
		.answer = answer,
		.details = &parcel->details,
		.is_unsent = result->is_unsent,
		.is_http_plain = !answer->over_tls && !courier->format->is_file,
		.last_kind = courier->retry.kind,
		.streak = courier->retry.streak,
	};

	if (result->outcome == FR_OUTCOME_ANSWER && courier->format->read_answer != NULL &&
	    courier->format->read_answer(&view, answer, &parcel->details) != FR_OK) {
		/* It may reject events: as good as none. */
		input.outcome = FR_OUTCOME_AMBIGUOUS;
		input.transport_text = "no memory to read the answer";
	}
	parcel->outcome = input.outcome;
	parcel->status = answer->status;
	parcel->body_incomplete = answer->body_incomplete;
	parcel_quote(parcel, answer);
	parcel->verdict = fr_verdict_of(&input);
	line_scrub(parcel, parcel->verdict.reason, sizeof parcel->verdict.reason);
	if (parcel->verdict.fall_back_to_http1)
		fr_transport_use_http1(courier->transport);
}

/* Since it was sent the sink got into trouble: it tells of the time before. */
static bool is_late(const struct fr_parcel *parcel, const struct fr_turn *turn)
{
	return parcel->troubles != turn->troubles;
}

/* It answers again, whatever it says. */
static void sink_answers(const struct fr_parcel *parcel, struct fr_turn *turn)
{
	if (is_late(parcel, turn))
		return;
	if (turn->suspects > 0)
		fr_retry_resume(&turn->retry);
	else
		fr_retry_clear(&turn->retry);
}

static struct fr_refusal refusal_of_all(const struct fr_parcel *parcel)
{
	return (struct fr_refusal){.reason = parcel->verdict.reason,
				   .status = parcel->status,
				   .answer = parcel->excerpt};
}

/* ---- an ack ---- */

static struct fr_refusal refusal_of(const struct fr_parcel *parcel,
				    const struct fr_answer_refusal *rejected)
{
	return (struct fr_refusal){rejected->index, rejected->reason, parcel->status, ""};
}

/* Both lists as one, in the order of the batch; an event on both counts as not sent. */
static size_t refusals_merge(const struct fr_parcel *parcel, struct fr_refusal *out)
{
	const size_t *left_out = parcel->request.left_out;
	const struct fr_answer_refusal *rejected = parcel->details.refusals;
	size_t lefts = parcel->request.left_out_count, rejections = parcel->details.refused;
	size_t i = 0, j = 0, count = 0;

	while (i < lefts || j < rejections) {
		if (i == lefts || (j < rejections && rejected[j].index < left_out[i])) {
			out[count++] = refusal_of(parcel, &rejected[j++]);
			continue;
		}
		if (j < rejections && rejected[j].index == left_out[i])
			j++;
		out[count++] = (struct fr_refusal){left_out[i++], "cannot be encoded for this sink",
						   0, ""};
	}
	return count;
}

/* The answer says how many were refused, and not which. */
static enum fr_status book_part(struct fr_parcel *parcel, struct fr_error *err)
{
	struct fr_refusal why = refusal_of_all(parcel);
	struct fr_queue *queue = parcel->courier->options.queue;
	size_t lost = parcel->details.lost + parcel->request.left_out_count;

	why.reason =
		parcel->details.words[0] != '\0' ? parcel->details.words : "refused by the server";
	if (lost >= parcel->batch->count)
		return fr_batch_bury(queue, parcel->batch, &why, err);
	parcel->delivered = parcel->batch->count - lost;
	return fr_batch_ack_part(queue, parcel->batch, lost, &why, err);
}

static enum fr_status book_whole(struct fr_parcel *parcel, struct fr_error *err)
{
	size_t most = parcel->request.left_out_count + parcel->details.refused;
	struct fr_refusal *refusals = calloc(most + 1, sizeof *refusals);
	enum fr_status status;
	size_t count;

	if (refusals == NULL)
		return fr_fail(err, FR_NOMEM, "ack: %s", fr_status_text(FR_NOMEM));
	count = refusals_merge(parcel, refusals);
	status = fr_batch_ack(parcel->courier->options.queue, parcel->batch, refusals, count, err);
	free(refusals);
	parcel->delivered = status == FR_OK ? parcel->batch->count - count : 0;
	return status;
}

/* What a 413 taught need not hold for ever: after many bodies near the limit a larger one is tried,
 * seldom enough that another 413 costs little. */
static void limit_try(const struct fr_parcel *parcel, struct fr_turn *turn)
{
	const struct fr_courier *courier = parcel->courier;
	struct fr_proposer proposer = {courier->options.settings, courier->format, &turn->retry};

	if (parcel->body_bytes < turn->retry.limit_bytes / 2 || turn->retry.limit_bytes == 0)
		return;
	turn->full_acks++;
	if (turn->full_acks < FULL_ACKS_MOST)
		return;
	turn->full_acks = 0;
	fr_retry_stretch_limit(&turn->retry, fr_proposal_ceiling(&proposer));
}

static enum fr_status book_ack(struct fr_parcel *parcel, struct fr_turn *turn,
			       const struct fr_moment *now, struct fr_error *err)
{
	struct fr_backoff backoff = fr_courier_backoff(parcel->courier);
	enum fr_status status;

	turn->suspects = 0;
	turn->burials = 0;
	limit_try(parcel, turn);
	if (is_late(parcel, turn)) {
		fr_retry_succeed_late(&turn->retry, now);
	} else {
		fr_retry_succeed(&turn->retry, now);
		if (!turn->is_flushing)
			fr_retry_pace(&turn->retry, &backoff, now);
	}
	status = parcel->details.lost > 0 ? book_part(parcel, err) : book_whole(parcel, err);
	return status == FR_OK ? fr_parcel_note_sent(parcel, err) : status;
}

/* ---- waits ---- */

static bool is_definite(const struct fr_parcel *parcel)
{
	return !parcel->verdict.ambiguous && !parcel->was_ambiguous;
}

/* What failed at the same time counts once. */
static void sink_fails(const struct fr_parcel *parcel, struct fr_turn *turn,
		       const struct fr_verdict *verdict, const struct fr_moment *now)
{
	struct fr_backoff backoff = fr_courier_backoff(parcel->courier);

	if (is_late(parcel, turn)) {
		fr_retry_fail_late(&turn->retry, verdict, &backoff, now);
		return;
	}
	fr_retry_fail(&turn->retry, verdict, &backoff, now);
	turn->troubles++;
}

static enum fr_status book_wait(struct fr_parcel *parcel, struct fr_turn *turn,
				const struct fr_verdict *verdict, const struct fr_moment *now,
				struct fr_error *err)
{
	sink_fails(parcel, turn, verdict, now);
	turn->has_leftovers = true;
	if (parcel->outcome == FR_OUTCOME_AMBIGUOUS)
		turn->retry.ambiguous++;
	if (!is_definite(parcel))
		return FR_OK;
	return fr_batch_refused(parcel->courier->options.queue, parcel->batch, err);
}

/* Halves the oldest open batch until it is a single event; not one that may have been taken. */
static enum fr_status cut_to_one(struct fr_courier *courier, struct fr_error *err)
{
	struct fr_queue *queue = courier->options.queue;
	enum fr_status status = FR_OK;
	int i;

	for (i = 0; i < HALVINGS_MOST && status == FR_OK; i++) {
		struct fr_batch *batch = NULL;
		size_t count = 0;
		int64_t row = 0;
		bool is_cut = false;

		status = fr_batch_open_ids(queue, courier->options.sink, &row, 1, &count, err);
		if (status != FR_OK || count == 0)
			return status;
		status = fr_batch_load(queue, row, &batch, err);
		if (status == FR_OK)
			is_cut = batch->count > 1 && batch->missing == 0 && !batch->maybe_taken;
		if (is_cut)
			status = fr_batch_split(queue, batch, err);
		fr_batch_free(batch);
		if (!is_cut)
			return status;
	}
	return status;
}

static enum fr_status book_pause(struct fr_parcel *parcel, struct fr_turn *turn,
				 const struct fr_verdict *verdict, const struct fr_moment *now,
				 struct fr_error *err)
{
	enum fr_status status = book_wait(parcel, turn, verdict, now, err);

	return status == FR_OK ? cut_to_one(parcel->courier, err) : status;
}

/* ---- refusals of content ---- */

static enum fr_status book_halves(struct fr_parcel *parcel, struct fr_turn *turn,
				  struct fr_error *err)
{
	enum fr_status status;

	sink_answers(parcel, turn);
	turn->has_leftovers = true;
	if (parcel->verdict.action == FR_ACT_SPLIT) {
		fr_retry_learn_limit(&turn->retry, parcel->body_bytes);
		turn->full_acks = 0;
	}
	status = fr_batch_split(parcel->courier->options.queue, parcel->batch, err);
	return status == FR_OK ? fr_parcel_note_sent(parcel, err) : status;
}

static enum fr_status bury_all(struct fr_parcel *parcel, struct fr_error *err)
{
	struct fr_refusal why = refusal_of_all(parcel);
	enum fr_status status =
		fr_batch_bury(parcel->courier->options.queue, parcel->batch, &why, err);

	return status == FR_OK ? fr_parcel_note_sent(parcel, err) : status;
}

static enum fr_status book_burial(struct fr_parcel *parcel, struct fr_turn *turn,
				  struct fr_error *err)
{
	sink_answers(parcel, turn);
	if (!parcel->batch->of_dead)
		turn->burials++;
	return bury_all(parcel, err);
}

/* Not to be sent again, so that it is buried in any case; but a proxy that says so to everything
 * must not empty the queue. */
static enum fr_status book_for_good(struct fr_parcel *parcel, struct fr_turn *turn,
				    const struct fr_moment *now, struct fr_error *err)
{
	struct fr_verdict pause = parcel->verdict;
	enum fr_status status = bury_all(parcel, err);

	pause.action = FR_ACT_PAUSE;
	if (pause.then_pause) {
		sink_fails(parcel, turn, &pause, now);
	} else if (!is_late(parcel, turn)) {
		fr_retry_bury(&turn->retry, &parcel->verdict, now);
		turn->troubles++;
	}
	if ((status != FR_OK && status != FR_NONE) || !pause.then_pause)
		return status;
	return cut_to_one(parcel->courier, err);
}

/* The first suspect is laid aside and another event tried at once; the second means a pause. */
static enum fr_status book_suspect(struct fr_parcel *parcel, struct fr_turn *turn,
				   const struct fr_moment *now, struct fr_error *err)
{
	struct fr_verdict pause = parcel->verdict;
	const char *since =
		fr_retry_has_succeeded_lately(&turn->retry, now) ? "lately" : "for a day";

	turn->suspects++;
	turn->has_leftovers = true;
	if (turn->suspects < SUSPECTS_MOST) {
		sink_answers(parcel, turn);
		return fr_batch_refused(parcel->courier->options.queue, parcel->batch, err);
	}
	pause.action = FR_ACT_PAUSE;
	pause.kind = FR_KIND_SETUP;
	pause.floor_ms = PROBE_MS;
	pause.cap_ms = PROBE_MS;
	(void)snprintf(pause.reason, sizeof pause.reason,
		       "HTTP %d for everything, and nothing accepted %s: is the sink set up right?",
		       parcel->status, since);
	return book_wait(parcel, turn, &pause, now, err);
}

/* It has accepted nothing for a day, or lately. What was dead before loses nothing by it. */
static bool may_be_the_setup(const struct fr_parcel *parcel, const struct fr_turn *turn,
			     const struct fr_moment *now)
{
	bool is_run = turn->burials >= FR_BURIALS_MOST && !parcel->batch->of_dead;

	return is_run || !fr_retry_has_succeeded_lately(&turn->retry, now);
}

static enum fr_status book_refusal(struct fr_parcel *parcel, struct fr_turn *turn,
				   const struct fr_moment *now, struct fr_error *err)
{
	if (parcel->batch->count > 1)
		return book_halves(parcel, turn, err);
	if (may_be_the_setup(parcel, turn, now))
		return book_suspect(parcel, turn, now, err);
	return book_burial(parcel, turn, err);
}

enum fr_status fr_parcel_book(struct fr_parcel *parcel, struct fr_turn *turn, struct fr_error *err)
{
	const struct fr_verdict *verdict = &parcel->verdict;
	struct fr_moment now = fr_courier_now(parcel->courier);
	enum fr_status status = FR_OK;

	parcel->delivered = 0;
	switch (verdict->action) {
	case FR_ACT_ACK:
		status = book_ack(parcel, turn, &now, err);
		break;
	case FR_ACT_RETRY:
		status = book_wait(parcel, turn, verdict, &now, err);
		fr_parcel_heed_news(parcel, turn);
		break;
	case FR_ACT_PAUSE:
		status = book_pause(parcel, turn, verdict, &now, err);
		fr_parcel_heed_news(parcel, turn);
		break;
	case FR_ACT_SPLIT:
	case FR_ACT_BISECT:
		status = book_refusal(parcel, turn, &now, err);
		break;
	case FR_ACT_BURY:
		status = book_for_good(parcel, turn, &now, err);
		break;
	}
	/* FR_NONE: the batch was purged meanwhile; its events are booked, the answer changes
	 * nothing. */
	return status == FR_NONE ? FR_OK : status;
}
