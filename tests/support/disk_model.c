#include "support/disk_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"

enum { SECTOR = 512 };

/* A write, or a truncation (no data). */
struct disk_change {
	int64_t offset;
	size_t length;
	unsigned char *data;
};

struct disk_bytes {
	unsigned char *data;
	size_t length;
};

struct disk_file {
	char path[TEST_PATH_MAX];
	struct disk_bytes synced;
	struct disk_change *changes;
	size_t change_count, change_capacity;
};

static void *must(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "test support: no memory for the disk model\n");
		abort();
	}
	return memory;
}

static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random >> 8;
}

/* ---- bytes ---- */

static void bytes_resize(struct disk_bytes *bytes, size_t length)
{
	if (length > bytes->length) {
		bytes->data = must(realloc(bytes->data, length));
		memset(bytes->data + bytes->length, 0, length - bytes->length);
	}
	bytes->length = length;
}

static void bytes_write(struct disk_bytes *bytes, size_t offset, const void *data, size_t length)
{
	if (offset + length > bytes->length)
		bytes_resize(bytes, offset + length);
	memcpy(bytes->data + offset, data, length);
}

static void change_apply(struct disk_bytes *bytes, const struct disk_change *change)
{
	if (change->data == NULL)
		bytes_resize(bytes, (size_t)change->offset);
	else
		bytes_write(bytes, (size_t)change->offset, change->data, change->length);
}

/* Each sector of the write for itself, since a disk knows no more than sectors. */
static void change_apply_partly(struct disk_bytes *bytes, const struct disk_change *change,
				uint64_t *random)
{
	size_t at = 0;

	if (change->data == NULL) {
		if (next_random(random) % 2 == 0)
			change_apply(bytes, change);
		return;
	}
	while (at < change->length) {
		size_t begin = (size_t)change->offset + at;
		size_t length = SECTOR - begin % SECTOR;

		if (length > change->length - at)
			length = change->length - at;
		if (next_random(random) % 2 == 0)
			bytes_write(bytes, begin, change->data + at, length);
		at += length;
	}
}

/* ---- files ---- */

static struct disk_file *file_of(struct disk_model *model, const char *path)
{
	struct disk_file *file;

	for (size_t i = 0; i < model->count; i++)
		if (strcmp(model->files[i]->path, path) == 0)
			return model->files[i];
	if (model->count == DISK_FILES_MOST) {
		fprintf(stderr, "test support: too many files for the disk model\n");
		abort();
	}
	file = must(calloc(1, sizeof *file));
	(void)snprintf(file->path, sizeof file->path, "%s", path);
	model->files[model->count++] = file;
	return file;
}

static struct disk_change *file_change(struct disk_file *file)
{
	if (file->change_count == file->change_capacity) {
		file->change_capacity = 2 * file->change_capacity + 16;
		file->changes =
			must(realloc(file->changes, file->change_capacity * sizeof *file->changes));
	}
	return &file->changes[file->change_count++];
}

static void on_write(void *context, const char *path, const void *data, size_t length,
		     int64_t offset)
{
	struct disk_change *change = file_change(file_of(context, path));

	*change = (struct disk_change){offset, length, must(malloc(length))};
	memcpy(change->data, data, length);
}

static void on_truncate(void *context, const char *path, int64_t length)
{
	*file_change(file_of(context, path)) = (struct disk_change){.offset = length};
}

static void on_sync(void *context, const char *path)
{
	struct disk_model *model = context;
	struct disk_file *file = file_of(model, path);

	if (model->before_sync != NULL) {
		disk_model_look_away(); /* images are opened through the same VFS */
		model->before_sync(model->context);
		disk_model_watch(model);
	}
	for (size_t i = 0; i < file->change_count; i++) {
		change_apply(&file->synced, &file->changes[i]);
		free(file->changes[i].data);
	}
	file->change_count = 0;
}

/* ---- the model ---- */

void disk_model_init(struct disk_model *model, void (*before_sync)(void *context), void *context)
{
	*model = (struct disk_model){
		.before_sync = before_sync,
		.context = context,
		.watcher = {.on_write = on_write,
			    .on_truncate = on_truncate,
			    .on_sync = on_sync,
			    .context = model},
	};
}

void disk_model_fini(struct disk_model *model)
{
	for (size_t i = 0; i < model->count; i++) {
		struct disk_file *file = model->files[i];

		for (size_t k = 0; k < file->change_count; k++)
			free(file->changes[k].data);
		free(file->changes);
		free(file->synced.data);
		free(file);
	}
	model->count = 0;
}

void disk_model_add(struct disk_model *model, const char *path)
{
	struct disk_file *file = file_of(model, path);
	size_t length = 0;
	char *text = test_file_read(path, &length);

	if (text == NULL)
		return;
	bytes_write(&file->synced, 0, text, length);
	free(text);
}

void disk_model_watch(struct disk_model *model)
{
	fault_vfs_watch(&model->watcher);
}

void disk_model_look_away(void)
{
	fault_vfs_watch(NULL);
}

static void file_image(const struct disk_file *file, const char *folder, enum disk_luck luck,
		       uint64_t *random)
{
	struct disk_bytes bytes = {NULL, 0};
	char path[TEST_PATH_MAX + 64];
	FILE *out;

	bytes_write(&bytes, 0, file->synced.data, file->synced.length);
	for (size_t i = 0; luck != DISK_NONE && i < file->change_count; i++) {
		if (luck == DISK_ALL)
			change_apply(&bytes, &file->changes[i]);
		else
			change_apply_partly(&bytes, &file->changes[i], random);
	}
	(void)snprintf(path, sizeof path, "%s%s", folder, strrchr(file->path, '/'));
	out = must(fopen(path, "wb"));
	if (bytes.length > 0 && fwrite(bytes.data, 1, bytes.length, out) != bytes.length)
		abort();
	if (fclose(out) != 0)
		abort();
	free(bytes.data);
}

void disk_model_image(const struct disk_model *model, const char *folder, enum disk_luck luck,
		      uint64_t *random)
{
	for (size_t i = 0; i < model->count; i++)
		file_image(model->files[i], folder, luck, random);
}
