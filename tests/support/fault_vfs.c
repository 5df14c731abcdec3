/* Every method asks the plan first, tells the watcher, and then hands the call to the real file. */
#include "support/fault_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct fault_file {
	sqlite3_file base;
	const char *path;   /* SQLite keeps it as long as the file is open */
	sqlite3_file *real; /* lies behind this struct */
};

static sqlite3_vfs *real_vfs;
static struct fault_plan plan;
static bool is_armed, has_fired;
static const struct fault_watcher *watcher;

static bool fails(enum fault_operation operation)
{
	if (!is_armed || (plan.operations & operation) == 0)
		return false;
	if (plan.countdown > 1) {
		plan.countdown--;
		return false;
	}
	if (has_fired && !plan.for_ever)
		return false;
	has_fired = true;
	return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct fault_file *)file)->real;
}

/* ---- files ---- */

static int file_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *out, int length, sqlite3_int64 offset)
{
	if (fails(FAULT_READ))
		return SQLITE_IOERR_READ;
	return real_of(file)->pMethods->xRead(real_of(file), out, length, offset);
}

static int file_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
	const struct fault_file *own = (const struct fault_file *)file;

	if (fails(FAULT_WRITE)) {
		(void)own->real->pMethods->xWrite(own->real, data, length / 2, offset);
		return plan.is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	if (watcher != NULL && own->path != NULL)
		watcher->on_write(watcher->context, own->path, data, (size_t)length, offset);
	return own->real->pMethods->xWrite(own->real, data, length, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 length)
{
	const struct fault_file *own = (const struct fault_file *)file;

	if (fails(FAULT_TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	if (watcher != NULL && own->path != NULL)
		watcher->on_truncate(watcher->context, own->path, length);
	return own->real->pMethods->xTruncate(own->real, length);
}

static int file_sync(sqlite3_file *file, int flags)
{
	const struct fault_file *own = (const struct fault_file *)file;

	if (fails(FAULT_SYNC))
		return SQLITE_IOERR_FSYNC;
	if (watcher != NULL && own->path != NULL)
		watcher->on_sync(watcher->context, own->path);
	return own->real->pMethods->xSync(own->real, flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *out)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	if (fails(FAULT_SHARED_MEMORY))
		return SQLITE_IOERR_SHMMAP;
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int delete_it)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- the VFS ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
	struct fault_file *own = (struct fault_file *)file;
	int code;

	(void)vfs;
	own->base.pMethods = NULL;
	own->path = path;
	own->real = (sqlite3_file *)(own + 1);
	if (fails(FAULT_OPEN))
		return SQLITE_CANTOPEN;
	code = real_vfs->xOpen(real_vfs, path, own->real, flags, out);
	if (own->real->pMethods != NULL)
		own->base.pMethods = &methods;
	return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	if (fails(FAULT_DELETE))
		return SQLITE_IOERR_DELETE;
	return real_vfs->xDelete(real_vfs, path, sync_folder);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	(void)vfs;
	return real_vfs->xAccess(real_vfs, path, flags, out);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	return real_vfs->xFullPathname(real_vfs, path, size, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int length, char *out)
{
	(void)vfs;
	return real_vfs->xRandomness(real_vfs, length, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return real_vfs->xSleep(real_vfs, us);
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	return real_vfs->xCurrentTimeInt64(real_vfs, out);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs;
	return real_vfs->xGetLastError(real_vfs, size, out);
}

void fault_vfs_install(void)
{
	static sqlite3_vfs fault_vfs = {
		.iVersion = 2,
		.zName = "fault",
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTimeInt64 = vfs_time,
		.xGetLastError = vfs_last_error,
	};

	if (real_vfs != NULL)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	if (real_vfs == NULL) {
		fprintf(stderr, "test support: SQLite has no VFS\n");
		abort();
	}
	fault_vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
	fault_vfs.mxPathname = real_vfs->mxPathname;
	(void)sqlite3_vfs_register(&fault_vfs, 1);
}

void fault_vfs_arm(const struct fault_plan *new_plan)
{
	plan = *new_plan;
	is_armed = true;
	has_fired = false;
}

bool fault_vfs_disarm(void)
{
	is_armed = false;
	return has_fired;
}

void fault_vfs_watch(const struct fault_watcher *new_watcher)
{
	watcher = new_watcher;
}
