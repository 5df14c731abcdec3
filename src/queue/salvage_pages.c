/* Events out of the pages of a damaged file, whatever points to them.
 *
 * The happy path: note which frame of the WAL holds the newest version of each page, the frames
 * that were cut off by damage included (wal_file.h); then look at every page, and where it is a
 * leaf of a table, at every cell: a record of an event's columns with values an event has is an
 * event.
 *
 * The format is SQLite's: https://www.sqlite.org/fileformat2.html. Deleted rows do not come back:
 * secure_delete overwrites them, and what was recorded under `on` counts only behind `swept`.
 *
 * Failures: whatever does not read like our page, cell or record is passed over.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/uuid.h"
#include "flightrec_salvage.h"
#include "queue/salvage_read.h"
#include "queue/wal_file.h"

enum {
	FILE_HEADER = 100, /* on page 1, before the page's own */
	LEAF_OF_TABLE = 0x0d,
	PAYLOAD_MOST = 4 * 1024 * 1024,
	COLUMNS = 12,
};

struct scan {
	int file;
	struct fr_wal_file wal;
	uint32_t pages;
	uint32_t *frames; /* of page n at n - 1: the frame with its newest version, 0: the file */
	int64_t swept;
	struct fr_queue *into;
	sqlite3_stmt *insert;
	struct fr_buffer payload;
	unsigned char page[FR_PAGE_BYTES];
	unsigned char overflow[FR_PAGE_BYTES];
};

/* One column of a record: where it lies in the payload. */
struct field {
	uint64_t type;
	const unsigned char *at;
	size_t length;
};

static uint32_t big_endian(const unsigned char *at, unsigned bytes)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* SQLite's variable-length integer; returns its bytes, 0 when it does not end. */
static size_t varint(const unsigned char *at, const unsigned char *end, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < 9 && at + i < end; i++) {
		if (i == 8) {
			*value = *value << 8 | at[i];
			return 9;
		}
		*value = *value << 7 | (at[i] & 0x7f);
		if ((at[i] & 0x80) == 0)
			return i + 1;
	}
	return 0;
}

static bool read_at(int file, void *out, size_t length, off_t offset)
{
	return file >= 0 && pread(file, out, length, offset) == (ssize_t)length;
}

/* Which frame has the newest version of each page, as far as the log is sound. False when memory is
 * short. */
static bool wal_map(struct scan *scan)
{
	uint32_t page;

	if (scan->wal.pages > 0)
		scan->pages = scan->wal.pages;
	scan->frames = calloc(scan->pages > 0 ? scan->pages : 1, sizeof *scan->frames);
	if (scan->frames == NULL)
		return false;
	for (uint32_t frame = 1; frame <= scan->wal.last; frame++)
		if (fr_wal_file_read(&scan->wal, frame, &page, scan->page) && page <= scan->pages)
			scan->frames[page - 1] = frame;
	return true;
}

/* ---- pages, cells, records ---- */

static bool page_read(const struct scan *scan, uint32_t page, unsigned char out[FR_PAGE_BYTES])
{
	uint32_t number;

	if (page == 0 || page > scan->pages)
		return false;
	if (scan->frames[page - 1] != 0)
		return fr_wal_file_read(&scan->wal, scan->frames[page - 1], &number, out);
	return read_at(scan->file, out, FR_PAGE_BYTES, (off_t)(page - 1) * FR_PAGE_BYTES);
}

/* How much of a payload stands in the cell itself. */
static size_t local_bytes(uint64_t payload)
{
	const uint64_t most = FR_PAGE_BYTES - 35, least = (FR_PAGE_BYTES - 12) * 32 / 255 - 23;
	uint64_t local;

	if (payload <= most)
		return (size_t)payload;
	local = least + (payload - least) % (FR_PAGE_BYTES - 4);
	return (size_t)(local <= most ? local : least);
}

