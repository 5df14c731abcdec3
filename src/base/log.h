/* The program's own log: an event name and key=value pairs, never a payload, never a secret.
 *
 * A logger is a value that is handed down, not a global: the library is a guest in a process that
 * may hold two recorders with two loggers.
 */
#ifndef FR_BASE_LOG_H
#define FR_BASE_LOG_H

enum fr_log_level {
	FR_LOG_ERROR = 1,
	FR_LOG_WARN = 2,
	FR_LOG_INFO = 3,
	FR_LOG_DEBUG = 4,
};

struct fr_logger {
	void (*write)(void *context, int level, const char *text); /* NULL: silent */
	void *context;
	enum fr_log_level most; /* anything chattier is not formatted at all */
};

/* Writes "event key=value ..." as one line without its newline; at most 1 KiB of it. */
void fr_log(const struct fr_logger *log, enum fr_log_level level, const char *event,
	    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A logger for programs: time, level and text as one line on standard error. */
struct fr_logger fr_log_to_stderr(enum fr_log_level most);

const char *fr_log_level_name(int level);

#endif
