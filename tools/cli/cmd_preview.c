/* flightrec preview: the exact bytes of the next request of a sink, and nothing is sent.
 *
 * The batch is the one that the courier would take next, encoded by the same code. What only the
 * moment of sending decides is said, not shown: the time in X-Flightrec-Sent-At.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "preview.h"

/* ---- for people ---- */

static void about_print(const struct cli *cli, const struct preview *preview)
{
	const struct fr_batch *batch = preview->pending.batch;
	char count[CLI_NUMBER_TEXT];

	(void)printf("%s# %s: %s %s, %s%s\n", cli_color(cli, CLI_DIM), preview->settings->name,
		     cli_count(count, (int64_t)batch->count),
		     cli_plural((int64_t)batch->count, "event", "events"),
		     !preview->pending.is_open ? "not frozen yet: later events may join it"
		     : batch->maybe_taken ? "frozen, and sent before: the answer is outstanding"
					  : "frozen, not taken yet",
		     cli_color_end(cli));
	if (!preview->format->is_file)
		(void)printf("# to %s\n", preview->request.url);
	if (preview->is_stale)
		(void)printf("# it will be made anew: something in it may not leave as it is\n");
	if (preview->is_too_large)
		(void)printf("# it is larger than this sink takes, and goes in parts\n");
	if (!preview->pending.is_met)
		(void)printf(
			"# the agent has not met this sink yet: the batch's id is not final\n");
	if (preview->format->question != NULL)
		(void)printf(
			"# the server is asked first, and what it does not know is left out of "
			"the URL\n");
	if (preview->request.left_out_count > 0)
		(void)printf("# %zu cannot be encoded and become dead letters\n",
			     preview->request.left_out_count);
}

static void head_print(const struct preview *preview)
{
	(void)printf("POST %s HTTP/1.1\n", preview->target);
	for (size_t i = 0; i < preview->line_count; i++) {
		const struct preview_line *line = &preview->lines[i];

		if (line->origin != NULL)
			(void)printf("%s: <from %s>\n", line->name, line->origin);
		else if (line->note != NULL)
			(void)printf("%s: <%s>\n", line->name, line->note);
		else
			(void)printf("%s: %s\n", line->name, line->value);
	}
}

/* To a file or a pipe exactly as it would go out, to a terminal what is safe to show. */
static void body_print(const struct cli *cli, const struct preview *preview)
{
	const struct fr_buffer *body = &preview->request.body;

	if (cli->terminal)
		cli_print_visible(stdout, fr_buffer_text(body), body->length, true);
	else
		(void)fwrite(fr_buffer_text(body), 1, body->length, stdout);
}

static void preview_print(const struct cli *cli, const struct preview *preview)
{
	if (cli_is_given(cli, "body")) {
		body_print(cli, preview);
		return;
	}
	about_print(cli, preview);
	if (preview->format->is_file) {
		(void)printf("append to %s\n\n", preview->request.url);
	} else {
		head_print(preview);
		(void)putchar('\n');
	}
	body_print(cli, preview);
	(void)puts(preview->format->is_file ? "" : "\n");
}

/* ---- for programs ---- */

static void header_add(struct cli_json *json, const struct preview_line *line)
{
	cli_json_object(json, NULL);
	cli_json_string(json, "name", line->name);
	cli_json_string(json, "value", line->value);
	cli_json_string(json, "secretFrom", line->origin);
	if (line->note != NULL)
		cli_json_string(json, "decidedLater", line->note);
	cli_json_object_end(json);
}

