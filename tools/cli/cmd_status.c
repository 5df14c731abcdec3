/* flightrec status: how all of it is. */
#include <stdlib.h>

#include "cli.h"
#include "status.h"

static int status_run(struct cli *cli)
{
	struct cli_status *status = malloc(sizeof *status);
	struct fr_error err = {0};
	int code;

	if (status == NULL) {
		(void)fr_fail(&err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
		return cli_failed(&err);
	}
	cli_status_gather(status, cli);
	code = cli_status_judge(status);
	if (!cli->json)
		cli_status_print(status, cli_is_given(cli, "why"));
	else if (cli_status_print_json(status, &err) != FR_OK)
		code = cli_failed(&err);
	cli_status_fini(status);
	free(status);
	return code;
}

static const struct cli_option status_options[] = {
	{"why", 0, NULL, "who was heard about consent, and what they said"},
	{0},
};

const struct cli_command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "consent, agent, queue, sinks and their books",
	.help = "Shows what may happen to events and who decided that, whether the agent runs,\n"
		"how full the queue is, and for each sink its state with the reason, the next\n"
		"attempt, and its books: what was committed is delivered, queued, dead, dropped\n"
		"or unwanted, and nothing else. Exits 1 when something is wrong: the queue\n"
		"cannot be read, the config does not parse, the agent does not answer, the\n"
		"books do not add up.\n"
		"\n"
		"Examples:\n"
		"  flightrec status\n"
		"  flightrec status --why\n"
		"  flightrec status --json",
	.options = status_options,
	.run = status_run,
};
