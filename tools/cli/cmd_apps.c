/* flightrec apps: the homes on this machine. */
#include <stdio.h>
#include <stdlib.h>

#include "app_list.h"
#include "cli.h"
#include "json_out.h"
#include "output.h"
#include "status.h"
#include "table.h"

struct apps {
	struct cli *cli;
	struct cli_apps list;
	struct cli_table table;
	struct cli_json json;
};

static const char *agent_word(const struct cli_status *status)
{
	switch (status->agent) {
	case CLI_AGENT_DOWN:
		return "down";
	case CLI_AGENT_UP:
		return "up";
	case CLI_AGENT_SILENT:
		return "silent";
	}
	return "";
}

static void app_row(struct apps *apps, const struct cli_status *status, int64_t bytes)
{
	bool is_readable = status->queue_fault.status == FR_OK;
	char text[CLI_NUMBER_TEXT];

	cli_table_cell(&apps->table, CLI_PLAIN, status->cli->home.app);
	cli_table_cell(&apps->table, CLI_PLAIN, fr_consent_name(status->consent.level));
	cli_table_cell(&apps->table, CLI_PLAIN, agent_word(status));
	cli_table_cell(&apps->table, CLI_PLAIN,
		       is_readable ? cli_count(text, status->queue.queued)
		       : status->queue_fault.status == FR_NONE ? "0"
							       : "?");
	cli_table_cell(&apps->table, CLI_PLAIN, cli_bytes(text, bytes));
	cli_table_cell(&apps->table, CLI_PLAIN, status->cli->home.path);
}

static void app_add_json(struct cli_json *json, const struct cli_status *status, int64_t bytes)
{
	enum fr_status fault = status->queue_fault.status;

	cli_json_object(json, NULL);
	cli_json_string(json, "app", status->cli->home.app);
	cli_json_string(json, "home", status->cli->home.path);
	cli_json_string(json, "consent", fr_consent_name(status->consent.level));
	cli_json_string(json, "agent", agent_word(status));
	if (fault == FR_OK || fault == FR_NONE)
		cli_json_int(json, "events", status->queue.queued);
	else
		cli_json_null(json, "events");
	cli_json_int(json, "bytes", bytes);
	if (fault != FR_OK && fault != FR_NONE)
		cli_json_string(json, "error", status->queue_fault.text);
	cli_json_object_end(json);
}

/* One app at a time takes the place of the one we were called for. */
static enum fr_status app_look(struct apps *apps, size_t index, struct cli_status *status,
			       struct fr_error *err)
{
	struct cli one;
	enum fr_status taken = cli_app_take(&one, apps->cli, &apps->list, index, err);
	int64_t bytes;

	if (taken != FR_OK)
		return taken;
	cli_status_gather(status, &one);
	bytes = status->queue.db_bytes + status->queue.wal_bytes + status->queue.shm_bytes;
	if (apps->cli->json)
		app_add_json(&apps->json, status, bytes);
	else
		app_row(apps, status, bytes);
	cli_status_fini(status);
	return FR_OK;
}

static const struct cli_column app_columns[] = {
	{"APP", false, 0},   {"CONSENT", false, 0}, {"AGENT", false, 0},
	{"EVENTS", true, 0}, {"BYTES", true, 0},    {"HOME", false, 0},
};

static enum fr_status apps_tell(struct apps *apps, struct fr_error *err)
{
	struct cli_status *status = malloc(sizeof *status);
	enum fr_status looked = status != NULL ? FR_OK : fr_fail(err, FR_NOMEM, "out of memory");
	enum fr_status told;

	cli_table_init(&apps->table, apps->cli, app_columns,
		       sizeof app_columns / sizeof *app_columns, CLI_TABLE_MEASURED);
	cli_json_init(&apps->json);
	cli_json_array(&apps->json, NULL);
	for (size_t i = 0; looked == FR_OK && i < apps->list.count; i++)
		looked = app_look(apps, i, status, err);
	cli_json_array_end(&apps->json);
	told = cli_table_finish(&apps->table, looked == FR_OK ? err : NULL);
	if (looked == FR_OK)
		looked = apps->cli->json ? cli_json_print(&apps->json, err) : told;
	cli_json_fini(&apps->json);
	free(status);
	return looked;
}

static int apps_run(struct cli *cli)
{
	struct apps apps = {.cli = cli};
	struct fr_error err = {0};
	enum fr_status status = cli_apps_read(&apps.list, cli, &err);
	size_t count = apps.list.count;

	if (status == FR_OK && (count > 0 || cli->json))
		status = apps_tell(&apps, &err);
	if (status == FR_OK && count == 0 && !cli->json)
		(void)fprintf(stderr, "No app has recorded anything yet in %s\n", apps.list.root);
	cli_apps_fini(&apps.list);
	return status == FR_OK ? CLI_DONE : cli_failed(&err);
}

const struct cli_command cmd_apps = {
	.name = "apps",
	.operands = "",
	.summary = "the apps that record on this machine",
	.help = "Lists the apps that have a home below the default place\n"
		"($XDG_STATE_HOME/flightrec), with their consent, agent and queue. A home\n"
		"elsewhere, given with --home or $FLIGHTREC_HOME, is not found this way.\n"
		"\n"
		"Examples:\n"
		"  flightrec apps\n"
		"  flightrec status --app my-tool",
	.run = apps_run,
};
