#include "support/memory.h"

#include <stdio.h>
#include <string.h>

/* "VmHWM:     1234 kB" in /proc/PID/status. */
static long status_read(pid_t pid, const char *key)
{
	char path[64], line[256];
	long value = -1;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return -1;
	while (value < 0 && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    sscanf(line + strlen(key), ": %ld", &value) != 1)
			break;
	(void)fclose(file);
	return value;
}

long test_memory_anonymous(pid_t pid)
{
	return status_read(pid, "RssAnon");
}

long test_memory_mark(pid_t pid)
{
	char path[64];
	FILE *file;
	int written;

	(void)snprintf(path, sizeof path, "/proc/%ld/clear_refs", (long)pid);
	file = fopen(path, "w");
	if (file == NULL)
		return -1;
	written = fputs("5", file);
	if (fclose(file) != 0 || written < 0)
		return -1;
	return status_read(pid, "VmRSS");
}

long test_memory_peak(pid_t pid)
{
	return status_read(pid, "VmHWM");
}
