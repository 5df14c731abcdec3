/*
 * flightrec.h - a flight recorder for programs on developer laptops.
 *
 *      flightrec *recorder;
 *      flightrec_open(&recorder, NULL);
 *      flightrec_record(recorder, "tool_use_error",
 *                       "{\"toolName\":\"edit_file\",\"duration\":450}");
 *      flightrec_close(recorder);
 *
 * Promises
 *   FLIGHTREC_OK from a record call means that the event is committed: on stable storage with
 *   FLIGHTREC_POWER (the default), safe from the death of every process with FLIGHTREC_PROCESS.
 *   With any other status nobody may count on it.
 *   The library is a guest: it starts no thread, never exits, aborts or prints, installs no signal
 *   handler, changes no process-wide setting, and does nothing at exit. No agent needs to run.
 *
 * Threads
 *   All threads may share one recorder. Options and events belong to one thread at a time.
 *
 * fork
 *   A child may go on using the recorder: it gets a session of its own that begins with seq 0,
 *   and a connection of its own. fork() itself waits for a record call under way in another thread.
 *
 * NULL is accepted everywhere: a NULL recorder records nothing and answers FLIGHTREC_OFF, NULL
 * options are the defaults.
 *
 * Text is UTF-8, NUL-terminated unless a length is given, and copied: nothing passed in is kept.
 */
#ifndef FLIGHTREC_H
#define FLIGHTREC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define FLIGHTREC_API
#elif defined(__GNUC__)
#define FLIGHTREC_API __attribute__((visibility("default")))
#else
#define FLIGHTREC_API
#endif

typedef struct flightrec flightrec;
typedef struct flightrec_options flightrec_options;
typedef struct flightrec_event flightrec_event;

/* The numbers never change meaning. 1 to 15: refused by a rule, not a fault. 16 to 31: the
 * caller's side. From 32: the machine's side. */
enum flightrec_status {
	FLIGHTREC_OK = 0,

	FLIGHTREC_OFF = 1, /* the owner (or the default, or a cap) says that nothing is recorded */
	FLIGHTREC_UNDECLARED = 2, /* the catalogue does not declare this event */
	FLIGHTREC_EXPIRED = 3,    /* its declaration has expired */
	/* an internal event, and this is not an insider's environment */
	FLIGHTREC_NOT_INTERNAL = 4,
	/* this name was recorded too often in a short time, or the catalogue's sample leaves it out
	 * in this session; counted */
	FLIGHTREC_LIMITED = 5,

	FLIGHTREC_INVALID = 16,   /* not JSON, not UTF-8, an ill-formed name or option */
	FLIGHTREC_TOO_LARGE = 17, /* over queue.max_event_bytes, 128 properties or 8 levels */
	FLIGHTREC_NOMEM = 18,

	/* the queue is at queue.max_bytes and nothing in it may go, or the disk is full */
	FLIGHTREC_FULL = 32,
	/* the queue stayed locked for the busy timeout; or a flush ran out of time */
	FLIGHTREC_BUSY = 33,
	FLIGHTREC_IO = 34,      /* the disk or the file system failed */
	FLIGHTREC_CORRUPT = 35, /* the queue file is damaged and could not be moved aside */
	/* committed, but the flush to the disk failed: safe from the death of processes only */
	FLIGHTREC_UNCERTAIN = 36,
	FLIGHTREC_TOO_NEW = 37 /* a newer release wrote this queue and says that this one may not */
};

/* What FLIGHTREC_OK promises. */
enum flightrec_durability {
	/* survives a power cut: waits for one flush of the disk (0.1 to 5 ms on an SSD) */
	FLIGHTREC_POWER = 0,
	/* survives the death of every process; after a power cut the last events may be missing */
	FLIGHTREC_PROCESS = 1
};

/* What may happen to events until the laptop's owner has chosen. */
enum flightrec_consent {
	FLIGHTREC_CONSENT_OFF = 0,   /* nothing is recorded, no file is made */
	FLIGHTREC_CONSENT_LOCAL = 1, /* recorded, never sent (the default) */
	FLIGHTREC_CONSENT_ON = 2     /* recorded and sent */
};

enum flightrec_severity {
	FLIGHTREC_TRACE = 1,
	FLIGHTREC_DEBUG = 2,
	FLIGHTREC_INFO = 3, /* the default */
	FLIGHTREC_WARN = 4,
	FLIGHTREC_ERROR = 5,
	FLIGHTREC_FATAL = 6
};

/* ---- options ---- */

/* New options with the defaults; NULL when memory is short. Free them, or give them to
 * flightrec_open. */
