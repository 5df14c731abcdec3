/* The happy path is one flock() and one flock(LOCK_UN).
 *
 * When somebody else holds it: write the time into the mapped word, sleep 20 us, try again, until
 * the deadline. When releasing: if another waiter wrote the word within the last millisecond, sleep
 * 150 us after the release, so that the waiter's next try finds the lock free. Without that the
 * releaser wins every race and one writer of eight starves.
 *
 * Failures: a lock file that cannot be mapped only loses fairness; one that cannot be opened or
 * locked for another reason than "held" is FR_IO. A fork child closes the descriptors it inherited:
 * the lock belongs to the open file, and a child that kept it open would keep a dead parent's lock
 * for ever.
 */
#include "queue/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	POLL_NS = 20 * 1000,
	STEP_BACK_NS = 150 * 1000,
	LATELY_NS = 1000 * 1000,
};

/* Every open lock of this process, for the fork handler: a list that only grows, whose entries are
 * used again. The handler takes no mutex: it may run while another thread holds any of ours. */
struct lock_entry {
	struct lock_entry *next;
	_Atomic int descriptor; /* -1: free */
};

struct fr_lock {
	struct lock_entry *entry;
	void *page;        /* the mapped word; NULL when it could not be */
	uint64_t own_wait; /* what we wrote into it last */
};

static _Atomic(struct lock_entry *) lock_entries;
static pthread_once_t lock_once = PTHREAD_ONCE_INIT;

static void close_all_in_child(void)
{
	for (struct lock_entry *entry = atomic_load(&lock_entries); entry; entry = entry->next) {
		int descriptor = atomic_exchange(&entry->descriptor, -1);

		if (descriptor >= 0)
			(void)close(descriptor);
	}
}

static void register_fork_handler(void)
{
	(void)pthread_atfork(NULL, NULL, close_all_in_child);
}

static struct lock_entry *entry_take(int descriptor)
{
	struct lock_entry *entry;

	for (entry = atomic_load(&lock_entries); entry; entry = entry->next) {
		int expected = -1;

		if (atomic_compare_exchange_strong(&entry->descriptor, &expected, descriptor))
			return entry;
	}
	entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	atomic_init(&entry->descriptor, descriptor);
	entry->next = atomic_load(&lock_entries);
	while (!atomic_compare_exchange_weak(&lock_entries, &entry->next, entry))
		;
	return entry;
}

static _Atomic uint64_t *waited_word(const struct fr_lock *lock)
{
	return lock->page;
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void sleep_ns(long ns)
{
	struct timespec time = {0, ns};

	(void)nanosleep(&time, NULL); /* cut short by a signal: then we look earlier */
}

/* Mapped through a descriptor of its own: a mapping keeps its open file alive, and were that the
 * locked one, a fork child would keep the lock by the mapping that it inherits. */
static void *map_word(const char *path)
{
	int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	void *page = MAP_FAILED;
	struct stat facts;

	if (descriptor < 0)
		return NULL;
	if (fstat(descriptor, &facts) == 0 && (facts.st_size >= (off_t)sizeof(uint64_t) ||
					       ftruncate(descriptor, sizeof(uint64_t)) == 0))
		page = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
			    0);
	(void)close(descriptor);
	return page == MAP_FAILED ? NULL : page;
}

enum fr_status fr_lock_open(struct fr_lock **out, const char *path, struct fr_error *err)
{
	struct fr_lock *lock = calloc(1, sizeof *lock);
	int descriptor;

	*out = NULL;
	if (lock == NULL)
		return fr_fail(err, FR_NOMEM, "%s: out of memory", path);
	(void)pthread_once(&lock_once, register_fork_handler);
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0) {
		free(lock);
		return fr_fail(err, errno == ENOSPC ? FR_FULL : FR_IO, "%s: %s", path,
			       strerror(errno));
	}
	lock->entry = entry_take(descriptor);
	if (lock->entry == NULL) {
		(void)close(descriptor);
		free(lock);
		return fr_fail(err, FR_NOMEM, "%s: out of memory", path);
	}
	lock->page = map_word(path);
	*out = lock;
	return FR_OK;
}

static void unmap_and_free(struct fr_lock *lock)
{
	if (lock->page != NULL)
		(void)munmap(lock->page, sizeof(uint64_t));
	free(lock);
}

void fr_lock_close(struct fr_lock *lock)
{
	int descriptor;

	if (lock == NULL)
		return;
	descriptor = atomic_exchange(&lock->entry->descriptor, -1);
	if (descriptor >= 0)
		(void)close(descriptor);
	unmap_and_free(lock);
}

void fr_lock_abandon(struct fr_lock *lock)
{
	if (lock != NULL)
		unmap_and_free(lock); /* the entry may be somebody else's by now */
}

enum fr_status fr_lock_acquire(struct fr_lock *lock, unsigned wait_ms, struct fr_error *err)
{
	int descriptor = atomic_load(&lock->entry->descriptor);
	uint64_t deadline = 0;

	while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
		uint64_t now;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return fr_fail(err, FR_IO, "lock of the queue: %s", strerror(errno));
		now = monotonic_ns();
		if (deadline == 0)
			deadline = now + (uint64_t)wait_ms * 1000000;
		if (now >= deadline)
			return fr_fail(err, FR_BUSY,
				       "the queue stayed locked by other programs for %u ms",
				       wait_ms);
		lock->own_wait = now;
		if (lock->page != NULL)
			atomic_store_explicit(waited_word(lock), now, memory_order_relaxed);
		sleep_ns(POLL_NS);
	}
	return FR_OK;
}

void fr_lock_release(struct fr_lock *lock)
{
	uint64_t waited = 0;

	if (lock->page != NULL)
		waited = atomic_load_explicit(waited_word(lock), memory_order_relaxed);
	(void)flock(atomic_load(&lock->entry->descriptor),
		    LOCK_UN); /* cannot fail on our own lock */
	if (waited != 0 && waited != lock->own_wait && monotonic_ns() - waited < LATELY_NS)
		sleep_ns(STEP_BACK_NS);
}
