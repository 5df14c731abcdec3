/* The cheapest receiver there can be: a process of its own that reads requests, counts, and says
 * 200, so that what a bench measures is the sender. Flightrec's own intake stores what it gets,
 * which costs more than sending it.
 *
 * Threads: one owner. Life: start, open, close or not, stop.
 */
#ifndef FR_BENCH_RECEIVER_H
#define FR_BENCH_RECEIVER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What it has counted, in memory that both processes see. */
struct bench_counts {
	_Atomic uint64_t requests;
	_Atomic uint64_t bytes;    /* of bodies, as they came */
	_Atomic uint64_t marks;    /* bytes of bodies that are the mark */
	_Atomic uint64_t first_ns; /* CLOCK_MONOTONIC: when the first request began */
	_Atomic uint64_t last_ns;  /* when the last one was answered */
	_Atomic uint64_t cpu_ns;   /* what the receiver itself has used */
};

/* What it says to each request. */
struct bench_reply {
	int status;
	size_t bytes; /* of body */
};

struct bench_receiver {
	int port;
	int listener;
	pid_t process; /* 0: it is closed */
	char mark;
	char *reply; /* head and body */
	size_t reply_length;
	struct bench_counts *counts;
};

/* Takes a port and refuses connections on it. */
void bench_receiver_start(struct bench_receiver *receiver);

/* Forgets the counts and answers from now on; the bytes equal to `mark` are counted. */
void bench_receiver_open(struct bench_receiver *receiver, char mark, struct bench_reply reply);

/* Refuses connections again. */
void bench_receiver_close(struct bench_receiver *receiver);

void bench_receiver_stop(struct bench_receiver *receiver);

/* Waits until so many marks are counted; gives up after two minutes. */
void bench_receiver_await(const struct bench_receiver *receiver, uint64_t marks);

/* Seconds from the first request to the last answer. */
double bench_receiver_seconds(const struct bench_receiver *receiver);

#endif
