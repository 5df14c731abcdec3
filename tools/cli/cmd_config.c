/* flightrec config: the config as it was understood, and what is wrong with it. */
#include <stdio.h>
#include <string.h>

#include "catalogue_check.h"
#include "cli.h"
#include "config/config.h"
#include "json_out.h"
#include "output.h"
#include "privacy/catalogue.h"
#include "table.h"

/* ---- check ---- */

static void problem_tell(const struct cli *cli, struct cli_json *json, const char *problem)
{
	cli_json_string(json, NULL, problem);
	if (!cli->json)
		cli_complain("%s", problem);
}

/* The catalogue that the config names is as good as none when it does not read. */
static size_t catalogue_tell(const struct cli *cli, const struct fr_config *config,
			     struct cli_json *json)
{
	const char *file = config->privacy.catalogue;
	struct fr_catalogue *catalogue = NULL;
	struct fr_error err = {0};
	enum fr_status status = FR_OK;

	if (file[0] != '\0')
		status = fr_catalogue_load(&catalogue, file, &err);
	if (status == FR_NONE)
		(void)fr_fail(&err, status, "%s: privacy.catalogue: there is no such file", file);
	if (status != FR_OK)
		problem_tell(cli, json, err.text);
	fr_catalogue_free(catalogue);
	return status == FR_OK ? 0 : 1;
}

static size_t problems_tell(const struct cli *cli, const struct fr_config *config,
			    struct cli_json *json)
{
	const char *problem;
	size_t count = 0;

	cli_json_array(json, "problems");
	for (; (problem = fr_config_problem(config, count)) != NULL; count++)
		problem_tell(cli, json, problem);
	count += catalogue_tell(cli, config, json);
	cli_json_array_end(json);
	return count;
}

static int check_tell(const struct cli *cli, const struct fr_config *config,
		      const struct fr_error *fault)
{
	const char *file = cli->home.config[0] != '\0' ? cli->home.config : NULL;
	size_t problems = 0;
	struct fr_error err = {0};
	struct cli_json json;
	bool is_good;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_string(&json, "file", file);
	cli_json_string(&json, "error", config == NULL ? fault->text : NULL);
	if (config != NULL)
		problems = problems_tell(cli, config, &json);
	is_good = config != NULL && problems == 0;
	cli_json_bool(&json, "ok", is_good);
	cli_json_object_end(&json);
	if (cli->json && cli_json_print(&json, &err) != FR_OK)
		(void)cli_failed(&err);
	cli_json_fini(&json);
	if (!cli->json && config == NULL)
		cli_complain("%s", fault->text);
	else if (!cli->json && is_good)
		(void)printf("%s: good, %zu %s\n", file != NULL ? file : "no config, the defaults",
			     config->sink_count,
			     cli_plural((int64_t)config->sink_count, "sink", "sinks"));
	return is_good ? CLI_DONE : CLI_WRONG;
}

static int check_run(struct cli *cli)
{
	struct fr_config *config = NULL;
	struct fr_error err = {0};
	int code;

	if (cli_value(cli, "catalogue") != NULL && cli_operand(cli, 1) == NULL)
		return cli_catalogue_check(cli, cli_value(cli, "catalogue"));
	if (cli_value(cli, "catalogue") != NULL || cli_is_given(cli, "markdown"))
		return cli_misused(cli, "config check: --catalogue FILE [--markdown] stands alone");
	if (cli_operand(cli, 1) != NULL &&
	    fr_home_resolve(&cli->home, &cli->env, cli_value(cli, "app"), cli_value(cli, "home"),
			    cli_operand(cli, 1), &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	(void)fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &err);
	code = check_tell(cli, config, &err);
	fr_config_free(config);
	return code;
}

/* ---- show ---- */

struct showing {
	bool is_json;
	struct cli_table table;
	struct cli_json json;
};

static void on_setting(void *context, const char *key, const char *value, const char *origin)
{
	struct showing *showing = context;

	if (showing->is_json) {
		cli_json_object(&showing->json, NULL);
		cli_json_string(&showing->json, "key", key);
		cli_json_string(&showing->json, "value", value);
		cli_json_string(&showing->json, "origin", origin);
		cli_json_object_end(&showing->json);
		return;
	}
	cli_table_cell(&showing->table, CLI_PLAIN, key);
	cli_table_cell(&showing->table, CLI_PLAIN, value);
	cli_table_cell(&showing->table, CLI_DIM, origin);
}

static const struct cli_column setting_columns[] = {
	{"KEY", false, 0},
	{"VALUE", false, 0},
	{"FROM", false, 0},
};

static int show_run(const struct cli *cli)
{
	struct fr_config *config = NULL;
	struct showing showing = {.is_json = cli->json};
	struct fr_error err = {0};
	enum fr_status status =
		fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &err);

	if (status != FR_OK)
		return cli_failed(&err);
	cli_table_init(&showing.table, cli, setting_columns,
		       sizeof setting_columns / sizeof *setting_columns, SIZE_MAX);
	cli_json_init(&showing.json);
	cli_json_array(&showing.json, NULL);
	fr_config_show(config, on_setting, &showing);
	cli_json_array_end(&showing.json);
	status = cli_table_finish(&showing.table, &err);
	if (status == FR_OK && cli->json)
		status = cli_json_print(&showing.json, &err);
	cli_json_fini(&showing.json);
	fr_config_free(config);
	return status == FR_OK ? CLI_DONE : cli_failed(&err);
}

static int config_run(struct cli *cli)
{
	const char *what = cli_operand(cli, 0);

	if (strcmp(what, "check") == 0)
		return check_run(cli);
	if (cli_value(cli, "catalogue") != NULL || cli_is_given(cli, "markdown"))
		return cli_misused(cli, "config %s: it takes no --catalogue and no --markdown",
				   what);
	if (cli_operand_count(cli) > 1)
		return cli_misused(cli, "config %s: \"%s\" is more than it takes", what,
				   cli_operand(cli, 1));
	if (strcmp(what, "show") == 0)
		return show_run(cli);
	if (strcmp(what, "reference") == 0) {
		fr_config_reference(stdout);
		return CLI_DONE;
	}
	return cli_misused(cli, "config \"%s\": check, show or reference", what);
}

static const struct cli_option config_options[] = {
	{"catalogue", 0, "FILE", "with check: a catalogue of events instead of the config"},
	{"markdown", 0, NULL, "what it declares as a page to publish"},
	{NULL, 0, NULL, NULL},
};

const struct cli_command cmd_config = {
	.name = "config",
	.operands = "check [FILE] | show | reference",
	.options = config_options,
	.summary = "check the config, show where each value comes from",
	.help = "check      is the config right: every mistake with its file, line and key;\n"
		"           also what is no mistake but somebody should know, as a sink that\n"
		"           may send nothing or a secret that is not there. Exits 1 for either.\n"
		"           With --catalogue FILE: what a catalogue of events declares, as a "
		"table\n"
		"           or as Markdown, and what it fails to say of an event (description,\n"
		"           owner, purpose, expiry, bounds of free text); exits 1 for any.\n"
		"show       every key with its value and where that came from; secrets only as\n"
		"           where they come from\n"
		"reference  every key there is, as Markdown\n"
		"\n"
		"Examples:\n"
		"  flightrec config check\n"
		"  flightrec config check ./my-tool.json\n"
		"  flightrec config check --catalogue events.json --markdown > EVENTS.md\n"
		"  flightrec config show --app my-tool",
	.least = 1,
	.most = 2,
	.run = config_run,
};
