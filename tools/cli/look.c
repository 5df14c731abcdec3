/* Every way into the home goes through fr_folder_check first: it words what is wrong with one. */
#include "look.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli.h"

enum fr_status cli_snapshot_open(const struct cli *cli, struct fr_snapshot **out,
				 struct fr_error *err)
{
	enum fr_status status = fr_folder_check(cli->home.path, err);

	*out = NULL;
	return status != FR_OK ? status : fr_snapshot_open(out, cli->home.path, &cli->env, err);
}

void cli_nothing_yet(const struct cli *cli)
{
	if (!cli->json)
		(void)fprintf(stderr, "Nothing recorded yet for app %s in %s\n", cli->home.app,
			      cli->home.path);
}

int cli_snapshot_need(const struct cli *cli, struct fr_snapshot **out)
{
	struct fr_error err = {0};
	enum fr_status status = cli_snapshot_open(cli, out, &err);

	if (status == FR_NONE) {
		cli_nothing_yet(cli);
		return CLI_DONE;
	}
	return status == FR_OK ? CLI_DONE : cli_failed(&err);
}

enum fr_status cli_consent_decide(const struct cli *cli, struct fr_consent_decision *out,
				  struct fr_error *err)
{
	struct fr_consent_rules rules = {.home = cli->home.path};
	struct fr_config *config = NULL;
	enum fr_status status =
		fr_config_load(&config, &cli->home, FR_CONFIG_LIBRARY, &cli->env, err);
	enum fr_status decided;

	if (status == FR_OK)
		fr_config_consent_rules(config, &rules);
	decided = fr_consent_decide(&rules, &cli->env, out, status == FR_OK ? err : NULL);
	fr_config_free(config);
	return status != FR_OK ? status : decided;
}

/* The decision has room for the beginning of a long one only. */
bool cli_consent_says(const struct fr_consent_decision *decision, const struct fr_error *fault)
{
	enum { ENOUGH = 100 };
	char beginning[ENOUGH + 1];

	(void)snprintf(beginning, sizeof beginning, "%.*s", ENOUGH, fault->text);
	return strstr(decision->why, beginning) != NULL;
}

enum fr_status cli_queue_open(const struct cli *cli, struct fr_queue **out, struct fr_error *err)
{
	struct fr_queue_options options = {.home = cli->home.path,
					   .env = &cli->env,
					   .durability = FR_POWER,
					   .busy_ms = CLI_BUSY_MS};
	struct fr_config *config = NULL;
	enum fr_status status = fr_folder_check(cli->home.path, err);

	*out = NULL;
	if (status == FR_OK)
		status = fr_config_load(&config, &cli->home, FR_CONFIG_LIBRARY, &cli->env, err);
	if (status == FR_OK) {
		options.max_bytes = config->queue.max_bytes;
		status = fr_queue_open(out, &options, err);
	}
	fr_config_free(config);
	return status;
}
