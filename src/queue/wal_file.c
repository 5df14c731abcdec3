#include "queue/wal_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEADER = 32,
	FRAME_HEADER = 24,
	MAGIC = 0x377f0682, /* the last bit says is_big */
	STRANDED_LEAST = 2, /* commits; one may be what a dead writer left */
	INDEX_REGION = 32 * 1024,
	INDEX_MAX_FRAME = 4, /* words into the first region of the -shm */
};

struct checksum {
	uint32_t a, b;
};

/* One frame as it lies in the file. */
struct frame {
	unsigned char header[FRAME_HEADER];
	unsigned char page[FR_PAGE_BYTES];
};

static uint32_t word_of(const unsigned char *at, bool is_big)
{
	return is_big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
		      : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 |
				at[0];
}

static void checksum_add(struct checksum *sum, const unsigned char *bytes, size_t length,
			 bool is_big)
{
	for (size_t i = 0; i + 8 <= length; i += 8) {
		sum->a += word_of(bytes + i, is_big) + sum->b;
		sum->b += word_of(bytes + i + 4, is_big) + sum->a;
	}
}

static struct checksum checksum_at(const unsigned char *at)
{
	return (struct checksum){word_of(at, true), word_of(at + 4, true)};
}

static bool checksum_is(const struct checksum *sum, const unsigned char *at)
{
	return word_of(at, true) == sum->a && word_of(at + 4, true) == sum->b;
}

static bool read_at(int file, void *out, size_t length, off_t offset)
{
	return file >= 0 && pread(file, out, length, offset) == (ssize_t)length;
}

static off_t frame_offset(uint32_t frame)
{
	return HEADER + (off_t)(frame - 1) * FR_FRAME_BYTES;
}

static uint32_t frame_page(const struct frame *frame)
{
	return word_of(frame->header, true);
}

/* Pages of the database when the frame ends a transaction, else 0. */
static uint32_t frame_commit(const struct frame *frame)
{
	return word_of(frame->header + 4, true);
}

static bool frame_load(const struct fr_wal_file *wal, uint32_t number, struct frame *out)
{
	return number >= 1 && number <= wal->frames &&
	       read_at(wal->file, out, sizeof *out, frame_offset(number));
}

/* Does it go on from `sum`, which becomes its own checksum? */
static bool frame_is_sound(const struct fr_wal_file *wal, const struct frame *frame,
			   struct checksum *sum)
{
	checksum_add(sum, frame->header, 8, wal->is_big);
	checksum_add(sum, frame->page, sizeof frame->page, wal->is_big);
	return memcmp(frame->header + 8, wal->salt, sizeof wal->salt) == 0 &&
	       checksum_is(sum, frame->header + 16) && frame_page(frame) > 0;
}

/* What SQLite takes: from the header's checksum on. */
static uint32_t measure(struct fr_wal_file *wal, struct checksum sum)
{
	struct frame frame;
	uint32_t number = 1;

	for (; frame_load(wal, number, &frame) && frame_is_sound(wal, &frame, &sum); number++)
		if (frame_commit(&frame) > 0) {
			wal->committed = number;
			wal->pages = frame_commit(&frame);
		}
	return number; /* the first that is not sound */
}

/* The commits in the sound run that begins behind a frame, which itself need not be sound. */
static void count_stranded(struct fr_wal_file *wal, uint32_t behind)
{
	uint32_t commits = 0, last = 0, pages = 0;
	struct checksum sum;
	struct frame frame;

	if (!frame_load(wal, behind, &frame))
		return;
	sum = checksum_at(frame.header + 16);
	for (uint32_t number = behind + 1;
	     frame_load(wal, number, &frame) && frame_is_sound(wal, &frame, &sum); number++)
		if (frame_commit(&frame) > 0) {
			commits++;
			last = number;
			pages = frame_commit(&frame);
		}
	if (commits < STRANDED_LEAST || commits <= wal->stranded)
		return;
	wal->stranded = commits;
	wal->last = last;
	wal->pages = pages;
}