/* Gathers a cell's payload, from its page and the pages it overflows to. */
static bool payload_read(struct scan *scan, const unsigned char *at, const unsigned char *end,
			 uint64_t length)
{
	size_t local = local_bytes(length);
	uint32_t next;

	fr_buffer_clear(&scan->payload);
	if (length == 0 || length > PAYLOAD_MOST || at + local + (local < length ? 4 : 0) > end)
		return false;
	fr_buffer_add(&scan->payload, at, local);
	next = local < length ? big_endian(at + local, 4) : 0;
	while (scan->payload.length < length) {
		size_t left = (size_t)length - scan->payload.length;

		if (!page_read(scan, next, scan->overflow))
			return false;
		fr_buffer_add(&scan->payload, scan->overflow + 4,
			      left < FR_PAGE_BYTES - 4 ? left : FR_PAGE_BYTES - 4);
		next = big_endian(scan->overflow, 4);
		if (scan->payload.status != FR_OK)
			return false;
	}
	return scan->payload.status == FR_OK;
}

static size_t field_bytes(uint64_t type)
{
	static const unsigned char integers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

	return type < 12 ? integers[type] : (size_t)(type - 12) / 2;
}

/* Takes the payload apart; false when it is not a record of that many columns. */
static bool record_split(const struct fr_buffer *payload, struct field fields[COLUMNS])
{
	const unsigned char *begin = (const unsigned char *)payload->data;
	const unsigned char *end = begin + payload->length, *at = begin, *body;
	uint64_t header;
	size_t used = varint(at, end, &header);

	if (used == 0 || header < used || header > payload->length)
		return false;
	at += used;
	body = begin + header;
	for (int i = 0; i < COLUMNS; i++) {
		used = varint(at, begin + header, &fields[i].type);
		if (used == 0 || fields[i].type > 2 * (uint64_t)PAYLOAD_MOST)
			return false;
		at += used;
		fields[i].at = body;
		fields[i].length = field_bytes(fields[i].type);
		if (fields[i].length > (size_t)(end - body))
			return false;
		body += fields[i].length;
	}
	return true;
}

static bool is_text(const struct field *field)
{
	return field->type >= 13 && field->type % 2 == 1;
}

static bool is_integer(const struct field *field)
{
	return (field->type >= 1 && field->type <= 6) || field->type == 8 || field->type == 9;
}

static bool is_word(const struct field *field, const char *word)
{
	return is_text(field) && field->length == strlen(word) &&
	       memcmp(field->at, word, field->length) == 0;
}

static int64_t integer_of(const struct field *field)
{
	uint64_t value;

	if (field->type >= 8)
		return field->type == 9;
	value = (field->at[0] & 0x80) != 0 ? UINT64_MAX : 0;
	for (size_t i = 0; i < field->length; i++)
		value = value << 8 | field->at[i];
	return (int64_t)value;
}

/* The columns of the event table, in their order: id uuid session seq time_us severity name consent
 * internal route traceparent properties. */
static bool is_event(const struct field f[COLUMNS], int64_t id, int64_t swept)
{
	bool is_on = is_word(&f[7], "on");

	return f[0].type == 0 && is_text(&f[1]) && f[1].length == FR_UUID_TEXT - 1 &&
	       is_integer(&f[2]) && is_integer(&f[3]) && is_integer(&f[4]) && is_text(&f[5]) &&
	       is_text(&f[6]) && f[6].length > 0 && (is_on || is_word(&f[7], "local")) &&
	       is_integer(&f[8]) && (f[9].type == 0 || is_text(&f[9])) &&
	       (f[10].type == 0 || is_text(&f[10])) && is_text(&f[11]) && f[11].length >= 2 &&
	       f[11].at[0] == '{' && f[11].at[f[11].length - 1] == '}' && id > 0 &&
	       (!is_on || id > swept);
}

static enum fr_status event_insert(struct scan *scan, int64_t id, const struct field f[COLUMNS],
				   struct fr_error *err)
{
	int code = sqlite3_bind_int64(scan->insert, 1, id);

