#include "queue/locks_after_fork.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
	SHARED_FIRST = 0x40000002, /* the database file's pending byte + 2 */
	SHARED_SIZE = 510,
	SHM_DEAD_MAN_SWITCH = 128,
	INHERITED_MOST = 16,
};

/* The files whose SQLite state was inherited, and whether their locks were taken in this process.
 */
static struct inherited {
	dev_t device;
	ino_t inode;
	pid_t locked_by;
} inherited[INHERITED_MOST];
static unsigned inherited_count;
static pthread_mutex_t inherited_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct inherited *inherited_find(const struct stat *facts)
{
	for (unsigned i = 0; i < inherited_count; i++)
		if (inherited[i].device == facts->st_dev && inherited[i].inode == facts->st_ino)
			return &inherited[i];
	return NULL;
}

void fr_locks_note_inherited(const char *path)
{
	struct stat facts;

	if (stat(path, &facts) != 0)
		return;
	(void)pthread_mutex_lock(&inherited_mutex);
	if (inherited_find(&facts) == NULL && inherited_count < INHERITED_MOST)
		inherited[inherited_count++] =
			(struct inherited){.device = facts.st_dev, .inode = facts.st_ino};
	(void)pthread_mutex_unlock(&inherited_mutex);
}

/* The descriptor is never closed: closing any descriptor of a file drops all of a process's locks
 * on it. */
static enum fr_status take_shared(const char *path, off_t start, off_t length, struct fr_error *err)
{
	struct flock lock = {
		.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
	int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (descriptor < 0)
		return errno == ENOENT ? FR_OK
				       : fr_fail(err, FR_IO, "%s: %s", path, strerror(errno));
	if (fcntl(descriptor, F_SETLK, &lock) != 0)
		return fr_fail(err, FR_BUSY, "%s: locked while it is opened after a fork: %s", path,
			       strerror(errno));
	return FR_OK;
}

enum fr_status fr_locks_take_again(const char *path, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	struct inherited *entry;
	char shm[FR_PATH_MAX + 8];
	struct stat facts;

	if (inherited_count == 0 || stat(path, &facts) != 0)
		return FR_OK;
	(void)snprintf(shm, sizeof shm, "%s-shm", path);
	(void)pthread_mutex_lock(&inherited_mutex);
	entry = inherited_find(&facts);
	if (entry != NULL && entry->locked_by != getpid()) {
		status = take_shared(path, SHARED_FIRST, SHARED_SIZE, err);
		if (status == FR_OK)
			status = take_shared(shm, SHM_DEAD_MAN_SWITCH, 1, err);
		if (status == FR_OK)
			entry->locked_by = getpid();
	}
	(void)pthread_mutex_unlock(&inherited_mutex);
	return status;
}
