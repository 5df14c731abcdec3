/* Names only: nothing is made here but by fr_home_make. Relative names are made absolute at once,
 * since a host may change its folder before the queue is opened. XDG variables that are not
 * absolute are ignored, as their specification asks.
 */
#include "base/home.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/platform.h"
#include "base/text.h"

static const char system_config_folder[] = "/etc/flightrec";

bool fr_app_is_valid(const char *app)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strlen(app);

	return length >= 1 && length <= 64 && strspn(app, first) >= 1 &&
	       strspn(app, rest) == length;
}

static enum fr_status path_absolute(char out[FR_PATH_MAX], const char *path, struct fr_error *err)
{
	char folder[FR_PATH_MAX];
	enum fr_status status = FR_OK;
	size_t length;

	if (path[0] == '\0')
		return fr_fail(err, FR_INVALID, "an empty path names nothing");
	if (path[0] == '/') {
		if (!fr_text_copy(out, FR_PATH_MAX, path))
			return fr_fail(err, FR_TOO_LARGE, "path is too long: %s", path);
	} else if (getcwd(folder, sizeof folder) == NULL) {
		return fr_fail_system(err, FR_IO, errno, "cannot tell where %s is", path);
	} else {
		status = fr_path_join(out, folder, path, err);
	}
	for (length = strlen(out); length > 1 && out[length - 1] == '/'; length--)
		out[length - 1] = '\0';
	return status;
}

/* $variable/flightrec, else ~/fallback/flightrec. */
static enum fr_status user_folder(char out[FR_PATH_MAX], const struct fr_env *env,
				  const char *variable, const char *fallback, struct fr_error *err)
{
	const char *base = fr_env_variable(env, variable);
	char folder[FR_PATH_MAX];
	enum fr_status status;

	if (base != NULL && base[0] == '/')
		return fr_path_join(out, base, "flightrec", err);
	base = fr_env_variable(env, "HOME");
	if (base == NULL || base[0] != '/')
		return fr_fail(err, FR_INVALID,
			       "HOME is not set to an absolute path: say where the home is");
	status = fr_path_join(folder, base, fallback, err);
	if (status == FR_OK)
		status = fr_path_join(out, folder, "flightrec", err);
	return status;
}

enum fr_status fr_home_root(char out[FR_PATH_MAX], const struct fr_env *env, struct fr_error *err)
{
	return user_folder(out, env, "XDG_STATE_HOME", fr_platform_state_folder, err);
}

static enum fr_status app_resolve(struct fr_home *home, const struct fr_env *env, const char *app,
				  struct fr_error *err)
{
	const char *from = "";

	if (app == NULL) {
		app = fr_env_variable(env, "FLIGHTREC_APP");
		from = " (from FLIGHTREC_APP)";
	}
	if (app == NULL)
		app = "default";
	if (!fr_app_is_valid(app))
		return fr_fail(err, FR_INVALID,
			       "app \"%s\"%s: at most 64 of a-z 0-9 . _ -, a letter or digit first",
			       app, from);
	(void)fr_text_copy(home->app, sizeof home->app, app);
	return FR_OK;
}

static enum fr_status path_resolve(struct fr_home *home, const struct fr_env *env, const char *path,
				   struct fr_error *err)
{
	char root[FR_PATH_MAX];
	enum fr_status status;

	if (path == NULL)
		path = fr_env_variable(env, "FLIGHTREC_HOME");
	if (path != NULL)
		return path_absolute(home->path, path, err);
	status = fr_home_root(root, env, err);
	if (status == FR_OK)
		status = fr_path_join(home->path, root, home->app, err);
	return status;
}

/* A file that is there but may not be looked at counts as there: to pass it over would be silence.
 */
static bool is_there(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static enum fr_status config_resolve(struct fr_home *home, const struct fr_env *env,
				     const char *config, struct fr_error *err)
{
	char folder[FR_PATH_MAX];
	char file[sizeof home->app + sizeof ".json"];
	enum fr_status status;

	if (config == NULL)
		config = fr_env_variable(env, "FLIGHTREC_CONFIG");
	if (config != NULL) {
		home->config_explicit = true;
		return path_absolute(home->config, config, err);
	}
	(void)snprintf(file, sizeof file, "%s.json", home->app);
	if (user_folder(folder, env, "XDG_CONFIG_HOME", ".config", NULL) == FR_OK) {
		status = fr_path_join(home->config, folder, file, err);
		if (status != FR_OK || is_there(home->config))
			return status;
	}
	status = fr_path_join(home->config, system_config_folder, file, err);
	if (status == FR_OK && !is_there(home->config))
		home->config[0] = '\0';
	return status;
}

enum fr_status fr_home_resolve(struct fr_home *home, const struct fr_env *env, const char *app,
			       const char *path, const char *config, struct fr_error *err)
{
	enum fr_status status;

	*home = (struct fr_home){0};
	status = app_resolve(home, env, app, err);
	if (status == FR_OK)
		status = path_resolve(home, env, path, err);
	if (status == FR_OK)
		status = config_resolve(home, env, config, err);
	return status;
}

enum fr_status fr_home_make(const struct fr_home *home, struct fr_error *err)
{
	enum fr_status status = fr_folder_check(home->path, err);

	assert(home->path[0] == '/');
	if (status == FR_NONE)
		status = fr_folder_make(home->path, err);
	if (status == FR_OK)
		status = fr_folder_check(home->path, err);
	if (status == FR_OK)
		status = fr_folder_is_local(home->path, err);
	return status;
}
