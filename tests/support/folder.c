/* mkdtemp, and nftw for the way back. */
#define _XOPEN_SOURCE 700
#include "support/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *what, const char *path)
{
	fprintf(stderr, "test support: cannot %s %s: %s\n", what, path, strerror(errno));
	abort();
}

void test_folder_make(struct test_folder *folder)
{
	const char *root = getenv("TMPDIR");
	char pattern[TEST_PATH_MAX];
	(void)snprintf(pattern, sizeof(pattern), "%s/flightrec-test-XXXXXX",
		       root != NULL && *root != '\0' ? root : "/tmp");
	if (mkdtemp(pattern) == NULL)
		give_up("make", pattern);
	char *real = realpath(pattern, NULL);
	if (real == NULL || strlen(real) >= sizeof(folder->path))
		give_up("resolve", pattern);
	else
		memcpy(folder->path, real, strlen(real) + 1);
	free(real);
}

static int unlock_folder(const char *path, const struct stat *state, int kind, struct FTW *where)
{
	(void)state;
	(void)where;
	if (kind == FTW_D || kind == FTW_DNR)
		(void)chmod(path, 0700);
	return 0;
}

static int remove_entry(const char *path, const struct stat *state, int kind, struct FTW *where)
{
	(void)state;
	(void)kind;
	(void)where;
	return remove(path);
}

void test_folder_in_memory(void)
{
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
}

void test_folder_remove(struct test_folder *folder)
{
	if (folder->path[0] == '\0')
		return;
	(void)nftw(folder->path, unlock_folder, 16, FTW_PHYS);
	if (nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		give_up("remove", folder->path);
	folder->path[0] = '\0';
}

const char *test_folder_path(const struct test_folder *folder, const char *name,
			     char out[TEST_PATH_MAX])
{
	int length = snprintf(out, TEST_PATH_MAX, "%s/%s", folder->path, name);
	if (length < 0 || length >= TEST_PATH_MAX) {
		errno = ENAMETOOLONG;
		give_up("name", name);
	}
	return out;
}

void test_folder_write(const struct test_folder *folder, const char *name, const char *text)
{
	char path[TEST_PATH_MAX];
	FILE *file = fopen(test_folder_path(folder, name, path), "wb");
	if (file == NULL || fchmod(fileno(file), 0600) != 0 || fputs(text, file) < 0 ||
	    fclose(file) != 0)
		give_up("write", path);
}

char *test_file_read(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return NULL;
	char *text = NULL;
	size_t size = 0;
	size_t got = 0;
	do {
		size = size * 2 + 4096;
		char *larger = realloc(text, size + 1);
		if (larger == NULL)
			give_up("read", path);
		text = larger;
		got += fread(text + got, 1, size - got, file);
	} while (got == size);
	(void)fclose(file);
	text[got] = '\0';
	if (length != NULL)
		*length = got;
	return text;
}
