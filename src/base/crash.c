/* Built only with FLIGHTREC_CRASH_POINTS. Both variables are read once; a passing of an unarmed
 * point then costs a string comparison.
 */
#include "base/crash.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { POINTS_MAX = 512, POINT_NAME_MAX = 128 };

static struct {
	pthread_mutex_t mutex;
	bool ready;
	char armed[POINT_NAME_MAX];
	unsigned long passings_left;
	const char *list;
	const char *listed[POINTS_MAX]; /* names are literals */
	size_t listed_count;
} points = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void points_arm(void)
{
	const char *armed = getenv("FLIGHTREC_CRASH");
	char *colon;

	points.ready = true;
	points.list = getenv("FLIGHTREC_CRASH_LIST");
	if (armed == NULL || !fr_text_copy(points.armed, sizeof points.armed, armed))
		return;
	points.passings_left = 1;
	colon = strchr(points.armed, ':');
	if (colon != NULL) {
		*colon = '\0';
		points.passings_left = strtoul(colon + 1, NULL, 10);
	}
}

/* The list is how a sweep learns of points: one that cannot be written must not pass unseen. */
static void points_list(const char *name)
{
	char line[POINT_NAME_MAX + 1];
	size_t length = strlen(name);
	size_t i;
	int fd;

	for (i = 0; i < points.listed_count; i++)
		if (strcmp(points.listed[i], name) == 0)
			return;
	if (points.listed_count == POINTS_MAX || length >= POINT_NAME_MAX)
		abort();
	points.listed[points.listed_count++] = name;
	memcpy(line, name, length);
	line[length] = '\n';
	fd = open(points.list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, length + 1) != (ssize_t)(length + 1) || close(fd) != 0)
		abort();
}

void fr_crash_point(const char *name)
{
	(void)pthread_mutex_lock(&points.mutex);
	if (!points.ready)
		points_arm();
	if (points.list != NULL)
		points_list(name);
	if (points.passings_left > 0 && strcmp(points.armed, name) == 0 &&
	    --points.passings_left == 0)
		(void)kill(getpid(), SIGKILL);
	(void)pthread_mutex_unlock(&points.mutex);
}
