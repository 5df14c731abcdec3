/* How anything in here reports that it failed: a status to branch on and a text for people.
 *
 * Invariants: the numbers up to FR_TOO_NEW are those of enum flightrec_status in flightrec.h and
 * never change meaning. A function that fails fills the error exactly once; callers add context in
 * front. Threads: an fr_error belongs to one caller.
 */
#ifndef FR_BASE_STATUS_H
#define FR_BASE_STATUS_H

enum fr_status {
	FR_OK = 0,
	FR_OFF = 1,
	FR_UNDECLARED = 2,
	FR_EXPIRED = 3,
	FR_NOT_INTERNAL = 4,
	FR_LIMITED = 5,
	FR_INVALID = 16,
	FR_TOO_LARGE = 17,
	FR_NOMEM = 18,
	FR_FULL = 32,
	FR_BUSY = 33,
	FR_IO = 34,
	FR_CORRUPT = 35,
	FR_UNCERTAIN = 36,
	FR_TOO_NEW = 37,
	FR_NONE = 64, /* internal: nothing there (no file, no row, nothing to claim); not a fault */
};

/* Kept inside the caller, so that running out of memory can be reported too. */
struct fr_error {
	enum fr_status status;
	char text[512];
};

/* Sets the error (which may be NULL) and returns status, so that a failure is one statement. */
enum fr_status fr_fail(struct fr_error *err, enum fr_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts words in front of an error's text: "config.json line 3: " + "not a size". Returns its
 * status. */
enum fr_status fr_fail_within(struct fr_error *err, enum fr_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As fr_fail, with ": " and the system's words for an errno behind the text. */
enum fr_status fr_fail_system(struct fr_error *err, enum fr_status status, int code,
			      const char *format, ...) __attribute__((format(printf, 4, 5)));

#ifdef FR_ANALYSED /* tests/lint/tidy.sh: the status that is returned is the one that was given */
#define fr_fail(err, status, ...) ((void)fr_fail((err), (status), __VA_ARGS__), (status))
#define fr_fail_within(err, status, ...) \
	((void)fr_fail_within((err), (status), __VA_ARGS__), (status))
#define fr_fail_system(err, status, ...) \
	((void)fr_fail_system((err), (status), __VA_ARGS__), (status))
#endif

/* One plain sentence for each status; never NULL. */
const char *fr_status_text(enum fr_status status);

#endif
