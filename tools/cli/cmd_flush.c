/* flightrec flush: have everything delivered now.
 *
 * The agent does it and answers when it is done or the time is up. Whether anything is left is
 * then looked up in the queue, where what waits for a paused sink counts too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_client.h"
#include "base/text.h"
#include "cli.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "pending.h"

enum { TIMEOUT_MS_DEFAULT = 10 * 1000, TIMEOUT_MS_MAX = 24 * 3600 * 1000, GRACE_MS = 2000 };

/* A sink that still has something before it. */
struct left {
	const char *sink; /* the config's */
	int64_t queued;
	char reason[FR_REASON_TEXT];
};

struct flush {
	const struct cli *cli;
	struct fr_config *config;
	struct left *left; /* room for every sink */
	size_t left_count;
	bool has_agent;
};

static enum fr_status sink_look(struct flush *flush, struct fr_snapshot *snapshot,
				const struct fr_sink_settings *settings, struct fr_error *err)
{
	struct cli_pending pending;
	enum fr_status status = cli_pending_find(snapshot, settings, &pending, err);

	if (status == FR_OK && pending.batch != NULL) {
		struct left *left = &flush->left[flush->left_count++];

		left->sink = settings->name;
		left->queued = pending.facts.queued > 0 ? pending.facts.queued
							: (int64_t)pending.batch->count;
		(void)fr_text_copy(left->reason, sizeof left->reason,
				   pending.facts.row.retry.reason);
	}
	cli_pending_fini(&pending);
	return status;
}

/* No queue, nothing left. */
static enum fr_status left_look(struct flush *flush, struct fr_error *err)
{
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(flush->cli, &snapshot, err);

	flush->left_count = 0;
	for (size_t i = 0; status == FR_OK && i < flush->config->sink_count; i++)
		status = sink_look(flush, snapshot, &flush->config->sinks[i], err);
	fr_snapshot_close(snapshot);
	return status == FR_NONE ? FR_OK : status;
}

/* FR_NONE: no agent; FR_BUSY: it did not answer in time. */
static enum fr_status agent_flush(struct flush *flush, int64_t timeout_ms, struct fr_error *err)
{
	struct cli_answer answer;
	char request[64];
	enum fr_status status;

	(void)snprintf(request, sizeof request, "POST /flush?timeout_ms=%lld",
		       (long long)timeout_ms);
	status = cli_agent_ask(flush->cli->home.path, &flush->cli->env, request,
			       timeout_ms + GRACE_MS, &answer, err);
	flush->has_agent = status != FR_NONE;
	if (status == FR_OK && answer.status != 200)
		status = fr_fail(err, FR_IO, "the agent answers %d to POST /flush", answer.status);
	cli_answer_fini(&answer);
	return status;
}

static int left_tell(const struct flush *flush)
{
	char count[CLI_NUMBER_TEXT];

	for (size_t i = 0; i < flush->left_count; i++) {
		const struct left *left = &flush->left[i];

		cli_complain("%s: %s %s %s%s%s", left->sink, cli_count(count, left->queued),
			     cli_plural(left->queued, "event", "events"),
			     left->queued == 1 ? "waits" : "wait",
			     left->reason[0] != '\0' ? ": " : "", left->reason);
	}
	if (flush->left_count == 0)
		(void)puts(flush->config->sink_count > 0
				   ? "Everything that may be sent is delivered."
				   : "No sink in the config: there is nothing to deliver.");
	else if (!flush->has_agent)
		cli_complain("no agent is running that could deliver: start flightrecd");
	return flush->left_count > 0 ? CLI_AGAIN : CLI_DONE;
}

static int left_tell_json(const struct flush *flush)
{
	struct fr_error err = {0};
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_bool(&json, "done", flush->left_count == 0);
	cli_json_bool(&json, "agent", flush->has_agent);
	cli_json_array(&json, "left");
	for (size_t i = 0; i < flush->left_count; i++) {
		const struct left *left = &flush->left[i];

		cli_json_object(&json, NULL);
		cli_json_string(&json, "sink", left->sink);
		cli_json_int(&json, "queued", left->queued);
		cli_json_string(&json, "reason", left->reason[0] != '\0' ? left->reason : NULL);
		cli_json_object_end(&json);
	}
	cli_json_array_end(&json);
	cli_json_object_end(&json);
	if (cli_json_finish(&json, &err) != FR_OK)
		return cli_failed(&err);
	return flush->left_count > 0 ? CLI_AGAIN : CLI_DONE;
}

static int flush_do(struct flush *flush, int64_t timeout_ms)
{
	struct fr_error err = {0};
	enum fr_status status = agent_flush(flush, timeout_ms, &err);

	if (status != FR_OK && status != FR_NONE)
		return cli_failed(&err);
	if (left_look(flush, &err) != FR_OK)
		return cli_failed(&err);
	return flush->cli->json ? left_tell_json(flush) : left_tell(flush);
}

static int flush_run(struct cli *cli)
{
	struct flush flush = {.cli = cli};
	const char *text = cli_value(cli, "timeout");
	int64_t timeout_ms = TIMEOUT_MS_DEFAULT;
	struct fr_error err = {0};
	int code;

	if (text != NULL && cli_parse_duration("timeout", text, &timeout_ms, &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	if (timeout_ms > TIMEOUT_MS_MAX)
		return cli_misused(cli, "--timeout %s: a day at most", text);
	if (fr_config_load(&flush.config, &cli->home, FR_CONFIG_STRICT, &cli->env, &err) != FR_OK)
		return cli_failed(&err);
	flush.left = calloc(flush.config->sink_count + 1, sizeof *flush.left);
	if (flush.left == NULL)
		(void)fr_fail(&err, FR_NOMEM, "out of memory");
	code = flush.left != NULL ? flush_do(&flush, timeout_ms) : cli_failed(&err);
	free(flush.left);
	fr_config_free(flush.config);
	return code;
}

static const struct cli_option flush_options[] = {
	{"timeout", 't', "DURATION", "how long to wait for it (default 10s)"},
	{0},
};

const struct cli_command cmd_flush = {
	.name = "flush",
	.operands = "",
	.summary = "deliver now",
	.help = "Asks the agent to deliver everything at once and waits for it. Exits 0 when\n"
		"nothing that may be sent is left, 75 when something is: the time was up, a\n"
		"sink is down, or no agent runs. Events recorded under consent local are not\n"
		"meant to be delivered and do not count.\n"
		"\n"
		"Examples:\n"
		"  flightrec flush\n"
		"  flightrec flush --timeout 1m && echo all there",
	.options = flush_options,
	.run = flush_run,
};
