/* A temporary folder of a test's own, removed with all that is in it. */
#ifndef FR_TESTS_SUPPORT_FOLDER_H
#define FR_TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

enum { TEST_PATH_MAX = 1024 };

struct test_folder {
	char path[TEST_PATH_MAX];
};

/* Mode 0700, under $TMPDIR or /tmp; symlinks in its path are resolved. Aborts when it cannot be
 * made. */
void test_folder_make(struct test_folder *folder);

/* From now on this process makes its folders in memory, where the machine has a place for that: for
 * tests that make thousands of files and to whom it does not matter whether a flush reaches a disk.
 */
void test_folder_in_memory(void);

/* Removes it; what a test locked (mode 0) is unlocked first. */
void test_folder_remove(struct test_folder *folder);

/* "<folder>/<name>" into out, which it returns. */
const char *test_folder_path(const struct test_folder *folder, const char *name,
			     char out[TEST_PATH_MAX]);

/* Writes a file in it, mode 0600. */
void test_folder_write(const struct test_folder *folder, const char *name, const char *text);

/* A whole file as text to free, or NULL when there is none. */
char *test_file_read(const char *path, size_t *length);

#endif
