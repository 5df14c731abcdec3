/* The happy path finds the turn free and takes it. Otherwise a thread queues up with a condition
 * of its own and is handed the turn by the one before it, so `taken` stays true in between and
 * nobody can step in. The one failure is time: who has waited long enough leaves the line.
 */
#include "client/turn.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <time.h>

enum { NS_PER_MS = 1000000, MS_PER_S = 1000, FOREVER = -1 };

/* On the stack of the thread that waits. */
struct fr_turn_waiter {
	pthread_cond_t come;
	bool has_come;
	struct fr_turn_waiter *next;
};

/* Waits must not be stretched by somebody who sets the clock: the monotonic one, which macOS only
 * offers for waits relative to now. None of these calls allocates, so none can fail. */
static void condition_init(pthread_cond_t *condition)
{
#ifdef __APPLE__
	(void)pthread_cond_init(condition, NULL);
#else
	pthread_condattr_t how;

	(void)pthread_condattr_init(&how);
	(void)pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	(void)pthread_cond_init(condition, &how);
	(void)pthread_condattr_destroy(&how);
#endif
}

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_S * NS_PER_MS + now.tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	const int64_t ns_per_s = (int64_t)MS_PER_S * NS_PER_MS;

	return (struct timespec){.tv_sec = (time_t)(ns / ns_per_s),
				 .tv_nsec = (long)(ns % ns_per_s)};
}

/* False when the time is up. */
static bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns)
{
#ifdef __APPLE__
	int64_t left_ns = deadline_ns - now_ns();
	struct timespec left = timespec_of(left_ns > 0 ? left_ns : 0);

	return pthread_cond_timedwait_relative_np(condition, mutex, &left) != ETIMEDOUT;
#else
	struct timespec deadline = timespec_of(deadline_ns);

	return pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT;
#endif
}

static void line_join(struct fr_turn *turn, struct fr_turn_waiter *waiter)
{
	if (turn->last != NULL)
		turn->last->next = waiter;
	else
		turn->first = waiter;
	turn->last = waiter;
}

static void line_leave(struct fr_turn *turn, struct fr_turn_waiter *waiter)
{
	struct fr_turn_waiter *before = NULL;
	struct fr_turn_waiter *at = turn->first;

	for (; at != waiter; at = at->next)
		before = at;
	if (before != NULL)
		before->next = waiter->next;
	else
		turn->first = waiter->next;
	if (turn->last == waiter)
		turn->last = before;
}

/* Called with the mutex held; forever when deadline_ns is FOREVER. */
static bool line_wait(struct fr_turn *turn, int64_t deadline_ns)
{
	struct fr_turn_waiter self = {.has_come = false};
	bool in_time = true;

	condition_init(&self.come);
	line_join(turn, &self);
	while (!self.has_come && in_time) {
		if (deadline_ns == FOREVER)
			(void)pthread_cond_wait(&self.come, &turn->mutex);
		else
			in_time = condition_wait(&self.come, &turn->mutex, deadline_ns);
	}
	if (!self.has_come)
		line_leave(turn, &self);
	(void)pthread_cond_destroy(&self.come);
	return self.has_come;
}

enum fr_status fr_turn_init(struct fr_turn *turn, struct fr_error *err)
{
	*turn = (struct fr_turn){.taken = false};
	if (pthread_mutex_init(&turn->mutex, NULL) != 0)
		return fr_fail(err, FR_NOMEM, "cannot make a mutex");
	return FR_OK;
}

void fr_turn_fini(struct fr_turn *turn)
{
	assert(!turn->taken && turn->first == NULL);
	(void)pthread_mutex_destroy(&turn->mutex);
}

enum fr_status fr_turn_take(struct fr_turn *turn, unsigned wait_ms, struct fr_error *err)
{
	bool taken = true;

	(void)pthread_mutex_lock(&turn->mutex);
	if (!turn->taken)
		turn->taken = true;
	else
		taken = line_wait(turn, now_ns() + (int64_t)wait_ms * NS_PER_MS);
	(void)pthread_mutex_unlock(&turn->mutex);
	if (!taken)
		return fr_fail(err, FR_BUSY, "other threads kept the recorder busy for %u ms",
			       wait_ms);
	return FR_OK;
}

/* Called with the mutex held. */
static void turn_pass_on(struct fr_turn *turn)
{
	struct fr_turn_waiter *next = turn->first;

	assert(turn->taken);
	turn->taken = next != NULL;
	if (next == NULL)
		return;
	turn->first = next->next;
	if (turn->first == NULL)
		turn->last = NULL;
	next->has_come = true;
	(void)pthread_cond_signal(&next->come);
}

void fr_turn_give(struct fr_turn *turn)
{
	(void)pthread_mutex_lock(&turn->mutex);
	turn_pass_on(turn);
	(void)pthread_mutex_unlock(&turn->mutex);
}

/* Leaves with the mutex held too, so that the child does not inherit it from a thread it has not
 * got. */
void fr_turn_before_fork(struct fr_turn *turn)
{
	(void)pthread_mutex_lock(&turn->mutex);
	if (!turn->taken)
		turn->taken = true;
	else
		(void)line_wait(turn, FOREVER);
}

void fr_turn_after_fork(struct fr_turn *turn, bool is_child)
{
	if (is_child)
		turn->first = turn->last = NULL;
	turn_pass_on(turn);
	(void)pthread_mutex_unlock(&turn->mutex);
}