/* Takes salt and byte order from the header, or, when that is what was damaged, from the frames. */
static struct checksum read_header(struct fr_wal_file *wal)
{
	unsigned char header[HEADER];
	struct checksum sum = {0, 0};
	struct frame frame;

	if (!read_at(wal->file, header, sizeof header, 0))
		return sum;
	wal->is_big = word_of(header, true) == (MAGIC | 1);
	memcpy(wal->salt, header + 16, sizeof wal->salt);
	checksum_add(&sum, header, HEADER - 8, wal->is_big);
	if (checksum_is(&sum, header + HEADER - 8) || !frame_load(wal, 2, &frame))
		return sum;
	memcpy(wal->salt, frame.header + 8, sizeof wal->salt);
	return (struct checksum){~sum.a, ~sum.b}; /* no frame goes on from this */
}

void fr_wal_file_open(struct fr_wal_file *wal, const char *database)
{
	char path[FR_PATH_MAX + 96];
	struct checksum begin;
	struct stat facts;
	uint32_t bad;

	*wal = (struct fr_wal_file){.file = -1};
	(void)snprintf(path, sizeof path, "%s-wal", database);
	wal->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (wal->file < 0 || fstat(wal->file, &facts) != 0 || facts.st_size < HEADER)
		return;
	wal->frames = (uint32_t)((facts.st_size - HEADER) / FR_FRAME_BYTES);
	begin = read_header(wal);
	bad = measure(wal, begin);
	wal->last = wal->committed;
	count_stranded(wal, bad);
	count_stranded(wal, bad + 1); /* the checksum itself may be what was damaged */
}

void fr_wal_file_close(struct fr_wal_file *wal)
{
	if (wal->file >= 0)
		(void)close(wal->file);
	wal->file = -1;
}

bool fr_wal_file_read(const struct fr_wal_file *wal, uint32_t number, uint32_t *page_number,
		      unsigned char page[FR_PAGE_BYTES])
{
	struct checksum sum = {0, 0};
	struct frame frame;

	if (number > wal->committed) { /* up to there all were found sound */
		if (!frame_load(wal, number - 1, &frame))
			return false;
		sum = checksum_at(frame.header + 16);
	}
	if (!frame_load(wal, number, &frame) ||
	    (number > wal->committed && !frame_is_sound(wal, &frame, &sum)))
		return false;
	*page_number = frame_page(&frame);
	memcpy(page, frame.page, FR_PAGE_BYTES);
	return true;
}

bool fr_wal_file_is_cut(const struct fr_wal_file *wal)
{
	return wal->stranded > 0;
}

/* How many frames the connections know: out of the index that they share. */
static uint32_t known_frames(struct fr_queue *queue)
{
	sqlite3_file *file = NULL;
	void volatile *region = NULL;

	if (sqlite3_file_control(queue->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) !=
		    SQLITE_OK ||
	    file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 ||
	    file->pMethods->xShmMap(file, 0, INDEX_REGION, 0, &region) != SQLITE_OK ||
	    region == NULL)
		return 0;
	return ((const uint32_t volatile *)region)[INDEX_MAX_FRAME];
}

bool fr_wal_is_cut(struct fr_queue *queue)
{
	struct fr_wal_file wal;
	sqlite3_file *log = NULL;
	sqlite3_int64 size = 0;
	bool is_cut;

	if (sqlite3_file_control(queue->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) !=
		    SQLITE_OK ||
	    log == NULL || log->pMethods == NULL ||
	    log->pMethods->xFileSize(log, &size) != SQLITE_OK ||
	    size < frame_offset(known_frames(queue) + STRANDED_LEAST) + FR_FRAME_BYTES)
		return false;
	fr_wal_file_open(&wal, queue->path);
	is_cut = fr_wal_file_is_cut(&wal);
	fr_wal_file_close(&wal);
	return is_cut;
}
