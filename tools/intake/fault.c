/* The table of kinds, the list of what is in force, and what a fault means for the answer. */
#include "intake/fault.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *name;
	enum intake_fault_kind kind;
	bool is_early; /* acts before the body is read */
	const char *help;
} kinds[] = {
	{"delay", INTAKE_FAULT_DELAY, false, "answer as always, but late (delay=)"},
	{"status", INTAKE_FAULT_STATUS, false, "answer this status (status=)"},
	{"reject", INTAKE_FAULT_REJECT, false,
	 "list events of this name (name=) as rejected; where that cannot be said, answer 400"},
	{"drop-before", INTAKE_FAULT_DROP_BEFORE, true, "close before the body is read"},
	{"stall", INTAKE_FAULT_STALL, true, "never read the body, say nothing"},
	{"drop-after", INTAKE_FAULT_DROP_AFTER, false, "read everything, close without an answer"},
	{"reset-after", INTAKE_FAULT_RESET_AFTER, false, "the same with a TCP reset"},
	{"hang", INTAKE_FAULT_HANG, false, "read everything, say nothing"},
	{"drop-mid-answer", INTAKE_FAULT_DROP_MID_ANSWER, false, "close within the headers"},
	{"short-body", INTAKE_FAULT_SHORT_BODY, false, "promise more body than is sent, close"},
	{"endless-body", INTAKE_FAULT_ENDLESS_BODY, false, "a body that never ends"},
	{"trickle", INTAKE_FAULT_TRICKLE, false, "a byte at a time (interval=1s)"},
	{"huge-headers", INTAKE_FAULT_HUGE_HEADERS, false, "headers of many bytes (bytes=256KiB)"},
	{"html", INTAKE_FAULT_HTML, false, "200 and a web page: a captive portal"},
	{"redirect", INTAKE_FAULT_REDIRECT, false, "302 (status=) to another place (location=)"},
	{"not-http", INTAKE_FAULT_NOT_HTTP, false, "bytes that are not HTTP, close"},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Kinds */

const char *intake_fault_name(enum intake_fault_kind kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "none";
}

enum intake_fault_kind intake_fault_named(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return INTAKE_FAULT_NONE;
}

bool intake_fault_is_early(const struct intake_fault *fault)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == fault->kind)
			return kinds[i].is_early;
	return false;
}

void intake_fault_write_kinds(struct fr_buffer *out)
{
	for (size_t i = 0; i < KINDS; i++)
		fr_buffer_add_format(out, "  %-16s %s\n", kinds[i].name, kinds[i].help);
}

bool intake_fault_judges_body(const struct intake_fault *fault)
{
	return fault->name[0] != '\0' || fault->over_bytes != INTAKE_UNSET ||
	       fault->over_events != INTAKE_UNSET;
}

/* The list */

enum fr_status intake_faults_add(struct intake_faults *faults, const struct intake_fault *fault,
				 struct fr_error *err)
{
	if (faults->count == INTAKE_FAULTS_MAX)
		return fr_fail(err, FR_FULL, "no more than %d faults at a time", INTAKE_FAULTS_MAX);
	faults->items[faults->count++] = *fault;
	return FR_OK;
}

static void faults_take_at(struct intake_faults *faults, size_t at, struct intake_fault *out)
{
	assert(at < faults->count);
	struct intake_fault *fault = &faults->items[at];
	*out = *fault;
	if (fault->count == INTAKE_UNSET || --fault->count > 0)
		return;
	faults->count--;
	memmove(fault, fault + 1, (faults->count - at) * sizeof(*fault));
}

static bool path_meets(const struct intake_fault *fault, const char *path)
{
	return fault->path[0] == '\0' || strcmp(fault->path, path) == 0;
}

bool intake_faults_take_early(struct intake_faults *faults, const char *path,
			      struct intake_fault *out)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct intake_fault *fault = &faults->items[i];
		if (!path_meets(fault, path))
			continue;
		if (intake_fault_is_early(fault)) {
			faults_take_at(faults, i, out);
			return true;
		}
		if (!intake_fault_judges_body(fault))
			return false; /* this one's turn comes first */
	}
	return false;
}

static bool facts_meet(const struct intake_fault *fault, const struct intake_facts *facts)
{
	return path_meets(fault, facts->path) && facts->bytes > fault->over_bytes &&
	       facts->events > fault->over_events &&
	       (fault->name[0] == '\0' || facts->has_name(facts->context, fault->name));
}

bool intake_faults_take(struct intake_faults *faults, const struct intake_facts *facts,
			struct intake_fault *out)
{
	for (size_t i = 0; i < faults->count; i++) {
		if (!intake_fault_is_early(&faults->items[i]) &&
		    facts_meet(&faults->items[i], facts)) {
			faults_take_at(faults, i, out);
			return true;
		}
	}
	return false;
}

/* What is said and done */

int intake_fault_status(const struct intake_fault *fault, int status)
{
	switch (fault->kind) {
	case INTAKE_FAULT_DROP_BEFORE:
	case INTAKE_FAULT_STALL:
	case INTAKE_FAULT_DROP_AFTER:
	case INTAKE_FAULT_RESET_AFTER:
	case INTAKE_FAULT_HANG:
	case INTAKE_FAULT_NOT_HTTP:
		return 0;
	case INTAKE_FAULT_REDIRECT:
		status = 302;
		break;
	case INTAKE_FAULT_HTML:
		status = 200;
		break;
	case INTAKE_FAULT_NONE:
	case INTAKE_FAULT_DELAY:
	case INTAKE_FAULT_STATUS:
	case INTAKE_FAULT_REJECT:
	case INTAKE_FAULT_DROP_MID_ANSWER:
	case INTAKE_FAULT_SHORT_BODY:
	case INTAKE_FAULT_ENDLESS_BODY:
	case INTAKE_FAULT_TRICKLE:
	case INTAKE_FAULT_HUGE_HEADERS:
		break;
	}
	return fault->status != INTAKE_UNSET ? (int)fault->status : status;
}

bool intake_fault_accepts(const struct intake_fault *fault)
{
	if (fault->accept != INTAKE_UNSET)
		return fault->accept == 1;
	return fault->kind != INTAKE_FAULT_HTML && intake_fault_status(fault, 200) / 100 == 2;
}
