/* The files that secrets are read from, and the same config again when they have changed.
 *
 * The happy path: a file looks different, the config's text is taken once more from memory and
 * its secrets are fetched anew. What the config file says meanwhile does not count: that is for a
 * reload, which somebody asks for.
 *
 * Failures: a secret that cannot be read now (half written, permission lost, gone) keeps the value
 * that it had, and a note says so.
 */
#include <stdlib.h>
#include <string.h>

#include "config/frozen.h"

/* A link is followed: it is what it leads to that changes. */
static void file_stamp(struct fr_stamp *stamp, const char *path)
{
	char *real = realpath(path, NULL);

	fr_stamp_take(stamp, real != NULL ? real : path);
	free(real);
}

enum fr_status fr_secret_file_note(struct fr_config *config, const char *path,
				   struct fr_secret_file **out, struct fr_error *err)
{
	struct fr_config_memory *memory = config->memory;
	struct fr_secret_file *files = fr_arena_room(&memory->arena, memory->secret_files,
						     memory->secret_file_count, sizeof *files);

	if (files == NULL)
		return fr_document_no_memory(err);
	memory->secret_files = files;
	*out = &files[memory->secret_file_count++];
	**out = (struct fr_secret_file){
		.path = fr_arena_text(&memory->arena, path, strlen(path)),
	};
	if ((*out)->path == NULL) {
		memory->secret_file_count--;
		return fr_document_no_memory(err);
	}
	file_stamp(&(*out)->stamp, path);
	return FR_OK;
}

const char *fr_secret_former(const struct fr_config *config, const char *path)
{
	const struct fr_config *former = config->memory->former;

	for (size_t i = 0; former != NULL && i < former->memory->secret_file_count; i++) {
		const struct fr_secret_file *file = &former->memory->secret_files[i];

		if (file->value != NULL && strcmp(file->path, path) == 0)
			return file->value;
	}
	return NULL;
}

const char *fr_config_secret_file(const struct fr_config *config, size_t index)
{
	const struct fr_config_memory *memory = config->memory;

	return index < memory->secret_file_count ? memory->secret_files[index].path : NULL;
}

bool fr_config_secrets_have_moved(struct fr_config *config)
{
	struct fr_config_memory *memory = config->memory;
	bool have_moved = false;

	for (size_t i = 0; i < memory->secret_file_count; i++) {
		struct fr_stamp now;

		file_stamp(&now, memory->secret_files[i].path);
		if (!fr_stamp_is_same(&now, &memory->secret_files[i].stamp))
			have_moved = true;
		memory->secret_files[i].stamp = now;
	}
	return have_moved;
}

bool fr_config_has_same_secrets(const struct fr_config *a, const struct fr_config *b)
{
	const struct fr_config_memory *one = a->memory, *other = b->memory;

	if (one->secret_file_count != other->secret_file_count)
		return false;
	for (size_t i = 0; i < one->secret_file_count; i++) {
		const char *value = one->secret_files[i].value;
		const char *same = other->secret_files[i].value;

		if ((value == NULL) != (same == NULL) ||
		    (value != NULL && strcmp(value, same) != 0))
			return false;
	}
	return true;
}
