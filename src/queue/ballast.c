#include "queue/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "queue/room.h"

enum { BLOCK_BYTES = 64 * 1024, ROOM_FACTOR = 4 };

/* Whole blocks. A small queue's WAL is never as long as that of a large one. */
static int64_t ballast_bytes(const struct fr_queue *queue)
{
	int64_t log = (int64_t)FR_CHECKPOINT_FRAMES * FR_FRAME_BYTES;
	int64_t bytes = (log < queue->max_bytes / 4 ? log : queue->max_bytes / 4) +
			fr_room_step_bytes(queue);

	return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

static bool has_room(const struct fr_queue *queue)
{
	struct statvfs facts;

	return statvfs(queue->home, &facts) == 0 &&
	       (int64_t)facts.f_bavail * (int64_t)facts.f_frsize >=
		       ROOM_FACTOR * ballast_bytes(queue);
}

/* Written, not only allocated: some file systems promise space that they do not have. Not zeros:
 * some keep none. */
static bool fill(int descriptor, int64_t bytes)
{
	char block[BLOCK_BYTES];

	memset(block, 0xfb, sizeof block);
	for (int64_t written = 0; written < bytes; written += BLOCK_BYTES)
		if (write(descriptor, block, sizeof block) != (ssize_t)sizeof block)
			return false;
	return fsync(descriptor) == 0;
}

void fr_ballast_take(struct fr_queue *queue)
{
	char path[FR_PATH_MAX];
	int descriptor;
	bool filled;

	if (!queue->agent || fr_path_join(path, queue->home, "ballast", NULL) != FR_OK ||
	    fr_file_size(path) == ballast_bytes(queue) || !has_room(queue))
		return;
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0)
		return;
	filled = fill(descriptor, ballast_bytes(queue));
	(void)close(descriptor);
	if (!filled)
		(void)unlink(path); /* half a ballast would only be in the way */
}

bool fr_ballast_drop(const struct fr_queue *queue)
{
	char path[FR_PATH_MAX];

	if (fr_path_join(path, queue->home, "ballast", NULL) != FR_OK || unlink(path) != 0)
		return false;
	fr_log(&queue->env->log, FR_LOG_WARN, "queue.ballast_dropped", "the disk is full");
	return true;
}