static void preview_add_json(struct cli_json *json, const struct preview *preview)
{
	const struct fr_batch *batch = preview->pending.batch;
	const struct fr_request *request = &preview->request;

	cli_json_object(json, NULL);
	cli_json_string(json, "sink", preview->settings->name);
	cli_json_string(json, "type", preview->settings->type);
	if (batch != NULL) {
		cli_json_string(json, "batchId", batch->uuid);
		cli_json_bool(json, "batchIdFinal", preview->pending.is_met);
		cli_json_bool(json, "frozen", preview->pending.is_open);
		cli_json_bool(json, "maybeTaken", batch->maybe_taken);
		cli_json_bool(json, "stale", preview->is_stale);
		cli_json_string(json, "method", preview->format->is_file ? "append" : "POST");
		cli_json_string(json, "url", request->url);
		cli_json_bool(json, "urlFinal", preview->format->question == NULL);
		cli_json_array(json, "headers");
		for (size_t i = 0; i < preview->line_count; i++)
			header_add(json, &preview->lines[i]);
		cli_json_array_end(json);
		cli_json_bool(json, "gzip", preview->is_packed);
		cli_json_int(json, "bodyBytes", (int64_t)request->body.length);
		cli_json_string_n(json, "body", fr_buffer_text(&request->body),
				  request->body.length);
	}
	cli_json_int(json, "events", batch != NULL ? (int64_t)batch->count : 0);
	cli_json_object_end(json);
}

/* ---- the command ---- */

static enum fr_status sink_preview(const struct cli *cli, struct fr_snapshot *snapshot,
				   const struct fr_sink_settings *settings, struct cli_json *json,
				   struct fr_error *err)
{
	struct preview preview;
	enum fr_status status = preview_make(&preview, cli, snapshot, settings, err);

	if (status == FR_OK && cli->json)
		preview_add_json(json, &preview);
	else if (status == FR_OK && preview.pending.batch != NULL)
		preview_print(cli, &preview);
	else if (status == FR_OK && !cli_is_given(cli, "body"))
		(void)printf("# %s: nothing waits\n", settings->name);
	preview_fini(&preview);
	return status;
}

/* Every sink, or the one that was named. */
static int sinks_preview(const struct cli *cli, const struct fr_config *config,
			 struct fr_snapshot *snapshot)
{
	const char *name = cli_value(cli, "sink");
	struct fr_error err = {0};
	enum fr_status status = FR_OK;
	struct cli_json json;
	size_t met = 0;

	cli_json_init(&json);
	cli_json_array(&json, NULL);
	for (size_t i = 0; status == FR_OK && i < config->sink_count; i++) {
		if (name != NULL && strcmp(name, config->sinks[i].name) != 0)
			continue;
		met++;
		status = sink_preview(cli, snapshot, &config->sinks[i], &json, &err);
	}
	cli_json_array_end(&json);
	if (status == FR_OK && cli->json)
		status = cli_json_print(&json, &err);
	cli_json_fini(&json);
	if (status != FR_OK)
		return cli_failed(&err);
	if (met == 0 && name != NULL)
		return cli_misused(cli, "no sink is named %s in %s", name,
				   config->file[0] != '\0' ? config->file : "the config");
	if (met == 0 && !cli->json)
		(void)fputs("No sink in the config: nothing leaves this machine.\n", stderr);
	return CLI_DONE;
}

static int preview_run(struct cli *cli)
{
	struct fr_config *config = NULL;
	struct fr_snapshot *snapshot = NULL;
	struct fr_error err = {0};
	int code;

	if (fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &err) != FR_OK)
		return cli_failed(&err);
	if (cli_is_given(cli, "body") && !cli_is_given(cli, "sink") && config->sink_count > 1)
		code = cli_misused(cli, "--body wants one sink: --sink NAME");
	else
		code = cli_snapshot_need(cli, &snapshot);
	if (snapshot != NULL)
		code = sinks_preview(cli, config, snapshot);
	else if (code == CLI_DONE && cli->json)
		(void)puts("[]");
	fr_snapshot_close(snapshot);
	fr_config_free(config);
	return code;
}

static const struct cli_option preview_options[] = {
	{"sink", 0, "NAME", "only this one"},
	{"body", 0, NULL, "only the body, byte for byte"},
	{0},
};

const struct cli_command cmd_preview = {
	.name = "preview",
	.operands = "",
	.summary = "what the next request will say, exactly",
	.help = "Shows what the next request of each sink will say: where it goes, its headers\n"
		"as they go out, and the exact bytes of its body, before compression. Secrets\n"
		"are shown as where they come from, and what only the moment of sending decides\n"
		"in words. Nothing is sent and nothing is changed.\n"
		"\n"
		"Examples:\n"
		"  flightrec preview\n"
		"  flightrec preview --sink datadog --body | jq .",
	.options = preview_options,
	.run = preview_run,
};
