#include "app_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum fr_status name_keep(struct cli_apps *apps, const char *name, struct fr_error *err)
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

static enum fr_status names_read(struct cli_apps *apps, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	const struct dirent *entry;
	DIR *folder = opendir(apps->root);

	if (folder == NULL)
		return errno == ENOENT
			       ? FR_OK
			       : fr_fail_system(err, FR_IO, errno, "cannot open %s", apps->root);
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

enum fr_status cli_apps_read(struct cli_apps *apps, const struct cli *cli, struct fr_error *err)
{
	enum fr_status status;

	*apps = (struct cli_apps){.names = NULL};
	status = fr_home_root(apps->root, &cli->env, err);
	if (status == FR_OK)
		status = names_read(apps, err);
	if (status == FR_OK && apps->count > 1)
		qsort(apps->names, apps->count, sizeof *apps->names, name_compare);
	return status;
}

void cli_apps_fini(struct cli_apps *apps)
{
	for (size_t i = 0; i < apps->count; i++)
		free(apps->names[i]);
	free(apps->names);
}

enum fr_status cli_app_take(struct cli *out, const struct cli *cli, const struct cli_apps *apps,
			    size_t index, struct fr_error *err)
{
	const char *name = apps->names[index];
	char path[FR_PATH_MAX];
	enum fr_status status = fr_path_join(path, apps->root, name, err);

	*out = *cli;
	if (status == FR_OK)
		status = fr_home_resolve(&out->home, &out->env, name, path, NULL, err);
	return status;
}
