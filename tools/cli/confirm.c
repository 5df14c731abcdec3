#include "confirm.h"

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

int cli_confirm_need(const struct cli *cli, bool *must_ask)
{
	*must_ask = !cli_is_given(cli, "yes");
	if (*must_ask && isatty(STDIN_FILENO) == 0)
		return cli_misused(cli, "nobody can be asked here: say --yes to delete everything");
	return CLI_DONE;
}

int cli_confirm(const char *question)
{
	char answer[16] = "";

	(void)fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) != NULL && tolower((unsigned char)answer[0]) == 'y')
		return CLI_DONE;
	cli_complain("nothing was deleted");
	return CLI_WRONG;
}
