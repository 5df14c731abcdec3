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
#include "pending.h"
#include "ship/gzip.h"

enum { BODY_BYTES_MAX = 64 * 1024 * 1024 };

struct preview {
	const struct cli *cli;
	const struct fr_sink_settings *settings;
	const struct fr_sink_format *format;
	struct cli_pending pending;
	struct fr_request request;
	bool is_stale; /* an open batch that may not leave as it is */
};

/* The transport packs what is worth it. */
static bool is_packed(const struct preview *preview)
{
	return preview->settings->gzip && preview->format->has_gzip &&
	       preview->request.body.length >= FR_GZIP_LEAST_BYTES;
}

static enum fr_status preview_make(struct preview *preview, struct fr_snapshot *snapshot,
				   struct fr_error *err)
{
	const struct fr_batch *batch;
	struct fr_sink_batch parts;
	enum fr_status status =
		cli_pending_find(snapshot, preview->settings, &preview->pending, err);

	if (status != FR_OK || preview->pending.batch == NULL)
		return status;
	batch = preview->pending.batch;
	parts = (struct fr_sink_batch){batch->uuid, batch->claimed_us, batch->events, batch->count};
	preview->is_stale = preview->format->is_stale != NULL &&
			    preview->format->is_stale(&parts, fr_env_wall_us(&preview->cli->env));
	for (size_t i = 0; i < batch->count; i++)
		if (!fr_sink_may_send(preview->settings, &batch->events[i], batch->events[i].route))
			preview->is_stale = true;
	return preview->format->encode(preview->settings, &parts, &preview->request, err);
}

/* ---- for people ---- */

static void about_print(const struct preview *preview)
{
	const struct fr_batch *batch = preview->pending.batch;
	char count[CLI_NUMBER_TEXT];

	(void)printf("%s# %s: %s %s, %s%s\n", cli_color(preview->cli, CLI_DIM),
		     preview->settings->name, cli_count(count, (int64_t)batch->count),
		     cli_plural((int64_t)batch->count, "event", "events"),
		     !preview->pending.is_open ? "not frozen yet: later events may join it"
		     : batch->maybe_taken ? "frozen, and sent before: the answer is outstanding"
					  : "frozen, not sent yet",
		     cli_color_end(preview->cli));
	if (preview->is_stale)
		(void)printf("# it will be made anew: something in it may not leave as it is\n");
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

static void headers_print(const struct preview *preview)
{
	const struct fr_request *request = &preview->request;

	for (size_t i = 0; i < request->header_count; i++) {
		const struct fr_request_header *header = &request->headers[i];

		(void)printf("%s: ", header->name);
		if (header->origin != NULL)
			(void)printf("<from %s>\n", header->origin);
		else
			(void)printf("%s\n", header->value);
	}
	if (is_packed(preview))
		(void)puts("Content-Encoding: gzip");
	(void)puts("User-Agent: flightrec/" FR_VERSION);
	(void)puts("X-Flightrec-Sent-At: <time of sending>");
}

/* To a file or a pipe exactly as it would go out, to a terminal what is safe to show. */
static void body_print(const struct preview *preview)
{
	const struct fr_buffer *body = &preview->request.body;

	if (preview->cli->terminal)
		cli_print_visible(stdout, fr_buffer_text(body), body->length, true);
	else
		(void)fwrite(fr_buffer_text(body), 1, body->length, stdout);
}

static void preview_print(const struct preview *preview)
{
	if (cli_is_given(preview->cli, "body")) {
		body_print(preview);
		return;
	}
	about_print(preview);
	if (preview->format->is_file) {
		(void)printf("append to %s\n\n", preview->request.url);
	} else {
		(void)printf("POST %s\n", preview->request.url);
		headers_print(preview);
		(void)putchar('\n');
	}
	body_print(preview);
	(void)puts(preview->format->is_file ? "" : "\n");
}

/* ---- for programs ---- */

static void header_add(struct cli_json *json, const struct fr_request_header *header)
{
	cli_json_object(json, NULL);
	cli_json_string(json, "name", header->name);
	cli_json_string(json, "value", header->origin == NULL ? header->value : NULL);
	cli_json_string(json, "secretFrom", header->origin);
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
		for (size_t i = 0; i < request->header_count; i++)
			header_add(json, &request->headers[i]);
		cli_json_array_end(json);
		cli_json_bool(json, "gzip", is_packed(preview));
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
	struct preview preview = {.cli = cli, .settings = settings};
	enum fr_status status;

	preview.format = fr_sink_format_find(settings->type);
	if (preview.format == NULL)
		return fr_fail(err, FR_INVALID, "sink %s: nobody knows the type %s", settings->name,
			       settings->type);
	fr_request_init(&preview.request, BODY_BYTES_MAX);
	status = preview_make(&preview, snapshot, err);
	if (status == FR_OK && cli->json)
		preview_add_json(json, &preview);
	else if (status == FR_OK && preview.pending.batch != NULL)
		preview_print(&preview);
	else if (status == FR_OK && !cli_is_given(cli, "body"))
		(void)printf("# %s: nothing waits\n", settings->name);
	fr_request_fini(&preview.request);
	cli_pending_fini(&preview.pending);
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
		"and the exact bytes of its body, before compression. Secrets are shown as\n"
		"where they come from. Nothing is sent and nothing is changed.\n"
		"\n"
		"Examples:\n"
		"  flightrec preview\n"
		"  flightrec preview --sink datadog --body | jq .",
	.options = preview_options,
	.run = preview_run,
};
