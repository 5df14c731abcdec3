/* What goes wrong on request: one fault, how it is written, and the list of those that are in
 * force.
 *
 * Written as a flag, `status=503,retry-after=3,count=2` or `drop-after,count=1`, or as JSON,
 * {"fault":"status","status":503,"retry_after":"3","count":2}; one table reads both and writes
 * the second. In the list the first fault whose conditions a request meets is taken, and used up
 * once it was taken `count` times, so that a list is a script: two failures, then an answer, then
 * ...
 */
#ifndef FR_INTAKE_FAULT_H
#define FR_INTAKE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

enum intake_fault_kind {
	INTAKE_FAULT_NONE = 0,
	INTAKE_FAULT_DELAY,  /* nothing but late */
	INTAKE_FAULT_STATUS, /* another status, with whatever else is said */
	INTAKE_FAULT_REJECT, /* the events named `name` are said to be rejected */
	INTAKE_FAULT_DROP_BEFORE,
	INTAKE_FAULT_STALL,
	INTAKE_FAULT_DROP_AFTER,
	INTAKE_FAULT_RESET_AFTER,
	INTAKE_FAULT_HANG,
	INTAKE_FAULT_DROP_MID_ANSWER,
	INTAKE_FAULT_SHORT_BODY,
	INTAKE_FAULT_ENDLESS_BODY,
	INTAKE_FAULT_TRICKLE,
	INTAKE_FAULT_HUGE_HEADERS,
	INTAKE_FAULT_HTML,
	INTAKE_FAULT_REDIRECT,
	INTAKE_FAULT_NOT_HTTP,
};

enum { INTAKE_FAULTS_MAX = 32, INTAKE_UNSET = -1 };

struct intake_fault {
	enum intake_fault_kind kind;
	int64_t count;       /* how many more requests; INTAKE_UNSET: for good */
	int64_t delay_ms;    /* before whatever is done */
	int64_t interval_ms; /* between two bytes of a trickle */
	int64_t bytes;       /* how huge the headers are */
	int64_t status;      /* INTAKE_UNSET: the one that fits the kind */
	int64_t accept;      /* 1, 0, or INTAKE_UNSET: when a 2xx is said */
	char retry_after[128];
	char date[64];
	char location[256];
	char type[64];
	char body[1024];
	/* Conditions: all that are set must hold. */
	char path[128];
	char name[130];     /* some event's name matches this glob */
	int64_t over_bytes; /* of the decoded body */
	int64_t over_events;
};

struct intake_faults {
	struct intake_fault items[INTAKE_FAULTS_MAX];
	size_t count;
};

/* Reads the flag's form. */
enum fr_status intake_fault_parse(struct intake_fault *fault, const char *text,
				  struct fr_error *err);

/* Reads one JSON object, or an array of them, and appends them all or none. */
enum fr_status intake_faults_parse_json(struct intake_faults *faults, const char *json,
					size_t length, struct fr_error *err);

enum fr_status intake_faults_add(struct intake_faults *faults, const struct intake_fault *fault,
				 struct fr_error *err);

/* Appends what is in force as a JSON array of objects that could be sent back. */
void intake_faults_write_json(const struct intake_faults *faults, struct fr_buffer *out);

/* What a condition is judged by. */
struct intake_facts {
	const char *path;
	int64_t bytes;
	int64_t events;
	bool (*has_name)(const void *context, const char *glob);
	const void *context;
};

/* Takes the fault this request meets: into *out, counting it; false when there is none. Faults that
 * act before the body is read are asked about with intake_faults_take_early, all others later. */
bool intake_faults_take_early(struct intake_faults *faults, const char *path,
			      struct intake_fault *out);
bool intake_faults_take(struct intake_faults *faults, const struct intake_facts *facts,
			struct intake_fault *out);

/* "status", "drop-after" ...; "none" for none, never NULL. */
const char *intake_fault_name(enum intake_fault_kind kind);
enum intake_fault_kind intake_fault_named(const char *name);

/* Does it act before the body is read; do its conditions ask about the body? */
bool intake_fault_is_early(const struct intake_fault *fault);
bool intake_fault_judges_body(const struct intake_fault *fault);

/* Is the batch taken although the fault is acted out? */
bool intake_fault_accepts(const struct intake_fault *fault);

/* The status that is answered under this fault, when `status` would be the honest one; 0: none. */
int intake_fault_status(const struct intake_fault *fault, int status);

/* The kinds, and the keys, as lines for --help. */
void intake_fault_write_kinds(struct fr_buffer *out);
void intake_fault_write_keys(struct fr_buffer *out);

#endif