	for (int i = 1; code == SQLITE_OK && i < COLUMNS; i++) {
		if (is_text(&f[i]))
			code = sqlite3_bind_text(scan->insert, i + 1, (const char *)f[i].at,
						 (int)f[i].length, SQLITE_STATIC);
		else if (f[i].type != 0)
			code = sqlite3_bind_int64(scan->insert, i + 1, integer_of(&f[i]));
	}
	if (code == SQLITE_OK)
		code = sqlite3_step(scan->insert);
	(void)sqlite3_reset(scan->insert); /* repeats what the step told */
	(void)sqlite3_clear_bindings(scan->insert);
	if (code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT)
		return FR_OK;
	return fr_db_fail(scan->into->db, code, "salvage", err);
}

static enum fr_status cell_read(struct scan *scan, size_t offset, struct fr_error *err)
{
	const unsigned char *at = scan->page + offset, *end = scan->page + FR_PAGE_BYTES;
	struct field fields[COLUMNS];
	uint64_t length, id;
	size_t used = varint(at, end, &length);

	if (used == 0)
		return FR_OK;
	at += used;
	used = varint(at, end, &id);
	if (used == 0 || !payload_read(scan, at + used, end, length) ||
	    !record_split(&scan->payload, fields) || !is_event(fields, (int64_t)id, scan->swept))
		return FR_OK;
	return event_insert(scan, (int64_t)id, fields, err);
}

static enum fr_status page_scan(struct scan *scan, uint32_t page, struct fr_error *err)
{
	size_t header = page == 1 ? FILE_HEADER : 0, cells;
	enum fr_status status = FR_OK;

	if (!page_read(scan, page, scan->page) || scan->page[header] != LEAF_OF_TABLE)
		return FR_OK;
	cells = big_endian(scan->page + header + 3, 2);
	for (size_t i = 0; status == FR_OK && i < cells; i++) {
		size_t pointer = header + 8 + 2 * i, offset;

		if (pointer + 2 > FR_PAGE_BYTES)
			break;
		offset = big_endian(scan->page + pointer, 2);
		if (offset >= header + 8 && offset < FR_PAGE_BYTES)
			status = cell_read(scan, offset, err);
	}
	return status;
}

/* ---- the whole ---- */

static enum fr_status scan_begin(struct scan *scan, const char *path, struct fr_error *err)
{
	struct stat facts;
	int code;

	fr_buffer_init(&scan->payload, PAYLOAD_MOST);
	scan->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	fr_wal_file_open(&scan->wal, path);
	if (scan->file >= 0 && fstat(scan->file, &facts) == 0)
		scan->pages = (uint32_t)(facts.st_size / FR_PAGE_BYTES);
	if (!wal_map(scan))
		return fr_fail(err, FR_NOMEM, "salvage: out of memory");
	code = sqlite3_prepare_v2(scan->into->db, fr_sql_write_event, -1, &scan->insert, NULL);
	return code == SQLITE_OK ? FR_OK : fr_db_fail(scan->into->db, code, "salvage", err);
}

static void scan_end(struct scan *scan)
{
	(void)sqlite3_finalize(scan->insert);
	fr_buffer_fini(&scan->payload);
	free(scan->frames);
	if (scan->file >= 0)
		(void)close(scan->file);
	fr_wal_file_close(&scan->wal);
	free(scan);
}

enum fr_status fr_salvage_pages(struct fr_queue *into, const char *copy, int64_t swept,
				struct fr_error *err)
{
	struct scan *scan = calloc(1, sizeof *scan);
	enum fr_status status;

	if (scan == NULL)
		return fr_fail(err, FR_NOMEM, "salvage: out of memory");
	scan->into = into;
	scan->swept = swept;
	status = scan_begin(scan, copy, err);
	for (uint32_t page = 1; status == FR_OK && page <= scan->pages; page++)
		status = page_scan(scan, page, err);
	scan_end(scan);
	return status;
}
