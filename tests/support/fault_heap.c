#include "support/fault_heap.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static unsigned left;
static bool is_armed, goes_on, has_failed;
static sqlite3_mem_methods sqlite_heap;

static bool fails(void)
{
	if (!is_armed)
		return false;
	if (left > 1) {
		left--;
		return false;
	}
	if (has_failed && !goes_on)
		return false;
	has_failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static void *sqlite_malloc(int size)
{
	return fails() ? NULL : sqlite_heap.xMalloc(size);
}

static void *sqlite_realloc(void *memory, int size)
{
	return fails() ? NULL : sqlite_heap.xRealloc(memory, size);
}

void fault_heap_install(void)
{
	sqlite3_mem_methods methods;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_heap) != SQLITE_OK)
		abort();
	methods = sqlite_heap;
	methods.xMalloc = sqlite_malloc;
	methods.xRealloc = sqlite_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK) {
		fprintf(stderr, "test support: SQLite was in use before its heap was replaced\n");
		abort();
	}
}

void fault_heap_arm(unsigned countdown, bool for_ever)
{
	left = countdown;
	goes_on = for_ever;
	has_failed = false;
	is_armed = true;
}

bool fault_heap_disarm(void)
{
	is_armed = false;
	return has_failed;
}
