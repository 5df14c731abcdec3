/* Named crash points: FR_CRASH_POINT("queue.append.before_commit") dies there when a test armed it.
 *
 * In a build with FLIGHTREC_CRASH_POINTS the environment variable FLIGHTREC_CRASH="name" or
 * "name:N" makes the Nth passing of that point raise SIGKILL; FLIGHTREC_CRASH_LIST=FILE appends
 * each name once when it is first passed, so that a sweep knows them all. In every other build it
 * is nothing.
 */
#ifndef FR_BASE_CRASH_H
#define FR_BASE_CRASH_H

#ifdef FR_CRASH_POINTS
void fr_crash_point(const char *name);
#define FR_CRASH_POINT(name) fr_crash_point(name)
#else
#define FR_CRASH_POINT(name) ((void)0)
#endif

#endif
