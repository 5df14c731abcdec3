#include "client/notice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { NOTICE_BYTES_MAX = 4096 };

static enum fr_status notice_path(char out[FR_PATH_MAX], const char *home, struct fr_error *err)
{
	return fr_path_join(out, home, "notice.json", err);
}

/* FR_OK: shown before; FR_NONE: not yet. Whatever else is in its place says nothing, and is named
 * so that its owner can delete it. */
static enum fr_status notice_look(const char *path, struct fr_error *err)
{
	static const char beginning[] = "{\"shown\":\"";
	struct fr_buffer text;
	enum fr_status status;

	fr_buffer_init(&text, NOTICE_BYTES_MAX);
	status = fr_file_read_owned(path, geteuid(), 0, &text, err);
	if (status == FR_OK && strncmp(fr_buffer_text(&text), beginning, sizeof beginning - 1) != 0)
		status = fr_fail(err, FR_INVALID,
				 "%s does not say that the notice was shown: delete it, and it is "
				 "shown again",
				 path);
	fr_buffer_fini(&text);
	return status;
}

static enum fr_status notice_note(const struct fr_home *home, const char *path,
				  const struct fr_env *env, struct fr_error *err)
{
	char when[FR_TIME_TEXT];
	char text[64];
	enum fr_status status = fr_home_make(home, err);

	if (status != FR_OK)
		return status;
	fr_time_format(when, fr_env_wall_us(env));
	(void)snprintf(text, sizeof text, "{\"shown\":\"%s\"}\n", when);
	status = fr_file_create(path, text, strlen(text), err);
	return status == FR_NONE ? FR_OK : status; /* another process showed it at the same time */
}

enum fr_status fr_notice_show(const struct fr_home *home, const struct fr_env *env,
			      int (*show)(void *context), void *context, bool *is_before,
			      struct fr_error *err)
{
	char path[FR_PATH_MAX];
	enum fr_status status = notice_path(path, home->path, err);

	*is_before = true;
	if (status == FR_OK)
		status = notice_look(path, err);
	if (status == FR_OK)
		*is_before = false;
	if (status != FR_NONE)
		return status;
	if (show(context) == 0)
		return FR_OK;
	return notice_note(home, path, env, err);
}

enum fr_status fr_notice_forget(const char *home, struct fr_error *err)
{
	char path[FR_PATH_MAX];
	enum fr_status status = notice_path(path, home, err);

	if (status == FR_OK && unlink(path) != 0 && errno != ENOENT)
		status = fr_fail_system(err, FR_IO, errno, "cannot delete %s", path);
	return status;
}
