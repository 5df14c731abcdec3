#include "progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

enum { REDRAW_US = 100 * 1000 };

void cli_progress_begin(struct cli_progress *progress, const struct fr_env *env, int fd)
{
	struct stat info;

	*progress = (struct cli_progress){.env = env, .begun_us = fr_env_boot_us(env)};
	progress->is_shown = isatty(STDERR_FILENO) == 1;
	progress->drawn_us = progress->begun_us;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		progress->total = (int64_t)info.st_size;
}

void cli_progress_show(struct cli_progress *progress, int64_t committed, int64_t refused,
		       int64_t bytes)
{
	int64_t now_us = fr_env_boot_us(progress->env);
	char count[CLI_NUMBER_TEXT], rate[CLI_NUMBER_TEXT], wrong[CLI_NUMBER_TEXT];

	if (!progress->is_shown || now_us - progress->drawn_us < REDRAW_US)
		return;
	progress->drawn_us = now_us;
	progress->is_drawn = true;
	(void)fprintf(stderr, "\r\033[K%s committed, %s refused, %s/s", cli_count(count, committed),
		      cli_count(wrong, refused),
		      cli_count(rate, committed * 1000000 / (now_us - progress->begun_us)));
	if (progress->total > 0)
		(void)fprintf(
			stderr, ", %d %%",
			(int)(bytes >= progress->total ? 100 : bytes * 100 / progress->total));
	(void)fflush(stderr);
}

void cli_progress_clear(struct cli_progress *progress)
{
	if (progress->is_drawn)
		(void)fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}