FLIGHTREC_API flightrec_options *flightrec_options_new(void);
FLIGHTREC_API void flightrec_options_free(flightrec_options *options);

/* Setters copy their text; NULL text takes the setting back. What is wrong is reported by
 * flightrec_open. */

/* Whose queue it is: [a-z0-9][a-z0-9._-]{0,63}. Else $FLIGHTREC_APP, else "default". Every
 * product has a queue, an owner's choice and an agent of its own. */
FLIGHTREC_API void flightrec_options_set_app(flightrec_options *options, const char *app);

/* Name and version of the program, sent with each of its events; at most 256 bytes each. Else the
 * config's. */
FLIGHTREC_API void flightrec_options_set_service(flightrec_options *options, const char *service);
FLIGHTREC_API void flightrec_options_set_version(flightrec_options *options, const char *version);

/* The folder of the queue and the config file. Else $FLIGHTREC_HOME and $FLIGHTREC_CONFIG, else
 * the XDG folders of the app. */
FLIGHTREC_API void flightrec_options_set_home(flightrec_options *options, const char *folder);
FLIGHTREC_API void flightrec_options_set_config(flightrec_options *options, const char *file);

/* The declaration of the events this program may record, compiled in, as JSON text of at most 4 MiB
 * (README: "Declare your events"). It is the host's word and goes before the config's catalogue;
 * when it is wrong, flightrec_open answers INVALID. With a catalogue an event that it does not
 * declare is refused (UNDECLARED, EXPIRED), and a property that it does not declare, or that is not
 * what it must be, is removed; both are counted. A catalogue file of the config that is missing or
 * wrong declares nothing: every event is refused, and the logger is told once why. */
FLIGHTREC_API void flightrec_options_set_catalogue_json(flightrec_options *options,
							const char *json);

/* The host's own id of its user. Only its bucket is computed and kept; the id is wiped on open.
 * Else a random identity of the home. */
FLIGHTREC_API void flightrec_options_set_user_id(flightrec_options *options, const char *user_id);

/* Where in Kubernetes the program runs, for internal events; each may be NULL. Else POD_NAMESPACE
 * and POD_NAME, else, inside a cluster, the service account's namespace and HOSTNAME. Only a host
 * knows its cluster's name. Texts that are no DNS names are passed over. */
FLIGHTREC_API void flightrec_options_set_kubernetes(flightrec_options *options,
						    const char *name_space, const char *pod,
						    const char *cluster);

/* Else the config's queue.durability, else FLIGHTREC_POWER. */
FLIGHTREC_API void flightrec_options_set_durability(flightrec_options *options,
						    enum flightrec_durability durability);

/* What holds until the owner has chosen. Else the config's privacy.default, else
 * FLIGHTREC_CONSENT_LOCAL. */
FLIGHTREC_API void flightrec_options_set_consent(flightrec_options *options,
						 enum flightrec_consent consent);

/* How long one call may wait for other writers, in milliseconds: 0 to 60,000, 1,000 unless set. */
FLIGHTREC_API void flightrec_options_set_busy_timeout(flightrec_options *options, unsigned ms);

/* Where the library's own messages go (level 1 error, 2 warning, 3 information, 4 debug). Called
 * with the recorder locked, from the thread that records: it must neither call the recorder nor
 * fork. Silent unless set. */
FLIGHTREC_API void flightrec_options_set_logger(flightrec_options *options,
						void (*log)(void *context, int level,
							    const char *text),
						void *context);

/* Asks for the notice rule: until the host has shown its notice, events are `local`. show is
 * called at most once, from flightrec_open, when this home has not seen it yet; it returns
 * non-zero when the notice was shown. Events of that run are `local` still: nobody can have read it
 * before they were sent. */
FLIGHTREC_API void flightrec_options_set_notice(flightrec_options *options,
						int (*show)(void *context), void *context);

/* ---- the recorder ---- */

/*
 * Makes a recorder. Takes the options, also on failure; NULL: the defaults. Opens no queue: that
 * happens at the first event. *out is NULL on failure.
 * Returns OK (also when recording is off), INVALID (an option or the config is wrong; the logger
 * is told which), NOMEM.
 */
FLIGHTREC_API enum flightrec_status flightrec_open(flightrec **out, flightrec_options *options);

/* Ends the recorder; at most 50 ms, agent or no agent. No other call may be under way or follow. */
FLIGHTREC_API void flightrec_close(flightrec *recorder);

