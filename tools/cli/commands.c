/* The commands there are, in the order in which help lists them. */
#include <stddef.h>
#include <string.h>

#include "cli.h"

const struct cli_command *const cli_commands[] = {
	&cmd_record, &cmd_status, &cmd_ls,     &cmd_show,  &cmd_tail,    &cmd_preview, &cmd_sent,
	&cmd_report, &cmd_flush,  &cmd_dead,   &cmd_apps,  &cmd_consent, &cmd_whoami,  &cmd_config,
	&cmd_verify, &cmd_sql,    &cmd_export, &cmd_purge, &cmd_help,    NULL,
};

const struct cli_command *cli_command_find(const char *name)
{
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	return NULL;
}

static unsigned least_of(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters to change, add or take away to turn one word into the other. */
static unsigned word_distance(const char *one, const char *other)
{
	enum { LONGEST = 16 };
	unsigned row[LONGEST + 1];
	size_t length = strlen(other);

	if (length > LONGEST || strlen(one) > LONGEST)
		return LONGEST;
	for (unsigned i = 0; i <= length; i++)
		row[i] = i;
	for (unsigned i = 1; one[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= length; k++) {
			unsigned above = row[k];

			row[k] = least_of(above + 1, row[k - 1] + 1,
					  diagonal + (one[i - 1] != other[k - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

const char *cli_command_near(const char *name)
{
	const char *near = NULL;
	unsigned best = strlen(name) < 4 ? 2 : 3;

	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		unsigned distance = word_distance(name, cli_commands[i]->name);

		if (distance < best) {
			best = distance;
			near = cli_commands[i]->name;
		}
	}
	return near;
}
