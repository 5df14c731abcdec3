/* The happy path: open, lock, see that the file ends with a line break, append, sync.
 *
 * After a crash the file may end with the beginning of these lines, or with all of them: only the
 * rest is written. It may end in the middle of a line of a batch that was since dissolved: that was
 * never acknowledged, and is cut off. What ends in the middle of a line and is none of ours gets
 * its line break. Failures: what was written is taken back, so that the next try finds the file as
 * this one did.
 */
#include "ship/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/file.h"

enum { TAIL_LEAST = 256 * 1024 };

struct file {
	const char *path;
	int fd;
	int64_t size;
};

/* The end of a file, and where in the file it begins. */
struct tail {
	char *data;
	size_t length;
	int64_t from;
};

static void file_close(struct file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd); /* what was written is synced, or was reported */
	file->fd = -1;
}

static enum fr_status file_open_fault(const char *path, int code, struct fr_error *err)
{
	if (code == ELOOP)
		return fr_fail(err, FR_INVALID, "%s is a symbolic link", path);
	if (code == EISDIR)
		return fr_fail(err, FR_INVALID, "%s is a folder", path);
	return fr_fail_system(err, FR_IO, code, "cannot open %s", path);
}

static enum fr_status file_open(struct file *file, struct fr_error *err)
{
	int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat info;

	file->fd = open(file->path, flags, 0600);
	if (file->fd < 0)
		return file_open_fault(file->path, errno, err);
	if (fstat(file->fd, &info) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot read %s", file->path);
	if (!S_ISREG(info.st_mode))
		return fr_fail(err, FR_INVALID, "%s is not a regular file", file->path);
	if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return fr_fail_system(err, FR_BUSY, errno, "cannot lock %s", file->path);
	file->size = info.st_size;
	/* It may be new, or its name may not have reached the disk before a crash. */
	return file->size == 0 ? fr_folder_sync_parent(file->path, err) : FR_OK;
}

static enum fr_status tail_read(struct tail *tail, const struct file *file, size_t most,
				struct fr_error *err)
{
	size_t done = 0;

	free(tail->data);
	*tail = (struct tail){0};
	tail->length = file->size < (int64_t)most ? (size_t)file->size : most;
	tail->from = file->size - (int64_t)tail->length;
	tail->data = malloc(tail->length + 1);
	if (tail->data == NULL)
		return fr_fail(err, FR_NOMEM, "%s: %s", file->path, fr_status_text(FR_NOMEM));
	while (done < tail->length) {
		ssize_t got = pread(file->fd, tail->data + done, tail->length - done,
				    (off_t)(tail->from + (int64_t)done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fr_fail_system(err, FR_IO, got < 0 ? errno : EIO, "cannot read %s",
					      file->path);
		done += (size_t)got;
	}
	return FR_OK;
}

static size_t line_next(const struct tail *tail, size_t at)
{
	const char *end = memchr(tail->data + at, '\n', tail->length - at);

	return end != NULL ? (size_t)(end - tail->data) + 1 : tail->length;
}

/* How many bytes at the end of the file are the beginning of these lines: at most one line of it
 * can begin like the first of them. */
static size_t tail_overlap(const struct tail *tail, struct fr_lines lines)
{
	size_t at = tail->from == 0 ? 0 : line_next(tail, 0);

	while (at < tail->length) {
		size_t left = tail->length - at;

		if (left <= lines.length && memcmp(tail->data + at, lines.data, left) == 0)
			return left;
		at = line_next(tail, at);
	}
	return 0;
}

/* Ours are lines that begin with an event id; after a power cut also blocks that were never
 * written. */
static bool is_torn_by_us(const char *line, size_t length)
{
	static const char begin[] = "{\"eventId\":\"";
	size_t known = sizeof begin - 1;

	return line[0] == '\0' || memcmp(line, begin, length < known ? length : known) == 0;
}

static enum fr_status file_write(struct file *file, const char *data, size_t length,
				 struct fr_error *err)
{
	while (length > 0) {
		ssize_t put = write(file->fd, data, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fr_fail_system(err, FR_IO, errno, "cannot write %s", file->path);
		data += put;
		length -= (size_t)put;
		file->size += put;
	}
	return FR_OK;
}

static enum fr_status file_cut(struct file *file, int64_t size, struct fr_error *err)
{
	if (ftruncate(file->fd, (off_t)size) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot cut %s", file->path);
	file->size = size;
	return FR_OK;
}

/* The last line has no end: cuts it off when it is ours, else ends it. */
static enum fr_status file_mend(struct file *file, struct tail *tail, struct fr_error *err)
{
	size_t at = 0, next;
	enum fr_status status;

	status = tail_read(tail, file, TAIL_LEAST, err);
	if (status != FR_OK)
		return status;
	if (tail->from > 0)
		at = line_next(tail, 0);
	while (at < tail->length && (next = line_next(tail, at)) < tail->length)
		at = next;
	if (at < tail->length && is_torn_by_us(tail->data + at, tail->length - at))
		return file_cut(file, tail->from + (int64_t)at, err);
	return file_write(file, "\n", 1, err);
}

static enum fr_status file_rotate(struct file *file, struct fr_error *err)
{
	char older[FR_PATH_MAX];
	int written = snprintf(older, sizeof older, "%s.1", file->path);

	if (written < 0 || (size_t)written >= sizeof older)
		return fr_fail(err, FR_INVALID, "path is too long: %s.1", file->path);
	FR_CRASH_POINT("append.before_rotate");
	if (rename(file->path, older) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot rename %s", file->path);
	FR_CRASH_POINT("append.after_rotate");
	file_close(file);
	return file_open(file, err);
}

/* Makes the file ready for lines of which it holds nothing yet. */
static enum fr_status file_ready(struct file *file, struct tail *tail, size_t more,
				 int64_t rotate_bytes, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (tail->length > 0 && tail->data[tail->length - 1] != '\n')
		status = file_mend(file, tail, err);
	if (status == FR_OK && rotate_bytes > 0 && file->size > 0 &&
	    file->size + (int64_t)more > rotate_bytes)
		status = file_rotate(file, err);
	return status;
}

/* Writes what is not there yet and syncs; a failure takes all of these lines back. */
static enum fr_status file_finish(struct file *file, struct fr_lines lines, size_t already,
				  struct fr_error *err)
{
	int64_t before = file->size - (int64_t)already;
	enum fr_status status;

	FR_CRASH_POINT("append.before_write");
	status = file_write(file, lines.data + already, lines.length - already, err);
	FR_CRASH_POINT("append.after_write");
	if (status == FR_OK)
		status = fr_file_sync(file->fd, file->path, err);
	FR_CRASH_POINT("append.after_sync");
	if (status != FR_OK)
		(void)file_cut(file, before, NULL); /* the first failure is the one to report */
	return status;
}

enum fr_status fr_append_once(const char *path, struct fr_lines lines, int64_t rotate_bytes,
			      struct fr_error *err)
{
	struct file file = {path, -1, 0};
	struct tail tail = {0};
	enum fr_status status;
	size_t already = 0;

	status = file_open(&file, err);
	if (status == FR_OK) /* one byte more tells whether it begins with a line */
		status = tail_read(&tail, &file, lines.length + 1, err);
	if (status == FR_OK) {
		already = tail_overlap(&tail, lines);
		if (already == 0)
			status = file_ready(&file, &tail, lines.length, rotate_bytes, err);
	}
	if (status == FR_OK)
		status = file_finish(&file, lines, already, err);
	free(tail.data);
	file_close(&file);
	return status;
}