/*
 * Records one event. properties_json is one JSON object, NULL for none; its members eventTime,
 * severity and traceparent are the event's own.
 * Every text in it is scrubbed first: people and secrets become words such as <email> and <token>.
 * Returns OK once committed; OFF, UNDECLARED, EXPIRED, LIMITED by a rule; INVALID, TOO_LARGE,
 * NOMEM; FULL, BUSY, IO, CORRUPT, UNCERTAIN, TOO_NEW. Waits at most the busy timeout for other
 * writers, and for one flush of the disk.
 */
FLIGHTREC_API enum flightrec_status flightrec_record(flightrec *recorder, const char *name,
						     const char *properties_json);

/* The same for an event that only insiders' machines record and only internal sinks get.
 * Elsewhere NOT_INTERNAL, before anything is gathered. */
FLIGHTREC_API enum flightrec_status flightrec_record_internal(flightrec *recorder, const char *name,
							      const char *properties_json);

/* Properties joined to every later event of this recorder; an event's own property of the same
 * name wins. Replaces the former ones; NULL: none.
 * Returns OK, OFF (NULL recorder), INVALID, TOO_LARGE, NOMEM; on failure the former ones stay. */
FLIGHTREC_API enum flightrec_status flightrec_set_common(flightrec *recorder,
							 const char *properties_json);

/* ---- events built step by step ---- */

/* A new event; NULL when memory is short (the setters and flightrec_commit accept that). A wrong
 * name is reported by commit. */
FLIGHTREC_API flightrec_event *flightrec_event_new(const char *name);

/* Only for an event that was never committed. */
FLIGHTREC_API void flightrec_event_free(flightrec_event *event);

/* Each sets one property. Keys match [A-Za-z_][A-Za-z0-9_.:-]{0,63}; a property with another key
 * is removed and counted; the same key twice makes the event INVALID. The first error sticks and
 * is returned by flightrec_commit. */
FLIGHTREC_API void flightrec_event_set_string(flightrec_event *event, const char *key,
					      const char *text);
FLIGHTREC_API void flightrec_event_set_string_n(flightrec_event *event, const char *key,
						const char *text, size_t length);
FLIGHTREC_API void flightrec_event_set_int64(flightrec_event *event, const char *key,
					     int64_t value);
FLIGHTREC_API void flightrec_event_set_uint64(flightrec_event *event, const char *key,
					      uint64_t value);
/* Written with the fewest digits that read back as the same value; NaN and infinity are INVALID. */
FLIGHTREC_API void flightrec_event_set_double(flightrec_event *event, const char *key,
					      double value);
FLIGHTREC_API void flightrec_event_set_bool(flightrec_event *event, const char *key, int value);
/* Any one JSON value; numbers keep every digit. */
FLIGHTREC_API void flightrec_event_set_json(flightrec_event *event, const char *key,
					    const char *json);

FLIGHTREC_API void flightrec_event_set_severity(flightrec_event *event,
						enum flightrec_severity severity);
/* When it happened, in microseconds since 1970 UTC; the time of the commit unless set. */
FLIGHTREC_API void flightrec_event_set_time(flightrec_event *event, int64_t unix_us);
/* W3C Trace Context, `00-<trace id>-<span id>-<flags>`: ties the event to a trace of the host's. */
FLIGHTREC_API void flightrec_event_set_traceparent(flightrec_event *event, const char *traceparent);

/* Commits and frees the event, also on failure. Returns what flightrec_record returns. */
FLIGHTREC_API enum flightrec_status flightrec_commit(flightrec *recorder, flightrec_event *event);

/* ---- the rest ---- */

/*
 * Asks the agent to send now and waits until everything this recorder committed before is
 * finished at every sink that is not paused, at most timeout_ms (0: only asks).
 * Returns OK when finished, or when nothing of it may be sent; BUSY when the time was up or no
 * agent runs; IO, CORRUPT.
 */
FLIGHTREC_API enum flightrec_status flightrec_flush(flightrec *recorder, unsigned timeout_ms);

/* The user's bucket, 0 to privacy.buckets - 1; 0 for NULL or when recording is off. */
FLIGHTREC_API unsigned flightrec_user_bucket(flightrec *recorder);

/* This run's session id, 36 characters, for a user to quote in a report. Borrowed from the
 * recorder until close, or until the next call in a fork child. "" for NULL. */
FLIGHTREC_API const char *flightrec_session_id(flightrec *recorder);

/* One plain sentence, never NULL. */
FLIGHTREC_API const char *flightrec_strerror(enum flightrec_status status);

/* "MAJOR.MINOR.PATCH" of the library in use. */
FLIGHTREC_API const char *flightrec_version(void);

#ifdef __cplusplus
}
#endif

#endif
