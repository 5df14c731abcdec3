/* Runs a fuzz target over every file of the folders that are named: `replay FOLDER...`. Each file
 * is a case; a target that aborts ends the program and with it the test, after the file's name.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

enum { FILE_MAX_BYTES = 16 << 20, PATH_BYTES = 4096 };

/* The whole file as memory of exactly its size, so that a step past its end is noticed. */
static uint8_t *file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *room = malloc(FILE_MAX_BYTES);
	uint8_t *data = NULL;

	*size = 0;
	if (file != NULL && room != NULL) {
		*size = fread(room, 1, FILE_MAX_BYTES, file);
		data = malloc(*size + (*size == 0));
		if (data != NULL)
			memcpy(data, room, *size);
	}
	if (file != NULL)
		(void)fclose(file);
	free(room);
	return data;
}

static int file_replay(const char *path)
{
	size_t size;
	uint8_t *data = file_read(path, &size);

	if (data == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return 0;
	}
	fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static void folder_replay(const char *path, int *passed, int *failed)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	char file[PATH_BYTES];

	if (folder == NULL) {
		fprintf(stderr, "%s: no such folder\n", path);
		(*failed)++;
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		if (file_replay(file))
			(*passed)++;
		else
			(*failed)++;
	}
	(void)closedir(folder);
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;
	int i;

	for (i = 1; i < argc; i++)
		folder_replay(argv[i], &passed, &failed);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
