/* flightrec apps: the homes on this machine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli.h"
#include "json_out.h"
#include "output.h"
#include "status.h"
#include "table.h"

struct apps {
	struct cli *cli;
	struct cli_table table;
	struct cli_json json;
	char **names;
	size_t count, capacity;
};

static enum fr_status name_keep(struct apps *apps, const char *name, struct fr_error *err)
{
	char **names = apps->names;

	if (apps->count == apps->capacity) {
		apps->capacity = apps->capacity > 0 ? apps->capacity * 2 : 16;
		names = realloc(names, apps->capacity * sizeof *names);
		if (names == NULL)
			return fr_fail(err, FR_NOMEM, "out of memory");
		apps->names = names;
	}
	names[apps->count] = strdup(name);
	if (names[apps->count] == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	apps->count++;
	return FR_OK;
}

/* A file that lies there is nobody's home; a symlink is one that is wrong, and is shown as that. */
static bool may_be_home(DIR *folder, const char *name)
{
	struct stat info;

	return fr_app_is_valid(name) &&
	       fstatat(dirfd(folder), name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !S_ISREG(info.st_mode);
}

static enum fr_status names_read(struct apps *apps, const char *root, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	const struct dirent *entry;
	DIR *folder = opendir(root);

	if (folder == NULL)
		return errno == ENOENT ? FR_OK
				       : fr_fail_system(err, FR_IO, errno, "cannot open %s", root);
	while (status == FR_OK && (entry = readdir(folder)) != NULL) {
		if (may_be_home(folder, entry->d_name))
			status = name_keep(apps, entry->d_name, err);
	}
	(void)closedir(folder);
	return status;
}

static int name_compare(const void *one, const void *other)
{
	const char *const *a = one;
	const char *const *b = other;

	return strcmp(*a, *b);
}

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
static enum fr_status app_look(struct apps *apps, const char *name, struct cli_status *status,
			       struct fr_error *err)
{
	struct cli one = *apps->cli;
	char root[FR_PATH_MAX], path[FR_PATH_MAX];
	enum fr_status resolved = fr_home_root(root, &one.env, err);
	int64_t bytes;

	if (resolved == FR_OK)
		resolved = fr_path_join(path, root, name, err);
	if (resolved == FR_OK)
		resolved = fr_home_resolve(&one.home, &one.env, name, path, NULL, err);
	if (resolved != FR_OK)
		return resolved;
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

	if (apps->count > 1)
		qsort(apps->names, apps->count, sizeof *apps->names, name_compare);
	cli_table_init(&apps->table, apps->cli, app_columns,
		       sizeof app_columns / sizeof *app_columns, CLI_TABLE_MEASURED);
	cli_json_init(&apps->json);
	cli_json_array(&apps->json, NULL);
	for (size_t i = 0; looked == FR_OK && i < apps->count; i++)
		looked = app_look(apps, apps->names[i], status, err);
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
	char root[FR_PATH_MAX];
	struct fr_error err = {0};
	enum fr_status status = fr_home_root(root, &cli->env, &err);

	if (status == FR_OK)
		status = names_read(&apps, root, &err);
	if (status == FR_OK && (apps.count > 0 || cli->json))
		status = apps_tell(&apps, &err);
	if (status == FR_OK && apps.count == 0 && !cli->json)
		(void)fprintf(stderr, "No app has recorded anything yet in %s\n", root);
	for (size_t i = 0; i < apps.count; i++)
		free(apps.names[i]);
	free(apps.names);
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
