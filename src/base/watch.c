#include "base/watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* Cuts the last part off; false when there is none left. */
static bool folder_cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* The folder of a path, or the nearest one above it that is there. */
static void folder_watch(struct fr_watch *watch, const char *path)
{
	char folder[FR_PATH_MAX];

	if (!fr_text_copy(folder, sizeof folder, path))
		return;
	while (folder_cut(folder)) {
		if (access(folder, F_OK) == 0) {
			fr_watch_path(watch, folder);
			return;
		}
	}
}

void fr_watch_add(struct fr_watch *watch, const char *path)
{
	char *real = realpath(path, NULL);

	folder_watch(watch, path);
	if (real != NULL) {
		fr_watch_path(watch, real);
		if (strcmp(real, path) != 0)
			folder_watch(watch, real);
	}
	free(real);
}
