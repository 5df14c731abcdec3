/* The apps that have a home below the default place, in order of their names. */
#ifndef FLIGHTREC_CLI_APP_LIST_H
#define FLIGHTREC_CLI_APP_LIST_H

#include <stddef.h>

#include "base/home.h"
#include "cli.h"

struct cli_apps {
	char root[FR_PATH_MAX];
	char **names;
	size_t count, capacity;
};

/* No such place is no fault: then there are none. fini in any case. */
enum fr_status cli_apps_read(struct cli_apps *apps, const struct cli *cli, struct fr_error *err);
void cli_apps_fini(struct cli_apps *apps);

/* The same call for another app. */
enum fr_status cli_app_take(struct cli *out, const struct cli *cli, const struct cli_apps *apps,
			    size_t index, struct fr_error *err);

#endif
