/* A fork waits until no recorder of the process is in the middle of anything, and the child
 * starts from there.
 *
 * Before the fork: the list is locked, then each recorder's turn is taken, its desk and its log.
 * Behind it both sides give all of it back, and the child takes the ownership away. The rest is
 * done by whoever takes a turn there and finds that the recorder is not its process's: much may
 * happen in a child before it records anything, and little is allowed between fork and exec.
 */
#include "client/recorder.h"

#include <pthread.h>

enum { NOBODY = 0 }; /* an owner that no process is, in whatever namespace */

static struct {
	pthread_mutex_t mutex;
	struct flightrec *first;
	int code; /* of pthread_atfork */
} recorders = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t handlers_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
	(void)pthread_mutex_lock(&recorders.mutex);
	for (flightrec *at = recorders.first; at != NULL; at = at->next) {
		fr_turn_before_fork(&at->turn);
		(void)pthread_mutex_lock(&at->desk);
		(void)pthread_mutex_lock(&at->log);
	}
}

static void after_fork(bool is_child)
{
	for (flightrec *at = recorders.first; at != NULL; at = at->next) {
		if (is_child)
			atomic_store(&at->owner, NOBODY);
		(void)pthread_mutex_unlock(&at->log);
		(void)pthread_mutex_unlock(&at->desk);
		fr_turn_after_fork(&at->turn, is_child);
	}
	(void)pthread_mutex_unlock(&recorders.mutex);
}

static void after_fork_in_parent(void)
{
	after_fork(false);
}

static void after_fork_in_child(void)
{
	after_fork(true);
}

static void register_handlers(void)
{
	recorders.code = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

enum fr_status fr_recorder_join(flightrec *recorder, struct fr_error *err)
{
	(void)pthread_once(&handlers_once, register_handlers);
	if (recorders.code != 0)
		return fr_fail_system(err, FR_NOMEM, recorders.code, "cannot prepare for forks");
	(void)pthread_mutex_lock(&recorders.mutex);
	recorder->previous = NULL;
	recorder->next = recorders.first;
	if (recorders.first != NULL)
		recorders.first->previous = recorder;
	recorders.first = recorder;
	(void)pthread_mutex_unlock(&recorders.mutex);
	return FR_OK;
}

void fr_recorder_leave(flightrec *recorder)
{
	(void)pthread_mutex_lock(&recorders.mutex);
	if (recorder->previous != NULL)
		recorder->previous->next = recorder->next;
	else
		recorders.first = recorder->next;
	if (recorder->next != NULL)
		recorder->next->previous = recorder->previous;
	(void)pthread_mutex_unlock(&recorders.mutex);
}
