#include "client/notice.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { NOTICE_BYTES_MAX = 4096 };

/* FR_OK: shown before; FR_NONE: not yet. Whatever else is in its place says nothing. */
static enum fr_status notice_look(const char *path, struct fr_error *err)
{
	struct fr_buffer text;
	enum fr_status status;

	fr_buffer_init(&text, NOTICE_BYTES_MAX);
	status = fr_file_read(path, &text, err);
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
	enum fr_status status = fr_path_join(path, home->path, "notice.json", err);

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
