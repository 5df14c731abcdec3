/* Where one app's files are: the home, and the config that goes with it.
 *
 * Home: the explicit one, else $FLIGHTREC_HOME, else $XDG_STATE_HOME/flightrec/<app>, else
 * ~/.local/state/flightrec/<app> (macOS: ~/Library/Application Support/flightrec/<app>).
 * Config: the explicit one, else $FLIGHTREC_CONFIG, else $XDG_CONFIG_HOME/flightrec/<app>.json,
 * else
 * ~/.config/flightrec/<app>.json, else /etc/flightrec/<app>.json, else none.
 * App: the explicit one, else $FLIGHTREC_APP, else "default".
 */
#ifndef FR_BASE_HOME_H
#define FR_BASE_HOME_H

#include <stdbool.h>

#include "base/env.h"
#include "base/file.h"
#include "base/status.h"

struct fr_home {
	char app[65];
	char path[FR_PATH_MAX];
	char config[FR_PATH_MAX]; /* "" when there is none */
	bool config_explicit;     /* somebody named it: then it must exist */
};

/* Resolves names only; touches nothing but to look for a config. Arguments may be NULL. */
enum fr_status fr_home_resolve(struct fr_home *home, const struct fr_env *env, const char *app,
			       const char *path, const char *config, struct fr_error *err);

/* Makes the home if needed and checks it as fr_folder_check and fr_folder_is_local do. */
enum fr_status fr_home_make(const struct fr_home *home, struct fr_error *err);

/* [a-z0-9][a-z0-9._-]{0,63} */
bool fr_app_is_valid(const char *app);

/* The folder that holds every app's home ($XDG_STATE_HOME/flightrec), for `flightrec apps`. */
enum fr_status fr_home_root(char out[FR_PATH_MAX], const struct fr_env *env, struct fr_error *err);

#endif
