/* Claim and ack of a hundred events, as the agent does it: the ack of one batch and the claim of
 * the next in one transaction. With few rows and with very many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "bench.h"
#include "queue/batch.h"
#include "queue/sinks.h"

enum { BATCH = 100, ROUNDS = 200, CHUNK = 1000, PATH_BYTES = 512 };

static void must(enum fr_status status, const struct fr_error *err)
{
	if (status != FR_OK)
		bench_give_up("claim", err->text);
}

static void fill(struct fr_queue *queue, const struct fr_env *env, int64_t rows,
		 struct fr_error *err)
{
	struct fr_session session = {
		.uuid = "00000000-0000-4000-8000-000000000000", .service = "bench", .version = "1"};
	static struct fr_append appends[CHUNK];
	static char uuids[CHUNK][FR_UUID_TEXT];
	struct fr_draft draft;

	fr_draft_init(&draft, 4096);
	fr_draft_set_name(&draft, "tool_use_error");
	fr_draft_add_object(&draft, bench_properties, strlen(bench_properties));
	must(fr_draft_finish(&draft, NULL, 0, err), err);
	for (int64_t done = 0; done < rows; done += CHUNK) {
		for (int i = 0; i < CHUNK; i++) {
			must(fr_uuid7(uuids[i], env, fr_env_wall_us(env), err), err);
			appends[i] = (struct fr_append){.uuid = uuids[i],
							.draft = &draft,
							.time_us = fr_env_wall_us(env),
							.sendable = true};
		}
		must(fr_queue_append_all(queue, &session, appends, CHUNK, err), err);
	}
	fr_draft_fini(&draft);
}

static struct fr_batch *turn(struct fr_queue *queue, const struct fr_claim *claim,
			     struct fr_batch *acked, struct fr_error *err)
{
	char digest[FR_CHECKSUM_HEX] = "";
	struct fr_batch *next = NULL;
	enum fr_status status;
	bool more;

	must(fr_queue_begin(queue, err), err);
	if (acked != NULL)
		must(fr_batch_ack(queue, acked, NULL, 0, err), err);
	status = fr_batch_claim(queue, claim, &next, &more, err);
	if (status == FR_OK)
		status = fr_batch_seal(queue, next, 1, digest, err);
	if (status != FR_NONE)
		must(status, err);
	must(fr_queue_commit(queue, err), err);
	fr_batch_free(acked);
	return next;
}

static double measure(int64_t rows)
{
	struct fr_sink_want want = {"bench", "file", 0};
	struct fr_batch *batch = NULL;
	struct fr_queue *queue = NULL;
	static double times[ROUNDS];
	struct fr_error err = {FR_OK, ""};
	char folder[PATH_BYTES];
	struct fr_env env;
	size_t count = 0;

	fr_env_real(&env);
	bench_folder_make(folder, sizeof folder);
	struct fr_queue_options options = {.home = folder,
					   .env = &env,
					   .max_bytes = INT64_C(2) << 30,
					   .busy_ms = 1000,
					   .may_create = true,
					   .exclusive_agent = true};
	must(fr_queue_open(&queue, &options, &err), &err);
	must(fr_sinks_set(queue, &want, 1, &err), &err);
	fill(queue, &env, rows, &err);
	struct fr_claim claim = {.sink = want.id,
				 .max_events = BATCH,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	batch = turn(queue, &claim, NULL, &err);
	while (batch != NULL && count < ROUNDS) {
		double start = bench_now_us();

		batch = turn(queue, &claim, batch, &err);
		times[count++] = bench_now_us() - start;
	}
	fr_batch_free(batch);
	fr_queue_close(queue);
	bench_folder_remove(folder);
	return bench_quantile(times, count, 0.5);
}

void bench_claim(void)
{
	double few = measure(1000), many = measure(1000000), again = measure(1000);

	few = few < again ? few : again;
	bench_tell("claim", "ack + next claim of 100, p50, 1,000 rows", few / 1000, "ms", "< 1");
	bench_tell("claim", "ack + next claim of 100, p50, 1,000,000 rows", many / 1000, "ms",
		   "< 1");
	bench_tell("claim", "1,000,000 rows / 1,000 rows", many / few, "times", "about 1");
}
