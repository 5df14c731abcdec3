/* syslog-ng beside us: the same events from its reliable disk buffer to the same receiver.
 *
 * Life: start, when it is installed, with the receiver closed; await; stop.
 */
#ifndef FR_BENCH_SYSLOG_NG_H
#define FR_BENCH_SYSLOG_NG_H

#include <stdbool.h>

#include "support/process.h"

struct bench_syslog_ng {
	struct test_process *process;
	const char *folder; /* borrowed; its files are in there */
};

bool bench_syslog_ng_is_installed(void);

/* Starts it on a file of one event a line and waits until so many are in its disk buffer. */
void bench_syslog_ng_start(struct bench_syslog_ng *syslog_ng, const char *folder, int port,
			   long events);

/* What it has used so far. */
double bench_syslog_ng_cpu_seconds(const struct bench_syslog_ng *syslog_ng);

void bench_syslog_ng_stop(struct bench_syslog_ng *syslog_ng);

#endif
