/* The write-ahead log as a file: which of its frames are committed, and whether it holds more than
 * SQLite would take from it. Internal to queue/.
 *
 * SQLite takes frames from the beginning up to the first whose checksum is wrong, since that is
 * where a crash cut the log off. One flipped bit in the middle looks the same to it, and every
 * commit behind it is gone without a word. But a checksum goes on from the one before, so frames
 * that follow each other soundly can be told from what a crash left, even behind a bad one: what a
 * dead writer left behind the end is part of one transaction, so two sound commits there are lost
 * ones.
 * The format is SQLite's: https://www.sqlite.org/fileformat2.html#walformat.
 */
#ifndef FR_QUEUE_WAL_FILE_H
#define FR_QUEUE_WAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/db.h"

struct fr_wal_file {
	int file; /* -1: none */
	unsigned char salt[8];
	bool is_big;        /* its checksums are of big-endian words */
	uint32_t frames;    /* whole ones in the file, sound or not */
	uint32_t committed; /* from the beginning: what SQLite takes */
	uint32_t pages;     /* of the database with them; 0: none is committed */
	uint32_t stranded;  /* commits in a sound run behind a bad frame */
	uint32_t last;      /* frame of the last of those; committed when there is none */
};

/* What lies beside the database of this path; a log that is missing or not one of ours has no
 * frames. */
void fr_wal_file_open(struct fr_wal_file *wal, const char *database);
void fr_wal_file_close(struct fr_wal_file *wal);

/* Reads a frame, counted from 1, into page; false unless it goes on soundly from the one before. */
bool fr_wal_file_read(const struct fr_wal_file *wal, uint32_t frame, uint32_t *number,
		      unsigned char page[FR_PAGE_BYTES]);

/* Has damage cut commits off? */
bool fr_wal_file_is_cut(const struct fr_wal_file *wal);

/* The same for a queue that was just opened, under the lock file; nearly free unless the log holds
 * frames that nobody knows. */
bool fr_wal_is_cut(struct fr_queue *queue);

#endif
